package switchboard

import (
	"sync"
	"sync/atomic"

	"github.com/ringthrough/ringthrough/flow/store"
)

// feed hands every journalled call to those who watch. The zero feed is ready.
type feed struct {
	mu       sync.Mutex
	watchers map[chan store.Call]bool
	news     atomic.Uint64 // what was learnt of calls since the start
}

// feedBuffer is how many calls a watcher may lag behind.
const feedBuffer = 256

func (f *feed) subscribe() (<-chan store.Call, func()) {
	c := make(chan store.Call, feedBuffer)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watchers == nil {
		f.watchers = make(map[chan store.Call]bool)
	}
	f.watchers[c] = true
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watchers, c)
	}
}

func (f *feed) publish(call store.Call, dropped func(what, reason string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.news.Add(1)
	for c := range f.watchers {
		select {
		case c <- call:
		default:
			dropped("event", "slow")
		}
	}
}
