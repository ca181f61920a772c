package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

type healthcheckCmd struct{}

// healthWait is how long a server may take to say that it is ready.
const healthWait = 5 * time.Second

// Run asks /readyz, which wants no token. Where no server is named, the one
// that RINGTHROUGH_LISTEN starts on this machine is asked, over TLS where
// RINGTHROUGH_TLS_CERT has it speak that.
func (healthcheckCmd) Run(ctx context.Context, s *session) error {
	address, certificate := s.flags.Server, ""
	if listen := s.env.get("RINGTHROUGH_LISTEN"); address == "" && listen != "" {
		var err error
		if address, err = listening(listen); err != nil {
			return err
		}
		if certificate = s.env.get("RINGTHROUGH_TLS_CERT"); certificate != "" {
			address = "https" + strings.TrimPrefix(address, "http")
		}
	}
	base, err := readServer(address)
	if err != nil {
		return err
	}
	client, err := s.connectTo(base, credential{from: "nowhere"})
	if err != nil {
		return err
	}
	if certificate != "" {
		if err := client.trustOnly(certificate); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	if _, err := client.ask(ctx, request{method: http.MethodGet, path: []string{"readyz"}}); err != nil {
		return err
	}
	return s.say("ready")
}

// trustOnly makes c talk to whoever has the certificate at the head of file, by
// a name that stands in it: a server is asked on its own machine by an address
// that its certificate needn't have.
func (c *client) trustOnly(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read RINGTHROUGH_TLS_CERT: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return fmt.Errorf("read RINGTHROUGH_TLS_CERT: no certificate in %s: it must be a PEM file", file)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return fmt.Errorf("read RINGTHROUGH_TLS_CERT: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	config := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	if len(certificate.DNSNames) > 0 {
		config.ServerName = strings.Replace(certificate.DNSNames[0], "*", "this", 1)
	}
	transport, ok := c.http.Transport.(*http.Transport)
	if !ok {
		return errors.New("trust own certificate: the client has a transport of another kind")
	}
	transport.TLSClientConfig = config
	return nil
}
