package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

const noticeSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// diary keeps a log.
type diary struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (d *diary) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(b)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.String()
}

// TestNoticesOfAServer lets a call ring at a whole server, and holds what
// comes out of it: one destination takes the notice, the other's address has
// a token in it and leads nowhere.
func TestNoticesOfAServer(t *testing.T) {
	const token = "t0k3n-that-nobody-sees"
	judge, err := standardwebhooks.NewWebhook(noticeSecret)
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan []byte, 8)
	taker := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing shows in the signature
		if err := judge.Verify(body, r.Header); err != nil {
			t.Errorf("the notice's signature: %v", err)
		}
		told <- body
	}))
	defer taker.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte(`
notices:
  - {name: siem, webhook: "`+taker.URL+`", secret: `+noticeSecret+`}
  - {name: broken, url: "generic://`+closedPort(t)+`/`+token+`?disabletls=yes&$token=`+token+`"}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := readSettings(config)
	if err != nil {
		t.Fatal(err)
	}
	log := &diary{}
	data := filepath.Join(dir, "data")
	h, err := openHouse(t.Context(), file.under(settings{Data: data, Listen: "127.0.0.1:0"}), zerolog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ready, over := make(chan string, 1), make(chan error, 1)
	go func() {
		over <- h.run(ctx, config, "", func(address string) error {
			ready <- "http://" + address
			return nil
		})
	}()
	server := <-ready
	if _, err := h.board.Edit(t.Context(), store.Author{Name: "test"}, "", demoChanges()...); err != nil {
		t.Fatal(err)
	}
	id := h.board.Lookup("flat", flow.Call{ANI: ani.MustParse(demoCaller), DNIS: ani.MustParse(demoDialled)}).ID

	var notice struct {
		Type string
		Data struct{ ID, Text string }
	}
	if err := json.Unmarshal(<-told, &notice); err != nil {
		t.Fatal(err)
	}
	if notice.Type != "activation_call.unexpected" || notice.Data.ID != "call:"+id || !strings.Contains(notice.Data.Text, demoCaller) {
		t.Errorf("told %+v", notice)
	}
	admin, err := os.ReadFile(filepath.Join(data, tokenFile))
	if err != nil {
		t.Fatal(err)
	}
	listed := askAs(t, strings.TrimSpace(string(admin)), http.MethodGet, server+"/v1/notices")
	tried := askAs(t, strings.TrimSpace(string(admin)), http.MethodPost, server+"/v1/notices/test")
	if !strings.Contains(tried, `{"name":"siem","ok":true,"error":""}`) || !strings.Contains(tried, `{"name":"broken","ok":false,"error":"the host refuses the connection"}`) {
		t.Errorf("the test says %s", tried)
	}
	if !strings.Contains(listed, `"kind":"generic"`) {
		t.Errorf("the list says %s", listed)
	}
	awaitText(t, log, `"wrong":"the host refuses the connection"`)
	stop()
	if err := <-over; err != nil {
		t.Error(err)
	}
	for place, text := range map[string]string{"log": log.String(), "API": listed + tried, "notice": notice.Data.Text, "data directory": everything(t, data)} {
		if strings.Contains(text, token) || strings.Contains(text, noticeSecret) {
			t.Errorf("a secret is in the %s", place)
		}
	}
}

func TestBadNoticesAreRefused(t *testing.T) {
	const token = "t0k3n-that-nobody-sees"
	log := &diary{}
	config := filepath.Join(t.TempDir(), "config.yaml")
	write := func(text string) settings {
		t.Helper()
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := readSettings(config)
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("the secret is in %v", err)
		}
		return file.under(settings{Data: filepath.Join(t.TempDir(), "data")})
	}
	_, err := openHouse(t.Context(), write(`notices: [{name: x, url: "slack://`+token+`"}]`), zerolog.New(log))
	var problems ani.Problems
	if !errors.As(err, &problems) || problems[0].Field != "notice x: url" || strings.Contains(err.Error()+log.String(), token) {
		t.Errorf("got %v", err)
	}
	h, err := openHouse(t.Context(), write(`notices: [{name: x, url: "ntfy://ntfy.example.com/`+token+`"}]`), zerolog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"an unknown key":                     `notices: [{name: y, address: "` + token + `"}]`,
		"an unknown event":                   `notices: [{name: y, url: "ntfy://ntfy.example.com/y", events: [calls]}]`,
		"good notices and a hook that isn't": `{notices: [{name: y, url: "ntfy://ntfy.example.com/y"}], hooks: [{dialect: flat}]}`,
	} {
		write(bad)
		if _, err := h.reconfigure(config); err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%s: got %v", name, err)
		}
		if got := h.notice.List(); len(got) != 1 || got[0].Name != "x" {
			t.Errorf("%s: notices go to %v", name, got)
		}
	}
	write(`notices: [{name: y, url: "ntfy://ntfy.example.com/y"}]`)
	if _, err := h.reconfigure(config); err != nil || h.notice.List()[0].Name != "y" {
		t.Errorf("good ones: %v, %v", err, h.notice.List())
	}
	if err := h.close(t.Context()); err != nil {
		t.Error(err)
	}
	if strings.Contains(log.String(), token) {
		t.Error("a secret is in the log")
	}
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

func askAs(t *testing.T, token, method, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	reply, err := (&http.Client{}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d, %v: %s", method, url, reply.StatusCode, err, body)
	}
	return string(body)
}

// awaitText waits until the log says so.
func awaitText(t *testing.T, log *diary, text string) {
	t.Helper()
	tick, late := time.NewTicker(10*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for !strings.Contains(log.String(), text) {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("the log never says %s:\n%s", text, log)
		}
	}
}

// everything is what the files of a directory hold.
func everything(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
