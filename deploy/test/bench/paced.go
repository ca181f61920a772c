package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// latencies are how long lookups took, from when they were due.
type latencies struct{ carried, direct sample }

type sample []time.Duration

// String is the median, the 99th percentile and the most, in milliseconds.
func (s sample) String() string {
	if len(s) == 0 {
		return "none"
	}
	slices.Sort(s)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return fmt.Sprintf("%.1f / %.1f / %.1f ms of %d", ms(s[len(s)/2]), ms(s[len(s)*99/100]), ms(s[len(s)-1]), len(s))
}

// Lookups are asked so often, whatever the answers take: callers don't wait
// for each other.
const (
	carriedEvery = 5 * time.Millisecond
	directEvery  = 100 * time.Millisecond
	pacedConns   = 4
)

const listed = `{"ani":"+16502000000","dnis":"+18005550100","call_id":"%020d"}`

// paced asks for a span, or until ctx ends.
func (s *subject) paced(ctx context.Context, span time.Duration) (latencies, error) {
	ctx, cancel := context.WithTimeout(ctx, span)
	defer cancel()
	var l latencies
	var mu sync.Mutex
	var group errgroup.Group
	for n := range pacedConns {
		group.Go(func() error {
			every := pacedConns * carriedEvery
			took, err := s.pacedOn(ctx, question, every, time.Duration(n)*carriedEvery)
			mu.Lock()
			defer mu.Unlock()
			l.carried = append(l.carried, took...)
			return err
		})
	}
	group.Go(func() (err error) {
		l.direct, err = s.pacedOn(ctx, listed, directEvery, 0)
		return err
	})
	return l, group.Wait()
}

func (s *subject) pacedOn(ctx context.Context, question string, every, shift time.Duration) (sample, error) {
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = c.Close() }() // all answers are in
	replies := bufio.NewReader(c)
	var took sample
	for due := time.Now().Add(shift); ; due = due.Add(every) {
		select {
		case <-ctx.Done():
			return took, nil
		case <-time.After(time.Until(due)):
		}
		if _, err := c.Write(s.asking(question, time.Now().UnixNano())); err != nil {
			return nil, fmt.Errorf("ask: %w", err)
		}
		if _, err := readReply(replies, nil); err != nil {
			return nil, err
		}
		took = append(took, time.Since(due))
	}
}
