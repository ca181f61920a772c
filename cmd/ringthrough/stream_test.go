package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// following makes a client of a server that answers with h.
func following(t *testing.T, h http.HandlerFunc) *client {
	t.Helper()
	env := serving(t, h)
	s := &session{env: func(name string) (string, bool) { return env[name], true }, now: time.Now}
	s.flags.Server = env["RINGTHROUGH_SERVER"]
	c, err := s.connect()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// event answers with one event, after which the client is to come back soon.
func event(w http.ResponseWriter, id string) {
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprintf(w, ": still here\n\nretry: 1\nevent: other\ndata: no\n\nevent: call\nid: %s\ndata: {\"id\":%q}\n\n", id, id)
}

func TestABrokenStreamGoesOnWhereItBroke(t *testing.T) {
	var resumed []string
	c := following(t, func(w http.ResponseWriter, r *http.Request) {
		resumed = append(resumed, r.Header.Get("Last-Event-ID"))
		switch len(resumed) {
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			event(w, fmt.Sprint("call-", len(resumed)))
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun, lost, calls := 0, []string{}, []string{}
	err := c.follow(ctx, follower{
		begun: func() { begun++ },
		lost:  func(err error, _ time.Duration) { lost = append(lost, err.Error()) },
		each: func(data json.RawMessage) error {
			if calls = append(calls, string(data)); len(calls) == 2 {
				cancel()
			}
			return nil
		},
	}, "v1", "calls", "stream")
	if err != nil || begun != 1 {
		t.Errorf("ended with %v, begun %d times", err, begun)
	}
	for _, diff := range []string{
		cmp.Diff([]string{"", "call-1", "call-1"}, resumed),
		cmp.Diff([]string{`{"id":"call-1"}`, `{"id":"call-3"}`}, calls),
		cmp.Diff([]string{"the server ended the stream", "the server answers 503 Service Unavailable"}, lost),
	} {
		if diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

func TestAStreamEndsWithWhoReadsIt(t *testing.T) {
	full := errors.New("no space left")
	c := following(t, func(w http.ResponseWriter, _ *http.Request) { event(w, "call-1") })
	err := c.follow(t.Context(), follower{
		begun: func() {},
		lost:  func(error, time.Duration) {},
		each:  func(json.RawMessage) error { return full },
	}, "v1", "calls", "stream")
	if !errors.Is(err, full) {
		t.Errorf("ended with %v, want %v", err, full)
	}
}
