// Package compose_test reads the compose file with the Compose project's own
// library, and holds what it mounts to what is there.
package compose_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/goccy/go-yaml"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/program"
)

func load(t *testing.T, env ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"compose.yaml"}, cli.WithEnv(env), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(t.Context())
}

func read(t *testing.T) *types.Project {
	t.Helper()
	p, err := load(t, "POSTGRES_PASSWORD=secret")
	if err != nil {
		t.Fatalf("read compose.yaml: %v", err)
	}
	return p
}

var pinned = regexp.MustCompile(`:v?[0-9]+\.[0-9]+[\w.-]*$`)

func TestServices(t *testing.T) {
	services := read(t).Services
	if len(services) != 4 {
		t.Errorf("services are %v", services)
	}
	for name, service := range services {
		if !pinned.MatchString(service.Image) {
			t.Errorf("%s: the image %s is not pinned to a version", name, service.Image)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" && port.Published != "8080" {
				t.Errorf("%s: port %s is open to the world", name, port.Published)
			}
		}
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s mounts what isn't there: %v", name, err)
			}
		}
	}
}

func TestPasswordIsAskedFor(t *testing.T) {
	if _, err := load(t); err == nil || !strings.Contains(err.Error(), "POSTGRES_PASSWORD") {
		t.Errorf("without a password: %v", err)
	}
}

func TestDatabaseAddressReachesTheDatabase(t *testing.T) {
	services := read(t).Services
	value := func(service, name string) string {
		if v := services[service].Environment[name]; v != nil {
			return *v
		}
		return ""
	}
	want := "postgres://" + value("postgres", "POSTGRES_USER") + ":secret@postgres:5432/" + value("postgres", "POSTGRES_DB") + "?"
	if got := value("ringthrough", "RINGTHROUGH_DATABASE"); value("postgres", "POSTGRES_PASSWORD") != "secret" || !strings.HasPrefix(got, want) {
		t.Errorf("ringthrough goes to %s, and the database is at %s", got, want)
	}
}

func TestStopIsWaitedFor(t *testing.T) {
	const drain, stop = 5, 30 // ringthrough.yaml; requests under way, and the journal
	if grace := read(t).Services["ringthrough"].StopGracePeriod; grace == nil || grace.String() != "45s" || drain+stop >= 45 {
		t.Errorf("ringthrough is killed after %v", grace)
	}
}

func TestPrometheusTakesItsConfiguration(t *testing.T) {
	promtool := peer.Command(t, "promtool", peer.Everything)
	folder := t.TempDir() // as the container has them, beside each other
	for _, volume := range read(t).Services["prometheus"].Volumes {
		if volume.Type != types.VolumeTypeBind {
			continue
		}
		content, err := os.ReadFile(volume.Source)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(volume.Target)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), promtool, "check", "config", filepath.Join(folder, "prometheus.yml")).CombinedOutput()
	if err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// TestDashboardFindsItsSource holds the name of the data source, where the
// dashboard has one in it, to the one that is provisioned.
func TestDashboardFindsItsSource(t *testing.T) {
	text, err := os.ReadFile("grafana/datasource.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var provisioned struct {
		Sources []struct {
			UID  string `yaml:"uid"`
			Type string `yaml:"type"`
		} `yaml:"datasources"`
	}
	if err := yaml.Unmarshal(text, &provisioned); err != nil || len(provisioned.Sources) != 1 || provisioned.Sources[0].Type != "prometheus" {
		t.Fatalf("the data source is %+v: %v", provisioned, err)
	}
	dashboard, err := os.ReadFile(filepath.Join("..", "grafana", "ringthrough.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`"type":\s*"prometheus",\s*"uid":\s*"([^"]*)"`).FindAllSubmatch(dashboard, -1) {
		if uid := string(found[1]); !strings.HasPrefix(uid, "$") && uid != provisioned.Sources[0].UID {
			t.Errorf("the dashboard asks the data source %q, and there is %q", uid, provisioned.Sources[0].UID)
		}
	}
}

// TestConfigurationIsTaken starts ringthrough with the file that is mounted.
func TestConfigurationIsTaken(t *testing.T) {
	server := program.Serve(t, "--config", "ringthrough.yaml", "--drain-delay", "1ms")
	if out := server.Run(t, "healthcheck"); out != "ready" {
		t.Errorf("healthcheck: %s", out)
	}
}
