package store

import (
	"encoding/json"
	"time"
)

// RevisionInfo is one edit that was committed, and how many changes it made.
type RevisionInfo struct {
	N       uint64    `json:"n"`
	At      time.Time `json:"at"`
	Author  string    `json:"author" doc:"name of the token"`
	Role    Role      `json:"role"`
	From    string    `json:"from" doc:"network address"`
	Note    string    `json:"note" doc:"why"`
	Changes int       `json:"changes" doc:"how many things it changed"`
}

// Recorded is one change as history keeps it: the whole thing before and
// after, as the API shows it. Tokens stand there without their hash.
type Recorded struct {
	Revision uint64          `json:"revision"`
	Kind     Kind            `json:"kind"`
	Key      string          `json:"key"`
	Op       Op              `json:"op" enum:"create,update,delete"`
	Before   json.RawMessage `json:"before,omitempty"` // nil where nothing was there
	After    json.RawMessage `json:"after,omitempty"`  // nil where nothing is left
	Erased   bool            `json:"erased,omitempty"` // what it was is erased: Before and After are nil, and Key is empty where it had the number
}

// RevisionQuery asks for revisions. Limit is 1 to 1000.
type RevisionQuery struct {
	Limit  int
	Cursor string
}

// ChangeQuery asks for the changes of one revision. Limit is 1 to 1000.
type ChangeQuery struct {
	Revision uint64
	Limit    int
	Cursor   string
}
