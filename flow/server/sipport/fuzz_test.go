package sipport

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/emiago/sipgo/siptest"
	"github.com/rs/zerolog"
	"golang.org/x/sync/semaphore"
)

// Whatever a datagram holds: a stranger's is not read, an INVITE that can be
// read gets exactly one final answer, an ACK none, and any other request one.
func FuzzMessage(f *testing.F) {
	for _, method := range []string{"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "MESSAGE", "X"} {
		f.Add(request(method, "a"))
	}
	f.Add(request("INVITE", "b", "P-Asserted-Identity: <tel:+16505550123>", "Diversion: <sip:+1@x>;reason=unknown"))
	f.Add("INVITE tel:+18005550100 SIP/2.0\r\nv: SIP/2.0/UDP [::1]:5060;branch=z9hG4bK1\r\nf: <tel:+1>;tag=1\r\nt: \"a\\\"b\" <sip:@>;x=\r\ni: 1\r\nCSeq: 1 INVITE\r\n\r\n")
	f.Add("INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n b;c=\"d\r\nFrom: a:b;tag=\r\nTo: sip:[\r\nCall-ID: \t\r\nCSeq: 0 INVITE\r\nl: 1\r\n\r\nx")
	quieten()
	stranger := netip.MustParseAddr("192.0.2.7")
	f.Fuzz(func(t *testing.T, datagram string) {
		door := newScript()
		p := &Port{door: door, log: zerolog.Nop(), guard: newGuard(door, zerolog.Nop()), inFlight: semaphore.NewWeighted(maxInFlight)}
		if p.guard.takes(stranger, []byte(datagram)) {
			t.Fatal("a stranger's datagram was let in")
		}
		if !p.guard.takes(friend, []byte(datagram)) {
			return
		}
		m, err := p.guard.parser.ParseSIP([]byte(datagram))
		r, ok := m.(*sip.Request)
		if err != nil || !ok {
			t.Fatalf("what was let in can't be read: %v", err)
		}
		if _, err := sip.ServerTxKeyMake(r); err != nil {
			return // the library answers 400
		}
		r.SetSource("127.0.0.1:5060")
		tx := siptest.NewServerTxRecorder(r)
		defer tx.Terminate()
		p.answer(r, tx)
		finals := checkFinals(t, tx.Result())
		if want := map[bool]int{true: 0, false: 1}[r.IsAck()]; finals != want {
			t.Fatalf("%s got %d answers, want %d", r.Method, finals, want)
		}
		if r.IsInvite() && !r.To().Params.Has("tag") && door.invited.Load() != 1 {
			t.Fatalf("the door was asked %d times", door.invited.Load())
		}
	})
}

// However TCP cuts a stream up, it is read to the same end.
func FuzzStream(f *testing.F) {
	f.Add(request("INVITE", "a")+request("ACK", "a"), 7)
	f.Add("\r\n\r\n"+strings.Replace(request("INVITE", "b"), "Content-Length: 0\r\n\r\n", "l: 4\r\n\r\nbody", 1)+"\r\n\r\n", 1)
	f.Add(request("OPTIONS", "c")+"garbage\r\n", 2)
	quieten()
	f.Fuzz(func(t *testing.T, text string, piece int) {
		if piece < 1 {
			return
		}
		guard := newGuard(newScript(), zerolog.Nop())
		whole := connection{guard: guard, stream: guard.parser.NewSIPStream()}
		pieces := connection{guard: guard, stream: guard.parser.NewSIPStream()}
		want := whole.readable([]byte(text)) == nil
		got := true
		for rest := []byte(text); len(rest) > 0 && got; rest = rest[min(piece, len(rest)):] {
			got = pieces.readable(rest[:min(piece, len(rest))]) == nil
		}
		if got != want && !strings.HasPrefix(text, "\r") { // a ping is one only by itself
			t.Fatalf("in one it is good: %t, in pieces of %d: %t", want, piece, got)
		}
	})
}

// checkFinals counts the final answers, none of which may have a line that is
// no header.
func checkFinals(t *testing.T, all []*sip.Response) int {
	t.Helper()
	n := 0
	for _, r := range all {
		if r.StatusCode >= 200 {
			n++
		}
		head, _, _ := strings.Cut(r.String(), "\r\n\r\n")
		for _, line := range strings.Split(head, "\r\n")[1:] {
			if !strings.Contains(line, ":") {
				t.Errorf("%q is no header of\n%s", line, r)
			}
		}
	}
	return n
}
