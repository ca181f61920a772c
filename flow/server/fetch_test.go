package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow"
)

func TestFetchPassesTheQuestionOn(t *testing.T) {
	var got string
	customer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = strings.Join([]string{r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), r.Header.Get("Authorization"), string(body)}, " ")
		_, _ = w.Write([]byte(`[{"action":"talk"}]`))
	}))
	defer customer.Close()
	header := func(name string) string {
		return map[string]string{"Content-Type": "application/json", "Authorization": "Bearer theirs", "Cookie": "x"}[name]
	}
	for _, test := range []struct {
		name  string
		asked flow.Request
		want  string
	}{
		{"a POST with its body", flow.Request{Method: "POST", RawQuery: "x=1", Header: header, Body: []byte(`{"from":"1"}`)}, `POST /start?a=1 application/json Bearer theirs {"from":"1"}`},
		{"a GET with its query", flow.Request{Method: "GET", RawQuery: "from=1&to=2", Header: header}, `GET /start?a=1&from=1&to=2 application/json Bearer theirs `},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer, err := newFetcher().fetch(t.Context(), customer.URL+"/start?a=1", test.asked)
			if err != nil || string(answer) != `[{"action":"talk"}]` {
				t.Fatalf("answer %q, %v", answer, err)
			}
			if got != test.want {
				t.Errorf("the customer's server was asked %q, want %q", got, test.want)
			}
		})
	}
}

func TestFetchRefuses(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("[]")) }))
	defer elsewhere.Close()
	customer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/huge":
			_, _ = w.Write(make([]byte, fetchMost+1))
		default:
			http.Error(w, "no", http.StatusTeapot)
		}
	}))
	defer customer.Close()
	for name, url := range map[string]string{
		"a redirect to another host": customer.URL + "/away",
		"redirects without an end":   customer.URL + "/round",
		"an answer of 64 KiB and 1":  customer.URL + "/huge",
		"an answer that is no 200":   customer.URL + "/else",
		"a cloud's metadata":         "http://169.254.169.254/latest",
		"the same over IPv6":         "http://[::ffff:169.254.169.254]/latest",
		"link-local IPv6":            "http://[fe80::1]/",
		"any address of this host":   "http://0.0.0.0:1/",
		"no URL":                     "http://%zz",
	} {
		t.Run(name, func(t *testing.T) {
			if answer, err := newFetcher().fetch(t.Context(), url, flow.Request{Method: "GET"}); err == nil {
				t.Errorf("got %d bytes", len(answer))
			}
		})
	}
}
