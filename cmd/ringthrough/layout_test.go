package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answering serves one answer to everything.
func saying(t *testing.T, body string) map[string]string {
	t.Helper()
	return serving(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
}

func TestPreflight(t *testing.T) {
	const checks = `"checks":[{"code":"number","status":"ok","text":"it is a number"},{"code":"rehearsal","status":"warn","text":"nobody has rehearsed"},{"code":"lookups","status":"%s","text":"the IVR was last heard of at noon"}]`
	for _, tt := range []struct {
		name, body string
		want       outcome
	}{
		{"ready", `{"line":"support-us","ready":true,` + fmt.Sprintf(checks, "ok") + `}`, outcome{stdout: `STATUS  CHECK      FOUND
ok      number     it is a number
warn    rehearsal  nobody has rehearsed
ok      lookups    the IVR was last heard of at noon

support-us is ready.
`}},
		{"not ready", `{"line":"support-us","ready":false,` + fmt.Sprintf(checks, "fail") + `}`, outcome{stdout: `STATUS  CHECK      FOUND
ok      number     it is a number
warn    rehearsal  nobody has rehearsed
fail    lookups    the IVR was last heard of at noon

support-us is not ready.
`, stderr: "ringthrough: error: support-us is not ready: mend lookups first\n", code: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := saying(t, tt.body)
			if diff := cmp.Diff(tt.want, command(t, env, "line", "preflight", "support-us"), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if o := command(t, env, "line", "preflight", "support-us", "-o", "json"); o.code != tt.want.code || !strings.Contains(o.stdout, `"status": "warn"`) {
				t.Errorf("as JSON it ends %+v", o)
			}
		})
	}
}

func TestColoursAreOfStatusesOnly(t *testing.T) {
	for line, want := range map[string]string{
		"ok      number  fail":   "\x1b[32mok\x1b[0m      number  fail",
		"warn    x  y":           "\x1b[33mwarn\x1b[0m    x  y",
		"fail    x  y":           "\x1b[31mfail\x1b[0m    x  y",
		"STATUS  CHECK  FOUND":   "STATUS  CHECK  FOUND",
		"        more of a text": "        more of a text",
		"okay    x":              "okay    x",
	} {
		if got := paintStatus(line); got != want {
			t.Errorf("%q is painted %q, want %q", line, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	table := (&session{stdout: io.Discard, now: time.Now}).newTable()
	table.width = 40
	table.fold(14, "ok", "rehearsal", "somebody has rehearsed it at noon, and that went well")
	table.fold(14, "fail", "x", "averylongwordthatisnotbrokenbutcutoff and more")
	table.fold(39, "ok", "y", "no room to break this in, so it is cut off")
	var got strings.Builder
	if err := table.print(&got); err != nil {
		t.Fatal(err)
	}
	const want = `ok    rehearsal  somebody has rehearsed…
                 at noon, and that went
                 well
fail  x          averylongwordthatisnot…
                 and more
ok    y          no room to break this …
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	env := saying(t, `{"number":"+18005550100","verdict":"caution","findings":[{"code":"toll_free","severity":"caution","text":"it is toll-free"}],"checklist":["own the number","test-dial it first"]}`)
	want := outcome{stdout: `number   +18005550100
verdict  caution

SEVERITY  CODE       FOUND
caution   toll_free  it is toll-free

To see to, which no program can:
-  own the number
-  test-dial it first
`}
	if diff := cmp.Diff(want, command(t, env, "check", "+1 800 555 0100"), cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	env = saying(t, `{"number":"","verdict":"ineligible","findings":[],"checklist":[]}`)
	want = outcome{"number   -\nverdict  ineligible\n", "ringthrough: error: 112 can't be activated as it stands\n", 1}
	if diff := cmp.Diff(want, command(t, env, "check", "112"), cmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCallsTellTheLikelyCandidate(t *testing.T) {
	const one = `{"id":"d1k2","at":"2026-01-01T00:00:00Z","kind":"candidate","line":"a","ani":"+442079460000","dnis":"+18005550100","route":"continue","reason":"not_listed","attempt":1,"likely":true,"signs":["it came 40 s after the window opened","it is foreign to the line"]}`
	list := command(t, saying(t, `{"items":[`+one+`]}`), "calls", "ls")
	if !strings.Contains(list.stdout, " likely candidate  a ") {
		t.Errorf("the list reads %s", list.stdout)
	}
	whole := command(t, saying(t, one), "calls", "show", "d1k2")
	for _, want := range []string{
		"kind         likely candidate\n", "caller       +442079460000\n", "route        continue (not_listed)\n", "result       -\n",
		"\nIs it the call that was awaited?\n-  it came 40 s after the window opened\n-  it is foreign to the line\n",
	} {
		if !strings.Contains(whole.stdout, want) {
			t.Errorf("%q is not in\n%s", want, whole.stdout)
		}
	}
}

func TestNotices(t *testing.T) {
	const ok, bad = `{"name":"chat","ok":true,"error":""}`, `{"name":"mail","ok":false,"error":"connection refused"}`
	for _, tt := range []struct {
		name, body string
		want       outcome
	}{
		{"all have taken it", `{"items":[` + ok + `]}`, outcome{stdout: "STATUS  NAME  FOUND\nok      chat  taken\n"}},
		{"one hasn't", `{"items":[` + ok + `,` + bad + `]}`, outcome{
			"STATUS  NAME  FOUND\nok      chat  taken\nfail    mail  connection refused\n", "ringthrough: error: not taken by mail\n", 1,
		}},
		{"there are none", `{"items":[]}`, outcome{
			"STATUS  NAME  FOUND\n",
			"ringthrough: error: nobody is told of anything: there are no destinations\nhint: name some in the file of --config, under notices\n", 1,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, command(t, saying(t, tt.body), "notice", "test"), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	o := command(t, saying(t, `{"items":[{"name":"chat","kind":"slack","events":["activation","unexpected"],"lines":[]}]}`), "notice", "ls")
	if want := "NAME  KIND   LINES  EVENTS\nchat  slack  every  activation, unexpected\n"; o.stdout != want {
		t.Errorf("-want +got\n%s", cmp.Diff(want, o.stdout))
	}
}

func TestWhatAChangeIs(t *testing.T) {
	for _, tt := range []struct{ name, before, after, want string }{
		{"new", "", `{"pattern":"k","label":"a","lines":[],"note":"","version":1,"enabled":true}`, `label "a"`},
		{"gone", `{"pattern":"k","lines":["b", "c"]}`, "", `lines ["b","c"]`},
		{"changed", `{"label":"a","enabled":true,"version":1,"note":"n"}`, `{"label":"b","enabled":false,"version":2,"source":"s"}`, `enabled true → false; label "a" → "b"; note "n" → nothing; source nothing → "s"`},
		{"back to a default", `{"min_attestation":"A","policy":"window"}`, `{"min_attestation":"none","policy":"always"}`, `min_attestation "A" → "none"; policy "window" → "always"`},
		{"changed in its bookkeeping only", `{"version":1,"hits":1}`, `{"version":2,"hits":2}`, ""},
		{"nothing at all", "", "", ""},
		{"no object", "[1]", "7", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (change{Key: "k", Before: []byte(tt.before), After: []byte(tt.after)}).what(); got != tt.want {
				t.Errorf("it reads %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEveryEditSaysWhy(t *testing.T) {
	for args, call := range map[string]string{
		"entry add +16505550123 --note n":           "POST /v1/entries",
		"entry edit d1k2d1k2d1k2d1k2d1k2 --label x": "PATCH /v1/entries/d1k2d1k2d1k2d1k2d1k2",
		"entry rm d1k2d1k2d1k2d1k2d1k2":             "DELETE /v1/entries/d1k2d1k2d1k2d1k2d1k2",
		"line set a -f " + write(t, "a.yaml", "{}"): "PUT /v1/lines/a",
		"line rm a":                             "DELETE /v1/lines/a",
		"window open a --duration 15m --note n": "POST /v1/windows",
		"window close d1k2":                     "DELETE /v1/windows/d1k2",
		"token create --role lookup --name x":   "POST /v1/tokens",
		"token revoke d1k2":                     "DELETE /v1/tokens/d1k2",
	} {
		t.Run(call, func(t *testing.T) {
			var got string
			env := serving(t, func(w http.ResponseWriter, r *http.Request) {
				got = r.Method + " " + r.RequestURI
				fmt.Fprint(w, "{}")
			})
			if o := command(t, env, append(strings.Fields(args), "--why", "a reason")...); o.code != 0 || got != call+"?note=a+reason" {
				t.Errorf("asked %s, ended %+v", got, o)
			}
		})
	}
}
