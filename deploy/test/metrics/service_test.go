package metrics_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/ringthrough/ringthrough/deploy/test/program"
)

// service is the program itself.
type service struct {
	program.Server
	t      *testing.T
	client http.Client
	admin  string // token
	ivr    string // token
}

// configuration has a second entrance, and two places for notices: one takes
// them, one doesn't.
const configuration = `
hooks:
  - {name: pbx, dialect: flat, auth: {scheme: basic, secrets: [%s]}}
notices:
  - {name: heard, webhook: %q, secret: %[3]q}
  - {name: away, webhook: %[4]q, secret: %[3]q}
`

const (
	pbxSecret    = "pbx-secret-of-the-test"
	noticeSecret = "whsec_bWV0cmljcyBvZiByaW5ndGhyb3VnaCB1bmRlciB0ZXN0"
)

func serve(t *testing.T) *service {
	t.Helper()
	dir := t.TempDir()
	notices := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(notices.Close)
	write(t, filepath.Join(dir, "ringthrough.yaml"), fmt.Sprintf(configuration, pbxSecret, notices.URL+"/heard", noticeSecret, notices.URL+"/away"))
	s := &service{Server: program.Serve(t, "--config", filepath.Join(dir, "ringthrough.yaml")), t: t}
	s.admin = strings.TrimSpace(string(read(t, filepath.Join(s.Data, "admin.token"))))
	var made struct{ Token string }
	s.ops("POST", "/v1/tokens", `{"name":"ivr","role":"lookup"}`, &made)
	s.ivr = made.Token
	return s
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request, with a token or with the password of the hook, and
// gives the reply.
func (s *service) ask(method, path, secret, body string) (status int, reply []byte) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.Address+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if secret == pbxSecret {
		r.SetBasicAuth("pbx", secret)
	} else {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	reply, err = io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, reply
}

// ops asks the ops API as an admin, and reads the reply into out.
func (s *service) ops(method, path, body string, out any) {
	s.t.Helper()
	status, reply := s.ask(method, path, s.admin, body)
	if status >= http.StatusMultipleChoices {
		s.t.Fatalf("%s %s: %d %s", method, path, status, reply)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(reply, out); err != nil {
		s.t.Fatalf("%s %s: %v in %s", method, path, err, reply)
	}
}

// metrics is what /metrics says.
func (s *service) metrics() map[string]*dto.MetricFamily {
	s.t.Helper()
	_, text := s.ask("GET", "/metrics", "", "")
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(string(text)))
	if err != nil {
		s.t.Fatal(err)
	}
	return families
}
