package sipport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow"
)

// patience bounds every wait. Nothing is expected to take nearly as long.
const patience = 20 * time.Second

var redirected = flow.Reply{Status: 302, Body: []byte("SIP/2.0 302 Moved Temporarily\r\n" +
	"Contact: <sip:+15125550123@gw.example.com;user=phone>;q=1.0\r\nContact: <sip:desk@pbx.example.com>;q=0.5\r\n")}

// script is a Door that admits 127.0.0.1 alone and redirects every call, but
// as a test has it.
type script struct {
	invited, refused, full atomic.Int64
	leaving                atomic.Bool
	unreadable             chan string
	invite                 func(ctx context.Context, message string) flow.Reply // nil: redirected
}

var friend = netip.MustParseAddr("127.0.0.1")

func newScript() *script { return &script{unreadable: make(chan string, 1<<10)} }

func (s *script) Admits(peer netip.Addr) bool {
	if peer != friend {
		s.refused.Add(1)
	}
	return peer == friend
}

func (s *script) Invite(ctx context.Context, _ netip.Addr, message []byte) flow.Reply {
	s.invited.Add(1)
	if s.invite != nil {
		return s.invite(ctx, string(message))
	}
	return redirected
}

func (s *script) Unreadable(_ netip.Addr, why string) { s.unreadable <- why }
func (s *script) Full()                               { s.full.Add(1) }
func (s *script) Leaving() bool                       { return s.leaving.Load() }

// open opens a port on loopback that serves until the test ends.
func open(t *testing.T, door Door) *Port {
	t.Helper()
	p, err := Open(t.Context(), "127.0.0.1:0", door, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- p.Serve() }()
	t.Cleanup(func() {
		if err := p.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	return p
}

// caller is a socket that calls a port.
type caller struct {
	net.Conn
	t      *testing.T
	stream *sip.ParserStream
	read   []*sip.Response // of the stream, not yet asked for
}

// call opens a socket of network from an address of loopback.
func call(t *testing.T, p *Port, network, from string) *caller {
	t.Helper()
	dialer := net.Dialer{Timeout: patience}
	switch ip := net.ParseIP(from); network {
	case "udp":
		dialer.LocalAddr = &net.UDPAddr{IP: ip}
	default:
		dialer.LocalAddr = &net.TCPAddr{IP: ip}
	}
	c, err := dialer.DialContext(t.Context(), network, p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &caller{Conn: c, t: t, stream: sip.NewParser().NewSIPStream()}
}

func (c *caller) send(message string) {
	c.t.Helper()
	if _, err := io.WriteString(c, message); err != nil {
		c.t.Fatal(err)
	}
}

// answer is the next response, but for 100.
func (c *caller) answer() *sip.Response {
	c.t.Helper()
	for {
		for len(c.read) == 0 {
			c.receive()
		}
		r := c.read[0]
		c.read = c.read[1:]
		if r.StatusCode != 100 {
			return r
		}
	}
}

func (c *caller) receive() {
	c.t.Helper()
	b := make([]byte, 1<<16)
	n, err := c.Read(b)
	if err != nil {
		c.t.Fatalf("no answer: %v", err)
	}
	keep := func(m sip.Message) {
		r, ok := m.(*sip.Response)
		if !ok {
			c.t.Fatalf("an answer is %s", m)
		}
		c.read = append(c.read, r)
	}
	if err := c.stream.ParseSIPStream(b[:n], keep); err != nil && !errors.Is(err, sip.ErrParseSipPartial) {
		c.t.Fatalf("%v: %q", err, b[:n])
	}
}

// silent holds the port to have sent nothing more: what it answers next is
// the answer to a question of another kind.
func (c *caller) silent() {
	c.t.Helper()
	c.send(request("OPTIONS", "marker"))
	if r := c.answer(); r.CSeq().MethodName != sip.OPTIONS || r.CallID().Value() != "marker" {
		c.t.Errorf("it answered too: %s", r.StartLine())
	}
}

// request is a whole request, as a proxy on loopback sends it.
func request(method, id string, headers ...string) string {
	lines := append([]string{
		method + " sip:+18005550100@127.0.0.1 SIP/2.0",
		"Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK" + id + ";rport",
		`From: "Meta" <sip:+16505550123@carrier.example.com;user=phone>;tag=1`,
		"To: <sip:+18005550100@127.0.0.1>",
		"Call-ID: " + id,
		"CSeq: 1 " + method,
		"Max-Forwards: 70",
	}, headers...)
	return strings.Join(lines, "\r\n") + "\r\nContent-Length: 0\r\n\r\n"
}

// ack acknowledges a refusal, or a redirection, of request("INVITE", id).
func ack(id string, r *sip.Response) string {
	return strings.Replace(request("ACK", id), "To: <sip:+18005550100@127.0.0.1>", "To: "+r.To().Value(), 1)
}

func status(r *sip.Response) string { return fmt.Sprintf("%d %s", r.StatusCode, r.Reason) }
