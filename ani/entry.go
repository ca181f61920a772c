package ani

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Entry is one line of the list: a pattern of callers and what is known of
// them. Times are to the millisecond, in UTC; the zero time bounds nothing.
type Entry struct {
	ID             string      `json:"id"`
	Pattern        Pattern     `json:"pattern" doc:"a number +16505550123, a prefix +1650555* or a range +16505550100-+16505550199"`
	Label          string      `json:"label" doc:"who calls, for people"`
	Source         string      `json:"source" doc:"where the number was learnt: a ticket, a mail"`
	Lines          []string    `json:"lines" doc:"names of the lines that it is for; empty: every line"`
	NotBefore      time.Time   `json:"not_before,omitzero" doc:"it matches from then on"`
	ExpiresAt      time.Time   `json:"expires_at,omitzero" doc:"it matches until just before"`
	Enabled        bool        `json:"enabled" doc:"switched off, it matches nobody"`
	MinAttestation Attestation `json:"min_attestation" enum:"none,C,B,A" doc:"what is asked of the carrier's word for the caller"`
	Note           string      `json:"note"`
	CreatedAt      time.Time   `json:"created_at"`
	CreatedBy      string      `json:"created_by"`
	UpdatedAt      time.Time   `json:"updated_at"`
	Hits           int64       `json:"hits" doc:"calls that it let through"`
	LastHitAt      time.Time   `json:"last_hit_at,omitzero"`
	Version        int64       `json:"version"`
}

// The bounds of an entry's texts in bytes, and of its lines.
const (
	maxLabel    = 200
	maxSource   = 200
	maxNote     = 1000
	maxLineName = 63
	maxLines    = 100
)

// NewEntry is an entry with every default and nothing else; decoding JSON over
// it keeps the defaults of the fields that are not there.
func NewEntry() Entry { return Entry{Enabled: true, Lines: []string{}} }

// Normalize writes e in its canonical form and reports every field that cannot
// be taken, as Problems. Whether its lines exist is for others to say.
func (e *Entry) Normalize() error {
	var p Problems
	if e.Pattern.IsZero() {
		p.Add("pattern", errPatternMissing.Error())
	}
	p.Text("label", e.Label, maxLabel)
	p.Text("source", e.Source, maxSource)
	p.Text("note", e.Note, maxNote)
	e.normalizeLines(&p)
	for _, t := range []*time.Time{&e.NotBefore, &e.ExpiresAt, &e.CreatedAt, &e.UpdatedAt, &e.LastHitAt} {
		*t = t.UTC().Truncate(time.Millisecond)
	}
	if !e.NotBefore.IsZero() && !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(e.NotBefore) {
		p.Add("expires_at", "is not after not_before: give a later time, or leave one of the two out")
	}
	if e.MinAttestation < AttestationNone || e.MinAttestation > AttestationA {
		p.Add("min_attestation", "must be none, C, B or A")
	}
	return p.Err()
}

func (e *Entry) normalizeLines(p *Problems) {
	lines := make([]string, 0, len(e.Lines))
	for i, name := range e.Lines {
		field := fmt.Sprintf("lines[%d]", i)
		if strings.TrimSpace(name) == "" {
			p.Add(field, "is empty: name a line, or leave lines empty for every line")
		}
		p.Text(field, name, maxLineName)
		lines = append(lines, name)
	}
	slices.Sort(lines)
	e.Lines = slices.Compact(lines)
	if len(e.Lines) > maxLines {
		p.Add("lines", fmt.Sprintf("are too many: at most %d, or none for every line", maxLines))
	}
}

// State is what an entry does at a time.
type State string

// The states. An entry that is switched off is disabled whatever its dates.
const (
	StateActive    State = "active"    // it matches
	StateScheduled State = "scheduled" // its not_before is still to come
	StateExpired   State = "expired"   // its expires_at is past
	StateDisabled  State = "disabled"
)

// State is e's state at now. An entry is active from NotBefore until just
// before ExpiresAt.
func (e *Entry) State(now time.Time) State {
	return stateAt(e.Enabled, millis(e.NotBefore, minMillis), millis(e.ExpiresAt, maxMillis), now.UnixMilli())
}
