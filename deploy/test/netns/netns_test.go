package netns_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/netns"
)

func TestNamespaceIsApartAndGoesAway(t *testing.T) {
	outside, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	t.Run("what listens outside isn't heard inside", func(t *testing.T) {
		n := netns.Open(t)
		if _, err := n.Dial(t.Context(), "tcp", outside.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v, want a refused connection", err)
		}
	})
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", outside.Addr().String())
	if err != nil {
		t.Fatalf("the test itself isn't outside any more: %v", err)
	}
	_ = conn.Close()
	if _, err := os.Stat(fmt.Sprintf("/run/netns/ringthrough-%d", os.Getpid())); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the namespace is still there: %v", err)
	}
}
