package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// write puts text into a file of the test's.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const someChanges = `{"revision":8,"dry_run":false,"created":1,"updated":1,"deleted":1,"unchanged":7,"changes":[` +
	`{"op":"create","kind":"entry","key":"+16505550123","after":{"id":"x","pattern":"+16505550123","label":"Meta","lines":[],"enabled":true,"version":1}},` +
	`{"op":"update","kind":"entry","key":"+16505550124","before":{"label":"a","note":"n","hits":3},"after":{"label":"b","hits":4}},` +
	`{"op":"delete","kind":"line","key":"old","before":{"name":"old","numbers":["+18005550100"]}}],"changes_left_out":5}`

const someChangesTable = `CREATED  UPDATED  DELETED  UNCHANGED
1        1        1        7

OP      KIND   KEY           WHAT
create  entry  +16505550123  label "Meta"
update  entry  +16505550124  label "a" → "b"; note "n" → nothing
delete  line   old           numbers ["+18005550100"]
… and 5 more

This is revision 8.
`

// atRevision7 is h behind a server whose newest revision is 7.
func atRevision7(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/revisions" {
			fmt.Fprint(w, `{"items":[{"n":7}]}`)
			return
		}
		h(w, r)
	}
}

func TestBulkEdits(t *testing.T) {
	csv := write(t, "in.csv", "pattern\n+16505550123\n")
	yaml := write(t, "in.yaml", "entries: []\n")
	accept := "application/x-ndjson, application/json"
	for _, tt := range []struct {
		name string
		args []string
		want wire
	}{
		{"an import", []string{"entry", "import", csv, "--why", "ticket 7"}, wire{
			"POST /v1/import?mode=merge&note=ticket+7", "pattern\n+16505550123\n", map[string]string{"Content-Type": "text/csv; charset=utf-8", "Accept": accept},
		}},
		{"an import that replaces, asked of nobody", []string{"entry", "import", csv, "--mode", "replace"}, wire{
			"POST /v1/import?mode=replace", "pattern\n+16505550123\n", map[string]string{"Content-Type": "text/csv; charset=utf-8", "Accept": accept},
		}},
		{"a dry run", []string{"entry", "import", csv, "--dry-run"}, wire{
			"POST /v1/import?dry_run=true&mode=merge", "pattern\n+16505550123\n", map[string]string{"Content-Type": "text/csv; charset=utf-8", "Accept": accept},
		}},
		{"an apply", []string{"apply", "-f", yaml}, wire{
			"POST /v1/apply?", "entries: []\n", map[string]string{"Content-Type": "application/yaml", "Accept": accept},
		}},
		{"an apply that prunes", []string{"apply", "-f", yaml, "--prune", "--dry-run", "--why", "x"}, wire{
			"POST /v1/apply?dry_run=true&note=x&prune=true", "entries: []\n", map[string]string{"Content-Type": "application/yaml", "Accept": accept},
		}},
		{"a restore", []string{"revision", "restore", "7", "--why", "x"}, wire{
			"POST /v1/revisions/7/restore?note=x", "", map[string]string{"Accept": accept},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, answer := range []struct{ kind, text string }{
				{"application/json", someChanges},
				{"application/x-ndjson", `{"progress":{"phase":"writing","rows":1,"of":3}}` + "\n" + `{"result":` + someChanges + "}\n"},
			} {
				var got []wire
				env := serving(t, atRevision7(func(w http.ResponseWriter, r *http.Request) {
					sent := wireOf(t, r)
					sent.Call = r.Method + " " + r.URL.Path + "?" + r.URL.Query().Encode()
					delete(sent.Header, "Authorization")
					sent.Header["Accept"] = r.Header.Get("Accept")
					got = append(got, sent)
					w.Header().Set("Content-Type", answer.kind)
					fmt.Fprint(w, answer.text)
				}))
				want := outcome{stdout: someChangesTable}
				if diff := cmp.Diff(want, command(t, env, tt.args...), cmp.AllowUnexported(outcome{})); diff != "" {
					t.Errorf("%s: -want +got\n%s", answer.kind, diff)
				}
				if diff := cmp.Diff([]wire{tt.want}, got); diff != "" {
					t.Errorf("%s: -want +got\n%s", answer.kind, diff)
				}
				o := command(t, env, append(tt.args, "-o", "json")...)
				if !json.Valid([]byte(o.stdout)) || !strings.Contains(o.stdout, `"changes_left_out": 5`) {
					t.Errorf("as JSON it is %s", o.stdout)
				}
			}
		})
	}
}

func TestBulkRefusals(t *testing.T) {
	csv := write(t, "in.csv", "pattern\nx\n")
	const rows = `{"title":"Unprocessable Entity","status":422,"detail":"2 rows can't be taken","errors":[{"field":"line 7, pattern","detail":"is missing"},{"field":"line 9, lines","detail":"names \"nope\", but there is no such line"}]}`
	const rowsWant = "ringthrough: error: 2 rows can't be taken\n  line 7, pattern: is missing\n  line 9, lines: names \"nope\", but there is no such line\nhint: \"ringthrough line ls\" shows the lines there are\n"
	for _, tt := range []struct {
		name   string
		status int
		kind   string
		body   string
		want   string
	}{
		{"bad rows", 422, "application/problem+json", rows, rowsWant},
		{"bad rows in a stream", 200, "application/x-ndjson", `{"problem":` + rows + `}`, rowsWant},
		{"a problem in a stream that is none", 200, "application/x-ndjson", `{"problem":7}`, "ringthrough: error: the server answers 0 \nhint: is it a ringthrough that answers at SERVER? Say where it is with --server\n"},
		{"too long a file", 413, "application/problem+json", `{"title":"Content Too Large","detail":"too long"}`, "ringthrough: error: too long\nhint: split the file, and give it in parts\n"},
		{
			"a stream that breaks off", 200, "application/x-ndjson", `{"progress":{"phase":"reading","rows":1}}` + "\n",
			"ringthrough: error: the answer broke off: unexpected EOF\nhint: " + lookAtRevisions + "\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := serving(t, atRevision7(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // what is sent is no matter here
				w.Header().Set("Content-Type", tt.kind)
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
			}))
			want := outcome{stderr: strings.ReplaceAll(tt.want, "SERVER", env["RINGTHROUGH_SERVER"]), code: 1}
			if diff := cmp.Diff(want, command(t, env, "entry", "import", csv), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestWhatComesOfABulkEditIsSaid(t *testing.T) {
	for want, c := range map[string]changeSet{
		"Nothing was changed: this was a dry run.\n":               {Revision: 7, DryRun: true, Created: 1},
		"There was nothing to change; this is still revision 7.\n": {Revision: 7, Unchanged: 3},
		"This is revision 7.\n":                                    {Revision: 7, Deleted: 1},
	} {
		table := (&session{stdout: io.Discard, now: time.Now}).newTable()
		c.lay(table)
		var got strings.Builder
		if err := table.print(&got); err != nil || !strings.HasSuffix(got.String(), "\n\n"+want) {
			t.Errorf("%+v reads %q, %v; want %q at its end", c, got.String(), err, want)
		}
	}
}

// slowSource gives a little, and then nothing until it is closed.
type slowSource struct {
	given  bool
	closed chan struct{}
}

func (s *slowSource) Read(b []byte) (int, error) {
	if !s.given {
		s.given = true
		return copy(b, "pattern\n"), nil
	}
	<-s.closed
	return 0, io.EOF
}

func TestInterruptedImport(t *testing.T) {
	for _, tt := range []struct {
		name  string
		whole bool // the file is sent by then
		dry   bool
		after int // the revision when all is over
		want  string
	}{
		{"before all was sent", false, false, 0, "interrupted: nothing was changed"},
		{"when all was sent, and undone", true, false, 7, "interrupted: nothing was changed"},
		{"when all was sent, and too late", true, false, 8, "interrupted while the server was at it"},
		{"a dry run", true, true, 0, "interrupted: nothing was changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			source := &slowSource{closed: make(chan struct{})}
			if tt.whole {
				close(source.closed)
			} else {
				defer close(source.closed)
			}
			env := serving(t, atRevision7(func(w http.ResponseWriter, r *http.Request) {
				if ctx.Err() != nil && tt.after > 0 {
					fmt.Fprintf(w, `{"revision":%d,"dry_run":true}`, tt.after)
					return
				}
				_, _ = io.ReadFull(r.Body, make([]byte, len("pattern\n"))) // that is all there is for now
				if tt.whole {
					_, _ = io.Copy(io.Discard, r.Body) // to its end
				}
				interrupt()
				_, _ = io.Copy(io.Discard, r.Body) // until the client is gone
				<-r.Context().Done()
			}))
			s := &session{stdin: source, stdout: io.Discard, stderr: io.Discard, now: time.Now, env: func(name string) (string, bool) { return env[name], true }}
			s.flags.Server, s.flags.Output = env["RINGTHROUGH_SERVER"], "table"
			command := entryImportCmd{File: "-", Mode: "merge", DryRun: tt.dry}
			if err := command.Run(ctx, s); err == nil || err.Error() != tt.want {
				t.Errorf("it ends with %v, want %s", err, tt.want)
			}
		})
	}
}

func TestStalls(t *testing.T) {
	for name, h := range map[string]func(http.ResponseWriter, *http.Request, chan struct{}){
		"no answer": func(_ http.ResponseWriter, _ *http.Request, never chan struct{}) { <-never },
		"a part of the answer": func(w http.ResponseWriter, _ *http.Request, never chan struct{}) {
			_ = http.NewResponseController(w).Flush() // the client would notice
			<-never
		},
		"the file isn't taken": func(_ http.ResponseWriter, r *http.Request, never chan struct{}) {
			_, _ = r.Body.Read(make([]byte, 1)) // so that the client begins to send
			<-never
		},
	} {
		for _, encrypted := range []bool{false, true} { // HTTP/1.1 and HTTP/2
			t.Run(fmt.Sprintf("%s, TLS %t", name, encrypted), func(t *testing.T) {
				never := make(chan struct{})
				s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(w, r, never) }))
				t.Cleanup(s.Close)
				t.Cleanup(func() { close(never) }) // before the server waits for its handlers
				var flags globals
				if s.EnableHTTP2 = encrypted; encrypted {
					s.StartTLS()
					flags.CA = write(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
				} else {
					s.Start()
				}
				if err := stalled(t, s.URL, flags); !errors.Is(err, errStalled) || strings.Contains(err.Error(), "interrupted") {
					t.Errorf("it ends with %v", err)
				}
			})
		}
	}
}

// stalled is how an upload without end comes to one.
func stalled(t *testing.T, address string, flags globals) error {
	t.Helper()
	base, err := readServer(address)
	if err != nil {
		t.Fatal(err)
	}
	client, err := (&session{flags: flags}).connectTo(base, credential{})
	if err != nil {
		t.Fatal(err)
	}
	endless := &upload{in: zeros{}, size: -1}
	resp, err := client.open(t.Context(), request{method: http.MethodPost, path: []string{"x"}, upload: endless}, 50*time.Millisecond)
	if err != nil {
		return err
	}
	_, err = io.ReadAll(resp.Body)
	_ = resp.Body.Close() // the error is what matters
	return err
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func TestARefusedFileIsNotSent(t *testing.T) {
	file := write(t, "big.csv", strings.Repeat("x", 8<<20))
	env := serving(t, atRevision7(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"title":"Forbidden","detail":"editors only"}`)
		if r.Header.Get("Expect") != "100-continue" {
			t.Error("the file comes before it is wanted")
		}
	}))
	o := command(t, env, "entry", "import", file)
	if !strings.HasPrefix(o.stderr, "ringthrough: error: editors only\nhint: the token came from") || o.code != 1 {
		t.Errorf("it ends %+v", o)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct{ name, args, want string }{
		{"no such file", "entry import " + dir + "/nowhere.csv", "hint: name a file that is there, or - for standard input\n"},
		{"a directory", "entry import " + dir, "is a directory\nhint: name a file in it\n"},
		{"no such document", "apply -f " + dir + "/nowhere.yaml", "hint: name a file that is there, or - for standard input\n"},
		{"no such line file", "line set -f " + dir + "/nowhere.yaml", "hint: name a file that is there, or - for standard input\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := serving(t, func(http.ResponseWriter, *http.Request) { t.Error("the server was asked") })
			o := command(t, env, strings.Fields(tt.args)...)
			if !strings.Contains(o.stderr, tt.want) || o.code != 1 {
				t.Errorf("it ends %+v", o)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		live bool
		step time.Duration
		want string
	}{
		{"drawn anew on a terminal", true, 250 * time.Millisecond, "\r\x1b[Ksending: 1 KiB of 2, 50 %\r\x1b[Kreading: 10 rows\r\x1b[Kwriting: 20 rows of 40, …\r\x1b[K"},
		{"told now and then elsewhere", false, 2 * time.Second, "writing: 20 rows of 40, 50 %\n"},
		{"too fast to be seen", true, time.Millisecond, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := clock
			var out bytes.Buffer
			p := &progress{out: &out, live: tt.live, width: 26, told: clock, now: func() time.Time {
				now = now.Add(tt.step)
				return now
			}}
			p.sent(1<<10, 2<<10)
			p.tell(stage{Phase: "reading", Rows: 10})
			p.sent(2<<10, 2<<10) // the server's word counts from here on
			p.tell(stage{Phase: "writing", Rows: 20, Of: 40})
			p.end()
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// FuzzResult: what a server streams gives a result that is JSON, or an error.
func FuzzResult(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"result":{}}`, `{"progress":{"phase":"reading","rows":1}}` + "\n" + `{"result":` + someChanges + `}`,
		`{"problem":{"status":422,"title":"x"}}`, `{"result":null}`, `{"progress":7}`, "[1]", `{"result":{}`,
	} {
		f.Add(seed)
	}
	base, err := readServer("")
	if err != nil {
		f.Fatal(err)
	}
	client := &client{base: base}
	f.Fuzz(func(t *testing.T, text string) {
		p := &progress{out: io.Discard, now: time.Now}
		body, err := client.result(strings.NewReader(text), nil, p)
		if err == nil != json.Valid(body) {
			t.Errorf("%q gives %q, %v", text, body, err)
		}
	})
}
