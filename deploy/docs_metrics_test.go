package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

var (
	metricMade  = regexp.MustCompile(`(?:(?:counter|gauge)\("|"ringthrough_)([a-z_]+)"`)
	metricNamed = regexp.MustCompile(`(?:^|[^A-Za-z0-9_:."/-])ringthrough_([a-z_]*[a-z])`)
)

// variables are what the platforms' flows and dialplans call their own.
var variables = map[string]bool{"announce": true, "lookup_id": true}

// TestMetrics holds every metric that a page names to those of the server.
func TestMetrics(t *testing.T) {
	made := metrics(t)
	named := 0
	for _, p := range pages(t) {
		for i, line := range p.lines {
			for _, m := range metricNamed.FindAllStringSubmatch(line, -1) {
				named++
				if !made[base(m[1])] && !variables[m[1]] {
					t.Errorf("%s:%d: there is no metric ringthrough_%s", p.path, i+1, m[1])
				}
			}
		}
	}
	if named < 10 {
		t.Errorf("the pages name %d metrics", named)
	}
}

// base is a metric without what Prometheus adds to a histogram's.
func base(name string) string {
	for _, added := range []string{"_bucket", "_count", "_sum"} {
		if whole, ok := strings.CutSuffix(name, added); ok {
			return whole
		}
	}
	return name
}

// metrics are what flow/server makes, without ringthrough_.
func metrics(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(peer.Tree(t), "flow", "server", "metrics*.go"))
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range metricMade.FindAllStringSubmatch(string(source), -1) {
			made[m[1]] = true
		}
	}
	if len(made) < 15 {
		t.Fatalf("the server has %d metrics: %v", len(made), made)
	}
	return made
}
