package metrics_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// The types of Grafana's own schema take the dashboard, and refuse what is
// wrong.
func TestTypesOfGrafana(t *testing.T) {
	text := string(read(t, shipped(t, "grafana", "ringthrough.json")))
	type asked struct {
		Name      string          `json:"name"`
		Dashboard json.RawMessage `json:"dashboard"`
	}
	all := []asked{{"shipped", json.RawMessage(text)}}
	for _, wrong := range []struct{ name, was, is string }{
		{"a panel that there is not", `"type": "heatmap",`, `"type": "heatmop",`},
		{"an option that there is not", `"showLegend": true`, `"showLegends": true`},
		{"a way to draw that there is not", `"drawStyle": "bars"`, `"drawStyle": "bar"`},
		{"a width in words", `"w": 6,`, `"w": "six",`},
		{"a variable that there is not", `"type": "datasource"`, `"type": "data"`},
		{"a query without a name", `"refId": "A",`, ``},
		{"a colour mode that there is not", `"colorMode": "value"`, `"colorMode": "text"`},
	} {
		changed := strings.Replace(text, wrong.was, wrong.is, 1)
		if changed == text {
			t.Fatalf("%s: the dashboard has no %s", wrong.name, wrong.was)
		}
		all = append(all, asked{wrong.name, json.RawMessage(changed)})
	}
	verdicts := map[string]string{}
	peer.Node(t, "dashboard.js", all, &verdicts)
	for _, a := range all {
		if verdict, judged := verdicts[a.Name]; !judged || (verdict == "") != (a.Name == "shipped") {
			t.Errorf("%s: %q", a.Name, verdict)
		}
	}
}

// Panels stand beside one another and have names of their own.
func TestPanelsDoNotOverlap(t *testing.T) {
	seen, taken := map[int]string{}, map[[2]int]string{}
	for _, p := range theDashboard(t).Panels {
		if other, ok := seen[p.ID]; ok || p.ID == 0 {
			t.Errorf("%s has the id %d, as %s", p.Title, p.ID, other)
		}
		seen[p.ID] = p.Title
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other, ok := taken[[2]int{x, y}]; ok || x >= 24 {
					t.Fatalf("%s stands on %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}
