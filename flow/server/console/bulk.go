package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// bulkWait is how long a page waits for an edit of the whole list. The API
// gives up before.
const bulkWait = 16 * time.Minute

// bulkDone is what the API says of an edit of many things at once, made or
// only tried.
type bulkDone struct {
	Revision  uint64    `json:"revision"`
	Created   int       `json:"created"`
	Updated   int       `json:"updated"`
	Deleted   int       `json:"deleted"`
	Unchanged int       `json:"unchanged"`
	Changes   []changed `json:"changes"`
	LeftOut   int       `json:"changes_left_out"`
	Erased    int       `json:"erased"` // things that can't go back
}

// Total is how many things it changes.
func (b bulkDone) Total() int { return b.Created + b.Updated + b.Deleted }

// Sentence says how much is changed.
func (b bulkDone) Sentence() string {
	var texts []string
	for _, part := range []struct {
		n    int
		what string
	}{{b.Created, "added"}, {b.Updated, "changed"}, {b.Deleted, "deleted"}, {b.Unchanged, "as before"}} {
		if part.n > 0 {
			texts = append(texts, grouped(part.n)+" "+part.what)
		}
	}
	if len(texts) == 0 {
		return "nothing"
	}
	return strings.Join(texts, ", ")
}

// shorten keeps the first changes, for people to read.
func (b *bulkDone) shorten(most int) error {
	if over := len(b.Changes) - most; over > 0 {
		b.LeftOut += over
		b.Changes = b.Changes[:most]
	}
	return describe(b.Changes)
}

// changed is one change to a thing, as the API shows it.
type changed struct {
	Op     string          `json:"op"`
	Kind   string          `json:"kind"`
	Key    string          `json:"key"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
	Erased bool            `json:"erased"` // what it was is not kept any more

	Name   string      `json:"-"` // what people call the thing
	Fields []fieldPair `json:"-"` // what the change says: A is before, B after
}

// Verb is what was done, as people say it.
func (c changed) Verb() string {
	switch {
	case c.Erased:
		return deeds[c.Op].did
	case len(c.After) == 0:
		return "deleted"
	case len(c.Before) == 0:
		return "added"
	default:
		return "changed"
	}
}

// Thing is what kind of thing it is, as people say it.
func (c changed) Thing() string {
	if c.Kind == "entry" {
		return "number"
	}
	return c.Kind
}

// describe reads what the changes say.
func describe(changes []changed) error {
	for i := range changes {
		c := &changes[i]
		pairs, err := compare(c.Before, c.After)
		if err != nil {
			return err
		}
		c.Name = c.name()
		c.Fields = telling(c, pairs)
	}
	return nil
}

// name is what the thing goes by: a number's key in history is an id, which
// tells nobody anything.
func (c *changed) name() string {
	for _, thing := range []json.RawMessage{c.After, c.Before} {
		var named struct{ Pattern, Name, Line, Mode string }
		if json.Unmarshal(thing, &named) != nil { // there is none
			continue
		}
		switch {
		case named.Pattern != "":
			return named.Pattern
		case named.Name != "":
			return named.Name
		case named.Line != "":
			return strings.TrimSpace(named.Line + " " + named.Mode)
		}
	}
	return c.Key
}

// telling are the fields that say something about a change: not those that
// stay, and of a thing that is new or gone neither its name nor what almost
// all have.
func telling(c *changed, pairs []fieldPair) []fieldPair {
	return slices.DeleteFunc(pairs, func(p fieldPair) bool {
		if p.Equal || c.Verb() == "changed" {
			return p.Equal
		}
		said := p.A.Text + p.B.Text // one of them is nothing
		return said == c.Name || p.Name == fieldName("enabled") && said == "yes" || p.Name == fieldName("min_attestation") && said == "none"
	})
}

// patiently gives a request the time that an edit of the whole list takes,
// against the deadlines of requests that end soon.
func (v *visit) patiently() {
	c := http.NewResponseController(v.w)
	_ = c.SetReadDeadline(time.Now().Add(bulkWait)) // not every writer has one
	_ = c.SetWriteDeadline(time.Now().Add(2 * bulkWait))
}
