package server

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ringthrough/ringthrough/flow/store"
)

// refusals are the audit's records of refused tries, the newest first.
func (r *rig) refusals() []store.AuditRecord {
	r.t.Helper()
	yes := true
	page, err := r.store.Audit(r.t.Context(), store.AuditQuery{Refused: &yes, Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	return page.Items
}

func TestAudit(t *testing.T) {
	r := newRig(t)
	r.line()
	id := r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550123","label":"<Meta>"}`).id(t)
	r.clock.forward(time.Second)
	r.do("viewer", "DELETE", "/v1/entries/"+id, "")
	r.do("admin", "GET", "/v1/audit?actor=viewer", "").want(t, 200, with(id, `{"items":[{
		"id":7,"at":"2026-11-22T21:00:01Z","actor":"viewer","role":"viewer","from":"192.0.2.7","action":"delete","kind":"entry","key":"ID","before":null,"after":null,
		"note":"the token's role is viewer, and this needs editor","refused":true}],"next_cursor":""}`))
	entry := with(id, `{"id":"ID","pattern":"+16505550123","label":"<Meta>","source":"","lines":[],"enabled":true,"min_attestation":"none","note":"",
		"created_at":"2026-11-22T21:00:00Z","created_by":"editor","updated_at":"2026-11-22T21:00:00Z","hits":0,"version":1}`)
	r.do("admin", "GET", "/v1/audit?kind=entry&key="+id+"&refused=false", "").want(t, 200, with(id, `{"items":[{
		"id":6,"at":"2026-11-22T21:00:00Z","actor":"editor","role":"editor","from":"192.0.2.7","action":"create","kind":"entry","key":"ID","before":null,
		"after":`+entry+`,"note":"","refused":false}],"next_cursor":""}`))
	for query, want := range map[string]int{
		"":                                7,
		"?refused=true":                   1,
		"?kind=token":                     4,
		"?actor=nobody":                   0,
		"?key=" + id:                      2,
		"?since=2026-11-22T21:00:00.500Z": 1,
		"?until=2026-11-22T21:00:01Z":     6,
	} {
		items := parsed(t, r.do("admin", "GET", "/v1/audit"+query, "").body).(map[string]any)["items"].([]any)
		if len(items) != want {
			t.Errorf("%q lists %d records, want %d", query, len(items), want)
		}
	}
}

func TestAuditPages(t *testing.T) {
	r := newRig(t)
	var ids []float64
	for cursor := ""; ; {
		got := parsed(t, r.do("admin", "GET", "/v1/audit?limit=3&cursor="+cursor, "").body).(map[string]any)
		for _, item := range got["items"].([]any) {
			ids = append(ids, item.(map[string]any)["id"].(float64))
		}
		if cursor = got["next_cursor"].(string); cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]float64{4, 3, 2, 1}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	r.do("admin", "GET", "/v1/audit?cursor=x", "").wantProblem(t, 422, badFields, "cursor", "is not the next_cursor of an earlier part of this listing")
	r.do("admin", "GET", "/v1/audit?refused=maybe", "").wantProblem(t, 422, badFields, "refused", `must be one of "true, false"`)
	r.do("admin", "GET", "/v1/audit?since=2026-11-22T21:00:00Z&until=2026-11-22T21:00:00Z", "").wantProblem(t, 422, badFields, "until", "must be after since")
}

// forger says of the audit what a test wants.
type forger struct {
	store.Store
	state store.AuditState
}

func (f *forger) VerifyAudit(context.Context) (store.AuditState, error) { return f.state, nil }

func TestVerifyAudit(t *testing.T) {
	r := newRig(t)
	state, err := r.store.VerifyAudit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.do("admin", "GET", "/v1/audit/verify", "").want(t, 200, fmt.Sprintf(`{"ok":true,"records":4,"pruned":0,"erased":0,"head":"%x","broken":0,"problem":""}`, state.Head))
	broken := newRigOn(t, func(s store.Store) store.Store {
		return &forger{s, store.AuditState{Records: 9, Pruned: 3, Erased: 2, Head: [32]byte{0xab}, Broken: 7, Problem: "record 7 is not what was written"}}
	})
	broken.do("admin", "GET", "/v1/audit/verify", "").want(t, 200, `{"ok":false,"records":9,"pruned":3,"erased":2,"head":"ab`+strings.Repeat("0", 62)+`","broken":7,"problem":"record 7 is not what was written"}`)
}

// TestRefusedTries tries what is refused, and looks for the one record that
// it leaves.
func TestRefusedTries(t *testing.T) {
	r := newRig(t)
	r.line()
	r.entry("+16505550100")
	call := r.call("+16505550100", "c1")
	const viewers = "the token's role is viewer, and this needs editor"
	for name, c := range map[string]struct {
		role, call, body string
		status           int
		action           string
		kind             store.Kind
		key, note        string
	}{
		"no token":                    {"", "GET /v1/lines", "", 401, "sign_in", "", "", `GET /v1/lines: no token was shown: send one as "Authorization: Bearer …"`},
		"a token that is none":        {"wrong", "POST /v1/entries", `{"pattern":"+1"}`, 401, "sign_in", "", "", "POST /v1/entries: the token is not known, or it has expired or been revoked"},
		"reading without the role":    {"lookup", "GET /v1/entries", "", 403, "read", store.KindEntry, "", "the token's role is lookup, and this needs viewer"},
		"reading one":                 {"editor", "GET /v1/audit", "", 403, "read", "", "", "the token's role is editor, and this needs admin"},
		"explaining":                  {"lookup", "POST /v1/explain", `{"ani":"","dnis":""}`, 403, "read", "", "", "the token's role is lookup, and this needs viewer"},
		"creating an entry":           {"viewer", "POST /v1/entries", `{"pattern":"+16505550123"}`, 403, "create", store.KindEntry, "", viewers},
		"changing an entry":           {"viewer", "PATCH /v1/entries/+16505550100", `{"note":"x"}`, 403, "update", store.KindEntry, "+16505550100", viewers},
		"deleting a line":             {"viewer", "DELETE /v1/lines/support-us", "", 403, "delete", store.KindLine, "support-us", viewers},
		"opening a window":            {"viewer", "POST /v1/windows", `{}`, 403, "open", store.KindWindow, "", viewers},
		"closing a window":            {"viewer", "DELETE /v1/windows/w", "", 403, "close", store.KindWindow, "w", viewers},
		"making a token":              {"editor", "POST /v1/tokens", `{}`, 403, "create", store.KindToken, "", "the token's role is editor, and this needs admin"},
		"an outcome":                  {"viewer", "POST /v1/calls/" + call + "/outcome", `{}`, 403, "outcome", store.KindCall, call, viewers},
		"a promotion":                 {"viewer", "POST /v1/calls/" + call + "/promote", `{}`, 403, "promote", store.KindCall, call, viewers},
		"a pattern that is there":     {"editor", "POST /v1/entries", `{"pattern":"+16505550100"}`, 409, "create", store.KindEntry, "+16505550100", "+16505550100 is on the list already, as the entry +16505550100: edit that one instead"},
		"a pattern that can't be":     {"editor", "POST /v1/entries", `{"pattern":"+1*","label":"x","size":1}`, 422, "create", store.KindEntry, "+1*", badFields + "; size " + unknown},
		"a line that can't be":        {"editor", "PUT /v1/lines/support-us", `{"policy":"maybe"}`, 422, "update", store.KindLine, "support-us", badFields + `; policy must be one of "always, window"`},
		"a window of no line":         {"editor", "POST /v1/windows", `{"line":"sales","mode":"listed","duration":"1h"}`, 422, "open", store.KindWindow, "sales", badFields + `; line names "sales", but there is no such line`},
		"a token of no role":          {"admin", "POST /v1/tokens", `{"name":"ivr","role":"root"}`, 422, "create", store.KindToken, "ivr", badFields + `; role must be one of "lookup, viewer, editor, admin"`},
		"the last admin":              {"admin", "DELETE /v1/tokens/token-admin", "", 409, "delete", store.KindToken, "token-admin", "this is the last valid admin token: make another one first"},
		"an outcome that there isn't": {"editor", "POST /v1/calls/" + call + "/outcome", `{"outcome":"lost"}`, 422, "outcome", store.KindCall, call, badFields + `; outcome must be one of "code_received, code_missed, not_activation"`},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(r.refusals())
			method, path, _ := strings.Cut(c.call, " ")
			if got := r.do(c.role, method, path, c.body); got.status != c.status {
				t.Fatalf("%d, want %d: %s", got.status, c.status, got.body)
			}
			found := r.refusals()
			if len(found) != before+1 {
				t.Fatalf("it leaves %d records", len(found)-before)
			}
			want := store.AuditRecord{
				ID: found[0].ID, At: start, From: "192.0.2.7", Action: c.action, Kind: c.kind, Key: c.key, Note: c.note, Refused: true,
			}
			if c.status != 401 {
				want.Actor, want.Role = c.role, store.Role(c.role)
			}
			if diff := cmp.Diff(want, found[0]); diff != "" {
				t.Errorf("record (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStaleTry loses a race, which stands in the audit as a refused try.
func TestStaleTry(t *testing.T) {
	r := newRig(t)
	r.entry("+16505550100")
	r.do("editor", "DELETE", "/v1/entries/+16505550100", "", "If-Match", `"7"`)
	found := r.refusals()
	if len(found) != 1 || found[0].Action != "delete" || found[0].Key != "+16505550100" {
		t.Errorf("found %+v", found)
	}
}

// TestRefusedBulk holds the same of what is answered in parts, and that a dry
// run is no try.
func TestRefusedBulk(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		call, body, accept string
		want               int
	}{
		{"POST /v1/import?dry_run=true", "pattern\nx\n", "", 0},
		{"POST /v1/import", "pattern\nx\n", "", 1},
		{"POST /v1/import", "pattern\nx\n", "application/x-ndjson", 2},
		{"POST /v1/apply?dry_run=true", "entries: [{pattern: x}]", "", 2},
		{"POST /v1/apply", "entries: [{pattern: x}]", "", 3},
	} {
		method, path, _ := strings.Cut(c.call, " ")
		before := len(r.refusals())
		r.do("editor", method, path, c.body, "Content-Type", "text/plain", "Accept", c.accept)
		found := r.refusals()
		if len(found) != c.want {
			t.Fatalf("after %s: %d records, want %d", c.call, len(found), c.want)
		}
		if c.want > before && (found[0].Actor != "editor" || !strings.Contains(c.call, found[0].Action) || !strings.Contains(found[0].Note, "pattern")) {
			t.Errorf("%s leaves %+v", c.call, found[0])
		}
	}
}

// TestWhatIsNoRefusedTry leaves no record: it would change nothing, or is
// nobody's to refuse.
func TestWhatIsNoRefusedTry(t *testing.T) {
	r := newRig(t)
	r.line()
	for _, c := range [][3]string{
		{"viewer", "GET /v1/entries/nobody", ""}, {"viewer", "GET /v1/entries?limit=0", ""}, {"viewer", "POST /v1/explain", `{}`},
		{"editor", "DELETE /v1/entries/nobody", ""}, {"editor", "POST /v1/entries", `{`}, {"editor", "POST /v1/entries", `{"pattern":"+16505550123"}`},
		{"wrong", "POST /v1/lookup", `{"ani":"x"}`}, {"", "POST /v1/lookup", ""}, {"", "PUT /v1/entries", ""},
	} {
		method, path, _ := strings.Cut(c[1], " ")
		r.do(c[0], method, path, c[2])
		if found := r.refusals(); len(found) != 0 {
			t.Fatalf("%s leaves %+v", c[1], found)
		}
	}
}

func TestWorthRecording(t *testing.T) {
	for _, c := range []struct {
		status         int
		action, dryRun string
		want           bool
	}{
		{403, "read", "", true}, {403, "import", "true", true}, {422, "import", "", true}, {422, "import", "false", true}, {422, "import", "maybe", true},
		{422, "import", "true", false}, {422, "apply", "1", false}, {409, "create", "", true}, {412, "update", "", true}, {422, "read", "", false},
		{404, "delete", "", false}, {400, "create", "", false}, {503, "create", "", false}, {401, "create", "", false},
	} {
		if got := worthRecording(c.status, c.action, c.dryRun); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestSignInsAreBounded(t *testing.T) {
	r := newRig(t)
	for range 3 {
		r.clock.forward(time.Minute)
		before, dropped := len(r.refusals()), testutil.ToFloat64(r.s.metrics.dropped.WithLabelValues("audit", "flood"))
		for range maxSignIns + 5 {
			r.do("wrong", "GET", "/v1/lines", "").wantProblem(t, 401, "the token is not known, or it has expired or been revoked")
		}
		if n := len(r.refusals()) - before; n != maxSignIns {
			t.Errorf("%d records in a minute, want %d", n, maxSignIns)
		}
		if n := testutil.ToFloat64(r.s.metrics.dropped.WithLabelValues("audit", "flood")) - dropped; n != 5 {
			t.Errorf("%v were counted as dropped, want 5", n)
		}
	}
}

// unwritable is a store whose audit can't be written.
type unwritable struct{ store.Store }

func (unwritable) Refuse(context.Context, store.AuditRecord) error {
	return errors.Join(store.ErrUnavailable, errors.New("disk full"))
}

func TestUnwritableAudit(t *testing.T) {
	r := newRigOn(t, func(s store.Store) store.Store { return unwritable{s} })
	r.do("wrong", "GET", "/v1/lines", "").wantProblem(t, 401, "the token is not known, or it has expired or been revoked")
	r.do("viewer", "DELETE", "/v1/lines/x", "").wantProblem(t, 403, "the token's role is viewer, and this needs editor")
	r.do("editor", "POST", "/v1/entries", `{"pattern":"x"}`)
	if n := strings.Count(r.log.String(), "a refused try is not in the audit"); n != 3 {
		t.Errorf("the log has %d of 3 tries: %s", n, r.log)
	}
	if n := testutil.ToFloat64(r.s.metrics.dropped.WithLabelValues("audit", "unavailable")); n != 3 {
		t.Errorf("%v were counted as dropped, want 3", n)
	}
}

// TestWhoHangsUpIsRecorded has the client go away before it is refused.
func TestWhoHangsUpIsRecorded(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request := httptest.NewRequest("DELETE", "/v1/lines/x", nil).WithContext(ctx)
	request.Header.Set("Authorization", "Bearer viewer")
	r.http.ServeHTTP(httptest.NewRecorder(), request)
	if n := len(r.refusals()); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

// TestAuditKeepsNoSecret pastes a token wherever there is room for a text.
func TestAuditKeepsNoSecret(t *testing.T) {
	r := newRig(t)
	r.line()
	token := newSecret()
	r.do(token, "GET", "/v1/lines", "")
	r.do(token, "DELETE", "/v1/tokens/"+token, "")
	r.do("viewer", "DELETE", "/v1/tokens/"+token, "")
	r.do("editor", "POST", "/v1/entries", `{"pattern":"`+token+`","`+token+`":1}`)
	r.do("editor", "POST", "/v1/windows", `{"line":"`+token+`","mode":"listed","duration":"1h"}`)
	r.do("admin", "POST", "/v1/tokens", `{"name":"`+token+`","role":"`+token+`"}`)
	found := r.refusals()
	if len(found) != 6 {
		t.Errorf("%d records, want 6", len(found))
	}
	for _, record := range found {
		if strings.Contains(fmt.Sprint(record), token[:16]) {
			t.Errorf("the token is in %+v", record)
		}
	}
}

func FuzzPresentable(f *testing.F) {
	for _, s := range []string{"", "x", "a\x00b\xff", newSecret(), "ä" + strings.Repeat("é", 300), strings.Repeat("x", 195) + newSecret()} {
		f.Add(s, 200)
	}
	f.Fuzz(func(t *testing.T, s string, most int) {
		if most < 0 || most > 1000 {
			return
		}
		got := presentable(s, most)
		if len(got) > most+len("…") || !utf8.ValidString(got) || strings.Contains(got, "\x00") || secret.MatchString(got) {
			t.Errorf("%q becomes %q", s, got)
		}
		if len(s) <= most && utf8.ValidString(s) && !strings.Contains(s, "\x00") && !secret.MatchString(s) && got != s {
			t.Errorf("%q becomes %q without need", s, got)
		}
	})
}

// TestManyBadFields is a problem that has more than a record names.
func TestManyBadFields(t *testing.T) {
	p := newProblem(422, badFields)
	for n := range maxNamed + 7 {
		p.Errors = append(p.Errors, FieldProblem{fmt.Sprintf("line %d, pattern", n+2), "is missing"})
	}
	got := noteOf(p)
	if strings.Count(got, "is missing") != maxNamed || !strings.HasSuffix(got, "; and 7 more") {
		t.Errorf("the note is %q", got)
	}
}
