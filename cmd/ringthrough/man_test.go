package main

import (
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

func printManual(t *testing.T) string {
	t.Helper()
	var page strings.Builder
	code := run([]string{"man"}, strings.NewReader(""), &page, io.Discard, func(string) (string, bool) { return "", false })
	if code != 0 {
		t.Fatalf("ringthrough man: exit %d", code)
	}
	return page.String()
}

func TestManualNamesEverything(t *testing.T) {
	page := strings.ReplaceAll(printManual(t), `\`, "")
	for _, wanted := range []string{
		".Cm serve\n", ".Cm entry add\n.Ar pattern\n", ".It Fl -admin-listen Ar ADDR\n", ".It Fl o , Fl -output Ar FORMAT\n",
		".It Ev RINGTHROUGH_DATABASE_FILE\n", ".It Ev RINGTHROUGH_TOKEN\n", "(+1650555*)",
	} {
		if !strings.Contains(page, wanted) {
			t.Errorf("the page lacks %q", wanted)
		}
	}
	if strings.Contains(page, ".Cm man\n") {
		t.Error("the page has the hidden command")
	}
}

func TestManualIsFreeOfFaults(t *testing.T) {
	mandoc := peer.Command(t, "mandoc", peer.Everything)
	cmd := exec.CommandContext(t.Context(), mandoc, "-Tlint", "-Wwarning")
	cmd.Stdin = strings.NewReader(printManual(t))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("mandoc: %v\n%s", err, out)
	}
}

func TestManualText(t *testing.T) {
	m := &manual{}
	m.text(`.dot and \ slash. Then 'quoted' --flag`)
	if got, want := m.String(), "\\&.dot and \\e slash.\nThen \\&'quoted' \\-\\-flag\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	long := &manual{}
	long.text(strings.Repeat("words ", 100))
	for line := range strings.Lines(long.String()) {
		if len(line) > 80 {
			t.Errorf("a line has %d bytes: %q", len(line), line)
		}
	}
}

func TestManualDate(t *testing.T) {
	m := &manual{}
	m.settings = map[string]string{}
	s := &session{stdout: io.Discard, stderr: io.Discard, env: func(string) (string, bool) { return "", false }, now: time.Now}
	command, err := s.parse([]string{"man"})
	if err != nil {
		t.Fatal(err)
	}
	m.page(command.Model, time.Date(2026, 3, 4, 23, 0, 0, 0, time.FixedZone("", -7200)))
	if !strings.HasPrefix(m.String(), ".Dd March 5, 2026\n") {
		t.Errorf("the page begins %q", m.String()[:40])
	}
}
