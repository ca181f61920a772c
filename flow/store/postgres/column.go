package postgres

import (
	"encoding"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// orNull is t for a column where NULL stands for the zero time.
func orNull(t time.Time) pgtype.Int8 {
	return pgtype.Int8{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// millis reads a time into to; NULL is the zero time.
type millis struct{ to *time.Time }

// ScanInt64 is how pgx gives a number.
func (m millis) ScanInt64(v pgtype.Int8) error {
	*m.to = time.Time{}
	if v.Valid {
		*m.to = time.UnixMilli(v.Int64).UTC()
	}
	return nil
}

// text reads what has a text form into to; NULL leaves it as it is.
type text struct{ to encoding.TextUnmarshaler }

// ScanText is how pgx gives a text.
func (t text) ScanText(v pgtype.Text) error {
	if v.Valid && t.to.UnmarshalText([]byte(v.String)) != nil {
		return unreadable(t.to)
	}
	return nil
}

// document reads JSON into to.
type document struct{ to any }

// ScanText is how pgx gives a text.
func (d document) ScanText(v pgtype.Text) error {
	if !v.Valid || json.Unmarshal([]byte(v.String), d.to) != nil {
		return unreadable(d.to)
	}
	return nil
}

// names reads a list of names.
type names struct{ to *[]string }

// ScanText is how pgx gives a text.
func (n names) ScanText(v pgtype.Text) error {
	if v.String == "[]" { // as most entries have it, of which there are many
		*n.to = []string{}
		return nil
	}
	return document{n.to}.ScanText(v)
}

// raw reads JSON as it stands; NULL is none.
type raw struct{ to *json.RawMessage }

// ScanText is how pgx gives a text.
func (r raw) ScanText(v pgtype.Text) error {
	*r.to = nil
	if v.Valid {
		*r.to = json.RawMessage(v.String)
	}
	return nil
}

// orNone is JSON for a column where NULL stands for none.
func orNone(b json.RawMessage) pgtype.Text {
	return pgtype.Text{String: clean(string(b)), Valid: len(b) > 0}
}

// hash reads the 32 bytes of a hash.
type hash struct{ to *[32]byte }

// ScanBytes is how pgx gives bytes.
func (h hash) ScanBytes(v []byte) error {
	if len(v) != len(h.to) {
		return unreadable(h.to)
	}
	copy(h.to[:], v)
	return nil
}

// unreadable says that a column holds what no program of ours wrote. It does
// not say what: that may be a caller's number.
func unreadable(to any) error {
	return fmt.Errorf("%w: what is stored is no %T", store.ErrDamaged, to)
}

// documentOf is v as JSON for a column.
func documentOf(v any) (string, error) {
	b, err := form.JSON(v)
	return string(b), err
}

// column is one column of rows, for unnest.
func column[T, C any](rows []T, of func(T) C) []C {
	values := make([]C, len(rows))
	for i, r := range rows {
		values[i] = of(r)
	}
	return values
}
