package switchboard

import (
	"hash/maphash"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// recall remembers the direct calls of the last minute, so that a platform
// which repeats its question across a restart gets the answer of before: its
// call counts once. The snapshot must serve already.
func (sb *Switchboard) recall(calls []store.Call, now time.Time) {
	s := sb.snapshot.Load()
	for _, c := range calls {
		if c.CallID != "" && now.Sub(c.At) < retryWithin {
			sb.retries.remember(retryKey{c.Hook, c.CallID, c.ANI, c.DNIS}, answerOf(c, s, now))
		}
	}
}

// answerOf is the answer that a call of the journal was given. What the
// journal doesn't have, its line and its entry give as they are now.
func answerOf(c store.Call, s *flow.Snapshot, now time.Time) Answer {
	line, _ := s.Line(c.Line)
	d := flow.Decision{
		Call:  flow.Call{ANI: c.ANI, DNIS: c.DNIS, ID: c.CallID, Attestation: c.Attestation},
		Route: c.Route, Reason: c.Reason, Line: c.Line, Announce: line.Announce, ContinueURL: line.ContinueURL,
		Window: c.Window, Expected: c.Expected, Attempt: c.Attempt,
		Target: flow.Target{Kind: c.TargetKind, Address: c.Target},
	}
	d.Backup = s.Next(c.Line, d.Target, now, nil)
	for _, item := range s.List.Match(c.ANI, make([]ani.Item, 0, 4)) {
		if item.ID() == c.Entry {
			d.Entry = item.Detached()
		}
	}
	return Answer{ID: c.ID, At: c.At, Revision: s.Revision, Decision: d}
}

// remember keeps an answer that was given before.
func (r *retries) remember(key retryKey, a Answer) {
	hash := maphash.Comparable(r.seed, key)
	shard := &r.shards[hash%retryShards]
	shard.Lock()
	defer shard.Unlock()
	shard.turn(a.At)
	shard.young[hash] = &remembered{key, a}
}
