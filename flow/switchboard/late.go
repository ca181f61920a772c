package switchboard

import (
	"fmt"
	"slices"
)

// spoolLate has a row written to the spool that the store has not taken in
// time.
func (j *journal) spoolLate(p *pending) {
	select {
	case <-p.done:
		return
	default:
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return // close spools what is left
	}
	select {
	case j.late <- p:
	default:
		j.dropped("spool", "full") // the row still waits in memory
	}
}

// runSpool writes rows at once, and leaves the waiting for the disk to runSync:
// what is written outlives the process.
func (j *journal) runSpool() {
	defer close(j.written)
	for p := range j.late {
		written := j.spoolNow(p)
		close(p.went)
		if written {
			j.written <- p
		}
	}
}

// runSync makes durable what is in the spool, as much at a time as has come
// meanwhile.
func (j *journal) runSync() {
	for p := range j.written {
		batch := []*pending{p}
		for range len(j.written) {
			batch = append(batch, <-j.written)
		}
		for _, p := range j.synced(batch) {
			close(p.kept)
		}
	}
}

// synced makes rows of the spool durable and gives those that are.
func (j *journal) synced(batch []*pending) []*pending {
	var kept []*pending
	for _, p := range batch {
		if err := j.spool.syncRow(p.name); err != nil {
			j.log.Error().Err(err).Str("row", rowID(p.mark)).Msg("a journal row in the spool would not survive a power cut")
			continue
		}
		kept = append(kept, p)
	}
	if err := j.spool.sync(); err != nil {
		j.log.Error().Err(err).Msg("journal rows in the spool would not survive a power cut")
		return nil
	}
	return kept
}

// spoolTries is how often it is tried to write a row: a disk that fails may
// only have failed once.
const spoolTries = 3

// spoolNow reports whether the row outlives the process, in the spool or in
// the store.
func (j *journal) spoolNow(p *pending) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.recorded || p.spooled {
		return true
	}
	var err error
	for range spoolTries {
		if err = j.spool.put(p.name, p.mark); err == nil {
			p.spooled = true
			return true
		}
	}
	j.log.Error().Err(err).Str("row", rowID(p.mark)).Msg("a journal row is in memory alone")
	return false
}

// unspool lets go of a row that the store has taken.
func (j *journal) unspool(p *pending) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recorded = true
	if !p.spooled {
		return
	}
	if err := j.spool.remove(p.name); err != nil {
		j.log.Warn().Err(err).Msg("a journal row stays in the spool")
	}
}

func (j *journal) spoolRest() error {
	j.mu.Lock()
	rest := slices.Clone(j.waiting)
	j.mu.Unlock()
	if len(rest) == 0 {
		return nil
	}
	var written []*pending
	for _, p := range rest {
		if j.spoolNow(p) {
			written = append(written, p)
		}
	}
	if lost := len(rest) - len(j.synced(written)); lost > 0 {
		return fmt.Errorf("close journal: %d rows could not be kept", lost)
	}
	return nil
}
