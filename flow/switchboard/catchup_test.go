package switchboard_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/ringthrough/ringthrough/flow/store"
)

// overtaken is a store whose next edit is lost, while another replica's comes
// in, of the same people and the same millisecond.
type overtaken struct {
	store.Store
	theirs store.Change
}

func (o *overtaken) Edit(ctx context.Context, e store.Edit) (store.Revision, error) {
	if _, err := o.Store.Edit(ctx, store.Edit{Author: e.Author, At: e.At, Note: e.Note, Changes: slices.Values([]store.Change{o.theirs})}); err != nil {
		return store.Revision{}, err
	}
	return store.Revision{}, store.ErrUnavailable
}

// Somebody else's edit isn't taken for the one whose end is not known, however
// much alike they are.
func TestEditIsNotTakenForAnother(t *testing.T) {
	r := newRig(t)
	whole := r.gate.Store
	r.gate.Store = &overtaken{whole, createEntry("theirs", "+442079460000")}
	if _, err := r.Edit(t.Context(), ops, "", createEntry("ours", "+442079460001")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("an edit that was not made gave %v", err)
	}
	r.gate.Store = whole
	if s := r.Snapshot(); s.Revision != 2 || s.List.Len() != 2 {
		t.Errorf("revision %d serves with %d entries, want the other's", s.Revision, s.List.Len())
	}
}
