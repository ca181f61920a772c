// Package systemd_test has systemd itself judge the unit: whether it can be
// read, and how much it leaves open.
package systemd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/program"
)

const unit = "ringthrough.service"

func read(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// analyze writes the unit down as it would be installed, with a program that
// is there, and gives what systemd-analyze says of it.
func analyze(t *testing.T, text string, args ...string) (string, error) {
	t.Helper()
	tool := peer.Command(t, "systemd-analyze", peer.Everything)
	path := filepath.Join(t.TempDir(), unit)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, append(args, path)...).CombinedOutput()
	return string(out), err
}

func TestUnitIsRead(t *testing.T) {
	standIn, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	sound := strings.Replace(read(t), "/usr/bin/ringthrough", standIn, 1)
	if out, err := analyze(t, sound, "verify", "--man=no"); err != nil || strings.Contains(out, unit) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	broken := strings.Replace(sound, "NoNewPrivileges=", "NoNewPrivilege=", 1)
	if out, _ := analyze(t, broken, "verify", "--man=no"); !strings.Contains(out, "NoNewPrivilege") {
		t.Errorf("a misspelt key goes unnoticed: %s", out)
	}
}

// exposure is the most that the unit may leave open, in systemd's tenths of
// points: 100 is a service without any protection.
const exposure = "20"

func TestUnitIsHardened(t *testing.T) {
	if out, err := analyze(t, read(t), "security", "--offline=true", "--threshold="+exposure); err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
	open := regexp.MustCompile(`(?m)^(System|Protect|Private|Restrict)\w+=.*\n`).ReplaceAllString(read(t), "")
	if out, err := analyze(t, open, "security", "--offline=true", "--threshold="+exposure); err == nil {
		t.Errorf("a unit without protection passes\n%s", out)
	}
}

// TestCommandIsRead holds ExecStart to flags that the program has: with --help
// it says so and ends.
func TestCommandIsRead(t *testing.T) {
	found := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/ringthrough (.*)$`).FindStringSubmatch(read(t))
	if found == nil {
		t.Fatal("the unit doesn't start /usr/bin/ringthrough")
	}
	args := append(strings.Fields(found[1]), "--help")
	if out, err := exec.CommandContext(t.Context(), program.Build(t), args...).CombinedOutput(); err != nil {
		t.Errorf("ringthrough %v: %v\n%s", args, err, out)
	}
}
