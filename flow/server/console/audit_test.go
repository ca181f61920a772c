package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// refuse leaves a record of something that was refused.
func (r *rig) refuse(record store.AuditRecord) {
	r.t.Helper()
	record.At = r.now()
	if err := r.board.Store().Refuse(r.t.Context(), record); err != nil {
		r.t.Fatal(err)
	}
}

func TestAuditSaysWhoDidWhat(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	v.post("/numbers/entry-1", "pattern", caller.String(), "label", "Meta call 2", "version", "1", "expires", "at", "zone", "UTC", "zone_was", "UTC", "min_attestation", "none", "why", "as the mail says")
	r.visitor("admin").get("/audit").shows(t, "changed number", "all records of </span><b>"+caller.String()+"</b>", "as the mail says", "Before and after",
		`<span class="before">Meta call 1</span> became <span class="after">Meta call 2</span>`, "editor <small>editor</small>", "from 127.0.0.1", "added line")
}

func TestAuditShowsWhatWasRefused(t *testing.T) {
	r := newRig(t)
	r.refuse(store.AuditRecord{Actor: "ivr" + markup, Role: store.RoleLookup, From: "192.0.2.7", Action: "create", Kind: store.KindEntry, Key: markup, Note: "the role is lookup" + markup})
	r.refuse(store.AuditRecord{From: "192.0.2.8", Action: "sign_in", Note: "GET /v1/entries: the token is not known"})
	r.refuse(store.AuditRecord{Actor: "x", Action: "frobnicate"})
	p := r.visitor("admin").get("/audit?refused=true")
	p.shows(t, "to add number", "192.0.2.7", "to sign in", "somebody unknown", "frobnicate")
	if strings.Contains(p.text, markup) {
		t.Error("what was refused is markup")
	}
	if strings.Contains(p.text, "added token") {
		t.Error("what was done is shown too")
	}
}

func TestAuditIsNarrowed(t *testing.T) {
	r := newRig(t).withLine()
	r.refuse(store.AuditRecord{Actor: "eve", Action: "delete", Kind: store.KindLine, Key: "support-us", Note: "not allowed"})
	v := r.visitor("admin")
	tomorrow := r.now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	today := r.now().UTC().Format(time.DateOnly)
	for _, tt := range []struct {
		query string
		rows  int
	}{
		{"", 7}, {"kind=line", 2}, {"kind=token", 4}, {"kind=entry&key=entry-1", 1}, {"actor=eve", 1}, {"actor=nobody", 0}, {"refused=true", 1}, {"refused=false", 6},
		{"key=support-us", 2}, {"since=" + tomorrow, 0}, {"until=" + today, 7}, {"since=" + today + "&until=" + today + "&kind=line&refused=false&actor=rig", 1},
	} {
		t.Run(tt.query, func(t *testing.T) {
			p := v.get("/audit?" + tt.query)
			if n := strings.Count(p.text, `<th scope="row">`); p.status != http.StatusOK || n != tt.rows {
				t.Errorf("status %d with %d records, want %d", p.status, n, tt.rows)
			}
		})
	}
	for name, query := range map[string]string{
		"no day": "since=" + url.QueryEscape(markup), "the wrong way round": "since=2026-01-02&until=2025-01-01",
		"no kind": "kind=" + url.QueryEscape(markup), "no cursor": "cursor=" + url.QueryEscape(markup),
	} {
		t.Run(name, func(t *testing.T) {
			p := v.get("/audit?" + query)
			if p.status < 400 || p.status >= 500 || strings.Contains(p.text, markup) {
				t.Errorf("status %d, or markup", p.status)
			}
			p.shows(t, `role="alert"`)
		})
	}
}

func TestAuditComesInPages(t *testing.T) {
	r := newRig(t)
	long := ani.NewEntry()
	long.Note = strings.Repeat("<b>note</b> ", 80)
	for i := range 110 {
		e := long
		e.ID, e.Pattern = fmt.Sprintf("e%d", i), ani.PatternOf(ani.MustParse(fmt.Sprintf("+1650555%04d", i)))
		r.edit(store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e})
	}
	v, path := r.visitor("admin"), "/audit?actor=rig"
	for page, rows := range []int{50, 50, 14} {
		p := v.get(path)
		if n := strings.Count(p.text, `<th scope="row">`); n != rows {
			t.Fatalf("page %d has %d records, want %d", page, n, rows)
		}
		_, older, ok := strings.Cut(p.text, `">50 older ones`)
		if ok != (page < 2) {
			t.Fatalf("page %d leads on: %v %s", page, ok, older)
		}
		before, _, _ := strings.Cut(p.text, `">50 older ones`)
		path = strings.ReplaceAll(before[strings.LastIndex(before, `href="`)+len(`href="`):], "&amp;", "&")
	}
}

// A line may have thousands of numbers: the audit shows the first of them.
func TestAuditOfALongLine(t *testing.T) {
	r := newRig(t)
	l := flow.NewLine()
	l.Name = "long"
	for i := range 900 {
		l.Numbers = append(l.Numbers, ani.MustParse(fmt.Sprintf("+1650555%04d", i)))
	}
	r.edit(store.Change{Op: store.OpPut, Kind: store.KindLine, Key: l.Name, Line: &l})
	p := r.visitor("admin").get("/audit?kind=line")
	p.shows(t, "+16505550000", "…</dd>")
	if strings.Contains(p.text, "+16505550899") || len(p.text) > 20<<10 {
		t.Errorf("the page has %d bytes", len(p.text))
	}
}

func TestAuditIsVerified(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("admin")
	state, err := r.board.Store().VerifyAudit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v.get("/audit/verify").shows(t, "The chain holds", "6 records", fmt.Sprintf("%x</textarea>", state.Head))
}

// TestErasedAndPruned shows what is left of history where a number was erased
// and old records were deleted.
func TestErasedAndPruned(t *testing.T) {
	r := newRig(t).withLine()
	before := r.board.Snapshot().Revision
	r.edit(store.Change{Op: store.OpDelete, Kind: store.KindEntry, Key: r.kept(caller.String()).ID})
	if _, err := r.board.Store().Erase(t.Context(), caller, store.Author{Name: "rig"}, r.board.Now(), "asked to"); err != nil {
		t.Fatal(err)
	}
	v := r.visitor("admin")
	v.get("/audit?kind=number").shows(t, "erased number", caller.Masked(), "asked to")
	v.get("/audit?kind=entry").shows(t, "deleted number", "what it said is erased")
	v.get(fmt.Sprintf("/history/%d", before+1)).shows(t, "deleted</span> number", "what it said is erased")
	v.get(fmt.Sprintf("/history/compare?from=%d&to=%d", before, before+1)).shows(t, "1 more can’t be compared")
	v.get(fmt.Sprintf("/history/%d/restore", before)).shows(t, "1 thing stays as it is")
	v.get("/audit/verify").shows(t, "The chain holds", "Of 2 only the digest was checked")
}

func TestAuditInTheBrowser(t *testing.T) {
	r := newRig(t).withLine()
	r.refuse(store.AuditRecord{Actor: "ivr " + markup, Role: store.RoleLookup, From: "2001:db8::7", Action: "create", Kind: store.KindEntry, Key: caller.String(), Note: "the token's role is lookup, and this needs editor"})
	r.refuse(store.AuditRecord{From: "192.0.2.8", Action: "sign_in", Note: "GET /v1/entries: the token is not known, or it has expired or been revoked"})
	b := r.browser("admin")
	b.click("Audit")
	b.reads("td", "somebody unknown")
	value[bool](b, `[...document.querySelectorAll("details")].forEach(d => d.open = true) || true`)
	b.judge("audit")
	b.click("Verify the whole chain")
	b.reads(".said", "The chain holds")
	b.judge("audit-verify")
}
