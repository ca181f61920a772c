package metrics_test

import (
	"context"
	"encoding/json"
	"html/template"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/prometheus/common/model"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// drawn is a panel with what its queries gave, as the page has it.
type drawn struct {
	Type    string            `json:"type"`
	Title   string            `json:"title"`
	Grid    grid              `json:"grid"`
	Field   field             `json:"field"`
	Colours map[string]string `json:"colours"`
	Times   []float64         `json:"times"`
	Series  []line            `json:"series"`
}

type field struct {
	Unit          string `json:"unit"`
	Decimals      *int   `json:"decimals"`
	Draw          string `json:"draw"`
	Interpolation string `json:"interpolation"`
	Stack         string `json:"stack"`
	Scale         string `json:"scale"`
}

type line struct {
	Label  string     `json:"label"`
	Values []*float64 `json:"values"` // nil where there is none
}

// patience is how long a browser may take on a busy machine.
const patience = time.Minute

// draw keeps a picture of the panels in dir, with what Prometheus has now.
func (p *prometheus) draw(t *testing.T, dir string) {
	var panels []drawn
	for _, one := range theDashboard(t).Panels {
		panels = append(panels, p.drawn(t, one))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(pageOf(t, panels)) }))
	defer server.Close()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(peer.Command(t, "chromium", peer.Everything)), chromedp.NoSandbox,
		chromedp.WindowSize(1540, 900), chromedp.Flag("disable-dev-shm-usage", true))
	allocator, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	defer cancel()
	tab, cancelTab := chromedp.NewContext(allocator)
	defer cancelTab()
	ctx, cancelWait := context.WithTimeout(tab, patience)
	defer cancelWait()
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL), chromedp.WaitReady(chromedp.CSS("body[data-drawn]"))); err != nil {
		t.Fatal(err)
	}
	shot, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatWebp, Quality: new(int64(60)), CaptureBeyondViewport: new(true), FromSurface: new(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "panels.webp"), shot.Data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (p *prometheus) drawn(t *testing.T, one panel) drawn {
	t.Helper()
	d := one.Field.Defaults
	out := drawn{Type: one.Type, Title: one.Title, Grid: one.GridPos, Colours: map[string]string{}, Field: field{d.Unit, d.Decimals, d.Custom.DrawStyle, d.Custom.LineInterpolation, d.Custom.Stacking.Mode, d.Custom.ScaleDistribution.Type}}
	for _, o := range one.Field.Overrides {
		out.Colours[o.Matcher.Options] = o.Properties[0].Value.FixedColor
	}
	answers := make([]model.Matrix, len(one.Targets))
	for i, q := range one.Targets {
		found, err := p.query(p.substituted(q.Expr, "ringthrough", ".+", ".+"), q.Instant)
		if err != nil {
			t.Fatal(err)
		}
		answers[i] = found
	}
	out.Times = timesOf(answers)
	for i, q := range one.Targets {
		for _, s := range answers[i] {
			out.Series = append(out.Series, line{legend(q.LegendFormat, s.Metric), valuesOf(s, out.Times)})
		}
	}
	return out
}

// timesOf are the times of all samples, each once, in their order.
func timesOf(answers []model.Matrix) []float64 {
	var times []float64
	for _, found := range answers {
		for _, s := range found {
			for _, v := range s.Values {
				times = append(times, seconds(v.Timestamp))
			}
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}

func seconds(at model.Time) float64 { return float64(at.Sub(0)) / float64(time.Second) }

// valuesOf are the values of a series at each of the times.
func valuesOf(s *model.SampleStream, times []float64) []*float64 {
	at := map[float64]*float64{}
	for _, v := range s.Values {
		if x := float64(v.Value); !math.IsNaN(x) && !math.IsInf(x, 0) {
			at[seconds(v.Timestamp)] = &x
		}
	}
	values := make([]*float64, len(times))
	for i, t := range times {
		values[i] = at[t]
	}
	return values
}

// legend is what Grafana writes under a panel for a series.
func legend(format string, m model.Metric) string {
	for name, value := range m {
		format = strings.ReplaceAll(format, "{{"+string(name)+"}}", string(value))
	}
	return format
}

// pageOf is the page that draws panels, with the uPlot that the console has.
func pageOf(t *testing.T, panels []drawn) []byte {
	t.Helper()
	vendor := filepath.Join(peer.Tree(t), "flow", "server", "console", "assets", "vendor")
	all, err := json.Marshal(panels)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = template.Must(template.ParseFiles(filepath.Join("testdata", "panels.html"))).Execute(&out, map[string]any{
		"UPlotCSS": template.CSS(read(t, filepath.Join(vendor, "uPlot.min.css"))),
		"UPlotJS":  template.JS(read(t, filepath.Join(vendor, "uPlot.iife.min.js"))),
		"Panels":   template.JS(all),
	})
	if err != nil {
		t.Fatal(err)
	}
	return []byte(out.String())
}
