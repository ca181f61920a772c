package store

import (
	"encoding/json"
	"time"
)

// Delivery is one notice on its way to one destination.
type Delivery struct {
	Notice      string          // id of the notice: the same event has the same id, however often it is told
	Destination string          // name of the destination in the configuration
	Body        json.RawMessage // the notice
	At          time.Time       // when the event was
	Tries       int             // how often it was tried
}
