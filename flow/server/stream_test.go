package server

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow/store"
)

// stream is a client of the call stream over a real connection.
type stream struct {
	t     *testing.T
	lines *bufio.Scanner
	close func()
}

// streamServer serves the rig over a listener whose deadlines are shorter
// than the tests' streams, with a heartbeat of its own.
func (r *rig) streamServer(beat time.Duration) *httptest.Server {
	r.t.Helper()
	mux := http.NewServeMux()
	newAPI(r.s, mux, beat)
	server := httptest.NewUnstartedServer(mux)
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Start()
	r.t.Cleanup(server.Close)
	return server
}

func follow(t *testing.T, server *httptest.Server, lastEventID string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/v1/calls/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer viewer")
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" || response.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s %v", response.Status, response.Header)
	}
	s := &stream{t, bufio.NewScanner(response.Body), cancel}
	s.want(": calls follow", "") // it is subscribed from here on
	return s
}

// want reads the next lines.
func (s *stream) want(lines ...string) {
	s.t.Helper()
	for _, want := range lines {
		if !s.lines.Scan() {
			s.t.Fatalf("the stream ends before %q: %v", want, s.lines.Err())
		}
		if got := s.lines.Text(); got != want {
			s.t.Fatalf("line %q, want %q", got, want)
		}
	}
}

// nextID reads the next event and returns its id.
func (s *stream) nextID() string {
	s.t.Helper()
	for s.lines.Scan() {
		if id, ok := strings.CutPrefix(s.lines.Text(), "id: "); ok {
			s.lines.Scan() // its data
			return id
		}
	}
	s.t.Fatalf("the stream ends before an event: %v", s.lines.Err())
	return ""
}

// wantCall reads the next event, which is the call id, past heartbeats.
func (s *stream) wantCall(id string) string {
	s.t.Helper()
	for s.lines.Scan() {
		if text := s.lines.Text(); text == ": still here" || text == "" {
			continue
		} else if text != "event: call" {
			s.t.Fatalf("line %q, want an event", text)
		}
		s.want("id: " + id)
		s.lines.Scan()
		return strings.TrimPrefix(s.lines.Text(), "data: ")
	}
	s.t.Fatalf("the stream ends before the call %s: %v", id, s.lines.Err())
	return ""
}

// wantEnd reads to the end of the stream.
func (s *stream) wantEnd() {
	s.t.Helper()
	for s.lines.Scan() {
		if text := s.lines.Text(); text != "" && text != ": still here" {
			s.t.Fatalf("line %q, want the end", text)
		}
	}
	if err := s.lines.Err(); err != nil {
		s.t.Fatalf("the stream breaks off: %v", err)
	}
}

func TestStream(t *testing.T) {
	r := newRig(t)
	r.armed()
	r.entry("+16505550100")
	server := r.streamServer(time.Hour)
	one, two := follow(t, server, ""), follow(t, server, "")
	first := r.call("+16505550100", "c1")
	data := one.wantCall(first)
	if diff := cmp.Diff(parsed(t, r.do("viewer", "GET", "/v1/calls/"+first, "").body), parsed(t, data)); diff != "" {
		t.Errorf("event (-journal +stream):\n%s", diff)
	}
	two.wantCall(first)
	two.close()
	r.clock.forward(time.Second)
	second, third := r.call("+442079460000", "c2"), r.call("+442079460001", "c3")
	one.wantCall(second)
	one.wantCall(third)

	// A resumed stream makes up for what was missed, and goes on.
	again := follow(t, server, first)
	got := map[string]bool{}
	for range 2 { // of one millisecond, so in either order
		got[again.nextID()] = true
	}
	if diff := cmp.Diff(map[string]bool{second: true, third: true}, got); diff != "" {
		t.Errorf("missed calls (-want +got):\n%s", diff)
	}
	r.clock.forward(time.Second)
	fourth := r.call("+442079460002", "c4")
	again.wantCall(fourth)
	one.wantCall(fourth)

	// An id that the journal doesn't know starts a stream of its own.
	fresh := follow(t, server, "nobody")
	r.clock.forward(time.Second)
	fifth := r.call("+442079460003", "c5")
	for _, s := range []*stream{one, again, fresh} {
		s.wantCall(fifth)
	}

	r.s.Drain()
	for _, s := range []*stream{one, again, fresh} {
		s.wantEnd()
	}
}

func TestStreamResumesOverManyPages(t *testing.T) {
	r := newRig(t)
	r.armed()
	first := r.call("+442079460000", "first")
	r.clock.forward(time.Second)
	var marks []store.Mark
	const missed = 2345
	base, err := r.store.Call(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	for i := range missed {
		call := base
		call.ID, call.At = "missed-"+string(rune('a'+i/100))+string(rune('0'+i%100/10))+string(rune('0'+i%10)), r.clock.now()
		r.clock.forward(time.Millisecond)
		marks = append(marks, store.Mark{Call: &call})
	}
	if err := r.store.Record(t.Context(), marks); err != nil {
		t.Fatal(err)
	}
	s := follow(t, r.streamServer(time.Hour), first)
	for _, m := range marks {
		s.wantCall(m.Call.ID)
	}
}

func TestCallThatIsBothMissedAndNewIsSentOnce(t *testing.T) {
	recorder := httptest.NewRecorder()
	e := newEvents(recorder)
	if err := e.all([]store.Call{{ID: "a"}, {ID: "b"}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"b", "c"} {
		if err := e.call(store.Call{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"a", "b", "c"} {
		if n := strings.Count(recorder.Body.String(), "\nid: "+id+"\n"); n != 1 {
			t.Errorf("%s was sent %d times, want once", id, n)
		}
	}
}

func TestStreamBeatsPastTheListenersDeadlines(t *testing.T) {
	r := newRig(t)
	s := follow(t, r.streamServer(30*time.Millisecond), "")
	for range 5 {
		s.want(": still here", "")
	}
}

func TestStreamEndsWithItsToken(t *testing.T) {
	r := newRig(t)
	s := follow(t, r.streamServer(time.Hour), "")
	r.do("admin", "DELETE", "/v1/tokens/token-viewer", "")
	s.wantEnd()
}
