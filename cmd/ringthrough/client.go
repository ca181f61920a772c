package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// client asks a server's ops API.
type client struct {
	base  *url.URL
	token credential
	http  *http.Client
}

// Bounds of one question.
const (
	askWait   = 30 * time.Second
	maxAnswer = 64 << 20
)

// aliveEvery is how a machine that is gone is noticed while an answer is
// waited for: within a minute and a half.
var aliveEvery = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 5}

// request is one question.
type request struct {
	method string
	path   []string // the segments after the server's address, as they are
	query  url.Values
	body   any     // sent as JSON; nil: nothing is
	upload *upload // sent as it is, in place of body; only open takes it
	kind   string  // Content-Type of upload
	header map[string]string
	hints  map[int]string // what to do about a status, where the command knows better
}

// answer is what the server says to a request that it grants.
type answer struct {
	body json.RawMessage
	etag string
}

// connect makes a client of what the global flags say. It asks nothing yet.
func (s *session) connect() (*client, error) {
	base, err := readServer(s.flags.Server)
	if err != nil {
		return nil, err
	}
	token, err := s.credential(isLocal(base))
	if err != nil {
		return nil, err
	}
	return s.connectTo(base, token)
}

func (s *session) connectTo(base *url.URL, token credential) (*client, error) {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second, ExpectContinueTimeout: time.Second}
	transport.DialContext = (&net.Dialer{Timeout: askWait, KeepAliveConfig: aliveEvery}).DialContext
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: aliveEvery.Idle, PingTimeout: aliveEvery.Idle}
	if s.flags.CA != "" {
		pool, err := readAuthority(s.flags.CA)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	// A redirect would carry an edit, or the token, to where nobody sent it.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{base, token, &http.Client{Transport: transport, CheckRedirect: stay}}, nil
}

func readAuthority(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read --ca: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read --ca: no certificate in %s: it must be a PEM file", file)
	}
	return pool, nil
}

// ask sends r and reads the whole answer.
func (c *client) ask(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	req, err := c.request(ctx, r)
	if err != nil {
		return answer{}, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, c.unreached(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, c.unreached(err)
	}
	if len(body) > maxAnswer {
		return answer{}, hinted(errors.New("the answer is longer than 64 MiB"), "ask for less, with --limit or a filter")
	}
	if resp.StatusCode/100 != 2 {
		return answer{}, c.refused(resp.StatusCode, body, r.hints)
	}
	return answer{body, resp.Header.Get("ETag")}, nil
}

func (c *client) request(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("write request: %w", err)
		}
		body = bytes.NewReader(b)
	}
	segments := make([]string, len(r.path))
	for i, segment := range r.path {
		segments[i] = url.PathEscape(segment)
	}
	u := c.base.JoinPath(segments...)
	u.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	req.Header.Set("User-Agent", "ringthrough/"+thisBuild().Version)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	if c.token.secret != "" {
		req.Header.Set("Authorization", "Bearer "+c.token.secret)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	return req, nil
}

// decode reads an answer as a T.
func decode[T any](body json.RawMessage) (T, error) {
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		return v, hinted(fmt.Errorf("read answer: %w", err), "is it a ringthrough of this version that answers at --server?")
	}
	return v, nil
}
