// Package form is the form that stores bring values into before they keep
// them. It knows no database.
package form

import (
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/text/cases"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store/fault"
)

// Millis is t as a store keeps it: to the millisecond, in UTC. The zero time
// stays zero.
func Millis(t time.Time) time.Time { return time.UnixMilli(t.UnixMilli()).UTC() }

// CeilMillis is the first millisecond that is not before t.
func CeilMillis(t time.Time) int64 { return t.Add(time.Millisecond - time.Nanosecond).UnixMilli() }

// Fold is s in the form in which upper and lower case are the same.
func Fold(s string) string { return cases.Fold().String(s) }

// Folded is what a text is looked for in of an entry, beside its pattern.
func Folded(e ani.Entry) string { return Fold(e.Label + "\n" + e.Source + "\n" + e.Note) }

// JSON is v as JSON, none where v is nil. What has no such form is
// fault.ErrMisuse.
func JSON(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", fault.ErrMisuse, err)
	}
	return b, nil
}
