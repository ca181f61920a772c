package metrics_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// judged runs a program of Prometheus' or Alertmanager's over shipped files.
func judged(t *testing.T, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), peer.Command(t, program, peer.Everything), args...)
	cmd.Dir = shipped(t, "prometheus")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestPromtool(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"check", "rules", "rules.yml"},
		{"check", "config", "prometheus.yml"},
		{"test", "rules", "rules_test.yml"},
		{"test", "rules", "rules_week_test.yml"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			judged(t, "promtool", args...)
		})
	}
}

func TestAlertmanagerRoutes(t *testing.T) {
	judged(t, "amtool", "check-config", "alertmanager.yml")
	for _, tt := range []struct{ alert, severity, receiver string }{
		{"RingthroughUnexpectedCall", "critical", "on-call"},
		{"RingthroughLineSilent", "warning", "ops"},
		{"RingthroughListExpires", "info", "list"},
		{"SomebodyElsesAlert", "critical", "list"},
	} {
		got := judged(t, "amtool", "config", "routes", "test", "--config.file=alertmanager.yml", "alertname="+tt.alert, "severity="+tt.severity)
		if lines := strings.Split(strings.TrimSpace(got), "\n"); lines[len(lines)-1] != tt.receiver {
			t.Errorf("%s, %s, goes to %q, want %s", tt.alert, tt.severity, got, tt.receiver)
		}
	}
}

// Each alert is tested to fire, and tested to stay silent.
func TestEveryAlertHasTests(t *testing.T) {
	tests := string(read(t, shipped(t, "prometheus", "rules_test.yml"))) + string(read(t, shipped(t, "prometheus", "rules_week_test.yml")))
	for _, name := range alerts(t) {
		if !strings.Contains(tests, "alertname: "+name+"\n") {
			t.Errorf("no test has %s fire", name)
		}
		if !strings.Contains(tests, "alertname: "+name+", exp_alerts: []") {
			t.Errorf("no test has %s stay silent", name)
		}
	}
}

// alerts are the names of the alerts, each once.
func alerts(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, r := range rules(t) {
		if r.Alert != "" && !slices.Contains(names, r.Alert) {
			names = append(names, r.Alert)
		}
	}
	return names
}

func TestAlertsSayWhatTheyAre(t *testing.T) {
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("%s has severity %q", r.Alert, r.Labels["severity"])
		}
		for _, name := range []string{"summary", "description"} {
			if r.Annotations[name] == "" {
				t.Errorf("%s has no %s", r.Alert, name)
			}
		}
		want := "https://github.com/ringthrough/ringthrough/blob/main/deploy/runbooks/" + r.Alert + ".md"
		if got := r.Annotations["runbook_url"]; got != want {
			t.Errorf("%s has runbook_url %q, want %s", r.Alert, got, want)
		}
	}
}

// Each alert has a page, each page an alert, and the table names them all.
func TestRunbooks(t *testing.T) {
	names := alerts(t)
	table := string(read(t, shipped(t, "monitoring.md")))
	for _, name := range names {
		page := string(read(t, shipped(t, "runbooks", name+".md")))
		for _, part := range []string{"# " + name + "\n", "\n## What it means\n", "\n## How urgent\n", "\n## What to look at\n", "\n## What to do\n", "```console\n$ "} {
			if !strings.Contains("\n"+page, part) {
				t.Errorf("the page of %s has no %q", name, part)
			}
		}
		if !strings.Contains(table, "["+name+"](runbooks/"+name+".md)") {
			t.Errorf("monitoring.md doesn't link the page of %s", name)
		}
	}
	pages, err := os.ReadDir(shipped(t, "runbooks"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if !slices.Contains(names, strings.TrimSuffix(filepath.Base(page.Name()), ".md")) {
			t.Errorf("runbooks/%s is about no alert", page.Name())
		}
	}
}
