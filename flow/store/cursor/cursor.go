// Package cursor is the form of the cursors that listings of a store give
// out. A cursor is the place of the last item of a page; what listing it
// belongs to stands in it, so that one's cursor is none of another's.
package cursor

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// Of is the cursor of a place in a listing.
func Of(listing, place string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(listing + " " + place))
}

// Place is the place that Of made cursor of. Any other cursor gives
// store.ErrNotFound, here and below.
func Place(listing, cursor string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	place, ok := strings.CutPrefix(string(b), listing+" ")
	if err != nil || !ok || Of(listing, place) != cursor {
		return "", none(listing)
	}
	return place, nil
}

func none(listing string) error {
	return fmt.Errorf("cursor of %s: %w", listing, store.ErrNotFound)
}

// OfTime is the cursor of a place in a listing by time, to the millisecond,
// and then by id.
func OfTime(listing string, at time.Time, id string) string {
	return Of(listing, strconv.FormatInt(at.UnixMilli(), 10)+" "+id)
}

// Time is the place that OfTime made cursor of, its time in unix milliseconds.
func Time(listing, cursor string) (ms int64, id string, err error) {
	place, err := Place(listing, cursor)
	if err != nil {
		return 0, "", err
	}
	at, id, _ := strings.Cut(place, " ")
	ms, err = strconv.ParseInt(at, 10, 64)
	if err != nil || OfTime(listing, time.UnixMilli(ms), id) != cursor {
		return 0, "", none(listing)
	}
	return ms, id, nil
}

// TimeNumber is Time where ids are numbers.
func TimeNumber(listing, cursor string) (ms, id int64, err error) {
	ms, place, err := Time(listing, cursor)
	if err != nil {
		return 0, 0, err
	}
	id, err = number(listing, place)
	return ms, id, err
}

// OfNumber is the cursor of a place that is a number above zero.
func OfNumber(listing string, n int64) string { return Of(listing, strconv.FormatInt(n, 10)) }

// Number is the place that OfNumber made cursor of.
func Number(listing, cursor string) (int64, error) {
	place, err := Place(listing, cursor)
	if err != nil {
		return 0, err
	}
	return number(listing, place)
}

func number(listing, place string) (int64, error) {
	n, err := strconv.ParseInt(place, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != place {
		return 0, none(listing)
	}
	return n, nil
}

// OfPattern is the cursor of a place that is a pattern.
func OfPattern(listing string, p ani.Pattern) string { return Of(listing, p.String()) }

// Pattern is the place that OfPattern made cursor of, in its canonical form.
func Pattern(listing, cursor string) (string, error) {
	place, err := Place(listing, cursor)
	if err != nil {
		return "", err
	}
	if p, err := ani.ParsePattern(place); err != nil || p.String() != place {
		return "", none(listing)
	}
	return place, nil
}
