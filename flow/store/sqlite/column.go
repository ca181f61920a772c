package sqlite

import (
	"database/sql"
	"encoding"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// scanner is a row to be read: *sql.Row or *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// orNull is t for a column where NULL stands for the zero time.
func orNull(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// millis reads a time into to.
type millis struct{ to *time.Time }

func (m millis) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*m.to = time.Time{}
	case int64:
		*m.to = time.UnixMilli(v).UTC()
	default:
		return unreadable(m.to)
	}
	return nil
}

// text reads what has a text form into to; NULL leaves it as it is.
type text struct{ to encoding.TextUnmarshaler }

func (t text) Scan(src any) error {
	s, ok := src.(string)
	if src == nil {
		return nil
	}
	if !ok || t.to.UnmarshalText([]byte(s)) != nil {
		return unreadable(t.to)
	}
	return nil
}

// document reads JSON into to.
type document struct{ to any }

func (d document) Scan(src any) error {
	s, ok := src.(string)
	if !ok || json.Unmarshal([]byte(s), d.to) != nil {
		return unreadable(d.to)
	}
	return nil
}

// unreadable says that a column holds what no program of ours wrote. It does
// not say what: that may be a caller's number.
func unreadable(to any) error {
	return fmt.Errorf("%w: what is stored is no %T", store.ErrDamaged, to)
}

// marshal is v as JSON, NULL where v is nil.
func marshal(v any) (sql.NullString, error) {
	b, err := form.JSON(v)
	return orNone(b), err
}
