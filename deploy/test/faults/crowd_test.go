package faults

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// crowd is a number of connections that ask for a while. It is a process of
// its own, so that it is in nobody's way but the replica's.
type crowd struct {
	Connections int
	Span        time.Duration
	Each        int           // questions asked at once on each connection
	Every       time.Duration // how often that is done
	Waits       bool          // for the answers before it asks again

	Address string
	Batch   string // Each questions as they go over the wire
}

// crowdSetting is the variable that makes a test binary a crowd.
const crowdSetting = "RINGTHROUGH_CROWD"

// told is what a crowd has asked and was told.
type told struct {
	Asked, Served, Shed int64
	Wrong               string
}

// ask has a crowd ask the first replica of a house.
func (c crowd) ask(t *testing.T, h *house) told {
	t.Helper()
	c.Address = h.replicas[0].address()
	c.Batch = strings.Repeat(string(h.question(stranger)), c.Each)
	spec, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), crowdSetting+"="+string(spec))
	process.Stderr = os.Stderr
	out, err := process.Output()
	if err != nil {
		t.Fatalf("run a crowd: %v", err)
	}
	var got told
	if err := json.Unmarshal(out, &got); err != nil || got.Wrong != "" {
		t.Fatalf("a crowd: %v %s", err, got.Wrong)
	}
	return got
}

// beCrowd is what a test binary does that is a crowd.
func beCrowd(spec string) error {
	var c crowd
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(c.run())
}

func (c crowd) run() told {
	var asked, served, shed atomic.Int64
	var group sync.WaitGroup
	var conns []net.Conn
	for range c.Connections {
		conn, err := net.DialTimeout("tcp", c.Address, patience)
		if err != nil {
			return told{Wrong: err.Error()}
		}
		conns = append(conns, conn)
	}
	end := time.Now().Add(c.Span)
	for _, conn := range conns {
		if err := conn.SetDeadline(end); err != nil {
			return told{Wrong: err.Error()}
		}
		turns := make(chan struct{}, 1)
		group.Go(func() { asked.Add(c.write(conn, turns)) })
		group.Go(func() {
			c.count(conn, &served, &shed, turns)
			_ = conn.Close()
		})
	}
	group.Wait()
	return told{Asked: asked.Load(), Served: served.Load(), Shed: shed.Load()}
}

// write asks at the crowd's pace, or as fast as the other end reads, until the
// connection's time is over.
func (c crowd) write(conn net.Conn, turns <-chan struct{}) (asked int64) {
	tick := time.NewTicker(max(c.Every, time.Microsecond))
	defer tick.Stop()
	for {
		if _, err := io.WriteString(conn, c.Batch); err != nil {
			return asked
		}
		asked += int64(c.Each)
		if !c.Waits {
			<-tick.C
		} else if _, ok := <-turns; !ok {
			return asked
		}
	}
}

// count counts answers until there are no more, and gives the writer a turn
// when a batch is answered.
func (c crowd) count(conn io.Reader, served, shed *atomic.Int64, turns chan<- struct{}) {
	defer close(turns)
	lines := bufio.NewReaderSize(conn, 64<<10)
	for n := 1; ; {
		text, err := lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
		// The body of one answer ends without a line's end.
		switch s := string(text); {
		case strings.Contains(s, "HTTP/1.1 200"):
			served.Add(1)
		case strings.Contains(s, "HTTP/1.1 503"):
			shed.Add(1)
		default:
			continue
		}
		if n++; c.Waits && n%c.Each == 0 {
			turns <- struct{}{}
		}
	}
}
