package server

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// lived is a rig in which a number was listed, rang and was written down in
// many places. It gives the revision before.
func lived(t *testing.T) (r *rig, before uint64) {
	t.Helper()
	r = newRig(t)
	r.line()
	r.entry("+1650555*")
	before = r.board.Snapshot().Revision
	r.do("editor", "POST", "/v1/entries?note=for+%2B16505550123", `{"pattern":"+16505550123","label":"Meta"}`)
	r.do("editor", "POST", "/v1/windows", `{"line":"support-us","mode":"rehearsal","duration":"1h","callers":["+16505550123"]}`)
	r.do("editor", "POST", "/v1/windows", `{"line":"support-us","mode":"rehearsal","duration":"1h","callers":["+16505550123","+16505550188"]}`)
	r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550123"}`) // is refused, with the pattern as key
	r.call("+16505550123", "c1")
	return r, before
}

// written is all that the store keeps, as text.
func (r *rig) written() string {
	r.t.Helper()
	var all bytes.Buffer
	err := r.store.Dump(r.t.Context(), func(row store.Row) bool {
		b, err := marshal(row)
		if err != nil {
			r.t.Error(err)
		}
		all.Write(b)
		return true
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return all.String()
}

func TestErase(t *testing.T) {
	r, _ := lived(t)
	r.do("admin", "POST", "/v1/erase", `{"number":"+1 650 555 0123","note":"asked to by +16505550123"}`).want(t, 200,
		`{"number":"+16505550123","entries":1,"matched":["+1650555*"],"calls":1,"windows":2,"audit":7,"revisions":1,"deliveries":0}`)
	if strings.Contains(r.written(), "+16505550123") {
		t.Error("the number is still kept")
	}
	for _, l := range r.board.Snapshot().Lines() {
		for _, w := range r.board.Snapshot().Live(l.Name).Windows {
			if len(w.Callers) != 1 || w.Callers[0] != ani.MustParse("+16505550188") {
				t.Errorf("a window serves %v", w.Callers)
			}
		}
	}
	page, err := r.store.Audit(t.Context(), store.AuditQuery{Kind: store.KindNumber, Limit: 10})
	if err != nil || len(page.Items) != 1 || page.Items[0].Note != "asked to by "+ani.MustParse("+16505550123").Masked() || page.Items[0].Actor != "admin" {
		t.Errorf("the audit has %+v, %v", page.Items, err)
	}
	r.do("admin", "POST", "/v1/erase", `{"number":"+16505550123"}`).want(t, 200,
		`{"number":"+16505550123","entries":0,"matched":["+1650555*"],"calls":0,"windows":0,"audit":0,"revisions":0,"deliveries":0}`)
	verified := r.do("admin", "GET", "/v1/audit/verify", "")
	if verified.status != 200 || !strings.Contains(verified.body, `"ok":true`) || !strings.Contains(verified.body, `"erased":7`) {
		t.Errorf("the chain: %s", verified.body)
	}
}

// TestEraseForgets holds that memory forgets callers who were not let through.
func TestEraseForgets(t *testing.T) {
	r := newRig(t)
	r.line()
	for _, from := range []string{"+33142685300", "+33142685301"} {
		r.do("lookup", "POST", "/v1/lookup", `{"ani":"`+from+`","dnis":"+18005550100"}`)
	}
	r.do("admin", "POST", "/v1/erase", `{"number":"+33142685300"}`)
	if got := r.do("editor", "GET", "/v1/recent", "").body; strings.Contains(got, "+33142685300") || !strings.Contains(got, "+33142685301") {
		t.Errorf("recent callers are %s", got)
	}
}

func TestEraseRefused(t *testing.T) {
	r := newRig(t)
	r.line()
	r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550199","note":"not +16505550123"}`)
	const inLine = "the line support-us has the number, as its own, of a target or in a text: take it out there first"
	for name, c := range map[string]struct {
		role, body string
		status     int
		detail     string
		fields     []string
	}{
		"an editor":          {"editor", `{"number":"+16505550123"}`, 403, "the token's role is editor, and this needs admin", nil},
		"a line's number":    {"admin", `{"number":"+18005550100"}`, 409, inLine, nil},
		"a target":           {"admin", `{"number":"+15125550123"}`, 409, inLine, nil},
		"an entry's note":    {"admin", `{"number":"+16505550123"}`, 409, "the entry +16505550199 has the number in its label, source or note: take it out there first", nil},
		"no number":          {"admin", `{"number":"650 555 0123"}`, 422, badFields, []string{"number", "is no number that can be read: write + and the country code first, as in +18005550100"}},
		"a note without end": {"admin", `{"number":"+16505550123","note":"` + strings.Repeat("x", 1001) + `"}`, 422, badFields, []string{"note", "is too long: at most 1000 bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(r.refusals())
			got := r.do(c.role, "POST", "/v1/erase", c.body)
			got.wantProblem(t, c.status, c.detail, c.fields...)
			found := r.refusals()
			if len(found) != before+1 || found[0].Action != "erase" || found[0].Kind != store.KindNumber || strings.Contains(fmt.Sprint(found[0]), "0123") {
				t.Errorf("it leaves %+v", found[0])
			}
		})
	}
}

// TestRestoreErased goes back to where an entry was not yet there that is
// erased since, and to where it was.
func TestRestoreErased(t *testing.T) {
	r, before := lived(t)
	r.do("editor", "POST", "/v1/entries", `{"pattern":"+16505550177"}`)
	r.do("admin", "POST", "/v1/erase", `{"number":"+16505550123"}`)
	diff := r.do("viewer", "GET", fmt.Sprintf("/v1/revisions/%d/diff", before), "").counts(t)
	if len(diff.Changes) != 1 || diff.Erased != 1 {
		t.Errorf("the diff is %+v", diff)
	}
	back := r.do("admin", "POST", fmt.Sprintf("/v1/revisions/%d/restore?dry_run=true", before), "").counts(t)
	if back.Deleted != 1 || back.Erased != 1 {
		t.Errorf("going back: %+v", back)
	}
	there := r.do("admin", "POST", fmt.Sprintf("/v1/revisions/%d/restore", before+2), "").counts(t)
	if there.Created != 0 || there.Erased != 1 {
		t.Errorf("going to where it was: %+v", there)
	}
	shown := r.do("viewer", "GET", fmt.Sprintf("/v1/revisions/%d", before+1), "")
	if !strings.Contains(shown.body, `"op":"create","erased":true`) {
		t.Errorf("the revision is %s", shown.body)
	}
}

// TestPrunedHistory asks for revisions that are no longer kept.
func TestPrunedHistory(t *testing.T) {
	r := newRig(t)
	r.line()
	r.entry("+16505550100")
	old := r.board.Snapshot().Revision
	r.clock.forward(time.Hour)
	at := r.board.Now()
	r.entry("+16505550101")
	r.entry("+16505550102")
	pruned, err := r.store.Prune(t.Context(), store.Pruning{Audit: at, Revisions: at})
	if err != nil || pruned.Revisions != int64(old) {
		t.Fatalf("pruned %+v, %v", pruned, err)
	}
	gone := fmt.Sprintf("what lines and entries were at revision %d can't be told: revisions after it were deleted, as retention is configured. Use a later one, or a backup of that time", old-1)
	r.do("admin", "POST", fmt.Sprintf("/v1/revisions/%d/restore", old-1), "").wantProblem(t, http.StatusGone, gone)
	r.do("viewer", "GET", fmt.Sprintf("/v1/revisions/%d/diff", old-1), "").wantProblem(t, http.StatusGone, gone)
	r.do("viewer", "GET", fmt.Sprintf("/v1/revisions/%d/diff?to=%d", old+1, old-1), "").wantProblem(t, http.StatusGone, gone)
	r.do("viewer", "GET", fmt.Sprintf("/v1/revisions/%d", old), "").wantProblem(t, http.StatusGone,
		fmt.Sprintf("revision %d is no longer kept: revisions are deleted after as long as retention is configured. The audit, or a backup, may have it", old))
	back := r.do("admin", "POST", fmt.Sprintf("/v1/revisions/%d/restore", old), "").counts(t)
	if back.Deleted != 2 {
		t.Errorf("going back to the oldest that can be told: %+v", back)
	}
}
