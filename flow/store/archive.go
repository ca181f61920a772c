package store

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// Archive takes everything out of a store, and puts it into an empty one.
type Archive interface {
	// Dump hands over everything that is kept, as of one moment: keys, tokens,
	// lines, entries, windows, calls, revisions, where the audit begins if it
	// was pruned, audit, deliveries, the kinds in this order and each by its key, names and ids by their bytes. Leases
	// and sights are left out: they are of the moment.
	Dump(ctx context.Context, yield func(Row) bool) error

	// Fill writes what was dumped, all or nothing. It gives ErrTaken where the
	// store isn't empty, and the error that rows come with as it is.
	Fill(ctx context.Context, rows iter.Seq2[Row, error]) error
}

// Row is one thing that a store keeps, whole; one of its fields is set.
type Row struct {
	Key      *KeyRow       `json:"key,omitempty"`
	Token    *TokenRow     `json:"token,omitempty"`
	Line     *Line         `json:"line,omitempty"`
	Entry    *ani.Entry    `json:"entry,omitempty"`
	Window   *flow.Window  `json:"window,omitempty"`
	Call     *Call         `json:"call,omitempty"`
	Revision *RevisionInfo `json:"revision,omitempty"`
	Pruned   *PrunedRow    `json:"pruned,omitempty"`
	Audit    *AuditRow     `json:"audit,omitempty"`
	Delivery *DeliveryRow  `json:"delivery,omitempty"`
}

// KeyRow is a secret of Store.Key.
type KeyRow struct {
	Name   string `json:"name"`
	Secret []byte `json:"secret"`
}

// TokenRow is a token with its hash.
type TokenRow struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Role      Role      `json:"role"`
	Hash      []byte    `json:"hash"` // 32 bytes
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// PrunedRow is how many audit records were pruned, and the hash of the last of
// them, which the first one that is left is chained to.
type PrunedRow struct {
	Records int64  `json:"records"`
	Hash    []byte `json:"hash"` // 32 bytes
}

// AuditRow is an audit record as it stands in its chain.
type AuditRow struct {
	AuditRecord
	Edit   uint64 `json:"edit"`   // its Revision
	Digest []byte `json:"digest"` // 32 bytes, as are those of Hash
	Hash   []byte `json:"hash"`
}

// DeliveryRow is a delivery and how it stands.
type DeliveryRow struct {
	Notice      string          `json:"notice"`
	Destination string          `json:"destination"`
	Body        json.RawMessage `json:"body"`
	At          time.Time       `json:"at"`
	Tries       int             `json:"tries"`
	Next        time.Time       `json:"next,omitzero"` // zero: never again
	Wrong       string          `json:"wrong"`
}
