package main

import (
	"os"
	"strings"
	"testing"
)

// TestBackupDocs holds that each command of the guide is tried in the script,
// but for those that serve or need PostgreSQL, which other tests do.
func TestBackupDocs(t *testing.T) {
	guide, err := os.ReadFile("../../deploy/backup.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/script/backup.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for line := range strings.Lines(string(guide)) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "ringthrough ") || strings.HasPrefix(line, "ringthrough serve") || strings.Contains(line, "postgres://") {
			continue
		}
		tried++
		if !strings.Contains(string(script), "\nexec "+line+"\n") {
			t.Errorf("the script doesn't try %s", line)
		}
	}
	if tried < 8 {
		t.Errorf("only %d commands are in the guide", tried)
	}
}
