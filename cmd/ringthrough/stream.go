package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/tmaxmax/go-sse"
)

var errStreamEnded = errors.New("the server ended the stream")

// follower is who reads a stream.
type follower struct {
	begun func()                           // the first connection stands: nothing is missed from here on
	lost  func(error, time.Duration)       // it broke, and is taken up again after a while
	each  func(data json.RawMessage) error // an event; an error ends it all
}

// follow hands every event of a stream to f until ctx is done, which is no
// error. A stream that breaks is taken up again where it broke; one that
// doesn't begin is an error.
func (c *client) follow(ctx context.Context, f follower, path ...string) error {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	req, err := c.request(reading, request{method: http.MethodGet, path: path})
	if err != nil {
		return err
	}
	begun := false
	events := sse.Client{
		HTTPClient: &http.Client{Transport: answering{c.http.Transport}, CheckRedirect: c.http.CheckRedirect},
		Backoff:    sse.Backoff{InitialInterval: time.Second, MaxInterval: 30 * time.Second},
		ResponseValidator: func(resp *http.Response) error {
			err := c.checkStream(resp)
			if err == nil && !begun {
				begun = true
				f.begun()
			}
			return err
		},
		OnRetry: func(err error, wait time.Duration) {
			switch err = c.broken(err); {
			case !begun:
				stop(err)
			case reading.Err() == nil:
				f.lost(err, wait)
			}
		},
	}
	stream := events.NewConnection(req)
	stream.SubscribeEvent("call", func(e sse.Event) {
		if err := f.each(json.RawMessage(e.Data)); err != nil {
			stop(err)
		}
	})
	err = stream.Connect()
	switch cause := context.Cause(reading); {
	case ctx.Err() != nil:
		return nil
	case cause != nil:
		return cause
	default:
		return c.broken(err)
	}
}

// checkStream refuses an answer that is no stream.
func (c *client) checkStream(resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // what can't be read is told by the status
		return c.refused(resp.StatusCode, body, nil)
	}
	return sse.DefaultValidator(resp)
}

// broken is why a stream ended, without the library's words for it.
func (c *client) broken(err error) error {
	var inner *sse.ConnectionError
	if !errors.As(err, &inner) {
		return err
	}
	var r *refusalError
	switch {
	case inner.Err == nil || errors.Is(inner.Err, io.EOF):
		return errStreamEnded
	case errors.As(inner.Err, &r):
		return inner.Err
	default:
		return c.unreached(inner.Err)
	}
}

// answering makes an error of a server that is there but can't answer now, so
// that the stream is tried again as it is when the server is away.
type answering struct{ http.RoundTripper }

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := a.RoundTripper.RoundTrip(req)
	if err == nil && resp.StatusCode >= http.StatusInternalServerError {
		resp.Body.Close()
		return nil, &refusalError{Status: resp.StatusCode}
	}
	return resp, err
}
