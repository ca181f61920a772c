package peer

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// XMLLint has xmllint judge whether documents, by name, are well-formed. They
// fetch nothing.
func XMLLint(t testing.TB, documents map[string][]byte) {
	t.Helper()
	xmllint, dir := Command(t, "xmllint", Everything), t.TempDir()
	args := []string{"--noout", "--nonet"}
	for name, body := range documents {
		file := filepath.Join(dir, name+".xml")
		if err := os.WriteFile(file, body, 0o600); err != nil {
			t.Fatalf("hand a document to xmllint: %v", err)
		}
		args = append(args, file)
	}
	out, err := exec.CommandContext(t.Context(), xmllint, args...).CombinedOutput()
	if err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}
