package postgres

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// limitSilence ends a connection when what was sent stays unanswered: probes
// alone are sent only where nothing waits to be.
func limitSilence(_, _ string, conn syscall.RawConn) error {
	var failed error
	err := conn.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
	})
	if err != nil {
		return err
	}
	if failed == unix.EOPNOTSUPP || failed == unix.ENOPROTOOPT { // a Unix socket
		return nil
	}
	return failed
}
