package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/net/netutil"
)

// Bounds of a connection. An IVR asks in one packet and is answered in
// milliseconds; what takes longer is broken or hostile.
const (
	headerWait     = 5 * time.Second
	requestWait    = 10 * time.Second
	replyWait      = 30 * time.Second
	idleWait       = 2 * time.Minute
	maxHeader      = 32 << 10
	maxConnections = 16_384
)

// Listen is where and how to listen.
type Listen struct {
	Address  string // host:port
	CertFile string // PEM; empty: without TLS
	KeyFile  string
	ClientCA string // PEM; certificates of clients are asked for and verified against it
}

// Listener is an open port that serves a handler.
type Listener struct {
	net.Listener
	http *http.Server
}

// Open takes the port, so that whoever starts a second server on it learns
// that at once. Serve then answers.
func (l Listen) Open(ctx context.Context, h http.Handler, logger zerolog.Logger) (*Listener, error) {
	var config *tls.Config
	if l.CertFile != "" || l.KeyFile != "" {
		var err error
		if config, err = tlsConfig(l.CertFile, l.KeyFile, l.ClientCA, logger); err != nil {
			return nil, err
		}
	}
	port, err := new(net.ListenConfig).Listen(ctx, "tcp", l.Address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	limited := netutil.LimitListener(port, maxConnections)
	if config != nil {
		limited = tls.NewListener(limited, config)
	}
	return &Listener{limited, &http.Server{
		Handler: h, ReadHeaderTimeout: headerWait, ReadTimeout: requestWait, WriteTimeout: replyWait,
		IdleTimeout: idleWait, MaxHeaderBytes: maxHeader, ErrorLog: log.New(debugWriter{logger}, "", 0),
	}}, nil
}

// Serve answers until Stop is called or the port fails.
func (l *Listener) Serve() error {
	if err := l.http.Serve(l.Listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Stop takes no more connections and returns once the requests under way are
// answered, or with an error once ctx is done.
func (l *Listener) Stop(ctx context.Context) error {
	err := l.http.Shutdown(ctx)
	if err != nil {
		return errors.Join(err, l.http.Close())
	}
	return nil
}

// debugWriter takes net/http's own complaints about clients: scanners and
// half-open connections would fill the log otherwise.
type debugWriter struct{ log zerolog.Logger }

func (w debugWriter) Write(b []byte) (int, error) {
	w.log.Debug().Msg(string(b))
	return len(b), nil
}
