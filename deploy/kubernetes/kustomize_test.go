// Package kubernetes_test builds the plain manifests with kustomize itself,
// and judges what comes out.
package kubernetes_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/kube"
	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/program"
)

func build(t *testing.T, folder string) kube.Manifests {
	t.Helper()
	var trouble bytes.Buffer
	cmd := exec.CommandContext(t.Context(), peer.Tool(t, "kustomize"), "build", folder)
	cmd.Stderr = &trouble
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("kustomize build %s: %v\n%s", folder, err, trouble.Bytes())
	}
	return kube.Read(t, out)
}

func TestManifests(t *testing.T) {
	for name, c := range map[string]struct {
		folder   string
		outside  []string
		replicas int
		budgets  int
	}{
		"SQLite":     {folder: "base", replicas: 1},
		"PostgreSQL": {folder: "overlays/postgres", outside: []string{"Secret/ringthrough-database"}, replicas: 2, budgets: 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := build(t, c.folder)
			m.Validate(t)
			m.Agree(t, c.outside...)
			m.Hardened(t)
			m.Drains(t)
			if workload, _ := m.Workload(t); workload.Spec.Replicas != c.replicas {
				t.Errorf("%d replicas, not %d", workload.Spec.Replicas, c.replicas)
			}
			if found := len(m.Kind("PodDisruptionBudget")); found != c.budgets {
				t.Errorf("%d disruption budgets, not %d", found, c.budgets)
			}
		})
	}
}

// TestConfigurationIsTaken starts ringthrough with the file that would be
// mounted.
func TestConfigurationIsTaken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ringthrough.yaml")
	if err := os.WriteFile(file, []byte(build(t, "base").Config(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	server := program.Serve(t, "--config", file, "--drain-delay", "1ms")
	if out := server.Run(t, "healthcheck"); out != "ready" {
		t.Errorf("healthcheck: %s", out)
	}
}
