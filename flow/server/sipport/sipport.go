// Package sipport is the port at which SBCs ask over SIP, on UDP and TCP: it
// keeps the transactions of RFC 3261, and hands INVITEs on to a Door. It knows
// no hook and no list, and never places a call. Who is no peer gets no answer
// of any kind.
package sipport

import (
	"context"
	"errors"
	"fmt"
	"log/slog" //nolint:depguard // the SIP library takes no other logger
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/rs/zerolog"
	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/ringthrough/ringthrough/flow"
)

// Door is who answers what comes in. Its methods are called at once from many
// goroutines.
type Door interface {
	// Admits reports whether peer may ask. It is asked once for each datagram,
	// each connection and whatever comes over it.
	Admits(peer netip.Addr) bool
	// Invite answers an INVITE: the reply is a flow.Dialect's, of one that is
	// OverSIP.
	Invite(ctx context.Context, peer netip.Addr, message []byte) flow.Reply
	// Unreadable is told of what a peer sent and nobody can read.
	Unreadable(peer netip.Addr, why string)
	// Full is told of an INVITE that got no answer because too many are there.
	Full()
	// Leaving reports whether callers had better ask elsewhere.
	Leaving() bool
}

const (
	// maxInFlight is how many INVITEs may be under way at once. Each takes
	// microseconds, or up to 50 ms where the journal is slow.
	maxInFlight = 1024

	// maxTransactions is how many answered INVITEs are remembered: for 5 s
	// after their ACK on UDP, or 32 s where none comes. Beyond it an INVITE is
	// let go, and its sender sends it again after half a second.
	maxTransactions = 1 << 14

	// maxConnections bounds the connections of all peers together.
	maxConnections = 1024

	// receiveBuffer is what the system keeps of datagrams, in bytes, while
	// nobody reads them. It may allow less.
	receiveBuffer = 4 << 20
)

// Port is an open port that serves a Door.
type Port struct {
	door         Door
	log          zerolog.Logger
	guard        *guard
	udp          net.PacketConn
	tcp          net.Listener
	agent        *sipgo.UserAgent
	server       *sipgo.Server
	inFlight     *semaphore.Weighted
	transactions atomic.Int64
	stopped      atomic.Bool
}

// Open takes the port on UDP and TCP, host:port. Serve then answers.
func Open(ctx context.Context, address string, door Door, log zerolog.Logger) (_ *Port, err error) {
	quieten()
	p := &Port{door: door, log: log, guard: newGuard(door, log), inFlight: semaphore.NewWeighted(maxInFlight)}
	if p.udp, p.tcp, err = take(ctx, address); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if err := p.makeServer(); err != nil {
		return nil, errors.Join(err, p.udp.Close(), p.tcp.Close())
	}
	return p, nil
}

// take opens both sockets on one port: where it is left to the system, on one
// that is free for both.
func take(ctx context.Context, address string) (net.PacketConn, net.Listener, error) {
	var listen net.ListenConfig
	const tries = 8
	for try := 1; ; try++ {
		udp, err := listen.ListenPacket(ctx, "udp", address)
		if err != nil {
			return nil, nil, err
		}
		tcp, err := listen.Listen(ctx, "tcp", udp.LocalAddr().String())
		if err == nil {
			if u, ok := udp.(*net.UDPConn); ok {
				_ = u.SetReadBuffer(receiveBuffer) // what there is has to do
			}
			return udp, tcp, nil
		}
		_ = udp.Close() // nothing was read from it
		if given, _ := netip.ParseAddrPort(address); given.Port() != 0 || try == tries {
			return nil, nil, err
		}
	}
}

// quieten keeps the library from writing messages, with numbers in them, into
// a log of its own, and from holding back long responses: that is for requests
// (RFC 3261, 18.1.1), and an answer that is split on its way is one all the
// same.
var quieten = sync.OnceFunc(func() {
	sip.SetDefaultLogger(silent)
	sip.UDPMTUSize = 1 << 16 //nolint:reassign // there is no other way to set it
})

var silent = slog.New(slog.DiscardHandler)

var errNeverCalls = errors.New("the SIP port calls nobody")

// makeServer has the library answer on existing connections only: it would
// otherwise look up and call whatever a Via names.
func (p *Port) makeServer() error {
	refuse := func(string, string, syscall.RawConn) error { return errNeverCalls }
	agent, err := sipgo.NewUA(
		sipgo.WithUserAgentParser(sip.NewParser(sip.WithHeadersParsers(headerParsers()))),
		sipgo.WithUserAgentDNSResolver(&net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errNeverCalls }}),
		sipgo.WithUserAgentTransportLayerOptions(
			sip.WithTransportLayerLogger(silent),
			sip.WithTransportLayerTransports(sip.TransportsConfig{TCP: &sip.TransportTCP{
				DialerCreate: func(net.Addr) net.Dialer { return net.Dialer{Control: refuse} },
			}}),
		),
		sipgo.WithUserAgentTransactionLayerOptions(
			sip.WithTransactionLayerLogger(silent),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}),
		),
	)
	if err != nil {
		return fmt.Errorf("make SIP agent: %w", err)
	}
	server, err := sipgo.NewServer(agent, sipgo.WithServerLogger(silent))
	if err != nil {
		return errors.Join(fmt.Errorf("make SIP server: %w", err), agent.Close())
	}
	p.agent, p.server = agent, server
	server.OnNoRoute(p.answer)
	return nil
}

// headerParsers are those of the headers that a transaction needs. A mistake
// in another header is nobody's concern here.
func headerParsers() sip.HeadersParser {
	all, needed := sip.DefaultHeadersParser(), sip.HeadersParser{}
	for _, name := range []string{"via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "content-length", "l"} {
		needed[name] = all[name]
	}
	return needed
}

// Addr is where the port is open, on UDP and TCP alike.
func (p *Port) Addr() net.Addr { return p.udp.LocalAddr() }

// Serve answers until Stop is called or the port fails.
func (p *Port) Serve() error {
	var group errgroup.Group
	group.Go(func() error { return p.ended(p.server.ServeUDP(packets{p.udp, p.guard})) })
	group.Go(func() error {
		return p.ended(p.server.ServeTCP(netutil.LimitListener(connections{p.tcp, p.guard}, maxConnections)))
	})
	return group.Wait()
}

// ended is what is wrong where a socket is served no longer.
func (p *Port) ended(err error) error {
	if p.stopped.Load() {
		return nil
	}
	return fmt.Errorf("SIP port has closed: %w", errors.Join(err, p.close()))
}

// Stop returns once the INVITEs under way are answered, or with an error once
// ctx is done. Answers that were not acknowledged are not sent again.
func (p *Port) Stop(ctx context.Context) error {
	if p.stopped.Swap(true) {
		return nil
	}
	err := p.inFlight.Acquire(ctx, maxInFlight)
	return errors.Join(err, p.close())
}

func (p *Port) close() error {
	p.guard.close()
	return errors.Join(ignoreClosed(p.udp.Close()), ignoreClosed(p.tcp.Close()), p.agent.Close())
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
