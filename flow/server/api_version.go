package server

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// found answers with one thing that has a version.
type found[T any] struct {
	Status int
	ETag   string `header:"ETag" doc:"its version in quotes, for If-Match"`
	Body   T
}

// made answers with one thing that is new and has a version.
type made[T any] struct {
	Location string `header:"Location" doc:"where it is from now on"`
	ETag     string `header:"ETag" doc:"its version in quotes, for If-Match"`
	Body     T
}

// reply answers with something that has no version.
type reply[T any] struct{ Body T }

// created answers with one thing that is new and has no version.
type created[T any] struct {
	Location string `header:"Location" doc:"where it is from now on"`
	Body     T
}

// list is a listing that always comes whole.
type list[T any] struct {
	Items []T `json:"items" nullable:"false"`
}

// page is a part of a listing.
type page[T any] struct {
	Items      []T    `json:"items" nullable:"false"`
	NextCursor string `json:"next_cursor" doc:"as cursor, it asks for the part after this one; empty at the end"`
}

// pageOf answers with what the store gave for a listing, as view shows it.
func pageOf[T, V any](p store.Page[T], err error, view func(T) V) (*reply[page[V]], error) {
	if errors.Is(err, store.ErrNotFound) {
		return nil, ani.Problems{{Field: "cursor", Text: "is not the next_cursor of an earlier part of this listing"}}
	}
	if err != nil {
		return nil, err
	}
	items := make([]V, len(p.Items))
	for i, item := range p.Items {
		items[i] = view(item)
	}
	return &reply[page[V]]{page[V]{Items: items, NextCursor: p.Next}}, nil
}

// etag is a version as a strong entity tag (RFC 9110 §8.8.3).
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// unchanged reports whether a client that sends ifNoneMatch has the version
// already.
func unchanged(ifNoneMatch string, version int64) bool {
	return ifNoneMatch != "" && lists(strings.ReplaceAll(ifNoneMatch, "W/", ""), version)
}

// foundAt answers with v, or with nothing new for a client that has it.
func foundAt[T any](v T, version int64, ifNoneMatch string) *found[T] {
	f := &found[T]{Status: http.StatusOK, ETag: etag(version), Body: v}
	if unchanged(ifNoneMatch, version) {
		f.Status = http.StatusNotModified
	}
	return f
}

// lists reports whether a list of entity tags has version's, or is *.
func lists(tags string, version int64) bool {
	for tag := range strings.SplitSeq(tags, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == etag(version) {
			return true
		}
	}
	return false
}

// expect is the version that an edit must find when it is committed, as
// Change.IfVersion wants it: 0 for a client that doesn't send If-Match.
func expect(ifMatch string, version int64) (int64, error) {
	if ifMatch == "" {
		return 0, nil
	}
	if !lists(ifMatch, version) {
		return 0, newProblem(http.StatusPreconditionFailed,
			fmt.Sprintf("somebody else has changed it meanwhile: its version is %d now. Read it again, then repeat the edit", version))
	}
	return version, nil
}
