package faults

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
)

// deaf is a way to a PostgreSQL server on which notifications are lost, and
// nothing else is. It knows what messages of the server look like, without
// TLS: a letter, and the length of the rest, itself included, in four bytes.
// See "Message Formats" in PostgreSQL's manual.
type deaf struct {
	listener net.Listener
	server   string
}

// newDeaf gives a way until the test ends.
func newDeaf(t *testing.T, s *pgserver.Server) *deaf {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &deaf{l, s.Address()}
	go d.run()
	t.Cleanup(func() { _ = l.Close() })
	return d
}

func (d *deaf) url(s *pgserver.Server, database string) string {
	return strings.Replace(database, s.Address(), d.listener.Addr().String(), 1)
}

func (d *deaf) run() {
	for {
		client, err := d.listener.Accept()
		if err != nil {
			return
		}
		go d.join(client)
	}
}

func (d *deaf) join(client net.Conn) {
	defer func() { _ = client.Close() }() // one of the two has closed it
	server, err := net.Dial("tcp", d.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }() // as above
	go func() {
		_, _ = io.Copy(server, client) // it ends with the connection
		_ = server.Close()
	}()
	_ = withoutNotifications(client, server) // so does this
}

// withoutNotifications hands messages of a server on, but for those with the
// letter of notifications.
func withoutNotifications(to io.Writer, from io.Reader) error {
	head := make([]byte, 5)
	for {
		if _, err := io.ReadFull(from, head); err != nil {
			return err
		}
		rest := int64(binary.BigEndian.Uint32(head[1:])) - 4
		if rest < 0 {
			return errors.New("a message is shorter than its length")
		}
		out := to
		if head[0] == 'A' {
			out = io.Discard
		}
		if _, err := out.Write(head); err != nil {
			return err
		}
		if _, err := io.CopyN(out, from, rest); err != nil {
			return err
		}
	}
}

// TestLostNotifications loses all notifications on their way to the second
// replica: it serves what the first one was told all the same, at its next
// poll.
func TestLostNotifications(t *testing.T) {
	t.Parallel()
	s := pgserver.Start(t)
	database, d := s.Database(t), newDeaf(t, s)
	h := openThrough(t, func(i int) string { return [...]string{database, d.url(s, database)}[i] }, 2)
	h.settled(t)
	var took spans
	for n := range sized(5, 100) {
		h.must(t, h.replicas[0], http.MethodPost, "/v1/entries", fmt.Sprintf(`{"pattern":"+165025%05d"}`, 60000+n))
		begun := time.Now()
		took = append(took, h.untilServed(t, revisionAt(t, h, h.replicas[0]), begun)[1])
	}
	h.export(t)
	figure(t, "notifications lost: an edit serves on the other replica after", "%s", took)
}
