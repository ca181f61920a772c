package notice

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// hook is a destination for what answer answers, and the requests that came.
func hook(t *testing.T, answer http.HandlerFunc) (sender, chan received) {
	t.Helper()
	got := make(chan received, 8)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing shows in the signature
		got <- received{r.Header, body}
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return opened(t, s.URL+"/"+hidden), got
}

type received struct {
	header http.Header
	body   []byte
}

func opened(t *testing.T, address string) sender {
	t.Helper()
	d, err := Open([]Config{{Name: "x", Webhook: address, Secret: whsec}}, plainly)
	if err != nil {
		t.Fatal(err)
	}
	return d.all[0].sender
}

func answering(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	}
}

func TestWebhook(t *testing.T) {
	to, got := hook(t, answering(204))
	n, now := aboutCall(EventUnexpected), time.Now()
	if err := to.send(t.Context(), n, now); err != nil {
		t.Fatal(err)
	}
	r := <-got
	t.Run("the library takes the signature", func(t *testing.T) {
		judge, err := standardwebhooks.NewWebhook(whsec)
		if err != nil {
			t.Fatal(err)
		}
		if err := judge.Verify(r.body, r.header); err != nil {
			t.Error(err)
		}
		if err := judge.Verify(append(r.body, ' '), r.header); err == nil {
			t.Error("it takes another body too")
		}
	})
	t.Run("so does the npm package", func(t *testing.T) {
		ask := []map[string]any{
			{"do": "judge", "vendor": "standard-webhooks", "secret": whsec, "headers": flat(r.header), "body": string(r.body), "timestamp": now.Unix()},
			{"do": "judge", "vendor": "standard-webhooks", "secret": whsec, "headers": flat(r.header), "body": "{}", "timestamp": now.Unix()},
		}
		var verdicts []struct{ Valid bool }
		peer.Node(t, "sign.js", ask, &verdicts)
		if len(verdicts) != 2 || !verdicts[0].Valid || verdicts[1].Valid {
			t.Errorf("verdicts %v, want true for our body alone", verdicts)
		}
	})
	t.Run("body", func(t *testing.T) {
		var body struct {
			Type      string
			Timestamp time.Time
			Data      map[string]any
		}
		if err := json.Unmarshal(r.body, &body); err != nil {
			t.Fatal(err)
		}
		if body.Type != "activation_call.unexpected" || !body.Timestamp.Equal(at) {
			t.Errorf("%s of %s", body.Type, body.Timestamp)
		}
		said := n.Say(now)
		for key, want := range map[string]any{
			"id": "call:d9f3", "event": "unexpected", "level": "alarm", "title": said.Title, "text": said.Text,
			"line": "support-us", "timezone": "Europe/Berlin", "rings": "Dana's desk +15125550123",
		} {
			if diff := cmp.Diff(want, body.Data[key]); diff != "" {
				t.Errorf("%s: -want +got\n%s", key, diff)
			}
		}
		call, _ := body.Data["call"].(map[string]any)
		if call["id"] != "d9f3" || call["ani"] != "+16505550123" || call["label"] != "Meta call 1" {
			t.Errorf("call %v", call)
		}
		for _, key := range []string{"window", "limit", "entry", "more"} {
			if _, there := body.Data[key]; there {
				t.Errorf("%s is there, and says nothing", key)
			}
		}
	})
	t.Run("headers", func(t *testing.T) {
		want := map[string]string{"webhook-id": "call:d9f3", "webhook-timestamp": strconv.FormatInt(now.Unix(), 10), "Content-Type": "application/json"}
		for key, value := range want {
			if got := r.header.Get(key); got != value {
				t.Errorf("%s is %q, want %q", key, got, value)
			}
		}
	})
	t.Run("a second try has the same id", func(t *testing.T) {
		if err := to.send(t.Context(), n, now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if again := <-got; again.header.Get("webhook-id") != r.header.Get("webhook-id") || again.header.Get("webhook-timestamp") == r.header.Get("webhook-timestamp") {
			t.Errorf("got %v", again.header)
		}
	})
}

func flat(h http.Header) map[string]string {
	all := map[string]string{}
	for k := range h {
		all[strings.ToLower(k)] = h.Get(k)
	}
	return all
}

func TestWebhookReplies(t *testing.T) {
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   *fault
	}{
		"200":                        {answering(200), nil},
		"202":                        {answering(202), nil},
		"410 wants no more":          {answering(410), &fault{text: "answered 410: it wants no more", final: true}},
		"a redirect is not followed": {answering(307, "Location", "/elsewhere"), &fault{text: "answered 307: redirects are not followed, so give the address that it leads to"}},
		"400":                        {answering(400), &fault{text: "answered 400"}},
		"500":                        {answering(500), &fault{text: "answered 500"}},
		"429 says when":              {answering(429, "Retry-After", "90"), &fault{text: "answered 429", after: 90 * time.Second}},
		"503 says on which day":      {answering(503, "Retry-After", at.Add(2*time.Minute).Format(http.TimeFormat)), &fault{text: "answered 503", after: 2 * time.Minute}},
		"an age is not waited":       {answering(503, "Retry-After", "999999999"), &fault{text: "answered 503", after: maxDelay}},
		"nor is the past":            {answering(503, "Retry-After", "-5"), &fault{text: "answered 503"}},
		"a reply without an end": {func(w http.ResponseWriter, r *http.Request) {
			for line := []byte(strings.Repeat("x", 4096)); ; {
				if _, err := w.Write(line); err != nil {
					return
				}
			}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			to, got := hook(t, tt.answer)
			err := to.send(t.Context(), aboutCall(EventActivation), at)
			var f *fault
			errors.As(err, &f)
			if diff := cmp.Diff(tt.want, f, cmp.AllowUnexported(fault{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if <-got; len(got) > 0 {
				t.Error("it asked twice")
			}
		})
	}
}

func TestWebhookFailuresKeepSecrets(t *testing.T) {
	end := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end }))
	defer silent.Close()
	defer close(end)
	selfSigned := httptest.NewTLSServer(answering(200))
	defer selfSigned.Close()
	for name, tt := range map[string]struct{ address, want string }{
		"nobody listens":              {"http://" + refusing(t), "the host refuses the connection"},
		"no answer":                   {silent.URL, "the host didn't answer in time"},
		"a certificate of nobody's":   {selfSigned.URL, "the host's TLS certificate is not trusted"},
		"TLS where there is no TLS":   {strings.Replace(silent.URL, "http:", "https:", 1), ""},
		"a password in front of host": {"http://u:" + hidden + "@" + refusing(t), "the host refuses the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			err := opened(t, tt.address+"/"+hidden).send(ctx, aboutLimit, at)
			var f *fault
			if !errors.As(err, &f) {
				t.Fatalf("got %v", err)
			}
			if tt.want != "" && f.text != tt.want {
				t.Errorf("got %q, want %q", f.text, tt.want)
			}
			u, err := url.Parse(tt.address)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(f.text, hidden) || strings.Contains(f.text, u.Host) {
				t.Errorf("too much is said: %q", f.text)
			}
		})
	}
}
