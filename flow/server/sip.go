package server

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/server/sipport"
)

// SIPConfig is what a hook needs to know that is asked over SIP.
type SIPConfig struct {
	Peers []string `yaml:"peers"` // networks (10.0.0.0/8) and addresses that may ask; none: nobody
}

// schemePeers is the scheme of a hook that is asked over SIP: network addresses
// sign in, and nothing else does.
const schemePeers = "peers"

// open reads the peers of a hook that is asked over SIP.
func (c SIPConfig) open(field string, p *ani.Problems) []netip.Prefix {
	peers := make([]netip.Prefix, 0, len(c.Peers))
	for i, text := range c.Peers {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			var address netip.Addr
			address, err = netip.ParseAddr(text)
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		if err != nil || prefix.Addr().Is4In6() {
			p.Add(fmt.Sprintf("%s: sip.peers[%d]", field, i), fmt.Sprintf("%q is no network and no address: write it as 10.1.0.0/16 or 192.0.2.7", text))
			continue
		}
		peers = append(peers, prefix.Masked())
	}
	return peers
}

// checkSIP adds to p what keeps hooks and SIP port from working together: each
// needs the other, and no address may belong to two hooks.
func (h *hooks) checkSIP(port bool, p *ani.Problems) {
	for _, e := range h.sip {
		if !port {
			p.Add("hook "+e.hook.Name+": dialect", e.dialect.Name+" is asked over SIP: say at which address with sip_listen, or serve --sip-listen")
		}
	}
	if port && len(h.sip) == 0 {
		p.Add("sip_listen", "has no use without a hook whose dialect is sip302")
	}
	for i, e := range h.sip {
		for _, other := range h.sip[:i] {
			if network, ok := overlap(e.peers, other.peers); ok {
				p.Add("hook "+e.hook.Name+": sip.peers", network.String()+" overlaps with a network of hook "+other.hook.Name)
			}
		}
	}
}

// overlap is a network of a that shares addresses with one of b.
func overlap(a, b []netip.Prefix) (netip.Prefix, bool) {
	for _, one := range a {
		if slices.ContainsFunc(b, one.Overlaps) {
			return one, true
		}
	}
	return netip.Prefix{}, false
}

// of is the hook whose peer that is; nil for a stranger.
func (h *hooks) of(peer netip.Addr) *entrance {
	for _, e := range h.sip {
		for _, network := range e.peers {
			if network.Contains(peer) {
				return e
			}
		}
	}
	return nil
}

// door is what the SIP port asks.
type door struct {
	s         *Server
	strangers zerolog.Logger // there may be very many
}

// SIP answers what comes in at a SIP port. It may be asked only where
// Options.SIP is set.
func (s *Server) SIP() sipport.Door {
	return door{s, s.log.Sample(&zerolog.BurstSampler{Burst: 5, Period: time.Minute})}
}

// Admits counts strangers at the hook that was configured first: it can't be
// told whose peers they wanted to be.
func (d door) Admits(peer netip.Addr) bool {
	h := d.s.hooks.Load()
	if h.of(peer) != nil {
		return true
	}
	e := h.sip[0]
	d.s.metrics.authFailures.WithLabelValues(e.hook.Name).Inc()
	e.troubles.refused(d.s.board.Now(), peer.String(), "the address is not among sip.peers")
	d.strangers.Warn().Str("hook", e.hook.Name).Str("from", peer.String()).Msg("SIP of a stranger was dropped")
	return false
}

// Invite answers as lookup does, but for the sign-in, which Admits has been.
func (d door) Invite(ctx context.Context, peer netip.Addr, message []byte) flow.Reply {
	start := time.Now()
	e := d.s.hooks.Load().of(peer)
	if d.s.draining.Load() || e == nil { // whose hook has just gone
		d.s.metrics.Dropped("lookup", "draining")
		return flow.Reply{Status: 503, Body: []byte("SIP/2.0 503 Service Unavailable\r\nRetry-After: 5\r\n")}
	}
	reply := d.s.answer(ctx, flow.Request{Method: "INVITE", ContentType: "message/sip", Header: func(string) string { return "" }, Body: message}, nil, e)
	e.duration.Observe(time.Since(start).Seconds())
	return reply
}

func (d door) Unreadable(peer netip.Addr, why string) {
	d.s.metrics.Dropped("sip", "malformed")
	if e := d.s.hooks.Load().of(peer); e != nil {
		e.troubles.notRead(d.s.board.Now(), peer.String(), why)
		d.strangers.Info().Str("hook", e.hook.Name).Str("from", peer.String()).Str("why", why).Msg("SIP could not be read")
	}
}

func (d door) Full() { d.s.metrics.Dropped("lookup", "overloaded") }

func (d door) Leaving() bool { return d.s.leaving.Load() }

// openSIP is open for a dialect that is asked over SIP.
func (c HookConfig) openSIP(e *entrance, field string, p *ani.Problems) {
	if !e.dialect.OverSIP {
		if len(c.SIP.Peers) > 0 {
			p.Add(field+": sip.peers", "have no use with a dialect that is asked over HTTP: "+e.dialect.Name)
		}
		return
	}
	if c.Auth.Scheme != "" || len(c.Auth.Secrets) > 0 {
		p.Add(field+": auth", "has no use here: whoever asks from an address of sip.peers is let in, and nobody else")
	}
	for key, value := range map[string]string{"public_url": c.PublicURL, "continue_url": c.ContinueURL} {
		if value != "" {
			p.Add(field+": "+key, "has no use here: nothing is reported back, and whoever asks takes its own next route on a 404")
		}
	}
	e.peers, e.scheme = c.SIP.open(field, p), schemePeers
}
