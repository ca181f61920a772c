package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// load is how hard a server is asked: on each connection one question at a
// time, each with a call id of its own.
type load struct {
	conns int
	span  time.Duration
}

// run is how many questions a second are answered.
func (l load) run(s *subject) (float64, error) {
	var answered atomic.Int64
	var group errgroup.Group
	start := time.Now()
	end := start.Add(l.span)
	for n := range l.conns {
		group.Go(func() error { return l.ask(s, n, end, &answered) })
	}
	err := group.Wait()
	return float64(answered.Load()) / time.Since(start).Seconds(), err
}

func (l load) ask(s *subject, conn int, end time.Time, answered *atomic.Int64) error {
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = c.Close() }() // all answers are in
	replies := bufio.NewReader(c)
	for i := 0; time.Now().Before(end); i++ {
		if _, err := c.Write(s.request(int64(conn)<<40 | time.Now().UnixNano()&(1<<40-1))); err != nil {
			return fmt.Errorf("ask: %w", err)
		}
		if _, err := readReply(replies, nil); err != nil {
			return err
		}
		answered.Add(1)
	}
	return nil
}

// readReply reads one reply and gives the length of its body, which goes to w
// where that isn't nil.
func readReply(r *bufio.Reader, w io.Writer) (int64, error) {
	status, err := r.ReadSlice('\n')
	if err != nil {
		return 0, fmt.Errorf("read reply: %w", err)
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200")) {
		return 0, fmt.Errorf("reply is %q", status)
	}
	var length int64
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, fmt.Errorf("read reply: %w", err)
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			for _, digit := range bytes.TrimSpace(value) {
				length = length*10 + int64(digit-'0')
			}
		}
	}
	if w == nil {
		w = io.Discard
	}
	_, err = io.CopyN(w, r, length)
	return length, err
}

// replySize is how long an answer of s is.
func (l load) replySize(s *subject) (int64, error) {
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		return 0, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = c.Close() }() // the answer is in
	if _, err := c.Write(s.request(1)); err != nil {
		return 0, fmt.Errorf("ask: %w", err)
	}
	return readReply(bufio.NewReader(c), nil)
}

// request is one question as it goes over the wire.
func (s *subject) request(callID int64) []byte { return s.asking(question, callID) }

func (s *subject) asking(question string, callID int64) []byte {
	body := fmt.Appendf(nil, question, callID)
	return fmt.Appendf(make([]byte, 0, 512), "%s /v1/lookup HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		http.MethodPost, s.address, s.token, len(body), body)
}
