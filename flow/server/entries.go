package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// entryView is an entry as the API shows it.
type entryView struct {
	ani.Entry
	State ani.State `json:"state" enum:"active,scheduled,expired,disabled" doc:"what it does now"`
}

// entryFields are what a client may say of an entry. What is null has its
// default.
type entryFields struct {
	Pattern        *string  `json:"pattern,omitempty" nullable:"true" doc:"a number +16505550123, a prefix +1650555* or a range +16505550100-+16505550199"`
	Label          *string  `json:"label,omitempty" nullable:"true" doc:"who calls, for people; at most 200 bytes"`
	Source         *string  `json:"source,omitempty" nullable:"true" doc:"where the number was learnt: a ticket, a mail; at most 200 bytes"`
	Lines          []string `json:"lines,omitempty" doc:"names of the lines that it is for; empty: every line"`
	NotBefore      *string  `json:"not_before,omitempty" nullable:"true" format:"date-time" doc:"it matches from then on; null: from ever"`
	ExpiresAt      *string  `json:"expires_at,omitempty" nullable:"true" format:"date-time" doc:"it matches until just before; null: for ever"`
	Enabled        *bool    `json:"enabled,omitempty" nullable:"true" doc:"switched off, it matches nobody; true unless said otherwise"`
	MinAttestation *string  `json:"min_attestation,omitempty" nullable:"true" enum:"none,C,B,A" doc:"what is asked of the carrier's word for the caller; none unless said otherwise"`
	Note           *string  `json:"note,omitempty" nullable:"true" doc:"at most 1000 bytes"`
}

// newEntry are the fields of an entry that is to be made.
type newEntry entryFields

// TransformSchema says in the document what an entry can't be without.
func (newEntry) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Required = []string{"pattern"}
	return s
}

func fieldsOf(e ani.Entry) entryFields {
	pattern, least := e.Pattern.String(), e.MinAttestation.String()
	return entryFields{
		Pattern: &pattern, Label: &e.Label, Source: &e.Source, Lines: slices.Clone(e.Lines),
		NotBefore: timeOut(e.NotBefore), ExpiresAt: timeOut(e.ExpiresAt),
		Enabled: &e.Enabled, MinAttestation: &least, Note: &e.Note,
	}
}

// onto writes the fields into e and puts it into its canonical form. The
// error is ani.Problems.
func (f entryFields) onto(e *ani.Entry) error {
	var p ani.Problems
	e.Pattern = ani.Pattern{}
	if f.Pattern != nil {
		pattern, err := ani.ParsePattern(*f.Pattern)
		if err != nil {
			p.Add("pattern", err.Error())
		}
		e.Pattern = pattern
	}
	e.Label, e.Source, e.Note = valueOf(f.Label, ""), valueOf(f.Source, ""), valueOf(f.Note, "")
	e.Lines, e.Enabled = f.Lines, valueOf(f.Enabled, true)
	e.NotBefore, e.ExpiresAt = timeIn("not_before", f.NotBefore, &p), timeIn("expires_at", f.ExpiresAt, &p)
	if err := e.MinAttestation.UnmarshalText([]byte(valueOf(f.MinAttestation, ""))); err != nil {
		p.Add("min_attestation", "must be none, C, B or A")
	}
	return alsoIn(p, e.Normalize())
}

// valueOf is what v points to, or what stands for nothing.
func valueOf[T any](v *T, nothing T) T {
	if v == nil {
		return nothing
	}
	return *v
}

type entriesQuery struct {
	Q      string `query:"q" maxLength:"200" doc:"part of pattern, label, source or note, in any case"`
	Line   string `query:"line" maxLength:"63" doc:"entries for this line, those for every line included"`
	State  string `query:"state" enum:"active,scheduled,expired,disabled"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"items at most"`
	Cursor string `query:"cursor" maxLength:"500" doc:"next_cursor of the part before"`
}

type entryAt struct {
	ID          string `path:"id" maxLength:"64"`
	IfNoneMatch string `header:"If-None-Match" doc:"304 where it still has this version"`
}

type entryPatch struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"the ETag that it must still have"`
	Body    body[entryFields]
}

type entryDelete struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"the ETag that it must still have"`
}

func (a *api) registerEntries() {
	const all, one = "/v1/entries", "/v1/entries/{id}"
	handle(a, a.operation(store.RoleViewer, "list-entries", http.MethodGet, all, "List entries by pattern"), a.listEntries)
	create := a.operation(store.RoleEditor, "create-entry", http.MethodPost, all, "Put a pattern on the list")
	create.DefaultStatus = http.StatusCreated
	edits(a, create, a.createEntry)
	get := a.operation(store.RoleViewer, "get-entry", http.MethodGet, one, "Show an entry")
	handle(a, answering(get, "304", "It still has the version of If-None-Match"), a.getEntry)
	edits(a, a.operation(store.RoleEditor, "patch-entry", http.MethodPatch, one, "Change fields of an entry (RFC 7396)"), a.patchEntry)
	edits(a, a.operation(store.RoleEditor, "delete-entry", http.MethodDelete, one, "Take an entry off the list"), a.deleteEntry)
}

func (a *api) view(e ani.Entry) entryView { return entryView{e, e.State(a.board.Now())} }

func (a *api) listEntries(ctx context.Context, in *entriesQuery) (*reply[page[entryView]], error) {
	part, err := a.board.Store().Entries(ctx, store.EntryQuery{
		Text: in.Q, Line: in.Line, State: ani.State(in.State), At: a.board.Now(), Limit: in.Limit, Cursor: in.Cursor,
	})
	return pageOf(part, err, a.view)
}

func (a *api) getEntry(ctx context.Context, in *entryAt) (*found[entryView], error) {
	e, err := a.board.Store().Entry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return foundAt(a.view(e), e.Version, in.IfNoneMatch), nil
}

func (a *api) createEntry(ctx context.Context, in *struct{ Body body[newEntry] }) (*made[entryView], error) {
	var fields newEntry
	if err := in.Body.over(&fields); err != nil {
		return nil, err
	}
	e := ani.NewEntry()
	if err := entryFields(fields).onto(&e); err != nil {
		return nil, err
	}
	return a.addEntry(ctx, e, "")
}

// addEntry puts e on the list. The note says why.
func (a *api) addEntry(ctx context.Context, e ani.Entry, note string) (*made[entryView], error) {
	e.ID = xid.New().String()
	if err := a.editEntry(ctx, note, store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e}); err != nil {
		return nil, err
	}
	kept, err := a.board.Store().Entry(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	return &made[entryView]{Location: "/v1/entries/" + e.ID, ETag: etag(kept.Version), Body: a.view(kept)}, nil
}

// editEntry commits one change to an entry.
func (a *api) editEntry(ctx context.Context, note string, c store.Change) error {
	err := a.edit(ctx, note, c)
	if errors.Is(err, store.ErrTaken) {
		return a.taken(ctx, c.Entry.Pattern)
	}
	return err
}

// taken says which entry has a pattern.
func (a *api) taken(ctx context.Context, pattern ani.Pattern) error {
	other, err := a.board.Store().EntryByPattern(ctx, pattern)
	if err != nil {
		return errors.Join(store.ErrTaken, err)
	}
	name := other.ID
	if other.Label != "" {
		name += " (" + other.Label + ")"
	}
	return newProblem(http.StatusConflict, fmt.Sprintf("%s is on the list already, as the entry %s: edit that one instead", pattern, name))
}

// patchTries is how often a patch without If-Match is made anew because
// somebody else was quicker.
const patchTries = 5

func (a *api) patchEntry(ctx context.Context, in *entryPatch) (*found[entryView], error) {
	for try := 1; ; try++ {
		e, err := a.patchOnce(ctx, in)
		if err == nil {
			return foundAt(a.view(e), e.Version, ""), nil
		}
		if !errors.Is(err, store.ErrStale) || in.IfMatch != "" || try == patchTries {
			return nil, err
		}
	}
}

// patchOnce changes the entry as it is now, and nothing where somebody else
// changes it at the same time: the fields that the patch doesn't name must
// not fall back.
func (a *api) patchOnce(ctx context.Context, in *entryPatch) (ani.Entry, error) {
	e, err := a.board.Store().Entry(ctx, in.ID)
	if err != nil {
		return e, err
	}
	if _, err := expect(in.IfMatch, e.Version); err != nil {
		return e, err
	}
	before, fields := e, fieldsOf(e)
	if err := in.Body.over(&fields); err != nil {
		return e, err
	}
	if err := fields.onto(&e); err != nil || same(before, e) {
		return e, err
	}
	err = a.editEntry(ctx, "", store.Change{Op: store.OpUpdate, Kind: store.KindEntry, Key: e.ID, IfVersion: e.Version, Entry: &e})
	if err != nil {
		return e, err
	}
	return a.board.Store().Entry(ctx, e.ID)
}

func (a *api) deleteEntry(ctx context.Context, in *entryDelete) (*struct{}, error) {
	e, err := a.board.Store().Entry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	version, err := expect(in.IfMatch, e.Version)
	if err != nil {
		return nil, err
	}
	return nil, a.edit(ctx, "", store.Change{Op: store.OpDelete, Kind: store.KindEntry, Key: in.ID, IfVersion: version})
}
