package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress tells people how far a long question is: in one line that is drawn
// anew on a terminal, elsewhere in a line every few seconds.
type progress struct {
	out   io.Writer
	live  bool
	width int
	now   func() time.Time

	mutex sync.Mutex
	told  time.Time
	drawn bool
	heard bool // the server itself says how far it is
}

// How often progress is drawn anew, and told where it can't be.
const (
	drawEvery = 200 * time.Millisecond
	tellEvery = 5 * time.Second
)

// stage is how far the server is.
type stage struct {
	Phase string `json:"phase"` // reading, comparing or writing
	Rows  int64  `json:"rows"`
	Of    int64  `json:"of"` // 0: not known
}

func (s *session) newProgress() *progress {
	return &progress{out: s.stderr, live: isTerminal(s.stderr), width: s.columns(s.stderr), now: s.now, told: s.now()}
}

func (g stage) String() string {
	text := fmt.Sprintf("%s: %d rows", g.Phase, g.Rows)
	if g.Of > 0 {
		text += fmt.Sprintf(" of %d, %d %%", g.Of, min(100, 100*g.Rows/g.Of))
	}
	return text
}

// tell shows how far the server is.
func (p *progress) tell(g stage) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.heard = true
	p.show(g.String())
}

// sent shows how much of a file has gone to the server, until that says more;
// of is its size in bytes, or -1.
func (p *progress) sent(n, of int64) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.heard {
		return
	}
	text := fmt.Sprintf("sending: %d KiB", n>>10)
	if of > 0 {
		text += fmt.Sprintf(" of %d, %d %%", of>>10, min(100, 100*n/of))
	}
	p.show(text)
}

func (p *progress) show(text string) {
	now, every := p.now(), tellEvery
	if p.live {
		every = drawEvery
	}
	if now.Sub(p.told) < every {
		return
	}
	p.told = now
	if p.live {
		fmt.Fprint(p.out, "\r\x1b[K", clip(oneLine(text), p.width-1))
		p.drawn = true
		return
	}
	fmt.Fprintln(p.out, oneLine(text))
}

// end takes the line away.
func (p *progress) end() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
}
