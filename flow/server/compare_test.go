package server

import (
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// What somebody can say of an entry tells it from another; what the store
// knows of it doesn't.
func TestSaysSame(t *testing.T) {
	entry := func() ani.Entry {
		e := ani.NewEntry()
		e.Pattern = ani.PatternOf(ani.MustParse("+16505550123"))
		return e
	}
	for name, change := range map[string]func(e *ani.Entry){
		"pattern":         func(e *ani.Entry) { e.Pattern = ani.PatternOf(ani.MustParse("+16505550124")) },
		"label":           func(e *ani.Entry) { e.Label = "x" },
		"source":          func(e *ani.Entry) { e.Source = "x" },
		"lines":           func(e *ani.Entry) { e.Lines = []string{"sales"} },
		"not_before":      func(e *ani.Entry) { e.NotBefore = start },
		"expires_at":      func(e *ani.Entry) { e.ExpiresAt = start },
		"enabled":         func(e *ani.Entry) { e.Enabled = false },
		"min_attestation": func(e *ani.Entry) { e.MinAttestation = ani.AttestationB },
		"note":            func(e *ani.Entry) { e.Note = "x" },
	} {
		a, b := entry(), entry()
		change(&b)
		if saysSame(&a, &b) || saysSame(&b, &a) {
			t.Errorf("%s: a change of it is none", name)
		}
	}
	a, b := entry(), entry()
	b.ID, b.Lines, b.Hits, b.Version, b.CreatedAt, b.CreatedBy, b.ExpiresAt = "x", nil, 1, 2, start, "x", time.Time{}.In(time.FixedZone("", 3600))
	if !saysSame(&a, &b) {
		t.Error("what the store knows is a change")
	}
}
