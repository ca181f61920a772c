package ani

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"strings"
	"time"
)

// record is what a List keeps of an entry, but for its pattern and its texts.
type record struct {
	notBefore   int64 // Unix time in milliseconds
	expiresAt   int64
	text        textRef
	lineBytes   uint16
	idHash      uint16
	idBytes     uint8
	labelBytes  uint8
	enabled     bool
	attestation Attestation
}

// Bounds that stand for none.
const (
	minMillis = math.MinInt64
	maxMillis = math.MaxInt64
)

var idSeed = maphash.MakeSeed()

func hashID(id string) uint16 { return uint16(maphash.String(idSeed, id)) }

// newRecord is e without its pattern and with its texts in w.
func newRecord(e *Entry, w *textWriter) (record, error) {
	if e.Pattern.IsZero() {
		return record{}, errors.New("compile entry: it has no pattern")
	}
	t := entryTexts{e.ID, e.Label, strings.Join(e.Lines, lineSeparator)}
	if len(t.id) > math.MaxUint8 || len(t.label) > math.MaxUint8 || len(t.lines) > math.MaxUint16 {
		return record{}, fmt.Errorf("compile entry of %s: its texts are too long", e.Pattern)
	}
	return record{
		notBefore: millis(e.NotBefore, minMillis), expiresAt: millis(e.ExpiresAt, maxMillis),
		text: w.add(t), lineBytes: uint16(len(t.lines)), idHash: hashID(t.id), idBytes: uint8(len(t.id)), labelBytes: uint8(len(t.label)),
		enabled: e.Enabled, attestation: e.MinAttestation,
	}, nil
}

// state is r's state at now, in Unix milliseconds.
func (r *record) state(now int64) State { return stateAt(r.enabled, r.notBefore, r.expiresAt, now) }

// size is how many bytes the texts of r have.
func (r *record) size() int { return int(r.idBytes) + int(r.labelBytes) + int(r.lineBytes) }

// millis is t in Unix milliseconds; unbounded where t is zero.
func millis(t time.Time, unbounded int64) int64 {
	if t.IsZero() {
		return unbounded
	}
	return t.UnixMilli()
}

func stateAt(enabled bool, notBefore, expiresAt, now int64) State {
	switch {
	case !enabled:
		return StateDisabled
	case now >= expiresAt:
		return StateExpired
	case now < notBefore:
		return StateScheduled
	default:
		return StateActive
	}
}
