// Package sse writes server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html) to clients
// that stay for hours. It knows nothing of what the events say.
package sse

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// writeWait is how long a client may take to take one event.
const writeWait = 10 * time.Second

// Writer writes events to one client. The listener's deadlines are for
// requests that end; a stream has one for each event instead.
type Writer struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

// NewWriter sets the headers of a stream. Nothing is sent before the first
// event or comment.
func NewWriter(w http.ResponseWriter) *Writer {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	return &Writer{w, http.NewResponseController(w)}
}

// Event sends an event called name, without an id where that is empty. No
// argument may have a line break in it, but data.
func (w *Writer) Event(name, id, data string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "event: %s\n", name)
	if id != "" {
		fmt.Fprintf(&b, "id: %s\n", id)
	}
	for line := range strings.SplitSeq(data, "\n") {
		fmt.Fprintf(&b, "data: %s\n", line)
	}
	b.WriteByte('\n')
	return w.write(b.String())
}

// Comment sends a line that clients pass over, so that nothing on the way
// takes the stream for dead.
func (w *Writer) Comment(text string) error { return w.write(": " + text + "\n\n") }

func (w *Writer) write(s string) error {
	_ = w.rc.SetWriteDeadline(time.Now().Add(writeWait)) // not every writer has one
	if _, err := w.w.Write([]byte(s)); err != nil {
		return err
	}
	return w.rc.Flush()
}
