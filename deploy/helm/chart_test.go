// Package helm_test renders the chart with Helm itself, and judges what comes
// out: against the API's schemas, for whether what is named is there, and by
// starting ringthrough with the configuration file that would be mounted.
package helm_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/deploy/test/kube"
	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/program"
)

const chart = "ringthrough"

// helm runs Helm with nothing of the user's own.
func helm(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), peer.Tool(t, "helm"), args...)
	cmd.Env = []string{"HOME=" + home, "HELM_CACHE_HOME=" + home, "HELM_CONFIG_HOME=" + home, "HELM_DATA_HOME=" + home}
	var trouble strings.Builder
	cmd.Stderr = &trouble
	out, err := cmd.Output()
	return append(out, trouble.String()...), err
}

func render(t *testing.T, args ...string) kube.Manifests {
	t.Helper()
	out, err := helm(t, append([]string{"template", "phones", chart, "--namespace", "telephony"}, args...)...)
	if err != nil {
		t.Fatalf("helm template: %v\n%s", err, out)
	}
	return kube.Read(t, out)
}

// releases are ways to set the chart up.
var releases = map[string]struct {
	values   []string
	outside  []string
	kinds    map[string]int // beside one ConfigMap, ServiceAccount and test's Pod, and two services
	replicas int
}{
	"SQLite on a volume, the defaults": {
		kinds: map[string]int{"StatefulSet": 1, "NetworkPolicy": 1}, replicas: 1,
	},
	"PostgreSQL without volumes": {
		values: []string{"postgres.yaml"}, outside: []string{"Secret/phones-database"},
		kinds: map[string]int{"Deployment": 1, "NetworkPolicy": 1, "PodDisruptionBudget": 1}, replicas: 3,
	},
	"everything on": {
		values: []string{"everything.yaml"},
		outside: []string{
			"Secret/console-tls", "Secret/phones-database", "Secret/phones-tls", "Secret/ringthrough-hooks",
			"Secret/ringthrough-notices", "Secret/route-tls",
		},
		kinds:    map[string]int{"StatefulSet": 1, "NetworkPolicy": 1, "PodDisruptionBudget": 1, "Ingress": 2, "ServiceMonitor": 1},
		replicas: 2,
	},
}

func files(names []string) []string {
	var args []string
	for _, name := range names {
		args = append(args, "--values", filepath.Join("testdata", name))
	}
	return args
}

func TestChart(t *testing.T) {
	for name, release := range releases {
		t.Run(name, func(t *testing.T) {
			m := render(t, files(release.values)...)
			m.Validate(t)
			m.Agree(t, release.outside...)
			m.Hardened(t)
			m.Drains(t)

			kinds := map[string]int{"ConfigMap": -1, "ServiceAccount": -1, "Pod": -1, "Service": -2}
			for _, o := range m.Objects {
				kinds[o.Kind]++
			}
			for kind, n := range kinds {
				if n == 0 {
					delete(kinds, kind)
				}
			}
			if diff := cmp.Diff(release.kinds, kinds); diff != "" {
				t.Error("kinds", diff)
			}
			if workload, _ := m.Workload(t); workload.Spec.Replicas != release.replicas {
				t.Errorf("%d replicas, not %d", workload.Spec.Replicas, release.replicas)
			}
		})
	}
}

func TestChartIsLinted(t *testing.T) {
	for name, release := range releases {
		t.Run(name, func(t *testing.T) {
			if out, err := helm(t, append([]string{"lint", "--strict", chart}, files(release.values)...)...); err != nil {
				t.Errorf("helm lint: %v\n%s", err, out)
			}
		})
	}
}

func TestChartRefuses(t *testing.T) {
	for name, c := range map[string]struct{ set, says string }{
		"a misspelt value":                  {"replica=3", "replica"},
		"the tag latest":                    {"image.tag=latest", "tag"},
		"another database":                  {"database.kind=mysql", "kind"},
		"SQLite without a volume":           {"persistence.enabled=false", "the list would be gone"},
		"PostgreSQL without its address":    {"database.kind=postgres", "existingSecret"},
		"an ingress for every host":         {"lookup.ingress.enabled=true", "every host"},
		"a listener in the configuration":   {"config.listen=:1", "listen"},
		"a secret with the chart's name":    {"secrets={database}", "secrets"},
		"a drain that is not whole seconds": {"drainSeconds=1.5", "drainSeconds"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := helm(t, "template", "phones", chart, "--set", c.set)
			if err == nil || !strings.Contains(string(out), c.says) {
				t.Errorf("helm template --set %s: %v, without %q\n%s", c.set, err, c.says, out)
			}
		})
	}
}

func TestConfigurationChangesRollPods(t *testing.T) {
	sum := func(args ...string) string {
		workload, _ := render(t, args...).Workload(t)
		return workload.Spec.Template.Metadata.Annotations["checksum/config"]
	}
	before, same, after := sum(), sum("--set", "replicas=4"), sum("--set", "config.log_level=debug")
	if before == "" || before != same || before == after {
		t.Errorf("checksums: %q, %q with other values, %q with another configuration", before, same, after)
	}
}

// TestConfigurationIsTaken starts ringthrough with the file that would be
// mounted; its secrets lie elsewhere.
func TestConfigurationIsTaken(t *testing.T) {
	secrets := t.TempDir()
	for name, secret := range map[string]string{"ringthrough-hooks/pbx": "ivr:secret", "ringthrough-notices/siem": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"} {
		path := filepath.Join(secrets, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := strings.ReplaceAll(render(t, "--values", "testdata/everything.yaml").Config(t), "/run/secrets", secrets)
	file := filepath.Join(t.TempDir(), "ringthrough.yaml")
	if err := os.WriteFile(file, []byte(strings.Replace(config, "drain_delay: 25s", "drain_delay: 0s", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	server := program.Serve(t, "--config", file)
	if out := server.Run(t, "healthcheck"); out != "ready" {
		t.Errorf("healthcheck: %s", out)
	}
	if out := server.Stop(); !strings.Contains(out, `"level":"debug"`) && !strings.Contains(out, "stopping") {
		t.Errorf("it wrote %s", out)
	}
}
