package metrics_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/program"
)

// prometheus is a real one that scrapes a service.
type prometheus struct {
	*program.Process
	t      *testing.T
	client http.Client
	url    string
	every  time.Duration // between two scrapes
	began  time.Time
}

// watch starts Prometheus by the configuration that is shipped, but for what
// differs here: whom it scrapes, and how often.
func (s *service) watch(every time.Duration) *prometheus {
	t := s.t
	t.Helper()
	path, dir := peer.Command(t, "prometheus", peer.Everything), t.TempDir()
	text := string(read(t, shipped(t, "prometheus", "prometheus.yml")))
	for was, is := range map[string]string{
		"scrape_interval: 15s": "scrape_interval: " + every.String(), "evaluation_interval: 30s": "evaluation_interval: " + every.String(),
		"- rules.yml": "- " + shipped(t, "prometheus", "rules.yml"), "ringthrough:8080": s.Address, "alertmanager:9093": "127.0.0.1:1",
	} {
		if !strings.Contains(text, was) {
			t.Fatalf("prometheus.yml has no %s", was)
		}
		text = strings.Replace(text, was, is, 1)
	}
	write(t, filepath.Join(dir, "prometheus.yml"), text)
	address := "127.0.0.1:" + strconv.Itoa(peer.Port(t))
	process := program.Start(t, exec.Command(path, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address, "--log.level=warn"))
	p := &prometheus{Process: process, t: t, url: "http://" + address, every: every, began: time.Now()}
	p.Await(t, "that Prometheus is ready", func() bool {
		status, _, err := p.get("/-/ready", nil)
		return err == nil && status == http.StatusOK
	})
	return p
}

// get asks Prometheus' HTTP API.
func (p *prometheus) get(path string, query url.Values) (status int, reply []byte, _ error) {
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	reply, err = io.ReadAll(answer.Body)
	return answer.StatusCode, reply, err
}

// ask reads the data of a reply into out. The error is what Prometheus says of
// the question.
func (p *prometheus) ask(path string, query url.Values, out any) error {
	_, text, err := p.get(path, query)
	if err != nil {
		return err
	}
	var reply struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.Unmarshal(text, &reply); err != nil {
		return fmt.Errorf("%s: %w in %s", path, err, text)
	}
	if reply.Status != "success" {
		return errors.New(reply.Error)
	}
	return json.Unmarshal(reply.Data, out)
}

// query evaluates an expression, now or over all that there is.
func (p *prometheus) query(expr string, instant bool) (model.Matrix, error) {
	if instant {
		var found struct{ Result model.Vector }
		err := p.ask("/api/v1/query", url.Values{"query": {expr}}, &found)
		all := make(model.Matrix, 0, len(found.Result))
		for _, s := range found.Result {
			all = append(all, &model.SampleStream{Metric: s.Metric, Values: []model.SamplePair{{Timestamp: s.Timestamp, Value: s.Value}}})
		}
		return all, err
	}
	var found struct{ Result model.Matrix }
	err := p.ask("/api/v1/query_range", url.Values{
		"query": {expr}, "start": {moment(p.began)}, "end": {moment(time.Now())}, "step": {p.every.String()},
	}, &found)
	return found.Result, err
}

func moment(at time.Time) string {
	return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64)
}

// scrapes is how often Prometheus has scraped the service.
func (p *prometheus) scrapes() int {
	p.t.Helper()
	found, err := p.query(`sum(count_over_time(up{job="ringthrough"}[1h]))`, true)
	if err != nil {
		p.t.Fatal(err)
	}
	if len(found) == 0 {
		return 0
	}
	return int(found[0].Values[0].Value)
}

// most is the largest value of a series, and whether there is any.
func most(series model.Matrix) (float64, bool) {
	largest, found := math.Inf(-1), false
	for _, s := range series {
		for _, v := range s.Values {
			if x := float64(v.Value); !math.IsNaN(x) {
				largest, found = max(largest, x), true
			}
		}
	}
	return largest, found
}
