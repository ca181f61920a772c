package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"time"
)

// AuditRecord is one thing that somebody did, or tried to do. Records are
// only ever added, and each is chained to the one before it by a hash.
type AuditRecord struct {
	ID      int64           `json:"id"` // from 1, without gaps; the store gives it
	At      time.Time       `json:"at"`
	Actor   string          `json:"actor" doc:"name of the token; empty where none was known"`
	Role    Role            `json:"role"`
	From    string          `json:"from" doc:"network address"`
	Action  string          `json:"action" doc:"create, update, delete, outcome, or what was tried"`
	Kind    Kind            `json:"kind"`
	Key     string          `json:"key"`
	Before  json.RawMessage `json:"before"` // null where nothing was there
	After   json.RawMessage `json:"after"`  // null where nothing is left
	Note    string          `json:"note" doc:"why it was done, or why it was refused"`
	Refused bool            `json:"refused"`
	Erased  bool            `json:"erased,omitempty" doc:"a number was taken out of it: before, after and note are gone, and the key where that had it"`

	Revision uint64 `json:"-"` // the edit whose change it is; 0: none
}

// Digest is the SHA-256 of what the record says, as this form has it: ID, At
// in unix milliseconds, Revision and Refused, 8 bytes big-endian each; then
// Actor, Role, From, Action, Kind, Key, Note, Before and After, each with its
// length before it, in bytes, 8 bytes big-endian. No two records that differ
// have one form, but for times that differ by less than a millisecond and JSON
// that is nil or empty: a store keeps neither difference.
func (r AuditRecord) Digest() [sha256.Size]byte {
	var refused uint64
	if r.Refused {
		refused = 1
	}
	texts := [...]string{r.Actor, string(r.Role), r.From, r.Action, string(r.Kind), r.Key, r.Note}
	form := make([]byte, 0, 256+len(r.Note)+len(r.Before)+len(r.After))
	for _, n := range [...]uint64{uint64(r.ID), uint64(r.At.UnixMilli()), r.Revision, refused} {
		form = binary.BigEndian.AppendUint64(form, n)
	}
	for _, s := range texts {
		form = append(binary.BigEndian.AppendUint64(form, uint64(len(s))), s...)
	}
	for _, b := range [...][]byte{r.Before, r.After} {
		form = append(binary.BigEndian.AppendUint64(form, uint64(len(b))), b...)
	}
	return sha256.Sum256(form)
}

// Chain is the hash of a record: that of the record before it, zero for the
// first one, and its own digest, hashed together. A record whose content is
// erased but not its digest leaves the chain whole.
func Chain(before, digest [sha256.Size]byte) [sha256.Size]byte {
	return sha256.Sum256(append(before[:], digest[:]...))
}

// AuditQuery asks for audit records, the newest first. Limit is 1 to 1000.
type AuditQuery struct {
	Actor        string // empty: anybody's; so with all others
	Kind         Kind
	Key          string
	Refused      *bool
	Since, Until time.Time // half-open; zero: unbounded
	Limit        int
	Cursor       string
}

// AuditState is what a walk along the whole chain has found.
type AuditState struct {
	Records int64             // that are there
	Pruned  int64             // that were before them and are gone
	Erased  int64             // that are there without what they said: only their digests are checked
	Head    [sha256.Size]byte // the last record's hash; zero where there are none
	Broken  int64             // id of the first record that was changed, or after which one was cut out, or 1 where the first was; 0: the chain holds
	Problem string            // what is wrong there, for people
}
