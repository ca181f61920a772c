package kamailio_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// service is the program itself, and how its command line reaches it.
type service struct {
	process *process
	net     namespace
	program string
	data    string
	url     string
}

// serve builds ringthrough and starts it.
func (n namespace) serve(t *testing.T) service {
	t.Helper()
	dir := t.TempDir()
	s := service{net: n, program: filepath.Join(dir, "ringthrough"), data: filepath.Join(dir, "data")}
	build := exec.CommandContext(t.Context(), peer.Command(t, "go", "install Go"), "build", "-o", s.program, "./cmd/ringthrough")
	build.Dir = peer.Tree(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build ringthrough: %v\n%s", err, out)
	}
	address := filepath.Join(dir, "address")
	s.process = n.start(t, "ringthrough", nil, s.program, "serve", "--data", s.data, "--listen", "127.0.0.1:0",
		"--config", data(t, "ringthrough.yaml"), "--address-file", address)
	s.process.await(t, "its address", func() bool {
		written, err := os.ReadFile(address)
		s.url = strings.TrimSpace(string(written))
		return err == nil && s.url != ""
	})
	if !strings.Contains(s.url, "://") {
		s.url = "http://" + s.url
	}
	return s
}

// run runs the real command line and gives what it wrote.
func (s service) run(t *testing.T, args ...string) string {
	t.Helper()
	return s.net.run(t, nil, s.program, append([]string{"--server", s.url, "--data", s.data}, args...)...)
}

// proxy starts Kamailio with the configuration that is shipped.
func (n namespace) proxy(t *testing.T, url, token string) {
	t.Helper()
	run := t.TempDir()
	p := n.start(t, "kamailio", []string{"RINGTHROUGH_TOKEN=" + token}, n.kamailio,
		"-f", filepath.Join(peer.Tree(t), "deploy", "kamailio", "kamailio.cfg"),
		"-A", fmt.Sprintf("RINGTHROUGH_URL=%q", url), "-A", fmt.Sprintf(`IVR="sip:127.0.0.1:%d"`, ivrPort), "-A", "WORKERS=2",
		"-l", fmt.Sprintf("udp:127.0.0.1:%d", proxyPort), "-DD", "-E", "-m", "32", "-w", run, "-Y", run)
	p.await(t, "its port", func() bool { return p.hears(t, proxyPort) })
}
