package kube

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// Version is the version of Kubernetes whose schemas judge: the newest that
// kubectl-validate brings along.
const Version = "1.30"

// foreign are kinds that aren't Kubernetes' own. Their schemas are not had.
var foreign = [][]byte{[]byte("\nkind: ServiceMonitor\n")}

// Validate has kubectl-validate judge the manifests against the API's own
// schemas, as strictly as a server that refuses unknown fields.
func (m Manifests) Validate(t testing.TB) {
	t.Helper()
	tool := peer.Tool(t, "kubectl-validate")
	var native [][]byte
	for document := range bytes.SplitSeq(m.Text, []byte("\n---\n")) {
		if !isForeign(document) {
			native = append(native, document)
		}
	}
	file := filepath.Join(t.TempDir(), "manifests.yaml")
	if err := os.WriteFile(file, bytes.Join(native, []byte("\n---\n")), 0o600); err != nil {
		t.Fatalf("hand manifests to kubectl-validate: %v", err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "--version", Version, file).CombinedOutput()
	if err != nil {
		t.Errorf("kubectl-validate: %v\n%s", err, out)
	}
}

func isForeign(document []byte) bool {
	for _, kind := range foreign {
		if bytes.Contains(append([]byte("\n"), document...), kind) {
			return true
		}
	}
	return false
}
