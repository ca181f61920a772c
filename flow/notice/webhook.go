package notice

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// webhook sends to another system, as https://www.standardwebhooks.com has it.
type webhook struct {
	url    string // may hold a secret
	signer *standardwebhooks.Webhook
	client *http.Client
}

const (
	maxReply       = 64 << 10 // bytes of a reply that are read, so that the connection can be used again
	maxReplyHeader = 64 << 10
)

func newWebhook(u *url.URL, key []byte) *webhook {
	signer, _ := standardwebhooks.NewWebhookRaw(key) // never an error
	return &webhook{
		url: u.String(), signer: signer,
		client: &http.Client{
			Transport: &http.Transport{
				Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
				MaxResponseHeaderBytes: maxReplyHeader, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// payload is what a webhook gets.
type payload struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // of the event
	Data      data      `json:"data"`
}

type data struct {
	Message
	Notice
}

func (w *webhook) send(ctx context.Context, n Notice, now time.Time) error {
	body, err := json.Marshal(payload{Type: n.Event.Type(), Timestamp: n.At, Data: data{n.Say(now), n}})
	if err != nil {
		return &fault{text: "can't be told this: it can't be written as JSON", final: true}
	}
	request, err := w.request(ctx, n.ID, now, body)
	if err != nil {
		return blame(err, w.url)
	}
	reply, err := w.client.Do(request)
	if err != nil {
		return blame(err, w.url)
	}
	defer reply.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(reply.Body, maxReply)) // the status is what counts
	return verdict(reply, now)
}

func (w *webhook) request(ctx context.Context, id string, now time.Time, body []byte) (*http.Request, error) {
	signature, err := w.signer.Sign(id, now, body)
	if err != nil {
		return nil, fmt.Errorf("sign webhook: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "ringthrough")
	request.Header.Set(standardwebhooks.HeaderWebhookID, id)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return request, nil
}

// verdict reads a reply as the specification has it, under "Delivery": 2xx is a
// success, 410 asks for no more, and 429, 502 and 504 for less; anything else,
// redirects too, is tried again.
func verdict(reply *http.Response, now time.Time) error {
	switch code := reply.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusGone:
		return &fault{text: "answered 410: it wants no more", final: true}
	case code >= 300 && code < 400:
		return &fault{text: fmt.Sprintf("answered %d: redirects are not followed, so give the address that it leads to", code)}
	default:
		return &fault{text: fmt.Sprintf("answered %d", code), after: retryAfter(reply.Header.Get("Retry-After"), now)}
	}
}

// retryAfter is how long a reply asks to be left alone (RFC 9110 §10.2.3).
func retryAfter(s string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(s); err == nil {
		return time.Duration(min(max(seconds, 0), int(maxDelay.Seconds()))) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(at.Sub(now), 0), maxDelay)
	}
	return 0
}
