package call_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// control is baresip's control connection: JSON in netstrings. Commands go
// one way, their answers and events come the other.
type control struct {
	conn net.Conn
	raw  syscall.RawConn // of conn
	sent int

	mu       sync.Mutex
	messages []message
}

// message is an event, or the answer to a command.
type message struct {
	Type  string `json:"type"`  // of an event
	Token string `json:"token"` // of an answer
	OK    bool   `json:"ok"`
	Data  string `json:"data"`
	at    time.Time
}

func openControl(t *testing.T, conn net.Conn) *control {
	t.Helper()
	c, over := &control{conn: conn}, make(chan struct{})
	var err error
	if c.raw, err = conn.(syscall.Conn).SyscallConn(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(over)
		c.read()
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-over
	})
	return c
}

// read keeps what comes until the connection is closed. A message that can't
// be read ends it too, and then nothing that is awaited comes.
func (c *control) read() {
	r := bufio.NewReader(c.conn)
	for {
		length, err := r.ReadString(':')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
		if err != nil || n < 0 || n > 1<<20 {
			return
		}
		text := make([]byte, n+1) // with the comma
		if _, err := io.ReadFull(r, text); err != nil {
			return
		}
		c.acknowledge()
		m := message{at: time.Now()}
		if err := json.Unmarshal(text[:n], &m); err != nil {
			return
		}
		c.mu.Lock()
		c.messages = append(c.messages, m)
		c.mu.Unlock()
	}
}

// send sends a command and gives the token of its answer.
func (c *control) send(t *testing.T, command, params string) string {
	t.Helper()
	c.sent++
	token := strconv.Itoa(c.sent)
	text, err := json.Marshal(map[string]string{"command": command, "params": params, "token": token})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(c.conn, "%d:%s,", len(text), text); err != nil {
		t.Fatalf("tell baresip to %s: %v", command, err)
	}
	c.acknowledge()
	return token
}

// acknowledge has the kernel acknowledge what baresip sends at once, until
// the next time that something is sent or read. Else baresip's kernel would
// hold an event back for 40 ms where one went out just before, and times be
// wrong by so much. See tcp(7), TCP_QUICKACK.
func (c *control) acknowledge() {
	_ = c.raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1)
	})
}

// answered reports whether the answer to a command is there, which must be a
// good one.
func (c *control) answered(t *testing.T, token string) bool {
	t.Helper()
	m, ok := c.find(func(m message) bool { return m.Token == token })
	if ok && !m.OK {
		t.Fatalf("baresip refused: %s", m.Data)
	}
	return ok
}

func (c *control) saw(event string) bool {
	_, ok := c.find(func(m message) bool { return m.Type == event })
	return ok
}

func (c *control) at(event string) time.Time {
	m, _ := c.find(func(m message) bool { return m.Type == event })
	return m.at
}

func (c *control) find(wanted func(message) bool) (message, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.messages {
		if wanted(m) {
			return m, true
		}
	}
	return message{}, false
}

func (c *control) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages = nil
}
