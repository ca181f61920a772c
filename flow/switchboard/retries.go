package switchboard

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// retryWithin is how long a platform that repeats its question is given the
// same answer.
const retryWithin = time.Minute

// retryKey tells one call from another. A platform whose configuration sends
// a constant for the id would otherwise have every caller of a minute treated
// as the first one: so the two numbers belong to it.
type retryKey struct {
	hook, callID string
	ani, dnis    ani.Number
}

// retries remembers the answers of the last minute, up to retryCap of them.
type retries struct {
	seed    maphash.Seed
	shards  [retryShards]retryShard
	dropped func(what, reason string)
}

const (
	retryCap    = 1 << 16
	retryShards = 64
)

// retryShard keeps answers in two generations. Once the younger one is a
// minute old, or full, it becomes the older one, and that is let go whole.
type retryShard struct {
	sync.Mutex
	young, old map[uint64]*remembered // by the hash of the key
	since      time.Time              // when young was begun
}

// remembered is an answer and the call that was given it. Of two calls whose
// hashes are the same only the later one is remembered.
type remembered struct {
	key    retryKey
	answer Answer
}

func newRetries(dropped func(what, reason string)) *retries {
	return &retries{seed: maphash.MakeSeed(), dropped: dropped}
}

// do gives the answer that key was given within the last minute, else what
// decide gives. Two that ask for one key at once get one decision: the second
// waits for it, which takes no longer than a decision does.
func (r *retries) do(key retryKey, now time.Time, decide func() Answer) Answer {
	hash := maphash.Comparable(r.seed, key)
	shard := &r.shards[hash%retryShards]
	shard.Lock()
	defer shard.Unlock()
	if again, ok := shard.find(hash, key, now); ok {
		again.Repeated = true
		return again
	}
	a := decide()
	if lost := shard.turn(now); lost > 0 {
		r.dropped("retry", "full")
	}
	shard.young[hash] = &remembered{key, a}
	return a
}

func (s *retryShard) find(hash uint64, key retryKey, now time.Time) (Answer, bool) {
	r, ok := s.young[hash]
	if !ok {
		r, ok = s.old[hash]
	}
	if !ok || r.key != key || now.Sub(r.answer.At) >= retryWithin {
		return Answer{}, false
	}
	return r.answer, true
}

// turn begins a new generation where it is time to, and gives how many
// answers were let go before their minute was over.
func (s *retryShard) turn(now time.Time) (lost int) {
	full := len(s.young) >= retryCap/retryShards/2
	if s.young != nil && !full && now.Sub(s.since) < retryWithin {
		return 0
	}
	if full && now.Sub(s.since) < retryWithin {
		lost = len(s.old)
	}
	s.young, s.old, s.since = make(map[uint64]*remembered, len(s.young)), s.young, now
	return lost
}
