package console_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// stage is a rig on which there is something of everything, and markup in
// whatever text people and IVRs can write.
type stage struct {
	*rig
	call      store.Call // that rang through
	candidate store.Call
	stale     []string // a form of support-us that somebody else has been quicker than
}

// ticket is a text of a kind that is longer than a telephone is wide.
const ticket = "https://tickets.example.com/browse/TELEPHONY-4711?focusedCommentId=1234567890#comment"

// said is what somebody wrote about a thing: with markup and a long word
// where pages are judged, and plain where they are shown in the docs.
func said(what string) string {
	if os.Getenv(screenshots) != "" {
		return what
	}
	return what + " " + markup + " " + ticket
}

func newStage(t testing.TB) *stage {
	t.Helper()
	s := &stage{rig: newRig(t).withLine().withHooks()}
	v := s.visitor("admin")
	s.stale = staleLineForm(v.get("/lines/support-us/edit"))
	s.setLine(func(l *flow.Line) {
		l.Targets[0].Label, l.Targets[1].Address, l.Announce = said("Dana"), "WhatsApp "+markup, said("Write down six digits.")
		l.ContinueURL = "https://ivr.example.com/start?x=%3Cscript%3E" + strings.Repeat("x", 80)
	})
	other := flow.NewLine()
	other.Name, other.Default, other.Numbers = "a-line-with-the-longest-name-that-a-line-can-have-of-63-letters", true, []ani.Number{ani.MustParse("+493012345678")}
	s.edit(store.Change{Op: store.OpPut, Kind: store.KindLine, Key: other.Name, Line: &other})
	s.people()
	s.numbers()
	s.windowsAndCalls()
	s.troubles()
	return s
}

// staleLineForm is the form of an edit of a line.
func staleLineForm(p page) []string {
	return p.sent("numbers", dialled.String(), "targets[0].kind", "number", "targets[0].address", "+15125550123", "targets[0].label", said("Dana"), "targets[0].hours", "",
		"announce", said("Six digits."), "policy", "always", "attestation", "reject_failed", "limit.calls", "5", "limit.per", "1h", "redial_within", "90s", "timezone", "UTC", "enabled", "on", "do", "save")
}

// people are tokens with long names, some about to end.
func (s *stage) people() {
	s.t.Helper()
	var changes []store.Change
	for i, name := range []string{said("ivr"), "somebody.with.a.long.name@department.of.a.subsidiary.example.com", "over", "soon"} {
		token := store.Token{ID: fmt.Sprint("stage-", i), Name: name, Role: store.RoleEditor, Hash: [32]byte{1, byte(i)}}
		switch name {
		case "over":
			token.ExpiresAt = s.now().Add(-time.Hour)
		case "soon":
			token.ExpiresAt = s.now().Add(time.Hour)
		}
		changes = append(changes, store.Change{Op: store.OpCreate, Kind: store.KindToken, Key: token.ID, Token: &token})
	}
	if _, err := s.board.Edit(s.t.Context(), store.Author{Name: said("Eve"), Role: store.RoleAdmin, From: "2001:db8:85a3::8a2e:370:7334"}, said("why"), changes...); err != nil {
		s.t.Fatal(err)
	}
}

// numbers are more entries than a page holds, of every state, and one of them
// is edited.
func (s *stage) numbers() {
	s.t.Helper()
	var patterns []string
	for i := range 70 {
		patterns = append(patterns, fmt.Sprintf("+1650555%04d", 1000+i))
	}
	s.lists(func(e *ani.Entry) {
		e.Label, e.Source, e.Note = said("Meta call"), said("mail"), said("note")
		e.Lines = []string{"support-us"}
	}, patterns...)
	s.lists(func(e *ani.Entry) { e.Enabled = false }, "+1650556*")
	s.lists(func(e *ani.Entry) { e.ExpiresAt = s.now().Add(-time.Hour) }, "+16505570000-+16505570099")
	s.lists(func(e *ani.Entry) { e.NotBefore = s.now().Add(time.Hour) }, "+16505580000")
	e := s.entry("entry-1")
	e.Label, e.Note = said("Meta call 1"), said("note")
	s.edit(store.Change{Op: store.OpUpdate, Kind: store.KindEntry, Key: e.ID, Entry: &e})
}

func (s *stage) windowsAndCalls() {
	s.t.Helper()
	s.opens(flow.ModeListed, func(w *flow.Window) { w.Note = said("the registration") })
	s.opens(flow.ModeRehearsal, func(w *flow.Window) {
		w.ID, w.OpensAt, w.ClosesAt, w.Callers = "window-planned", s.now().Add(24*time.Hour), s.now().Add(25*time.Hour), []ani.Number{stranger}
	})
	for i := range 8 {
		s.call = s.rang(caller)
		s.candidate = s.rang(ani.MustParse(fmt.Sprintf("+4420794600%02d", i)))
	}
	v := s.visitor("editor")
	v.post("/calls/"+s.call.ID+"/outcome", "outcome", "code_received", "note", said("read out twice"))
	s.ring(ani.MustParse("+442079460099"))
}

func (s *stage) troubles() {
	s.t.Helper()
	s.asks("hush-hush", "ani", caller.String(), "dnis", dialled.String())
	s.asks("guessed", "ani", caller.String())
	for range 60 {
		s.refuse(store.AuditRecord{Actor: said("Eve"), Role: store.RoleViewer, From: "192.0.2.7", Action: "create", Kind: store.KindEntry, Key: markup, Note: said("the role is viewer")})
	}
}
