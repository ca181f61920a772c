package signin

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"time"
)

// What a memory keeps. The time covers a timestamp from as far ahead of our
// clock as Tolerance lets it be until it is as far behind.
const (
	memoryTime = 2 * Tolerance
	memorySize = 1 << 16 // some 100 requests a second for memoryTime; about 5 MiB
)

// memory knows what was let in of late. Only signed requests get into it, so
// nobody without a secret can push anything out. Beyond memorySize the oldest
// is forgotten. The zero memory is empty. It is this process's alone: another
// replica has its own.
type memory struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]struct{}
	queue []admission // as they came; oldest first
}

type admission struct {
	id [sha256.Size]byte
	at time.Time
}

// admit gives ErrReplayed if id has been admitted in the last memoryTime, and
// remembers it otherwise.
func (m *memory) admit(id string, now time.Time) error {
	sum := sha256.Sum256([]byte(id))
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.queue) > 0 && now.Sub(m.queue[0].at) > memoryTime {
		m.forget()
	}
	if _, used := m.known[sum]; used {
		return fmt.Errorf("%w in the last %s", ErrReplayed, memoryTime)
	}
	if len(m.queue) == memorySize {
		m.forget()
	}
	if m.known == nil {
		m.known = make(map[[sha256.Size]byte]struct{})
	}
	m.known[sum] = struct{}{}
	m.queue = append(m.queue, admission{sum, now})
	return nil
}

func (m *memory) forget() {
	delete(m.known, m.queue[0].id)
	m.queue = m.queue[1:]
}
