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

func (j *journal) runSpool() {
	for p := range j.late {
		j.spoolNow(p)
	}
}

// spoolNow reports whether the row is durable, in the spool or in the store.
func (j *journal) spoolNow(p *pending) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.recorded || p.spooled {
		return true
	}
	if err := j.spool.put(p.name, p.mark); err != nil {
		j.log.Error().Err(err).Str("row", rowID(p.mark)).Msg("a journal row is in memory alone")
		return false
	}
	p.spooled = true
	close(p.kept)
	return true
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
	lost := 0
	for _, p := range rest {
		if !j.spoolNow(p) {
			lost++
		}
	}
	if lost > 0 {
		return fmt.Errorf("close journal: %d rows could not be kept", lost)
	}
	return nil
}
