package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

var contexts = map[string]func(*kit){
	"nothing is done once it has ended": ended,
	"its end in the middle of an edit":  endedEdit,
	"its end in the middle of a load":   endedLoad,
	"its end while things are read":     endedReading,
	"a deadline that is past":           pastDeadline,
}

// methods is every method that takes a context.
func methods(s store.Store) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Load": func(ctx context.Context) error {
			_, err := s.Load(ctx, noon, func(ani.Entry) bool { return true })
			return err
		},
		"Edit": func(ctx context.Context) error {
			_, err := s.Edit(ctx, store.Edit{Author: ops, At: noon, Changes: func(yield func(store.Change) bool) {
				yield(createEntry(newEntry("b", number(2))))
			}})
			return err
		},
		"Entry":          one(s.Entry, "a"),
		"EntryByPattern": one(s.EntryByPattern, pattern(number(1))),
		"Entries":        one(s.Entries, store.EntryQuery{Limit: 1}),
		"Line":           one(s.Line, "support"),
		"Lines":          none(s.Lines),
		"Window":         one(s.Window, "w"),
		"Windows":        one(s.Windows, store.WindowQuery{Limit: 1}),
		"Tokens":         none(s.Tokens),
		"Record": func(ctx context.Context) error {
			return s.Record(ctx, []store.Mark{ofCall(newCall("2", store.CallDirect, noon))})
		},
		"Call":  one(s.Call, "1"),
		"Calls": one(s.Calls, store.CallQuery{Limit: 1}),
		"SetOutcome": func(ctx context.Context) error {
			_, err := s.SetOutcome(ctx, "1", store.OutcomeOf{Outcome: store.OutcomeMissed})
			return err
		},
		"EntriesByPattern": one(s.EntriesByPattern, []ani.Pattern{pattern(number(1))}),
		"Export": func(ctx context.Context) error {
			return s.Export(ctx, func(store.Revision, []store.Line) bool { return true }, func(ani.Entry) bool { return true })
		},
		"Revisions":    one(s.Revisions, store.RevisionQuery{Limit: 1}),
		"RevisionInfo": one(s.RevisionInfo, 1),
		"Changes":      one(s.Changes, store.ChangeQuery{Revision: 1, Limit: 1}),
		"ChangedSince": func(ctx context.Context) error {
			return s.ChangedSince(ctx, 0, func(store.Recorded) bool { return true })
		},
		"Refuse":      func(ctx context.Context) error { return s.Refuse(ctx, store.AuditRecord{At: noon}) },
		"Audit":       one(s.Audit, store.AuditQuery{Limit: 1}),
		"VerifyAudit": none(s.VerifyAudit),
		"Enqueue": func(ctx context.Context) error {
			return s.Enqueue(ctx, []store.Delivery{newDelivery("n", "mail", noon)})
		},
		"Claim": func(ctx context.Context) error {
			_, err := s.Claim(ctx, noon, noon.Add(time.Minute), 1)
			return err
		},
		"Settle": func(ctx context.Context) error {
			return s.Settle(ctx, "kept", "mail", time.Time{}, "")
		},
		"Key":  one(s.Key, "signing"),
		"Ping": s.Ping,
	}
}

func one[K, V any](read func(context.Context, K) (V, error), key K) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := read(ctx, key)
		return err
	}
}

func none[V any](read func(context.Context) (V, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := read(ctx)
		return err
	}
}

// something puts one thing of every kind into the store.
func (k *kit) something() contents {
	k.Helper()
	k.edit(createEntry(newEntry("a", number(1))), putLine(newLine("support")), putWindow(newWindow("w", "support", noon, time.Hour)), putToken(newToken("t")))
	k.record(ofCall(newCall("1", store.CallDirect, noon)))
	k.must(k.s.Enqueue(k.ctx, []store.Delivery{newDelivery("kept", "mail", noon.Add(time.Hour))}))
	return k.dump()
}

func ended(k *kit) {
	before := k.something()
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	for name, call := range methods(k.s) {
		err := call(ctx)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) {
			k.Errorf("%s gave %v, want an error that is both canceled and unavailable", name, err)
		}
	}
	k.diff("the store afterwards", before, k.dump())
	for name, call := range methods(k.s) {
		if err := call(k.ctx); err != nil {
			k.Errorf("%s with a context that lasts: %v", name, err)
		}
	}
}

func pastDeadline(k *kit) {
	before := k.something()
	ctx, cancel := context.WithDeadline(k.ctx, time.Now().Add(-time.Second))
	defer cancel()
	for name, call := range methods(k.s) {
		err := call(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, store.ErrUnavailable) {
			k.Errorf("%s gave %v, want an error that is both past its deadline and unavailable", name, err)
		}
	}
	k.diff("the store afterwards", before, k.dump())
}

func endedEdit(k *kit) {
	before := k.something()
	for _, made := range []int{0, 1, 50} {
		ctx, cancel := context.WithCancel(k.ctx)
		_, err := k.s.Edit(ctx, store.Edit{Author: ops, At: noon, Changes: func(yield func(store.Change) bool) {
			for n := range 100 {
				if n == made {
					cancel()
				}
				if !yield(createEntry(newEntry(fmt.Sprint("new", n), number(100+n)))) {
					return
				}
			}
		}})
		if !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) {
			k.Errorf("after %d changes: gave %v, want an error that is both canceled and unavailable", made, err)
		}
		k.diff("the store afterwards", before, k.dump())
	}
	k.edit(createEntry(newEntry("b", number(2))))
}

func endedLoad(k *kit) {
	for n := range 300 {
		k.edit(createEntry(newEntry(fmt.Sprint("e", n), number(n))))
	}
	ctx, cancel := context.WithCancel(k.ctx)
	defer cancel()
	_, err := k.s.Load(ctx, noon, func(ani.Entry) bool {
		cancel()
		return true
	})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) {
		k.Errorf("gave %v, want an error that is both canceled and unavailable", err)
	}
	state, _ := k.load(noon)
	k.diff("entries of the next load", 300, state.EntryHint)
}

// endedReading has the context end while something is handed over: the first
// thing of many, or the last one.
func endedReading(k *kit) {
	const entries = 300
	for n := range entries {
		k.edit(createEntry(newEntry(fmt.Sprint("e", n), number(n))))
	}
	head := func(store.Revision, []store.Line) bool { return true }
	for _, enough := range []int{1, entries} {
		for name, read := range map[string]func(ctx context.Context, seen func() bool) error{
			"an export": func(ctx context.Context, seen func() bool) error {
				return k.s.Export(ctx, head, func(ani.Entry) bool { return seen() })
			},
			"changes since": func(ctx context.Context, seen func() bool) error {
				return k.s.ChangedSince(ctx, 0, func(store.Recorded) bool { return seen() })
			},
		} {
			ctx, cancel := context.WithCancel(k.ctx)
			n := 0
			err := read(ctx, func() bool {
				if n++; n == enough {
					cancel()
				}
				return true
			})
			cancel()
			if !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrUnavailable) {
				k.Errorf("%s, ended after %d: gave %v, want an error that is both canceled and unavailable", name, enough, err)
			}
		}
	}
	k.diff("entries of the next export", entries, len(k.export().Entries))
}
