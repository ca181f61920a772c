package store

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// ChainEnd is where the audit's chain ends, or a part of it: how many records
// there were until then, and the hash of the last. Zero: before the first.
type ChainEnd struct {
	Records int64
	Hash    [sha256.Size]byte
}

// Add moves the end past r, and gives r as it stands there in the chain.
func (c *ChainEnd) Add(r AuditRecord) AuditRow {
	r.ID = c.Records + 1
	digest := r.Digest()
	hash := Chain(c.Hash, digest)
	*c = ChainEnd{r.ID, hash}
	return AuditRow{AuditRecord: r, Edit: r.Revision, Digest: digest[:], Hash: hash[:]}
}

// own is the digest of what the record says, or said before it was erased: of
// that only its digest is left. What stands there for it may be anything.
func (r AuditRow) own() (digest [sha256.Size]byte) {
	if !r.Erased {
		return r.AuditRecord.Digest()
	}
	copy(digest[:], r.Digest)
	return digest
}

// ChainWalk goes along the chain until the first thing that is wrong, and
// counts the rest.
type ChainWalk struct {
	end   ChainEnd // as far as it holds
	state AuditState
}

// WalkFrom begins a walk at the end of what was pruned.
func WalkFrom(base ChainEnd) *ChainWalk {
	return &ChainWalk{end: base, state: AuditState{Pruned: base.Records}}
}

// Step goes on to the record that has the next ID there is, its Revision set.
func (w *ChainWalk) Step(r AuditRow) {
	w.state.Records++
	if r.Erased {
		w.state.Erased++
	}
	if w.state.Broken == 0 {
		w.follow(r)
	}
}

func (w *ChainWalk) follow(r AuditRow) {
	digest := r.own()
	hash := Chain(w.end.Hash, digest)
	switch before := w.end.Records; {
	case r.ID < 1:
		w.fail(1, fmt.Sprintf("record %d was added by something else than ringthrough", r.ID))
	case r.ID != before+1:
		w.fail(max(before, 1), gone(before+1, r.ID-1))
	case !bytes.Equal(r.Digest, digest[:]):
		w.fail(r.ID, fmt.Sprintf("record %d is not what was written: its content does not fit its digest", r.ID))
	case !bytes.Equal(r.Hash, hash[:]):
		w.fail(r.ID, fmt.Sprintf("record %d does not follow from what stands before it: its hash is not the one that comes out", r.ID))
	default:
		w.end = ChainEnd{r.ID, hash}
	}
}

// Arrive compares the end of the walk with the end that was marked.
func (w *ChainWalk) Arrive(marked ChainEnd) AuditState {
	switch last := w.end.Records; {
	case w.state.Broken != 0 || w.end == marked:
	case last < marked.Records:
		w.fail(max(last, 1), gone(last+1, marked.Records))
	case last > marked.Records:
		w.fail(marked.Records+1, fmt.Sprintf("record %d was added by something else than ringthrough", marked.Records+1))
	default:
		w.fail(max(last, 1), fmt.Sprintf("record %d is not the one that was written last", last))
	}
	w.state.Head = w.end.Hash
	return w.state
}

func (w *ChainWalk) fail(id int64, problem string) { w.state.Broken, w.state.Problem = id, problem }

func gone(from, to int64) string {
	if from == to {
		return fmt.Sprintf("record %d is missing", from)
	}
	return fmt.Sprintf("records %d to %d are missing", from, to)
}
