package server

import (
	"context"
	"errors"
	"slices"

	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// batch is how many entries are asked for at once.
const batch = 1000

// compareEntries plans what makes the list have these entries as they are:
// those that it has keep their ids, versions and hits. Where others is not nil,
// it plans to delete the entries whose patterns others refuses.
func (b *bulk) compareEntries(ctx context.Context, entries func(each func(ani.Entry) error) error, others func(ani.Pattern) bool) error {
	part := make([]ani.Entry, 0, batch)
	err := entries(func(e ani.Entry) error {
		b.progress.step()
		if part = append(part, e); len(part) < batch {
			return nil
		}
		err := b.comparePart(ctx, part)
		part = part[:0]
		return err
	})
	if err == nil {
		err = b.comparePart(ctx, part)
	}
	if err != nil || others == nil {
		return err
	}
	return b.deleteOthers(ctx, others)
}

func (b *bulk) comparePart(ctx context.Context, part []ani.Entry) error {
	if len(part) == 0 {
		return nil
	}
	patterns := make([]ani.Pattern, len(part))
	for i := range part {
		patterns[i] = part[i].Pattern
	}
	found, err := b.board.Store().EntriesByPattern(ctx, patterns)
	if err != nil {
		return err
	}
	stored := make(map[ani.Pattern]*ani.Entry, len(found))
	for i := range found {
		stored[found[i].Pattern] = &found[i]
	}
	for i := range part {
		if err := b.compareEntry(stored[part[i].Pattern], &part[i], xid.New().String()); err != nil {
			return err
		}
	}
	return nil
}

// compareEntry plans what makes an entry of what is stored, nil for nothing.
// id is for one that isn't stored.
func (b *bulk) compareEntry(stored, wanted *ani.Entry, id string) error {
	switch {
	case stored == nil:
		wanted.ID = id
		return b.plan(planned{Op: store.OpCreate, Kind: store.KindEntry, Key: id, Entry: wanted})
	case saysSame(stored, wanted):
		b.unchanged++
		return nil
	default:
		wanted.ID = stored.ID
		return b.plan(planned{Op: store.OpUpdate, Kind: store.KindEntry, Key: stored.ID, IfVersion: stored.Version, Entry: wanted, EntryBefore: stored})
	}
}

// saysSame reports whether two entries say the same, whatever their ids.
func saysSame(a, b *ani.Entry) bool {
	return a.Pattern == b.Pattern && a.Label == b.Label && a.Source == b.Source && slices.Equal(a.Lines, b.Lines) &&
		a.NotBefore.Equal(b.NotBefore) && a.ExpiresAt.Equal(b.ExpiresAt) && a.Enabled == b.Enabled &&
		a.MinAttestation == b.MinAttestation && a.Note == b.Note
}

func (b *bulk) deleteEntry(e *ani.Entry) error {
	return b.plan(planned{Op: store.OpDelete, Kind: store.KindEntry, Key: e.ID, IfVersion: e.Version, EntryBefore: e})
}

// deleteOthers plans to delete the entries whose patterns keep refuses.
func (b *bulk) deleteOthers(ctx context.Context, keep func(ani.Pattern) bool) error {
	var wrong error
	head := func(store.Revision, []store.Line) bool { return true }
	err := b.board.Store().Export(ctx, head, func(e ani.Entry) bool {
		if !keep(e.Pattern) {
			wrong = b.deleteEntry(&e)
		}
		return wrong == nil
	})
	return errors.Join(wrong, err)
}

// compareLine plans what makes a line of what is stored.
func (b *bulk) compareLine(stored *store.Line, wanted *flow.Line) error {
	switch {
	case stored == nil:
		return b.plan(planned{Op: store.OpCreate, Kind: store.KindLine, Key: wanted.Name, Line: wanted})
	case same(stored.Line, wanted):
		b.unchanged++
		return nil
	default:
		return b.plan(planned{Op: store.OpUpdate, Kind: store.KindLine, Key: wanted.Name, IfVersion: stored.Version, Line: wanted, LineBefore: &stored.Line})
	}
}

func (b *bulk) deleteLine(stored *store.Line) error {
	return b.plan(planned{Op: store.OpDelete, Kind: store.KindLine, Key: stored.Name, IfVersion: stored.Version, LineBefore: &stored.Line})
}
