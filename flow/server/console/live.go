package console

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"time"

	"github.com/ringthrough/ringthrough/flow/server/sse"
)

// livePath is where pages hear of news.
const livePath = "/live"

const (
	// lookAround is how often a stream looks for what has changed.
	lookAround = 500 * time.Millisecond

	// beat is how long a stream is silent at most, so that nothing on the way
	// takes it for dead.
	beat = 15 * time.Second
)

// live tells a page what it should show anew: "call" where a call has come
// in, "change" where a line may look different, at once if something has
// changed since the page was written. It ends when its reader is no longer
// signed in.
func (c *Console) live(w http.ResponseWriter, r *http.Request) {
	v := &visit{Console: c, w: w, r: r}
	if !c.sessions.resume(v) {
		w.WriteHeader(http.StatusNoContent) // which is how a browser is told not to come again
		return
	}
	calls, cancel := c.board.Subscribe()
	defer cancel()
	out := sse.NewWriter(w)
	look, silent, state := time.NewTicker(lookAround), time.NewTicker(beat), r.URL.Query().Get("since")
	defer look.Stop()
	defer silent.Stop()
	for err := out.Comment("news follow"); err == nil && c.welcome(v); {
		if now := c.state(); now != state {
			state = now
			err = out.Event("change", "", state)
			continue
		}
		select {
		case <-calls:
			state = c.state()
			err = out.Event("call", "", state)
		case <-look.C:
		case <-silent.C:
			err = out.Comment("still here")
		case <-r.Context().Done():
			return
		}
	}
}

func (c *Console) welcome(v *visit) bool {
	return c.sessions.valid(&v.who, c.board.Now()) && !c.draining()
}

// state changes whenever a page may look different: with an edit, with what is
// learnt of a call, and when a window opens or closes. It is short and says nothing
// to its readers.
func (c *Console) state() string {
	s, now := c.board.Snapshot(), c.board.Now()
	h := fnv.New64a()
	fmt.Fprint(h, s.Revision, c.board.News(), c.board.JournalPending()) // a candidate is news before its row is there
	for _, l := range s.Lines() {
		live := s.Live(l.Name)
		for i := range live.Windows {
			w := &live.Windows[i]
			fmt.Fprint(h, w.ID, w.State(now))
		}
	}
	return strconv.FormatUint(h.Sum64(), 36)
}
