package server

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// certificates reads certificate, key and client CA anew when one of the
// files changes, so that renewing them needs no restart. New files that can't
// be used leave the old ones in place.
type certificates struct {
	files [3]string // certificate, key, client CA
	log   zerolog.Logger

	mu      sync.Mutex
	looked  time.Time
	written [3]time.Time
	config  *tls.Config
}

// lookEvery is how often the files are looked at, at most.
const lookEvery = time.Second

func tlsConfig(cert, key, clientCA string, log zerolog.Logger) (*tls.Config, error) {
	if cert == "" || key == "" {
		return nil, errors.New("TLS needs both a certificate and a key")
	}
	c := &certificates{files: [3]string{cert, key, clientCA}, log: log, looked: time.Now()}
	c.written = c.times()
	var err error
	if c.config, err = c.read(); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: c.current}, nil
}

func (c *certificates) current(*tls.ClientHelloInfo) (*tls.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookEvery {
		return c.config, nil
	}
	c.looked = time.Now()
	written := c.times()
	if written == c.written {
		return c.config, nil
	}
	config, err := c.read()
	if err != nil {
		c.log.Error().Err(err).Msg("new certificate can't be used: the old one stays")
		return c.config, nil
	}
	c.written, c.config = written, config
	c.log.Info().Msg("certificate reloaded")
	return config, nil
}

func (c *certificates) times() (written [3]time.Time) {
	for i, file := range c.files {
		if info, err := os.Stat(file); err == nil {
			written[i] = info.ModTime()
		}
	}
	return written
}

func (c *certificates) read() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(c.files[0], c.files[1])
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}
	if c.files[2] == "" {
		return config, nil
	}
	pem, err := os.ReadFile(c.files[2])
	if err != nil {
		return nil, fmt.Errorf("read client CA: %w", err)
	}
	config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
	if !config.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read client CA: no certificate in %s", c.files[2])
	}
	return config, nil
}
