package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

func TestNumberIsAdded(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	form := v.get("/numbers/new").is(t, http.StatusOK)
	form.shows(t, `action="/numbers/new"`, "support-us", "UTC, where it is")
	p := v.post("/numbers/new", "pattern", "+44 (0)20 7946 0001", "label", "Meta call 2", "lines", "support-us", "expires", "7d", "expires_at", "", "zone", "UTC", "why", "ticket 7")
	p.is(t, http.StatusOK).shows(t, "+442079460001 is on the list, until ", "Meta call 2")
	e := r.kept("+442079460001")
	if want := r.now().AddDate(0, 0, 7); e.ExpiresAt.After(want) || e.ExpiresAt.Before(want.Add(-time.Minute)) {
		t.Errorf("expires at %s, want about %s", e.ExpiresAt, want)
	}
	if len(e.Lines) != 1 || e.CreatedBy != "editor" {
		t.Errorf("kept %+v", e)
	}
	if why := r.lastRevision().Note; why != "ticket 7" {
		t.Errorf("reason %q", why)
	}
}

// kept is the entry that has a pattern.
func (r *rig) kept(pattern string) ani.Entry {
	r.t.Helper()
	p, err := ani.ParsePattern(pattern)
	if err != nil {
		r.t.Fatal(err)
	}
	e, err := r.board.Store().EntryByPattern(r.t.Context(), p)
	if err != nil {
		r.t.Fatalf("%s: %v", pattern, err)
	}
	return e
}

// lastRevision is the latest edit.
func (r *rig) lastRevision() store.RevisionInfo {
	r.t.Helper()
	page, err := r.board.Store().Revisions(r.t.Context(), store.RevisionQuery{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		r.t.Fatalf("revisions: %v", err)
	}
	return page.Items[0]
}

func TestNumberFormIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []string
		says   string
	}{
		{"no number", []string{"pattern", ""}, "Number is missing"},
		{"no country code", []string{"pattern", "020 7946 0000"}, "Number has no country code"},
		{"markup for a number", []string{"pattern", markup}, "Number is no number"},
		{"a line that isn’t there", []string{"pattern", "+442079460001", "lines", "nowhere"}, `id="e-lines"`},
		{"a label too long", []string{"pattern", "+442079460001", "label", strings.Repeat("x", 201)}, "Label is too long"},
		{"a date and a number of days", []string{"pattern", "+442079460001", "expires", "3d", "expires_at", "2030-01-01T10:00"}, "Expires at was given twice"},
		{"no date", []string{"pattern", "+442079460001", "expires_at", "tomorrow"}, "Expires at must be a time such as"},
		{"a zone that nobody knows", []string{"pattern", "+442079460001", "zone", "Local", "expires_at", "2030-01-01T10:00"}, "The time zone is not known"},
		{"an end before the beginning", []string{"pattern", "+442079460001", "not_before", "2030-01-02T10:00", "expires_at", "2030-01-01T10:00"}, "Expires at is not after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			before := r.board.Snapshot().Revision
			p := r.visitor("editor").post("/numbers/new", append(c.fields, "note", "kept "+markup)...)
			p.is(t, http.StatusUnprocessableEntity).shows(t, c.says, "kept &lt;script&gt;", `role="alert"`)
			p.lacks(t, "<script>alert", "<img")
			if r.board.Snapshot().Revision != before {
				t.Error("the list has changed")
			}
		})
	}
}

func TestNumberThatIsThereAlready(t *testing.T) {
	r := newRig(t).withLine()
	r.lists(nil, "+442079460001")
	v := r.visitor("editor")
	v.post("/numbers/new", "pattern", "+1 650 555 0123", "note", "typed").is(t, http.StatusConflict).
		shows(t, `href="/numbers/entry-1"`, "Meta call 1", `value="typed"`)
	v.post("/numbers/id-442079460001", "version", "1", "pattern", "+16505550123").is(t, http.StatusConflict).
		shows(t, `href="/numbers/entry-1"`, `action="/numbers/id-442079460001"`)
}

func TestNumberIsEdited(t *testing.T) {
	r := newRig(t).withLine()
	ends := r.now().Add(48 * time.Hour).UTC().Truncate(time.Millisecond)
	r.lists(func(e *ani.Entry) { e.ExpiresAt = ends }, "+442079460001")
	v := r.visitor("editor")
	form := v.get("/numbers/id-442079460001").is(t, http.StatusOK)
	fields := []string{
		"version", form.value(t, "version"), "pattern", "+442079460001", "label", "New name", "lines", "support-us", "min_attestation", "B", "zone", "UTC", "zone_was", "UTC",
		"expires_at_was", form.value(t, "expires_at_was"), "expires", "at",
	}
	p := v.post("/numbers/id-442079460001", append(fields, "expires_at", form.value(t, "expires_at"))...)
	p.is(t, http.StatusOK).shows(t, "+442079460001 is saved, until ", "New name")
	e := r.entry("id-442079460001")
	if !e.ExpiresAt.Equal(ends) {
		t.Errorf("expires at %s, want %s as before: nobody touched it", e.ExpiresAt, ends)
	}
	if e.Label != "New name" || e.MinAttestation != ani.AttestationB || e.Version != 2 {
		t.Errorf("kept %+v", e)
	}
}

func TestTimesAreInTheZoneThatIsChosen(t *testing.T) {
	r := newRig(t).withLine()
	l, _ := r.board.Snapshot().Line("support-us")
	l.Timezone = "Asia/Kolkata"
	r.edit(store.Change{Op: store.OpPut, Kind: store.KindLine, Key: l.Name, Line: &l})
	v := r.visitor("editor")
	form := v.get("/numbers/new")
	form.shows(t, `<option value="Asia/Kolkata" selected>`, `<option value="UTC">`)
	for _, tt := range []struct{ zone, want string }{{"UTC", "2030-06-01T20:00:00Z"}, {"Asia/Kolkata", "2030-06-01T14:30:00Z"}} {
		zone, want := tt.zone, tt.want
		v.post("/numbers/entry-1", "version", fmt.Sprint(r.entry("entry-1").Version), "pattern", caller.String(), "zone", zone, "zone_was", "Asia/Kolkata", "expires_at", "2030-06-01T20:00", "expires", "at").is(t, http.StatusOK)
		if got := r.entry("entry-1").ExpiresAt.Format(time.RFC3339); got != want {
			t.Errorf("20:00 in %s is kept as %s, want %s", zone, got, want)
		}
	}
	v.get("/numbers/entry-1").shows(t, `value="2030-06-01T20:00"`, `<option value="Asia/Kolkata" selected>`)
}

func TestNumberIsSwitchedOffAndOn(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	v.post("/numbers/entry-1/switch", "to", "off").is(t, http.StatusOK).shows(t, "is switched off", "Switch on")
	if r.entry("entry-1").Enabled {
		t.Error("it is still on")
	}
	v.post("/numbers/entry-1/switch", "to", "on").is(t, http.StatusOK).shows(t, "is switched on again", "Switch off")
	if !r.entry("entry-1").Enabled {
		t.Error("it is still off")
	}
}

func TestNumberIsDeleted(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	r.rename("Changed meanwhile")
	v.post("/numbers/entry-1/delete", "version", "1").is(t, http.StatusPreconditionFailed).shows(t, "nothing was done", "Changed meanwhile")
	v.post("/numbers/entry-1/delete", "version", "2").is(t, http.StatusOK).shows(t, caller.String()+" is off the list")
	v.get("/numbers/entry-1").is(t, http.StatusNotFound).shows(t, "not on the list, or no longer")
	v.post("/numbers/entry-1/delete", "version", "2").is(t, http.StatusNotFound)
}

// rename gives the entry another label, as somebody else would.
func (r *rig) rename(label string) {
	r.t.Helper()
	e := r.entry("entry-1")
	e.Label = label
	r.edit(store.Change{Op: store.OpUpdate, Kind: store.KindEntry, Key: e.ID, Entry: &e})
}

func TestALostRaceShowsBothVersions(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	form := v.get("/numbers/entry-1")
	mine := []string{"version", form.value(t, "version"), "pattern", caller.String(), "label", "Mine " + markup, "note", "my note", "why", "because", "expires", "at"}
	r.rename("Theirs")
	p := v.post("/numbers/entry-1", mine...).is(t, http.StatusPreconditionFailed)
	p.shows(t, "They differ in 2 fields", "Theirs", "Mine &lt;script&gt;", "my note", "differs", "the same", "Keep theirs", "Save mine over it", `value="because"`)
	p.lacks(t, "<script>alert", "<img")
	if got := r.entry("entry-1").Label; got != "Theirs" {
		t.Errorf("kept %q: nothing may be saved yet", got)
	}
	again := append([]string{"version", p.value(t, "version")}, mine[2:]...)
	r.rename("Theirs once more")
	p = v.post("/numbers/entry-1", again...).is(t, http.StatusPreconditionFailed)
	p.shows(t, "Theirs once more")
	v.post("/numbers/entry-1", append([]string{"version", p.value(t, "version")}, mine[2:]...)...).is(t, http.StatusOK).shows(t, "is saved")
	if e := r.entry("entry-1"); e.Label != "Mine "+markup || e.Note != "my note" {
		t.Errorf("kept %+v", e)
	}
}

func TestAnEditOfADeletedNumberIsKept(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	r.edit(store.Change{Op: store.OpDelete, Kind: store.KindEntry, Key: "entry-1"})
	v.post("/numbers/entry-1", "version", "1", "pattern", caller.String(), "label", "typed").is(t, http.StatusNotFound).
		shows(t, "taken this number off the list", `value="typed"`, `action="/numbers/new"`)
}

func TestNumberFormsAreGuarded(t *testing.T) {
	for _, c := range []struct{ name, path, field, value string }{
		{"add", "/numbers/new", "pattern", "+442079460001"},
		{"edit", "/numbers/entry-1", "label", "changed"},
		{"switch", "/numbers/entry-1/switch", "to", "off"},
		{"delete", "/numbers/entry-1/delete", "why", "so"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			guardsForm(t, r, "editor", "viewer", c.path, c.field, c.value, "version", "1", "pattern", caller.String())
		})
	}
}

// guardsForm sends a form from another site's page, with too low a role, and
// when its sender is no longer signed in: nothing may be done, and in the end
// the form can be sent after all.
func guardsForm(t *testing.T, r *rig, role, tooLow, path string, fields ...string) {
	t.Helper()
	before := r.board.Snapshot().Revision
	unchanged := func(what string) {
		t.Helper()
		if r.board.Snapshot().Revision != before {
			t.Errorf("%s changes something", what)
		}
	}
	v := r.visitor(role)
	v.header.Set("Sec-Fetch-Site", "cross-site")
	v.post(path, fields...).is(t, http.StatusForbidden).shows(t, "another site")
	unchanged("another site's form")
	r.visitor(tooLow).post(path, fields...).is(t, http.StatusForbidden)
	unchanged("a form of somebody who may not")
	v = r.visitor(role)
	r.forward(3 * time.Hour)
	p := v.post(path, fields...).is(t, http.StatusUnauthorized)
	unchanged("a form after the session")
	again := v.post("/sign-in", "token", role, "kept_path", p.value(t, "kept_path"), "kept_body", htmlText(p.value(t, "kept_body")))
	again.is(t, http.StatusOK).shows(t, "Send it now", `action="`+path+`"`)
	kept := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`).FindAllStringSubmatch(again.text, -1) {
		kept.Add(m[1], htmlText(m[2]))
	}
	v.send(http.MethodPost, path, kept).is(t, http.StatusOK)
	if r.board.Snapshot().Revision == before {
		t.Errorf("the form that was kept does nothing: %v", kept)
	}
}
