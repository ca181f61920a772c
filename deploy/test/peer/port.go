package peer

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Port is a port of 127.0.0.1 that nobody listens at. It is none of those that
// the kernel gives to whoever asks for any, so that a server that is killed
// finds it free when it is started anew.
func Port(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(12000)
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatalf("try port %d: %v", port, err)
		}
		return port
	}
	t.Fatal("find a free port: none in 100 tries")
	return 0
}
