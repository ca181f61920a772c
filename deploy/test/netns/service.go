package netns

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// Service is ringthrough itself, and how its command line reaches it.
type Service struct {
	*Process
	URL string // without a slash at its end

	net     Namespace
	program string
	data    string
}

// Serve builds ringthrough and starts it. config is the path of its
// configuration file.
func (n Namespace) Serve(t testing.TB, config string) Service {
	t.Helper()
	config, err := filepath.Abs(config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := Service{net: n, program: filepath.Join(dir, "ringthrough"), data: filepath.Join(dir, "data")}
	build := exec.CommandContext(t.Context(), peer.Command(t, "go", "install Go"), "build", "-o", s.program, "./cmd/ringthrough")
	build.Dir = peer.Tree(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build ringthrough: %v\n%s", err, out)
	}
	address := filepath.Join(dir, "address")
	s.Process = n.Start(t, "ringthrough", nil, s.program, "serve", "--data", s.data, "--listen", "127.0.0.1:0",
		"--config", config, "--address-file", address)
	s.Await(t, "its address", func() bool {
		written, err := os.ReadFile(address)
		s.URL = strings.TrimSpace(string(written))
		return err == nil && s.URL != ""
	})
	if !strings.Contains(s.URL, "://") {
		s.URL = "http://" + s.URL
	}
	return s
}

// Run runs the real command line and gives what it wrote.
func (s Service) Run(t testing.TB, args ...string) string {
	t.Helper()
	return s.net.Run(t, nil, s.program, append([]string{"--server", s.URL, "--data", s.data}, args...)...)
}

// Proxy is a Kamailio in front of an IVR.
type Proxy struct {
	Name   string // what it is called in what the test writes
	Config string // path of its script; "" is the one that is shipped
	Port   int    // UDP, on 127.0.0.1
	IVR    string // SIP URI
	Ask    string // URL of the hook
	Token  string // that the hook wants
}

// Kamailio starts a proxy.
func (n Namespace) Kamailio(t testing.TB, p Proxy) *Process {
	t.Helper()
	if p.Config == "" {
		p.Config = ShippedScript(t)
	}
	run := t.TempDir()
	process := n.Start(t, p.Name, []string{"RINGTHROUGH_TOKEN=" + p.Token}, peer.Command(t, "kamailio", peer.Everything),
		"-f", p.Config, "-A", fmt.Sprintf("RINGTHROUGH_URL=%q", p.Ask), "-A", fmt.Sprintf("IVR=%q", p.IVR), "-A", "WORKERS=2",
		"-l", fmt.Sprintf("udp:127.0.0.1:%d", p.Port), "-DD", "-E", "-m", "32", "-w", run, "-Y", run)
	process.AwaitUDP(t, p.Port)
	return process
}

// ShippedScript is the path of the Kamailio script in deploy/kamailio.
func ShippedScript(t testing.TB) string {
	t.Helper()
	return filepath.Join(peer.Tree(t), "deploy", "kamailio", "kamailio.cfg")
}
