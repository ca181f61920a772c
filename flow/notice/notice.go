// Package notice tells people and other systems what they must know at once:
// that an activation call is ringing, that one came which nobody expected,
// that none came. Notices wait in the store until they are delivered, so they
// outlive the process; nothing here ever holds up a call. The package serves
// no HTTP, decides on no call, and puts no secret into a notice.
package notice

import (
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Event is what a notice is about.
type Event string

// The events.
const (
	EventActivation   Event = "activation"    // an activation call was sent to a person while a window was open
	EventUnexpected   Event = "unexpected"    // one was, and no window was open
	EventRehearsal    Event = "rehearsal"     // a rehearsal was sent to a person
	EventWindowUnused Event = "window_unused" // a window has closed, and no call had come
	EventLimit        Event = "limit"         // a listed caller was not let through for the line's limit
	EventExpiry       Event = "expiry"        // an entry expires while its line still waits for a call
	EventTest         Event = "test"          // somebody tries the destinations
)

// Events are those that a destination may ask for.
func Events() []Event {
	return []Event{EventActivation, EventUnexpected, EventRehearsal, EventWindowUnused, EventLimit, EventExpiry}
}

// Type is the event's name in a webhook.
func (e Event) Type() string {
	switch e {
	case EventActivation:
		return "activation_call.expected"
	case EventUnexpected:
		return "activation_call.unexpected"
	case EventRehearsal:
		return "rehearsal_call.routed"
	case EventWindowUnused:
		return "window.unused"
	case EventLimit:
		return "limit.reached"
	case EventExpiry:
		return "entry.expiring"
	default:
		return "notice.test"
	}
}

// Level is how loud a notice is.
type Level string

// The levels.
const (
	LevelInfo    Level = "info"
	LevelWarning Level = "warning"
	LevelAlarm   Level = "alarm"
)

// Level is how loud the event is.
func (e Event) Level() Level {
	switch e {
	case EventUnexpected:
		return LevelAlarm
	case EventWindowUnused, EventLimit, EventExpiry:
		return LevelWarning
	default:
		return LevelInfo
	}
}

// Notice is one event, with all that its text is made of. Those of its parts
// are set that the event is about.
type Notice struct {
	ID       string    `json:"id"` // the same event has the same one, whoever tells it and how often
	Event    Event     `json:"event"`
	At       time.Time `json:"at"` // of the event
	Line     string    `json:"line"`
	Timezone string    `json:"timezone"` // the line's, an IANA name

	Call   *store.Call  `json:"call,omitempty"`
	Rings  string       `json:"rings,omitempty"` // whom the call goes to, for people
	Window *flow.Window `json:"window,omitempty"`
	Limit  *Limit       `json:"limit,omitempty"`
	Entry  *Entry       `json:"entry,omitempty"`
	More   int          `json:"more,omitempty"` // entries that expire besides Entry and are told of in no notice of their own
}

// Limit is a line's limit, and the call that it turned away.
type Limit struct {
	flow.Limit
	ANI   ani.Number `json:"ani"`
	DNIS  ani.Number `json:"dnis"`
	Label string     `json:"label"` // of the entry that matched
}

// Entry is an entry that is about to expire.
type Entry struct {
	ID        string      `json:"id"`
	Pattern   ani.Pattern `json:"pattern"`
	Label     string      `json:"label"`
	ExpiresAt time.Time   `json:"expires_at"`
}

// Message is a notice as a person reads it.
type Message struct {
	Level Level  `json:"level"`
	Title string `json:"title"` // ASCII, on one line
	Text  string `json:"text"`
}
