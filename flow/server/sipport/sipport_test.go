package sipport

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow"
)

func TestInviteIsAnswered(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			door := newScript()
			c := call(t, open(t, door), network, "127.0.0.1")
			c.send(request("INVITE", "first", "Subject: a call"))
			r := c.answer()
			if status(r) != "302 Moved Temporarily" || r.CallID().Value() != "first" || !r.To().Params.Has("tag") || len(r.GetHeaders("Via")) != 1 {
				t.Errorf("answered\n%s", r)
			}
			var contacts []string
			for _, h := range r.GetHeaders("Contact") {
				contacts = append(contacts, h.Value())
			}
			if got, want := strings.Join(contacts, " "), "<sip:+15125550123@gw.example.com;user=phone>;q=1.0 <sip:desk@pbx.example.com>;q=0.5"; got != want {
				t.Errorf("contacts are %s, want %s", got, want)
			}
			c.send(ack("first", r))
			c.silent()
			if n := door.invited.Load(); n != 1 {
				t.Errorf("the door was asked %d times", n)
			}
		})
	}
}

// TestTheDoorSeesTheMessage: what stands in headers that this package doesn't
// read has to reach the dialect as it is.
func TestTheDoorSeesTheMessage(t *testing.T) {
	seen, door := make(chan string, 1), newScript()
	door.invite = func(_ context.Context, message string) flow.Reply {
		seen <- message
		return notFound
	}
	c := call(t, open(t, door), "udp", "127.0.0.1")
	asserted := `P-Asserted-Identity: "a, \"b\"" <sip:+16505550123;verstat=TN-Validation-Passed-A@x>, <tel:+16505550123>`
	c.send(request("INVITE", "x", asserted, "Contact: not < one"))
	if r := c.answer(); status(r) != "404 Not Found" {
		t.Errorf("answered %s", status(r))
	}
	message := <-seen
	for _, want := range []string{"INVITE sip:+18005550100@127.0.0.1 SIP/2.0\r\n", asserted + "\r\n", "Call-ID: x\r\n", `From: "Meta" <sip:+16505550123@carrier.example.com;user=phone>;tag=1` + "\r\n"} {
		if !strings.Contains(message, want) {
			t.Errorf("%q is not in\n%s", want, message)
		}
	}
}

func TestARepeatedInviteIsAnsweredTheSame(t *testing.T) {
	door := newScript()
	c := call(t, open(t, door), "udp", "127.0.0.1")
	c.send(request("INVITE", "again"))
	first := c.answer()
	c.send(request("INVITE", "again"))
	second := c.answer()
	if first.String() != second.String() {
		t.Errorf("answered\n%s\nand then\n%s", first, second)
	}
	// Nothing was acknowledged, so that after T1 it is sent once more by itself.
	if third := c.answer(); third.String() != first.String() {
		t.Errorf("answered\n%s\nand then\n%s", first, third)
	}
	if n := door.invited.Load(); n != 1 {
		t.Errorf("the door was asked %d times", n)
	}
	c.send(ack("again", first))
	c.silent()
}

func TestWhatIsNoInvite(t *testing.T) {
	door := newScript()
	port := open(t, door)
	for _, tt := range []struct{ name, message, want string }{
		{"a keepalive", request("OPTIONS", "a"), "200 OK"},
		{"a method that is not served", request("REGISTER", "b"), "405 Method Not Allowed"},
		{"a method that nobody knows", request("DANCE", "c"), "501 Not Implemented"},
		{"the end of a call that never was", request("BYE", "d"), "481 Call/Transaction Does Not Exist"},
		{"the cancelling of a call that never was", request("CANCEL", "e"), "481 Call/Transaction Does Not Exist"},
		{"an INVITE within a call that never was", strings.Replace(request("INVITE", "f"), "@127.0.0.1>\r\nCall-ID", "@127.0.0.1>;tag=2\r\nCall-ID", 1), "481 Call/Transaction Does Not Exist"},
	} {
		for _, network := range []string{"udp", "tcp"} {
			t.Run(network+" "+tt.name, func(t *testing.T) {
				c := call(t, port, network, "127.0.0.1")
				c.send(strings.ReplaceAll(tt.message, "z9hG4bK", "z9hG4bK"+network)) // a transaction of its own
				if r := c.answer(); status(r) != tt.want {
					t.Errorf("answered %s, want %s", status(r), tt.want)
				}
			})
		}
	}
	if n := door.invited.Load(); n != 0 {
		t.Errorf("the door was asked %d times", n)
	}
	door.leaving.Store(true)
	c := call(t, port, "udp", "127.0.0.1")
	c.send(request("OPTIONS", "g"))
	if r := c.answer(); r.StatusCode != 503 {
		t.Errorf("leaving, it answers %s", status(r))
	}
}

// TestStrangersGetNoAnswer: what comes back first is a datagram that the test
// itself sends to the stranger's socket, after the port has read all.
func TestStrangersGetNoAnswer(t *testing.T) {
	door := newScript()
	port := open(t, door)
	stranger, peer := call(t, port, "udp", "127.0.0.2"), call(t, port, "udp", "127.0.0.1")
	for _, message := range []string{request("INVITE", "a"), request("OPTIONS", "b"), request("REGISTER", "c"), "SIP/2.0 200 OK\r\n\r\n", "garbage", "\r\n\r\n"} {
		stranger.send(message)
	}
	peer.silent() // the port reads in order, so that it has read what came before
	if _, err := port.udp.WriteTo([]byte("nothing"), stranger.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1<<10)
	if n, err := stranger.Read(b); err != nil || string(b[:n]) != "nothing" {
		t.Errorf("a stranger is told %q, %v", b[:n], err)
	}
	if got := door.refused.Load(); got != 6 || door.invited.Load() != 0 {
		t.Errorf("%d datagrams were refused, %d INVITEs let in", got, door.invited.Load())
	}
}

func TestStrangersGetNoConnection(t *testing.T) {
	door := newScript()
	port := open(t, door)
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}, Timeout: patience}
	if stranger, err := dialer.DialContext(t.Context(), "tcp", port.Addr().String()); err == nil { // else it was reset at once
		_, _ = io.WriteString(stranger, request("OPTIONS", "a")) // or now
		if told, _ := io.ReadAll(stranger); len(told) > 0 {
			t.Errorf("a stranger is told %q", told)
		}
		_ = stranger.Close()
	}
	peer := call(t, port, "tcp", "127.0.0.1")
	peer.silent() // connections are taken in their order
	if got := door.refused.Load(); got != 1 {
		t.Errorf("%d connections were refused", got)
	}
}

func TestACallThatIsCancelled(t *testing.T) {
	door, release := newScript(), make(chan struct{})
	door.invite = func(ctx context.Context, _ string) flow.Reply {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return redirected
	}
	p := open(t, door)
	c := call(t, p, "udp", "127.0.0.1")
	c.send(request("INVITE", "a"))
	c.await(func() bool { return door.invited.Load() == 1 })
	c.send(request("CANCEL", "a"))
	answers := map[sip.RequestMethod]*sip.Response{}
	for range 2 {
		r := c.answer()
		answers[r.CSeq().MethodName] = r
	}
	if len(answers) != 2 || answers[sip.CANCEL].StatusCode != 200 || answers[sip.INVITE].StatusCode != 487 {
		t.Fatalf("answered %v", answers)
	}
	close(release)
	c.await(func() bool { return p.inFlight.TryAcquire(maxInFlight) })
	p.inFlight.Release(maxInFlight)
	c.send(request("INVITE", "a"))
	if r := c.answer(); r.StatusCode != 487 {
		t.Errorf("asked again, it answers %s", status(r))
	}
	c.send(ack("a", answers[sip.INVITE]))
	c.silent()
}

func TestADoorThatFails(t *testing.T) {
	for name, invite := range map[string]func(context.Context, string) flow.Reply{
		"by a fault": func(context.Context, string) flow.Reply { panic("as asked") },
		"to answer": func(ctx context.Context, _ string) flow.Reply {
			<-ctx.Done()
			<-time.After(time.Minute)
			return redirected
		},
	} {
		t.Run(name, func(t *testing.T) {
			door := newScript()
			door.invite = invite
			c := call(t, open(t, door), "udp", "127.0.0.1")
			c.send(request("INVITE", "a"))
			r := c.answer()
			if status(r) != "404 Not Found" {
				t.Errorf("answered %s", status(r))
			}
			c.send(ack("a", r))
		})
	}
}

func TestTooManyGetNoAnswer(t *testing.T) {
	for name, many := range map[string]struct{ fill, empty func(*Port) }{
		"under way":  {func(p *Port) { p.inFlight.TryAcquire(maxInFlight) }, func(p *Port) { p.inFlight.Release(maxInFlight) }},
		"remembered": {func(p *Port) { p.transactions.Store(maxTransactions) }, func(*Port) {}},
	} {
		t.Run(name, func(t *testing.T) {
			door := newScript()
			p := open(t, door)
			many.fill(p)
			t.Cleanup(func() { many.empty(p) }) // or Stop would wait for them
			c := call(t, p, "udp", "127.0.0.1")
			c.send(request("INVITE", "a"))
			c.await(func() bool { return door.full.Load() == 1 })
			c.silent()
			if n := door.invited.Load(); n != 0 {
				t.Errorf("the door was asked %d times", n)
			}
		})
	}
}

// await waits for a condition.
func (c *caller) await(holds func() bool) {
	c.t.Helper()
	timeout, tick := time.After(patience), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-timeout:
			c.t.Fatal("it never happened")
		}
	}
}

// TestTransactionsAreForgotten: on TCP at once, since nothing is repeated.
func TestTransactionsAreForgotten(t *testing.T) {
	door := newScript()
	p := open(t, door)
	c := call(t, p, "tcp", "127.0.0.1")
	for i := range 100 {
		id := fmt.Sprint("call-", i)
		c.send(request("INVITE", id))
		c.send(ack(id, c.answer()))
	}
	c.await(func() bool { return p.transactions.Load() == 0 })
}

func TestALongPathBackIsAnsweredWhole(t *testing.T) {
	var vias []string
	for i := range 40 {
		vias = append(vias, fmt.Sprintf("Via: SIP/2.0/UDP proxy-%d.example.com:5060;branch=z9hG4bK%060d", i, i))
	}
	c := call(t, open(t, newScript()), "udp", "127.0.0.1")
	c.send(request("INVITE", "a", vias...))
	if r := c.answer(); r.StatusCode != 302 || len(r.GetHeaders("Via")) != 41 {
		t.Errorf("answered %s with %d Vias", status(r), len(r.GetHeaders("Via")))
	}
}

func TestTCPStreams(t *testing.T) {
	t.Run("a ping is answered", func(t *testing.T) {
		c := call(t, open(t, newScript()), "tcp", "127.0.0.1")
		c.send("\r\n\r\n")
		b := make([]byte, 2)
		if _, err := io.ReadFull(c, b); err != nil || string(b) != "\r\n" {
			t.Errorf("answered %q, %v", b, err)
		}
		c.silent()
	})
	t.Run("a message in pieces, and two in one", func(t *testing.T) {
		c := call(t, open(t, newScript()), "tcp", "127.0.0.1")
		first := request("INVITE", "a")
		for _, piece := range strings.SplitAfter(first, "\r\n") {
			c.send(piece)
		}
		if r := c.answer(); r.CallID().Value() != "a" {
			t.Errorf("answered %s", r)
		}
		last := len(request("INVITE", "x")) - 2 // the empty line alone is a chunk that could be a ping
		c.send(request("INVITE", "x")[:last])
		c.send(request("INVITE", "x")[last:])
		if r := c.answer(); r.CallID().Value() != "x" {
			t.Errorf("answered %s", r)
		}
		c.send(request("INVITE", "b") + request("INVITE", "c"))
		got := map[string]bool{c.answer().CallID().Value(): true, c.answer().CallID().Value(): true}
		if !got["b"] || !got["c"] {
			t.Errorf("answered %v", got)
		}
	})
	for name, message := range map[string]string{
		"garbage":                    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"a request without a sender": strings.Replace(request("INVITE", "a"), "From:", "X-From:", 1),
		"a header without an end":    "INVITE sip:x SIP/2.0\r\nSubject: " + strings.Repeat("x", 1<<17),
	} {
		t.Run(name+" ends the connection", func(t *testing.T) {
			door := newScript()
			c := call(t, open(t, door), "tcp", "127.0.0.1")
			_, _ = io.WriteString(c, message) // it may be gone before the end
			if b, _ := io.ReadAll(c); len(b) > 0 {
				t.Errorf("answered %q", b)
			}
			if why := <-door.unreadable; why == "" || strings.Contains(why, "650") {
				t.Errorf("why is %q", why)
			}
		})
	}
}

// TestTheEndOfTheHeadersIsNoPing: else the guard would read on in the headers
// of a message that the library has taken already.
func TestTheEndOfTheHeadersIsNoPing(t *testing.T) {
	guard := newGuard(newScript(), zerolog.Nop())
	c := connection{guard: guard, stream: guard.parser.NewSIPStream()}
	message := request("OPTIONS", "a")
	last := len(message) - len("\r\n")
	for _, chunk := range []string{"\r\n", message, "\r\n\r\n", message[:last], message[last:]} {
		if err := c.readable([]byte(chunk)); err != nil {
			t.Fatalf("%q: %v", chunk, err)
		}
	}
	if err := c.readable([]byte("To: <sip:a@b>\r\n")); err == nil {
		t.Error("a header outside a message was let through")
	}
}

func TestDatagramsThatNobodyCanRead(t *testing.T) {
	door := newScript()
	c := call(t, open(t, door), "udp", "127.0.0.1")
	for _, tt := range []struct{ name, message string }{
		{"garbage", "\x00\x01garbage"},
		{"another protocol", "GET / HTTP/1.1\r\n\r\n"},
		{"a response", "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n\r\n"},
		{"another version", strings.Replace(request("INVITE", "a"), "SIP/2.0\r\n", "SIP/3.0\r\n", 1)},
		{"no Via", strings.Replace(request("INVITE", "b"), "Via:", "X-Via:", 1)},
		{"no Call-ID", strings.Replace(request("INVITE", "c"), "Call-ID:", "X-Call-ID:", 1)},
		{"a CSeq of another method", strings.Replace(request("INVITE", "d"), "1 INVITE", "1 OPTIONS", 1)},
		{"a body that breaks off", strings.Replace(request("INVITE", "e"), "Content-Length: 0", "Content-Length: 10", 1)},
		{"a header line without a colon", request("INVITE", "f", "this is no header")},
		{"half a line", "INVITE sip:+18005550100@127.0.0.1 SIP/2.0\r\nVia: SIP/2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c.t = t
			c.send(tt.message)
			if why := <-door.unreadable; why == "" || strings.Contains(why, "650555") {
				t.Errorf("why is %q", why)
			}
			c.silent()
		})
	}
	if n := door.invited.Load(); n != 0 {
		t.Errorf("the door was asked %d times", n)
	}
}

func TestAPortThatIsTaken(t *testing.T) {
	taken := open(t, newScript()).Addr().String()
	if p, err := Open(t.Context(), taken, newScript(), zerolog.Nop()); err == nil {
		_ = p.Stop(t.Context())
		t.Error("it was opened twice")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	if p, err := Open(t.Context(), listener.Addr().String(), newScript(), zerolog.Nop()); err == nil {
		_ = p.Stop(t.Context())
		t.Error("it was opened, though TCP is taken")
	}
}

// TestStopWaits: an INVITE that is under way is answered, and then nobody is.
func TestStopWaits(t *testing.T) {
	door, asked, release := newScript(), make(chan struct{}), make(chan struct{})
	door.invite = func(context.Context, string) flow.Reply {
		close(asked)
		<-release
		return redirected
	}
	p := open(t, door)
	c := call(t, p, "udp", "127.0.0.1")
	c.send(request("INVITE", "a"))
	<-asked
	stopped := make(chan error, 1)
	go func() { stopped <- p.Stop(t.Context()) }()
	close(release)
	if r := c.answer(); r.StatusCode != 302 {
		t.Errorf("answered %s", status(r))
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
