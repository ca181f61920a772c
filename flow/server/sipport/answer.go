package sipport

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/ringthrough/ringthrough/flow"
)

// answerWait is how long an INVITE may take before its call is sent on. A
// fault is answered at once and a slow journal after 50 ms: this is for what
// nobody has thought of. SBCs hear a 100 after 200 ms, and wait on.
const answerWait = 1500 * time.Millisecond

// known are the methods that others understand (RFC 3261, 8.2.1).
var known = map[sip.RequestMethod]bool{
	sip.REGISTER: true, sip.SUBSCRIBE: true, sip.NOTIFY: true, sip.REFER: true, sip.INFO: true,
	sip.MESSAGE: true, sip.PRACK: true, sip.UPDATE: true, sip.PUBLISH: true,
}

// answer answers a request, by its method.
func (p *Port) answer(r *sip.Request, tx sip.ServerTransaction) {
	switch {
	case r.IsInvite():
		p.invite(r, tx)
	case r.IsAck(): // of a transaction that has been forgotten
	case r.IsCancel(), r.Method == sip.BYE: // of no transaction that is known, and of no dialog
		p.respondOnce(tx, sip.NewResponseFromRequest(r, 481, "Call/Transaction Does Not Exist", nil))
	case r.Method == sip.OPTIONS && p.door.Leaving():
		p.respondOnce(tx, allowing(r, 503, "Service Unavailable"))
	case r.Method == sip.OPTIONS:
		p.respondOnce(tx, allowing(r, 200, "OK"))
	case known[r.Method]:
		p.respondOnce(tx, allowing(r, 405, "Method Not Allowed"))
	default:
		p.respondOnce(tx, allowing(r, 501, "Not Implemented"))
	}
}

// invite answers an INVITE once; the transaction sends the answer again for as
// long as it takes.
func (p *Port) invite(r *sip.Request, tx sip.ServerTransaction) {
	if !p.inFlight.TryAcquire(1) {
		p.door.Full()
		return
	}
	defer p.inFlight.Release(1)
	if p.transactions.Add(1) > maxTransactions {
		p.transactions.Add(-1)
		p.door.Full()
		return
	}
	if !tx.OnTerminate(func(string, error) { p.transactions.Add(-1) }) {
		p.transactions.Add(-1)
		return
	}
	if r.To().Params.Has("tag") { // no dialog has ever begun here
		p.respond(tx, sip.NewResponseFromRequest(r, 481, "Call/Transaction Does Not Exist", nil))
		return
	}
	response := responseTo(r, p.ask(r))
	if errors.Is(tx.Err(), sip.ErrTransactionCanceled) {
		return // and was answered with 487
	}
	p.respond(tx, response)
}

// notFound sends a call on.
var notFound = flow.Reply{Status: 404, Body: []byte("SIP/2.0 404 Not Found\r\n")}

// ask asks the door. A door that stumbles, or thinks too long, has the call
// sent on.
func (p *Port) ask(r *sip.Request) flow.Reply {
	ctx, cancel := context.WithTimeout(context.Background(), answerWait)
	defer cancel()
	answered := make(chan flow.Reply, 1)
	go func() {
		defer func() {
			if fault := recover(); fault != nil {
				p.log.Error().Str("fault", fmt.Sprint(fault)).Msg("INVITE failed")
				answered <- notFound
			}
		}()
		answered <- p.door.Invite(ctx, peerOf(r), []byte(r.String()))
	}()
	select {
	case reply := <-answered:
		return reply
	case <-ctx.Done():
		p.log.Error().Dur("waited", answerWait).Msg("INVITE took too long, and its call was sent on")
		return notFound
	}
}

// responseTo is a reply as the answer to r. Its first line is the status line,
// the others are headers.
func responseTo(r *sip.Request, reply flow.Reply) *sip.Response {
	lines := strings.Split(strings.TrimRight(string(reply.Body), "\r\n"), "\r\n")
	reason := strings.TrimPrefix(lines[0], fmt.Sprintf("SIP/2.0 %d ", reply.Status))
	response := sip.NewResponseFromRequest(r, reply.Status, reason, nil)
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		response.AppendHeader(sip.NewHeader(name, value))
	}
	return response
}

// allowing is an answer that says what is understood here.
func allowing(r *sip.Request, status int, reason string) *sip.Response {
	response := sip.NewResponseFromRequest(r, status, reason, nil)
	response.AppendHeader(sip.NewHeader("Allow", "INVITE, ACK, CANCEL, OPTIONS"))
	return response
}

func (p *Port) respond(tx sip.ServerTransaction, r *sip.Response) {
	if err := tx.Respond(r); err != nil && !errors.Is(err, sip.ErrTransactionTerminated) {
		p.log.Warn().Err(err).Int("status", r.StatusCode).Msg("SIP answer was not sent")
	}
}

// respondOnce answers what is not worth remembering: a repetition gets the
// same answer anew.
func (p *Port) respondOnce(tx sip.ServerTransaction, r *sip.Response) {
	p.respond(tx, r)
	tx.Terminate()
}

func peerOf(r *sip.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.Source())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}
