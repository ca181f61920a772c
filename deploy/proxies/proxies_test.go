// Package proxies_test runs nginx, HAProxy and Caddy with the configurations
// that are shipped, in front of ringthrough itself, and asks it through TLS.
package proxies_test

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/program"
)

const (
	lookups = "https://route.example.com"
	ops     = "https://ringthrough.example.com"
)

// settings have a hook whose callers sign the address that they were given.
const settings = `hooks:
  - name: studio
    dialect: flat
    public_url: https://route.example.com/v1/lookup/studio
    auth: {scheme: twilio, secrets: [signing-key]}
console:
  public_url: https://ringthrough.example.com
`

// house is ringthrough, and who may ask it.
type house struct {
	program.Server
	ivr, viewer, editor string // tokens
}

func serve(t *testing.T) house {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config.yaml")
	write(t, config, settings)
	h := house{Server: program.ServeApart(t, "--config", config)}
	h.Run(t, "line", "set", "support", "--number", "+18005550100", "--target", "number:+15125550123")
	h.Run(t, "entry", "add", "+16505550123", "--label", "Meta call 1")
	h.ivr = h.Run(t, "token", "create", "--role", "lookup", "--name", "ivr")
	h.viewer = h.Run(t, "token", "create", "--role", "viewer", "--name", "watcher")
	h.editor = h.Run(t, "token", "create", "--role", "editor", "--name", "shift")
	return h
}

func TestProxies(t *testing.T) {
	h := serve(t)
	for name, begin := range starts {
		t.Run(name, func(t *testing.T) {
			f := begin.run(t, h.Server)
			t.Run("a lookup", func(t *testing.T) { f.looksUp(t, h) })
			t.Run("a signed lookup", func(t *testing.T) { f.looksUpSigned(t) })
			t.Run("what is too large is refused by ringthrough itself", func(t *testing.T) { f.refusesLarge(t, h) })
			t.Run("the ops API is not where lookups are", func(t *testing.T) { f.keepsApart(t, h) })
			t.Run("events come at once", func(t *testing.T) { f.streams(t, h) })
			t.Run("a large import", func(t *testing.T) { f.imports(t, h) })
		})
	}
}

// answer is what came through a proxy.
type answer struct {
	status     int
	kind, body string
}

// ask sends a request with a token.
func (f front) ask(t *testing.T, method, address, token, kind string, body io.Reader) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", kind)
	res, err := f.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	return answer{res.StatusCode, res.Header.Get("Content-Type"), string(text)}
}

func (f front) looksUp(t *testing.T, h house) {
	t.Helper()
	got := f.ask(t, http.MethodPost, lookups+"/v1/lookup", h.ivr, "application/json", strings.NewReader(`{"ani":"+16505550123","dnis":"+18005550100"}`))
	if got.status != http.StatusOK || !strings.Contains(got.body, `"route":"direct"`) {
		t.Errorf("a lookup gives %+v", got)
	}
}

func (f front) looksUpSigned(t *testing.T) {
	t.Helper()
	const address = lookups + "/v1/lookup/studio"
	form := url.Values{"From": {"+16505550123"}, "To": {"+18005550100"}}
	mac := hmac.New(sha1.New, []byte("signing-key"))
	mac.Write([]byte(address + "From+16505550123To+18005550100"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	res, err := f.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(body), `"route":"direct"`) {
		t.Errorf("%s: %s %v", res.Status, body, err)
	}
}

// refusesLarge sends more than any lookup may have, and less than the proxies
// let pass.
func (f front) refusesLarge(t *testing.T, h house) {
	t.Helper()
	got := f.ask(t, http.MethodPost, lookups+"/v1/lookup", h.ivr, "application/json", strings.NewReader(strings.Repeat(" ", 200_000)))
	if got.status != http.StatusRequestEntityTooLarge || got.kind != "application/problem+json" {
		t.Errorf("a large lookup gives %+v", got)
	}
}

func (f front) keepsApart(t *testing.T, h house) {
	t.Helper()
	for _, path := range []string{"/v1/lines", "/metrics", "/"} {
		if got := f.ask(t, http.MethodGet, lookups+path, h.viewer, "", nil); got.status != http.StatusNotFound {
			t.Errorf("%s is served where lookups are: %d", path, got.status)
		}
		if got := f.ask(t, http.MethodGet, ops+path, h.viewer, "", nil); got.status != http.StatusOK {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// eventWait is how long an event may take; the next sign of life comes later.
const eventWait = 10 * time.Second

// streams follows the journal until a call comes, which is made once the
// stream is open.
func (f front) streams(t *testing.T, h house) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), eventWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, ops+"/v1/calls/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.viewer)
	res, err := f.client.Do(req)
	if err != nil {
		t.Fatalf("open the stream: %v", err)
	}
	defer res.Body.Close()
	f.looksUp(t, h)
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if lines.Text() == "event: call" {
			return
		}
	}
	t.Errorf("no event came: %v", lines.Err())
}

// imports sends a list that is larger than what proxies let pass by default.
func (f front) imports(t *testing.T, h house) {
	t.Helper()
	var list strings.Builder
	list.WriteString("pattern,label\n")
	for i := range 16_000 {
		fmt.Fprintf(&list, "+165055%05d,%s\n", i, strings.Repeat("label ", 10))
	}
	got := f.ask(t, http.MethodPost, ops+"/v1/import?dry_run=true", h.editor, "text/csv", strings.NewReader(list.String()))
	if got.status != http.StatusOK || list.Len() < 1<<20 {
		t.Errorf("%d bytes: %d: %.300s", list.Len(), got.status, got.body)
	}
}
