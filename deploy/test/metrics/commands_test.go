package metrics_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whoever types what a runbook says at nine in the evening gets no usage
// error: each command is there, and has the flags.
func (s *service) holdCommands(t *testing.T) {
	pages, err := filepath.Glob(shipped(t, "runbooks", "*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	known := map[string]string{}
	typed := regexp.MustCompile("(?m)(?:^ *\\$ |`)ringthrough ([a-z]+(?: [a-z]+)?)([^\n`]*)")
	for _, page := range pages {
		commands := typed.FindAllStringSubmatch(string(read(t, page)), -1)
		for _, c := range commands {
			words := strings.Fields(c[1])
			if len(words) == 2 && (words[0] == "healthcheck" || words[0] == "check") {
				words = words[:1]
			}
			name := strings.Join(words, " ")
			help, ok := known[name]
			if !ok {
				help = helpOf(t, s.Program, words)
				known[name] = help
			}
			for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(c[2], -1) {
				if !strings.Contains(help, flag) {
					t.Errorf("%s: ringthrough %s has no %s", filepath.Base(page), name, flag)
				}
			}
		}
	}
	if len(known) < 10 {
		t.Errorf("the runbooks have %d commands: %v", len(known), known)
	}
}

func helpOf(t *testing.T, ringthrough string, words []string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), ringthrough, append(words, "--help")...).CombinedOutput()
	if err != nil {
		t.Errorf("there is no ringthrough %s: %s", strings.Join(words, " "), out)
	}
	return string(out)
}
