package sipport

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/rs/zerolog"
)

const (
	// idleWait is how long a connection may say nothing. Trunks stay open, and
	// SBCs send an OPTIONS at least once in a few minutes.
	idleWait = 15 * time.Minute

	// writeWait is how long a peer may take to receive an answer.
	writeWait = 5 * time.Second

	// faultWait is how long a socket rests that gave an error: it is the
	// system's, and tends to be there again at once.
	faultWait = 50 * time.Millisecond
)

// guard stands between the sockets and the SIP library. What a stranger sends
// ends here unread, and so does what can't be read or would make the library
// stumble: it reads each message once before the library does.
type guard struct {
	door   Door
	log    zerolog.Logger
	parser *sip.Parser
	done   chan struct{}
	once   sync.Once
}

func newGuard(door Door, log zerolog.Logger) *guard {
	return &guard{door: door, log: log, parser: sip.NewParser(sip.WithHeadersParsers(headerParsers())), done: make(chan struct{})}
}

func (g *guard) close() { g.once.Do(func() { close(g.done) }) }

// rest waits before a socket that failed is tried again; false once it is
// closed for good.
func (g *guard) rest(err error) bool {
	if errors.Is(err, net.ErrClosed) {
		return false
	}
	g.log.Error().Err(err).Msg("SIP port failed, and is tried again")
	select {
	case <-time.After(faultWait):
		return true
	case <-g.done:
		return false
	}
}

// packets are the datagrams that the library may see.
type packets struct {
	net.PacketConn
	guard *guard
}

func (p packets) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := p.PacketConn.ReadFrom(b)
		if err != nil && !p.guard.rest(err) {
			return n, from, err
		}
		if err == nil && p.guard.takes(addressOf(from), b[:n]) {
			return n, from, nil
		}
	}
}

// takes reports whether a datagram is a peer's, and a request.
func (g *guard) takes(peer netip.Addr, datagram []byte) bool {
	if !g.door.Admits(peer) || len(bytes.Trim(datagram, "\r\n\x00")) == 0 {
		return false // those of peers without anything in them keep a NAT open
	}
	if err := g.readable(datagram); err != nil {
		g.door.Unreadable(peer, err.Error())
		return false
	}
	return true
}

// readable reads a datagram as the library will.
func (g *guard) readable(datagram []byte) (err error) {
	defer survive(&err)
	m, err := g.parser.ParseSIP(datagram)
	if err != nil {
		return errUnreadable
	}
	return fit(m)
}

var (
	errUnreadable = errors.New("message cannot be read as SIP")
	errNoRequest  = errors.New("message is no request: none was sent that it could answer")
	errVersion    = errors.New("message is of another version than SIP/2.0")
	errHeaders    = errors.New("message lacks one of Via, From, To, Call-ID and CSeq, or they contradict its method")
)

// fit reports what keeps m from being answered (RFC 3261, 8.1.1).
func fit(m sip.Message) error {
	r, ok := m.(*sip.Request)
	switch {
	case !ok:
		return errNoRequest
	case r.SipVersion != "SIP/2.0":
		return errVersion
	case r.Via() == nil || r.Via().Host == "" || r.From() == nil || r.To() == nil || r.CallID() == nil || r.CSeq() == nil:
		return errHeaders
	case r.CSeq().MethodName != r.Method:
		return errHeaders
	default:
		return nil
	}
}

// survive makes an error of a fault.
func survive(err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("message makes the reader stumble: %v", fault)
	}
}

// connections are those of peers.
type connections struct {
	net.Listener
	guard *guard
}

func (l connections) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			if !l.guard.rest(err) {
				return nil, err
			}
			continue
		}
		if peer := addressOf(c.RemoteAddr()); l.guard.door.Admits(peer) {
			return &connection{Conn: c, guard: l.guard, peer: peer, stream: l.guard.parser.NewSIPStream()}, nil
		}
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetLinger(0) // it is reset, and nothing of it stays here
		}
		_ = c.Close() // nothing was written
	}
}

// connection is a peer's. The library sees what comes over it for as long as
// all of it can be read.
type connection struct {
	net.Conn
	guard  *guard
	peer   netip.Addr
	stream *sip.ParserStream // of what the library has been shown
	midway bool              // within a message
}

func (c *connection) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(idleWait)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	if err != nil {
		return n, err
	}
	if !c.guard.door.Admits(c.peer) { // the hooks may have changed
		return 0, net.ErrClosed
	}
	if err := c.readable(b[:n]); err != nil {
		c.guard.door.Unreadable(c.peer, err.Error())
		return 0, net.ErrClosed
	}
	return n, nil
}

// readable reads on in the stream as the library will. One message that is
// broken ends the connection: where the next one begins is not known.
func (c *connection) readable(chunk []byte) (err error) {
	defer survive(&err)
	blank := len(bytes.Trim(chunk, "\r\n")) == 0
	if blank && len(chunk) <= 4 && !c.midway {
		return nil // a ping (RFC 5626, 3.5.1), which the library answers
	}
	var unfit error
	err = c.stream.ParseSIPStream(chunk, func(m sip.Message) {
		c.midway = false
		unfit = errors.Join(unfit, fit(m))
	})
	if err != nil && !errors.Is(err, sip.ErrParseSipPartial) {
		return errUnreadable
	}
	c.midway = err != nil && (c.midway || !blank)
	return unfit
}

func (c *connection) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// addressOf is the network address of a socket's other end, of version 4
// where it is that; the zero Addr, which nobody admits, for anything else.
func addressOf(a net.Addr) netip.Addr {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}
