// Package packages_test builds the packages as a release does, and lives
// through one as an administrator of Debian would: installs, serves, upgrades,
// removes and purges.
package packages_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// build makes packages of a version in a folder.
func build(t *testing.T, folder, version string, formats ...string) {
	t.Helper()
	arch := strings.TrimSpace(output(t, peer.Command(t, "go", "install Go"), "env", "GOHOSTARCH"))
	cmd := exec.CommandContext(t.Context(), "./build.sh", append([]string{version, arch, folder}, formats...)...)
	cmd.Env = append(os.Environ(), "NFPM="+peer.Tool(t, "nfpm"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build packages: %v\n%s", err, out)
	}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return string(out)
}

func TestPackagesOfEveryFormat(t *testing.T) {
	folder := t.TempDir()
	build(t, folder, "1.2.3")
	var names []string
	for _, format := range []string{"deb", "rpm", "apk"} {
		found, err := filepath.Glob(filepath.Join(folder, "*."+format))
		if err != nil || len(found) != 1 {
			t.Fatalf("packages for %s: %v, %v", format, found, err)
		}
		names = append(names, filepath.Base(found[0]))
	}
	if !strings.HasPrefix(names[0], "ringthrough_1.2.3_") || !strings.HasPrefix(names[1], "ringthrough-1.2.3-1.") || !strings.HasPrefix(names[2], "ringthrough_1.2.3_") {
		t.Errorf("they are called %v", names)
	}
}

// installed is what the package puts where, and for whom.
var installed = map[string]string{
	"/etc/ringthrough":                                      "drwxr-x--- root:ringthrough",
	"/etc/ringthrough/config.yaml":                          "-rw-r----- root:ringthrough",
	"/etc/ringthrough/secrets":                              "drwx------ root:root",
	"/usr/bin/ringthrough":                                  "-rwxr-xr-x root:root",
	"/usr/lib/systemd/system/ringthrough.service":           "-rw-r--r-- root:root",
	"/usr/share/bash-completion/completions/ringthrough":    "-rw-r--r-- root:root",
	"/usr/share/doc/ringthrough":                            "drwxr-xr-x root:root",
	"/usr/share/doc/ringthrough/copyright":                  "-rw-r--r-- root:root",
	"/usr/share/fish/vendor_completions.d/ringthrough.fish": "-rw-r--r-- root:root",
	"/usr/share/man/man1/ringthrough.1.gz":                  "-rw-r--r-- root:root",
	"/usr/share/zsh/vendor-completions/_ringthrough":        "-rw-r--r-- root:root",
	"/var/lib/ringthrough":                                  "drwx------ ringthrough:ringthrough",
}

// lookupAnswer is as much of an answer as matters here.
type lookupAnswer struct {
	Route string `json:"route"`
}

func TestDebianPackage(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	build(t, folder, "1.2.3", "deb")
	build(t, folder, "1.2.4", "deb")
	debs := func(version string) string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(folder, "*_"+version+"_*.deb"))
		if err != nil || len(found) != 1 {
			t.Fatalf("packages of %s: %v, %v", version, found, err)
		}
		return "/mnt/" + filepath.Base(found[0])
	}
	before := s.run(t, "getent", "passwd")

	s.run(t, "dpkg", "--install", debs("1.2.3"))
	s.holdsFiles(t)
	if got := s.run(t, "dpkg-query", "--show", "--showformat", "${Conffiles}", "ringthrough"); !strings.Contains(got, "/etc/ringthrough/config.yaml ") {
		t.Errorf("the configuration is no conffile: %q", got)
	}
	address := s.listenAt(t, peer.Port(t))
	process := s.serve(t, address)
	token := s.arrange(t, address)
	s.asks(t, address, token)
	process.Stop()

	settings := s.run(t, "cat", "/etc/ringthrough/config.yaml")
	s.run(t, "dpkg", "--install", debs("1.2.4"))
	if got := s.run(t, "cat", "/etc/ringthrough/config.yaml"); got != settings {
		t.Errorf("the upgrade changed the configuration to\n%s", got)
	}
	if got := s.run(t, "ringthrough", "version"); !strings.Contains(got, "1.2.4") {
		t.Errorf("after the upgrade it is %s", got)
	}
	process = s.serve(t, address)
	s.asks(t, address, token)
	process.Stop()

	s.run(t, "dpkg", "--remove", "ringthrough")
	left := strings.Fields(s.run(t, "find", "/usr", "/etc", "/var/lib", "-path", "/var/lib/dpkg", "-prune", "-o", "-name", "*ringthrough*", "-prune", "-print"))
	if diff := cmp.Diff([]string{"/etc/ringthrough", "/var/lib/ringthrough"}, left); diff != "" {
		t.Error("after removal", diff)
	}

	s.run(t, "dpkg", "--purge", "ringthrough")
	if got := s.run(t, "find", "/usr", "/etc", "/var", "-xdev", "-name", "*ringthrough*"); got != "" {
		t.Errorf("a purge leaves\n%s", got)
	}
	if diff := cmp.Diff(before, s.run(t, "getent", "passwd")); diff != "" {
		t.Error("accounts after a purge", diff)
	}
}

// holdsFiles compares what dpkg has installed with what is expected.
func (s sandbox) holdsFiles(t *testing.T) {
	t.Helper()
	got := map[string]string{}
	for path := range strings.Lines(s.run(t, "dpkg", "--listfiles", "ringthrough")) {
		path = strings.TrimSpace(path)
		if strings.Contains(path, "ringthrough") {
			got[path] = s.run(t, "stat", "--format", "%A %U:%G", path)
		}
	}
	if diff := cmp.Diff(installed, got); diff != "" {
		t.Error("files", diff)
	}
	if account := s.run(t, "getent", "passwd", "ringthrough"); !strings.HasSuffix(account, ":/var/lib/ringthrough:/usr/sbin/nologin") {
		t.Errorf("the account is %s", account)
	}
}

// listenAt has the service listen at a free port, as an administrator would.
func (s sandbox) listenAt(t *testing.T, port int) string {
	t.Helper()
	address := "127.0.0.1:" + strconv.Itoa(port)
	s.run(t, "sed", "--in-place", "s/^listen: .*/listen: "+address+"/", "/etc/ringthrough/config.yaml")
	if got := s.run(t, "stat", "--format", "%A %U:%G", "/etc/ringthrough/config.yaml"); got != installed["/etc/ringthrough/config.yaml"] {
		t.Fatalf("the edited configuration is %s", got)
	}
	return "http://" + address
}

// arrange puts a line and a number on the list, and gives an IVR's token.
func (s sandbox) arrange(t *testing.T, address string) string {
	t.Helper()
	ringthrough := func(args ...string) string {
		t.Helper()
		return s.run(t, append([]string{"ringthrough", "--server", address, "--data", "/var/lib/ringthrough"}, args...)...)
	}
	ringthrough("line", "set", "support", "--number", "+18005550100", "--target", "number:+15125550123")
	ringthrough("entry", "add", "+16505550123", "--label", "Meta call 1")
	return ringthrough("token", "create", "--role", "lookup", "--name", "ivr")
}

// asks looks a listed caller up.
func (s sandbox) asks(t *testing.T, address, token string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/v1/lookup", strings.NewReader(`{"ani":"+16505550123","dnis":"+18005550100"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := new(http.Client).Do(req)
	if err != nil {
		t.Fatalf("look up: %v", err)
	}
	defer res.Body.Close()
	var answer lookupAnswer
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Route != "direct" {
		t.Errorf("the answer is %s %+v: %v", res.Status, answer, err)
	}
}
