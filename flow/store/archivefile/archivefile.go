// Package archivefile is the file that a backup is: what a store dumps, one
// row a line as JSON, compressed with zstd. A header says what the file is,
// and a trailer how many rows it has and what their SHA-256 is, so a file that
// was cut off or changed is found out. It knows no database.
package archivefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Why a file is refused.
var (
	ErrForeign = errors.New("it is no backup of ringthrough")
	ErrNewer   = errors.New("it was written by a later version of ringthrough")
	ErrBroken  = errors.New("it is cut off or damaged")
)

const (
	format  = "ringthrough-backup"
	version = 1
)

// Header is the first line of a file.
type Header struct {
	Format  string    `json:"format"`
	Version int       `json:"version"` // of the form of the rows
	Program string    `json:"program"` // version of ringthrough that wrote it
	At      time.Time `json:"at"`
}

// trailer is the last line.
type trailer struct {
	Rows   *int64 `json:"rows"`
	SHA256 string `json:"sha256"`
}

// Sum is how many rows there are, and the SHA-256 of their lines. Two stores
// of one sum keep the same.
type Sum struct {
	Rows   int64
	SHA256 [sha256.Size]byte
}

func (s Sum) String() string { return hex.EncodeToString(s.SHA256[:]) }

// Summing makes the Sum of rows that come one by one.
type Summing struct {
	rows int64
	hash hash.Hash
	line bytes.Buffer
}

// NewSumming has seen no row.
func NewSumming() *Summing { return &Summing{hash: sha256.New()} }

// Add adds a row, and gives it as a line. The line is good until the next one
// is added.
func (s *Summing) Add(row store.Row) ([]byte, error) {
	s.line.Reset()
	encoder := json.NewEncoder(&s.line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(wireOf(row)); err != nil {
		return nil, fmt.Errorf("write row: %w", err)
	}
	s.add(s.line.Bytes())
	return s.line.Bytes(), nil
}

func (s *Summing) add(line []byte) {
	s.rows++
	s.hash.Write(line)
}

// Sum is that of the rows so far.
func (s *Summing) Sum() Sum { return Sum{s.rows, [sha256.Size]byte(s.hash.Sum(nil))} }

// wire is a row as it stands in the file. JSON that the store keeps stands
// there as a text: the digests of the audit are of each of its bytes.
type wire struct {
	Key      *store.KeyRow       `json:"key,omitempty"`
	Token    *store.TokenRow     `json:"token,omitempty"`
	Line     *store.Line         `json:"line,omitempty"`
	Entry    *ani.Entry          `json:"entry,omitempty"`
	Window   *flow.Window        `json:"window,omitempty"`
	Call     *store.Call         `json:"call,omitempty"`
	Revision *store.RevisionInfo `json:"revision,omitempty"`
	Pruned   *store.PrunedRow    `json:"pruned,omitempty"`
	Audit    *wireAudit          `json:"audit,omitempty"`
	Delivery *wireDelivery       `json:"delivery,omitempty"`
}

type wireAudit struct {
	store.AuditRow
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

type wireDelivery struct {
	store.DeliveryRow
	Body string `json:"body"`
}

func wireOf(r store.Row) wire {
	w := wire{
		Key: r.Key, Token: r.Token, Line: r.Line, Entry: r.Entry, Window: r.Window, Call: r.Call,
		Revision: r.Revision, Pruned: r.Pruned,
	}
	if r.Audit != nil {
		w.Audit = &wireAudit{*r.Audit, string(r.Audit.Before), string(r.Audit.After)}
	}
	if r.Delivery != nil {
		w.Delivery = &wireDelivery{*r.Delivery, string(r.Delivery.Body)}
	}
	return w
}

func (w wire) row() store.Row {
	r := store.Row{
		Key: w.Key, Token: w.Token, Line: w.Line, Entry: w.Entry, Window: w.Window, Call: w.Call,
		Revision: w.Revision, Pruned: w.Pruned,
	}
	if w.Audit != nil {
		r.Audit = &w.Audit.AuditRow
		r.Audit.Before, r.Audit.After, r.Audit.Revision = raw(w.Audit.Before), raw(w.Audit.After), r.Audit.Edit
	}
	if w.Delivery != nil {
		r.Delivery = &w.Delivery.DeliveryRow
		r.Delivery.Body = json.RawMessage(w.Delivery.Body)
	}
	return r
}

func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}
