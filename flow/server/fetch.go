package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

const (
	// fetchWait is how long the customer's own server has for a continue:
	// Vonage and Sinch wait 5 s for us.
	fetchWait = 2 * time.Second

	// fetchMost is how many bytes of its answer are passed on.
	fetchMost = 64 << 10

	// fetchHops is how many redirects within one host are followed.
	fetchHops = 3
)

// fetcher asks customers' own servers how a call carries on, for platforms
// that have no verb that would send it there. It goes to configured URLs
// alone, follows no redirect to another host, and connects to no link-local
// address, where clouds keep their credentials.
type fetcher struct{ client http.Client }

func newFetcher() *fetcher {
	dialer := net.Dialer{Timeout: fetchWait, Control: refuseLinkLocal}
	return &fetcher{http.Client{
		Timeout:   fetchWait,
		Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: fetchWait},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > fetchHops || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
				return errors.New("redirected to another host, or too often")
			}
			return nil
		},
	}}
}

func refuseLinkLocal(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read address: %w", err)
	}
	if ip := to.Addr().Unmap(); ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return errors.New("link-local and multicast addresses are never asked")
	}
	return nil
}

// fetchContinue fills in what the customer's server says for a continue,
// where the platform needs to be told that way. Without an answer the dialect
// says what is least bad.
func (s *Server) fetchContinue(ctx context.Context, in *flow.Instruction, asked flow.Request, e *entrance) {
	if in.Act != flow.ActContinue || !e.dialect.FetchesContinue || !strings.HasPrefix(in.ContinueURL, "http") {
		return
	}
	answer, err := s.fetcher.fetch(ctx, in.ContinueURL, asked)
	if err != nil {
		s.log.Error().Err(err).Str("hook", e.hook.Name).Str("lookup_id", in.LookupID).Msg("continue URL gave no answer")
		return
	}
	in.Continued = answer
}

// fetch asks url with the fields that the platform sent us, as it sent them.
func (f *fetcher) fetch(ctx context.Context, url string, asked flow.Request) ([]byte, error) {
	method, body := asked.Method, io.Reader(bytes.NewReader(asked.Body))
	if method != http.MethodPost {
		method, body = http.MethodGet, http.NoBody
		if asked.RawQuery != "" {
			url += join(url) + asked.RawQuery
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, fmt.Errorf("ask continue URL: %w", err)
	}
	if asked.Header != nil {
		for _, name := range []string{"Content-Type", "Authorization"} { // its own signature goes with it
			if v := asked.Header(name); v != "" {
				r.Header.Set(name, v)
			}
		}
	}
	reply, err := f.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask continue URL: %w", err)
	}
	defer func() { _ = reply.Body.Close() }() // nothing was written
	if reply.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask continue URL: status %d", reply.StatusCode)
	}
	answer, err := io.ReadAll(io.LimitReader(reply.Body, fetchMost+1))
	if err != nil {
		return nil, fmt.Errorf("read continue URL's answer: %w", err)
	}
	if len(answer) > fetchMost {
		return nil, fmt.Errorf("read continue URL's answer: more than %d bytes", fetchMost)
	}
	return answer, nil
}

func join(url string) string {
	if strings.Contains(url, "?") {
		return "&"
	}
	return "?"
}
