package postgres

import (
	"slices"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// copied is a change whose value is its own, for whoever yields changes may
// use one value for all of them, and whose texts PostgreSQL can hold.
func copied(c store.Change) store.Change {
	c.Key = clean(c.Key)
	if c.Entry != nil {
		e := *c.Entry
		e.Label, e.Source, e.Note, e.CreatedBy = clean(e.Label), clean(e.Source), clean(e.Note), clean(e.CreatedBy)
		e.Lines = cleanEach(e.Lines)
		c.Entry = &e
	}
	if c.Line != nil {
		l := *c.Line
		l.Numbers = slices.Clone(l.Numbers)
		l.Targets = slices.Clone(l.Targets)
		c.Line = &l
	}
	if c.Window != nil {
		w := *c.Window
		w.Line, w.Mode, w.Note = clean(w.Line), flow.Mode(clean(string(w.Mode))), clean(w.Note)
		w.Callers = slices.Clone(w.Callers)
		c.Window = &w
	}
	if c.Token != nil {
		t := *c.Token
		t.Name, t.Role = clean(t.Name), store.Role(clean(string(t.Role)))
		c.Token = &t
	}
	return c
}

// cleanEach is a list of its own, nil where s is.
func cleanEach(s []string) []string {
	s = slices.Clone(s)
	for i := range s {
		s[i] = clean(s[i])
	}
	return s
}

// cleanRecord is r as it can be kept, and so as it is digested.
func cleanRecord(r store.AuditRecord) store.AuditRecord {
	r.Actor, r.Role, r.From, r.Note = clean(r.Actor), store.Role(clean(string(r.Role))), clean(r.From), clean(r.Note)
	r.Action, r.Kind, r.Key = clean(r.Action), store.Kind(clean(string(r.Kind))), clean(r.Key)
	r.Before, r.After = cleanJSON(r.Before), cleanJSON(r.After)
	return r
}

func cleanJSON(b []byte) []byte {
	if b == nil {
		return nil
	}
	return []byte(clean(string(b)))
}
