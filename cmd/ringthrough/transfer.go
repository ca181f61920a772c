package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Bounds of a question that may take minutes: as long as something moves it
// may go on, and TCP itself notices a machine that is gone.
const (
	stallWait = 2 * time.Minute  // where the server tells how far it is
	quietWait = 15 * time.Minute // where it says nothing until it is done
	maxResult = 1 << 30
)

var errStalled = errors.New("nothing came or went for too long")

// stall ends an exchange in which nothing moves.
type stall struct {
	wait  time.Duration
	timer *time.Timer
}

func (s stall) moved() { s.timer.Reset(s.wait) }

// open sends r and hands over the answer as it comes in; whoever calls closes
// it. An answer that grants nothing is an error, as with ask.
func (c *client) open(ctx context.Context, r request, wait time.Duration) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	watch := stall{wait, time.AfterFunc(wait, func() { cancel(errStalled) })}
	end := func() {
		watch.timer.Stop()
		cancel(nil)
	}
	req, err := c.request(ctx, r)
	if err != nil {
		end()
		return nil, err
	}
	if r.upload != nil {
		req.Body, req.ContentLength = pump(ctx, sending{r.upload, watch}), r.upload.size
		if r.upload.size == 0 {
			req.Body = http.NoBody
		}
		req.Header.Set("Expect", "100-continue") // a refusal then comes before the file goes
	}
	resp, err := c.http.Do(req)
	if err != nil {
		err = c.unreached(causeOf(ctx, err))
		end()
		return nil, err
	}
	resp.Body = &receiving{resp.Body, watch, ctx, end}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // what can't be read is told by the status
	return nil, c.refused(resp.StatusCode, body, r.hints)
}

// causeOf is why ctx ended where that was a stall, else err.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errStalled) {
		return cause
	}
	return err
}

// sending is a body that goes out. While it waits for its source, which may
// be a person, nothing is held against the server.
type sending struct {
	*upload
	stall
}

func (s sending) Read(b []byte) (int, error) {
	s.timer.Stop()
	defer s.moved()
	return s.upload.Read(b)
}

// pump hands over what source gives until ctx is done. The transport waits
// for a read of a body that it gives up, and a read of standard input may
// last for ever, so that one is left behind. Source is not closed: it may be
// sent again.
func pump(ctx context.Context, source io.Reader) io.ReadCloser {
	out, in := io.Pipe()
	context.AfterFunc(ctx, func() { _ = out.CloseWithError(ctx.Err()) }) // it can't fail
	go func() {
		_, err := io.Copy(in, source)
		_ = in.CloseWithError(err) // it can't fail
	}()
	return out
}

// receiving is an answer that comes in.
type receiving struct {
	io.ReadCloser
	stall
	ctx context.Context // of the exchange, for why it ended
	end func()
}

func (r *receiving) Read(b []byte) (int, error) {
	n, err := r.ReadCloser.Read(b)
	r.moved()
	if err != nil && !errors.Is(err, io.EOF) {
		err = causeOf(r.ctx, err)
	}
	return n, err
}

func (r *receiving) Close() error {
	err := r.ReadCloser.Close()
	r.end()
	return err
}
