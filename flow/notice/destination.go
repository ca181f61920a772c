package notice

import (
	"context"
	"errors"
	"slices"
	"time"
)

// destination is somewhere that notices go.
type destination struct {
	name   string
	kind   string // shoutrrr's service, or webhook
	events []Event
	lines  []string // empty: all
	plain  bool     // a webhook without TLS
	sender sender
}

// sender delivers one notice once. Its errors are shown to people and stored:
// each is a fault, which holds no secret. It returns when ctx ends, at the
// latest.
type sender interface {
	send(ctx context.Context, n Notice, now time.Time) error
}

// fault says what went wrong with a delivery, as the rest of a sentence that
// begins with the destination. It never holds a secret.
type fault struct {
	text  string
	final bool          // no later try can succeed
	after time.Duration // how long the destination asks to be left alone
}

func (f *fault) Error() string { return f.text }

// faultOf is err, which is a sender's, as a fault.
func faultOf(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	return &fault{text: "failed in a way that is not known"} // whatever it is, it may hold a secret
}

// wants reports whether d is to be told of n.
func (d *destination) wants(n Notice) bool {
	return slices.Contains(d.events, n.Event) && (len(d.lines) == 0 || slices.Contains(d.lines, n.Line))
}

// Shown is a destination as people may see it.
type Shown struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind" doc:"webhook, or the service of a shoutrrr URL, such as slack or smtp"`
	Events []Event  `json:"events" doc:"what it is told of: activation, unexpected, rehearsal, window_unused, limit, expiry"`
	Lines  []string `json:"lines" doc:"names of the lines that it is told of; empty: all"`
}

// List shows the destinations, in the order of the configuration.
func (d *Destinations) List() []Shown {
	shown := []Shown{}
	if d == nil {
		return shown
	}
	for _, one := range d.all {
		shown = append(shown, Shown{Name: one.name, Kind: one.kind, Events: one.events, Lines: append([]string{}, one.lines...)})
	}
	return shown
}

// wanting are the names of those that are to be told of n.
func (d *Destinations) wanting(n Notice) []string {
	if d == nil {
		return nil
	}
	var names []string
	for _, one := range d.all {
		if one.wants(n) {
			names = append(names, one.name)
		}
	}
	return names
}

func (d *Destinations) find(name string) (*destination, bool) {
	if d == nil {
		return nil, false
	}
	one, ok := d.byName[name]
	return one, ok
}
