package faults

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// mostMemory is what a replica may take under any load here, in MiB: what it
// took, and twice as much again. The race detector takes more.
func mostMemory() int {
	if raced {
		return 4096
	}
	return 768
}

// TestLoad puts one replica under more than it can do, in several ways.
func TestLoad(t *testing.T) {
	h := open(t, 1, "")
	h.grow(t, 20_000)
	for _, judge := range []struct {
		name    string
		load    func(*testing.T, *house)
		mayShed bool
	}{
		{"ten times the lookups that fit", tenTimes, true},
		{"slow readers", slowReaders, true},
		{"idle connections", idleConnections, false},
		{"a storm of edits", stormOfEdits, false},
	} {
		t.Run(judge.name, func(t *testing.T) {
			good := h.askWell(t, h.replicas[0])
			judge.load(t, h)
			good.judge(t, judge.name, judge.mayShed)
			now, most := h.replicas[0].memory(t)
			if most > mostMemory() {
				t.Errorf("the replica took %d MiB of memory", most)
			}
			figure(t, judge.name, "memory %d MiB, at most %d MiB", now, most)
		})
	}
	h.wantServed(t, map[string]string{listed: "steady", stranger: ""})
}

// grow adds entries to the list.
func (h *house) grow(t *testing.T, n int) {
	t.Helper()
	var list strings.Builder
	list.WriteString("pattern,label\n")
	for i := range n {
		fmt.Fprintf(&list, "+1651%07d,one of many\n", 2000000+i)
	}
	h.must(t, h.replicas[0], http.MethodPost, "/v1/import?mode=merge", list.String(), "Content-Type", "text/csv")
}

// question is one lookup as it goes over the wire.
func (h *house) question(caller string) []byte {
	body := `{"ani":"` + caller + `","dnis":"` + lineAt + `"}`
	return fmt.Appendf(nil, "POST /v1/lookup HTTP/1.1\r\nHost: ringthrough\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", h.token, len(body), body)
}

// dial connects to a replica until the test ends.
func dial(t *testing.T, r *replica) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{Timeout: patience}).DialContext(t.Context(), "tcp", r.address())
	if err != nil {
		t.Fatalf("connect to %s: %v", r.name, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// tenTimes measures how many lookups fit, and then asks ten times as many.
func tenTimes(t *testing.T, h *house) {
	t.Helper()
	span := sized(time.Second, 30*time.Second)
	const each = 16
	fit := crowd{Connections: 4, Each: each, Span: span, Waits: true}.ask(t, h)
	perSecond := float64(fit.Served) / span.Seconds()
	const connections = 1000
	every := time.Duration(float64(connections*each) / (10 * perSecond) * float64(time.Second))
	told := crowd{Connections: connections, Each: each, Span: span, Every: every}.ask(t, h)
	if told.Served == 0 {
		t.Error("none of the crowd was served")
	}
	figure(t, "ten times the lookups that fit", "%.0f/s fit; then %d connections meant to ask %.0f/s and got to ask %.0f/s; answered 200: %d, 503: %d",
		perSecond, connections, 10*perSecond, float64(told.Asked)/span.Seconds(), told.Served, told.Shed)
}

// slowReaders ask for a lot and read nothing.
func slowReaders(t *testing.T, h *house) {
	t.Helper()
	const readers = 400
	export := fmt.Appendf(nil, "GET /v1/export HTTP/1.1\r\nHost: ringthrough\r\nAuthorization: Bearer %s\r\n\r\n", h.token)
	for i := range readers {
		conn := dial(t, h.replicas[0])
		text := export
		if i%2 == 0 {
			text = []byte(strings.Repeat(string(h.question(stranger)), 50))
		}
		if _, err := conn.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	lasting(t, sized(2*time.Second, time.Minute))
	figure(t, "slow readers", "%d, half of them of the export of 20,000 entries", readers)
}

// idleConnections are open and silent; half of them have asked something.
func idleConnections(t *testing.T, h *house) {
	t.Helper()
	n := sized(2000, 10_000)
	text := h.question(stranger)
	for i := range n {
		conn := dial(t, h.replicas[0])
		if i%2 == 0 {
			continue
		}
		if _, err := conn.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	lasting(t, sized(time.Second, time.Minute))
	figure(t, "idle connections", "%d", n)
}

// stormOfEdits edits from many sides at once, without a pause.
func stormOfEdits(t *testing.T, h *house) {
	t.Helper()
	var made, turned atomic.Int64
	var group sync.WaitGroup
	end := time.Now().Add(sized(2*time.Second, time.Minute))
	for i := range 50 {
		group.Go(func() {
			for n := 0; time.Now().Before(end); n++ {
				a := ask(t.Context(), h.replicas[0], h.token, http.MethodPost, "/v1/entries", fmt.Sprintf(`{"pattern":"+1652%03d%04d"}`, 200+i, n))
				switch {
				case a.done():
					made.Add(1)
				case a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests:
					turned.Add(1)
				default:
					t.Errorf("an edit in the storm: %s", a)
				}
			}
		})
	}
	group.Wait()
	if made.Load() == 0 {
		t.Error("no edit was made")
	}
	figure(t, "a storm of edits", "%d edits made by 50 at once, %d turned away", made.Load(), turned.Load())
}
