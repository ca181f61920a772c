package metrics_test

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
)

// screenshots names the folder that the drawing of the panels is kept in. That
// of deploy/grafana, where an evening takes two minutes, is made by
//
//	RINGTHROUGH_SCREENSHOTS=$PWD/deploy/grafana go test ./deploy/test/metrics -run TestMonitoring -count=1
const screenshots = "RINGTHROUGH_SCREENSHOTS"

// The real server is asked, a real Prometheus scrapes it and evaluates what is
// shipped.
func TestMonitoring(t *testing.T) {
	every, each, rests := 250*time.Millisecond, 1, 0
	dir := os.Getenv(screenshots)
	if dir != "" {
		every, each, rests = time.Second, 9, 9
	}
	s := serve(t)
	s.setUp()
	d := &traffic{service: s, watched: s.watch(every), rests: rests, windows: map[string]string{}}
	d.Await(t, "a first scrape", func() bool { return d.watched.scrapes() > 1 })
	for _, step := range d.steps() {
		step()
		d.until(each)
	}
	t.Run("rules", d.watched.holdRules)
	t.Run("queries", d.watched.holdQueries)
	t.Run("variables", d.watched.holdVariables)
	t.Run("names", s.holdNames)
	t.Run("commands", s.holdCommands)
	if dir != "" {
		t.Run("drawing", func(t *testing.T) { d.watched.draw(t, dir) })
	}
}

// holdRules waits until every rule was evaluated, and wants each to be well.
func (p *prometheus) holdRules(t *testing.T) {
	type evaluated struct{ Name, Health, LastError string }
	var all []evaluated
	p.Await(t, "the rules", func() bool {
		var found struct{ Groups []struct{ Rules []evaluated } }
		if err := p.ask("/api/v1/rules", nil, &found); err != nil {
			t.Fatal(err)
		}
		all = nil
		for _, g := range found.Groups {
			all = append(all, g.Rules...)
		}
		return !slices.ContainsFunc(all, func(r evaluated) bool { return r.Health == "unknown" })
	})
	for _, r := range all {
		if r.Health != "ok" {
			t.Errorf("%s: %s %s", r.Name, r.Health, r.LastError)
		}
	}
	if want := len(rules(t)); len(all) != want {
		t.Errorf("Prometheus has %d rules, want %d", len(all), want)
	}
	for _, name := range []string{"RingthroughUnexpectedCall", "RingthroughLimitTripped"} {
		p.Await(t, name, func() bool {
			firing, err := p.query(`ALERTS{alertname="`+name+`",alertstate="firing"}`, true)
			return err == nil && len(firing) == 1
		})
	}
}

// substituted is an expression as Grafana sends it.
func (p *prometheus) substituted(expr, job, line, hook string) string {
	return strings.NewReplacer(
		"$__rate_interval", fmt.Sprintf("%dms", 6*p.every.Milliseconds()), "$__range", fmt.Sprintf("%dms", time.Since(p.began).Milliseconds()),
		"$job", job, "$line", line, "$hook", hook,
	).Replace(expr)
}

// quiet are the queries that are 0 while all is well, and that an evening such
// as this one leaves at 0.
var quiet = []string{"{{what}}, {{reason}}", "slower than 250 ms"}

func (p *prometheus) holdQueries(t *testing.T) {
	for _, panel := range theDashboard(t).Panels {
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("%s asks for nothing", panel.Title)
		}
		for _, q := range panel.Targets {
			t.Run(panel.Title+" "+q.RefID, func(t *testing.T) {
				p.holdQuery(t, q, p.substituted(q.Expr, "ringthrough", ".+", ".+"))
				p.holdQuery(t, q, p.substituted(q.Expr, "ringthrough|other", "support-us|desk-uk", "flat|pbx"))
			})
		}
	}
}

func (p *prometheus) holdQuery(t *testing.T, q target, expr string) {
	t.Helper()
	if left := regexp.MustCompile(`\$\w+|\[\[`).FindString(expr); left != "" {
		t.Fatalf("the variable %s has no value", left)
	}
	p.Await(t, "data of "+expr, func() bool {
		found, err := p.query(expr, q.Instant)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		holdLegend(t, q, found)
		value, ok := most(found)
		return ok && (value > 0 || slices.Contains(quiet, q.LegendFormat) || strings.Contains(expr, "journal_pending"))
	})
}

// holdLegend wants the labels that the legend names.
func holdLegend(t *testing.T, q target, found model.Matrix) {
	t.Helper()
	for _, label := range regexp.MustCompile(`{{(\w+)}}`).FindAllStringSubmatch(q.LegendFormat, -1) {
		for _, s := range found {
			if _, ok := s.Metric[model.LabelName(label[1])]; !ok {
				t.Fatalf("the legend names %s, and a series is %v", label[1], s.Metric)
			}
		}
	}
}

// Each variable offers what there is to choose.
func (p *prometheus) holdVariables(t *testing.T) {
	want := map[string][]string{"job": {"ringthrough"}, "line": {"desk-uk", "support-us"}, "hook": {"api", "flat", "pbx"}}
	asks := regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	for _, v := range theDashboard(t).Templating.List {
		if v.Type == "datasource" {
			continue
		}
		query, _ := v.Query.(map[string]any)
		parts := asks.FindStringSubmatch(fmt.Sprint(query["query"]))
		if parts == nil {
			t.Fatalf("the variable %s asks %v", v.Name, v.Query)
		}
		var got []string
		if err := p.ask("/api/v1/label/"+parts[2]+"/values", url.Values{"match[]": {p.substituted(parts[1], ".+", ".+", ".+")}}, &got); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want[v.Name]) {
			t.Errorf("the variable %s offers %v, want %v", v.Name, got, want[v.Name])
		}
	}
}

// Every metric, recorded series and label value that is named exists, and
// every metric of ours is made use of.
func (s *service) holdNames(t *testing.T) {
	var exprs []string
	known := map[string]bool{}
	for _, r := range rules(t) {
		exprs = append(exprs, r.Expr)
		known[r.Record] = true
	}
	for _, p := range theDashboard(t).Panels {
		for _, q := range p.Targets {
			exprs = append(exprs, q.Expr)
		}
	}
	families := s.metrics()
	values := map[string]bool{`le="0.25"`: true}
	for name, f := range families {
		for _, sample := range namesOf(name, f) {
			known[sample] = true
		}
		for _, m := range f.Metric {
			for _, l := range m.Label {
				values[l.GetName()+`="`+l.GetValue()+`"`] = true
			}
		}
	}
	text := strings.Join(exprs, "\n")
	for _, name := range regexp.MustCompile(`\w+:ringthrough_\w+:\w+|ringthrough_\w+|process_\w+`).FindAllString(text, -1) {
		if !known[name] {
			t.Errorf("%s is named, and there is no such metric", name)
		}
	}
	for _, m := range regexp.MustCompile(`\b(reason|what|result|mode|expected|state|route|le)(?:=~|!~|!=|=)"([^"]*)"`).FindAllStringSubmatch(text, -1) {
		for value := range strings.SplitSeq(m[2], "|") {
			if pair := m[1] + `="` + value + `"`; !values[pair] {
				t.Errorf("%s is named, and no metric has it", pair)
			}
		}
	}
	for name := range families {
		if strings.HasPrefix(name, "ringthrough_") && !strings.Contains(text, name) {
			t.Errorf("no rule and no panel makes use of %s", name)
		}
	}
}

func namesOf(name string, f *dto.MetricFamily) []string {
	if f.GetType() == dto.MetricType_HISTOGRAM {
		return []string{name + "_bucket", name + "_count", name + "_sum"}
	}
	return []string{name}
}
