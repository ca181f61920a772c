package main

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outcome is what somebody sees of a command.
type outcome struct {
	stdout, stderr string
	code           int
}

// command runs ringthrough with no other surroundings than env and stdin.
func command(t *testing.T, env map[string]string, args ...string) outcome {
	t.Helper()
	lookup := func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}
	var stdout, stderr bytes.Buffer
	code := run(args, strings.NewReader(""), &stdout, &stderr, lookup)
	return outcome{stdout.String(), stderr.String(), code}
}

// serving answers every request with h, and is where RINGTHROUGH_SERVER says.
func serving(t *testing.T, h http.HandlerFunc) map[string]string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return map[string]string{"RINGTHROUGH_SERVER": s.URL, "RINGTHROUGH_TOKEN": "rt_secret"}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name   string
		args   string
		status int
		body   string
		want   string
	}{
		{
			"a lost race on an entry", "entry edit d1k2d1k2d1k2d1k2d1k2 --label x", 412, `{"title":"Precondition Failed","detail":"somebody else has changed it meanwhile"}`,
			"error: somebody else has changed it meanwhile\nhint: look at what it is now, then give the command again",
		},
		{
			"every bad field", "entry add +1", 422, `{"title":"Unprocessable Entity","detail":"two are bad","errors":[{"field":"pattern","detail":"is short"},{"field":"lines[0]","detail":"is unknown"}]}`,
			"error: two are bad\n  pattern is short\n  lines[0] is unknown",
		},
		{
			"a store that is away", "entry add +16505550123", 503, `{"title":"Service Unavailable","detail":"the store can't be written"}`,
			"error: the store can't be written\nhint: nothing was changed: give the command again later",
		},
		{
			"a token that is not known", "line ls", 401, `{"title":"Unauthorized","detail":"the token is not known"}`,
			"error: the token is not known\nhint: the token came from RINGTHROUGH_TOKEN; give another with --token, RINGTHROUGH_TOKEN or RINGTHROUGH_TOKEN_FILE",
		},
		{
			"a role that is not enough", "token ls", 403, `{"title":"Forbidden","detail":"admins only"}`,
			"error: admins only\nhint: the token came from RINGTHROUGH_TOKEN; an admin makes one with another role: ringthrough token create --role … --name …",
		},
		{"a fault without a detail", "line ls", 500, `{"title":"Internal Server Error"}`, "error: Internal Server Error"},
		{"what would steer a terminal", "line ls", 500, `{"title":"a\u001b[31mb\u202ec"}`, "error: a�[31mb�c"},
		{
			"something else that answers", "line ls", 404, "<html>no</html>",
			"error: the server answers 404 Not Found\nhint: is it a ringthrough that answers at SERVER? Say where it is with --server",
		},
		{
			"JSON of something else", "window close abc", 404, `["no"]`,
			"error: the server answers 404 Not Found\nhint: is it a ringthrough that answers at SERVER? Say where it is with --server",
		},
		{
			"a redirect", "entry add +16505550123", 307, "",
			"error: the server answers 307 Temporary Redirect\nhint: is it a ringthrough that answers at SERVER? Say where it is with --server",
		},
		{
			"TLS is spoken there", "line ls", 400, "Client sent an HTTP request to an HTTPS server.\n",
			"error: the server answers 400 Bad Request\nhint: the server speaks TLS: begin --server with https://",
		},
		{
			"a 200 that is no JSON", "line ls", 200, "<html>hello</html>",
			"error: read answer: invalid character '<' looking for beginning of value\nhint: is it a ringthrough of this version that answers at --server?",
		},
		{
			"a stream that is refused", "calls tail -o json", 403, `{"title":"Forbidden","detail":"no"}`,
			"error: no\nhint: the token came from RINGTHROUGH_TOKEN; an admin makes one with another role: ringthrough token create --role … --name …",
		},
		{"a stream from a server that drains", "calls tail -o json", 503, `{"title":"Service Unavailable"}`, "error: the server answers 503 Service Unavailable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			env := serving(t, func(w http.ResponseWriter, _ *http.Request) {
				asked++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
			})
			got := command(t, env, strings.Fields(tt.args)...)
			want := outcome{stderr: "ringthrough: " + strings.ReplaceAll(tt.want, "SERVER", env["RINGTHROUGH_SERVER"]) + "\n", code: 1}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if asked != 1 {
				t.Errorf("the server was asked %d times, not once", asked)
			}
		})
	}
}

// wire is a request as the server sees it.
type wire struct {
	Call   string // method and URI
	Body   string
	Header map[string]string // those of the tests' interest that are there
}

func wireOf(t *testing.T, r *http.Request) wire {
	t.Helper()
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		t.Error(err)
	}
	w := wire{Call: r.Method + " " + r.RequestURI, Body: body.String(), Header: map[string]string{}}
	for _, name := range []string{"Authorization", "Content-Type", "If-Match", "If-None-Match", "Last-Event-Id"} {
		if v := r.Header.Get(name); v != "" {
			w.Header[name] = v
		}
	}
	return w
}

func TestSetChangesALineUnderItsETag(t *testing.T) {
	var got []wire
	env := serving(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, wireOf(t, r))
		w.Header().Set("ETag", `"7"`)
		fmt.Fprint(w, `{"$schema":"s","name":"a","limit":{"calls":20,"per":"1h"},"announce":"old","new_field":[1],"version":7,"created_at":"x","updated_at":"y"}`)
	})
	if o := command(t, env, "line", "set", "a", "--announce", "<new>", "--limit-per", "2h", "-o", "json"); o.code != 0 {
		t.Fatal(o.stderr)
	}
	bearer := "Bearer rt_secret"
	want := []wire{
		{Call: "GET /v1/lines/a", Header: map[string]string{"Authorization": bearer}},
		{
			Call: "PUT /v1/lines/a", Body: `{"announce":"\u003cnew\u003e","limit":{"calls":20,"per":"2h"},"name":"a","new_field":[1]}`,
			Header: map[string]string{"Authorization": bearer, "Content-Type": "application/json", "If-Match": `"7"`},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestSetMakesALineOnlyWhereThereIsNone(t *testing.T) {
	var put wire
	env := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"title":"Not Found"}`)
			return
		}
		put = wireOf(t, r)
		w.WriteHeader(http.StatusPreconditionFailed)
		fmt.Fprint(w, `{"title":"Precondition Failed","detail":"it is there"}`)
	})
	o := command(t, env, "line", "set", "a")
	if put.Header["If-None-Match"] != "*" || !strings.Contains(o.stderr, "hint: look at what it is now") || o.code != 1 {
		t.Errorf("sent %v, ended %+v", put.Header, o)
	}
}

func TestEditIsOfTheEntryThatWasFound(t *testing.T) {
	var got []wire
	env := serving(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, wireOf(t, r))
		if r.Method == http.MethodGet {
			fmt.Fprint(w, `{"items":[{"id":"other","pattern":"+165055501234","version":1},{"id":"mine","pattern":"+16505550123","version":3}],"next_cursor":""}`)
			return
		}
		fmt.Fprint(w, `{"id":"mine"}`)
	})
	if o := command(t, env, "entry", "edit", "+1 (650) 555-0123", "--expires", "none", "--every-line", "-o", "json"); o.code != 0 {
		t.Fatal(o.stderr)
	}
	bearer := "Bearer rt_secret"
	want := []wire{
		{Call: "GET /v1/entries?limit=1000&q=%2B16505550123", Header: map[string]string{"Authorization": bearer}},
		{
			Call: "PATCH /v1/entries/mine", Body: `{"expires_at":null,"lines":[]}`,
			Header: map[string]string{"Authorization": bearer, "Content-Type": "application/merge-patch+json", "If-Match": `"3"`},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestListsGoOverPages(t *testing.T) {
	for _, tt := range []struct {
		name  string
		limit string
		calls []string
		items int
		next  string
	}{
		{"one page is enough", "10", []string{"limit=10"}, 10, "10"},
		{"all of it", "0", []string{"limit=1000", "cursor=1000&limit=1000", "cursor=2000&limit=1000"}, 2500, ""},
		{"more than a page, not all", "1200", []string{"limit=1000", "cursor=1000&limit=200"}, 1200, "1200"},
		{"just a page", "1000", []string{"limit=1000"}, 1000, "1000"},
		{"more than there are", "4000000000", []string{"limit=1000", "cursor=1000&limit=1000", "cursor=2000&limit=1000"}, 2500, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const all = 2500
			var calls []string
			env := serving(t, func(w http.ResponseWriter, r *http.Request) {
				calls = append(calls, r.URL.RawQuery)
				var from, limit int
				_, _ = fmt.Sscan(r.URL.Query().Get("cursor"), &from) // none is 0
				_, _ = fmt.Sscan(r.URL.Query().Get("limit"), &limit)
				p := page[int]{Items: []int{}}
				for i := from; i < min(all, from+limit); i++ {
					p.Items = append(p.Items, i)
				}
				if from+limit < all {
					p.Next = fmt.Sprint(from + limit)
				}
				_ = json.NewEncoder(w).Encode(p) // the client would notice
			})
			o := command(t, env, "calls", "ls", "-o", "json", "--limit", tt.limit)
			var got page[int]
			if err := json.Unmarshal([]byte(o.stdout), &got); err != nil || o.code != 0 {
				t.Fatalf("%v: %+v", err, o)
			}
			if len(got.Items) != tt.items || got.Items[tt.items-1] != tt.items-1 || got.Next != tt.next {
				t.Errorf("%d items, next %q; want %d, %q", len(got.Items), got.Next, tt.items, tt.next)
			}
			if diff := cmp.Diff(tt.calls, calls); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ready") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of clients that go away
	s.StartTLS()
	t.Cleanup(s.Close)
	plain := httptest.NewServer(s.Config.Handler)
	t.Cleanup(plain.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		want string // of stderr; empty: it works
	}{
		{"a private authority that is named", []string{"--server", s.URL, "--ca", ca}, ""},
		{"a private authority that isn't", []string{"--server", s.URL}, "hint: give the PEM file of a private authority with --ca"},
		{"a name that the certificate lacks", []string{"--server", strings.Replace(s.URL, "127.0.0.1", "localhost", 1), "--ca", ca}, "the name in --server must be one of the certificate's"},
		{"TLS where there is none", []string{"--server", strings.Replace(plain.URL, "http:", "https:", 1)}, "hint: the server speaks without TLS: begin --server with http://"},
		{"no TLS where there is some", []string{"--server", strings.Replace(s.URL, "https:", "http:", 1)}, "hint: the server speaks TLS: begin --server with https://"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := command(t, nil, append([]string{"healthcheck"}, tt.args...)...)
			if o.code == 0 != (tt.want == "") || !strings.Contains(o.stderr, tt.want) {
				t.Errorf("ended %+v, want %q", o, tt.want)
			}
		})
	}
}
