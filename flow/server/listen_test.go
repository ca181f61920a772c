package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// certificate writes a certificate of the name, and its key, into dir.
func certificate(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// shown is the name of the certificate that a server shows.
func shown(t *testing.T, address string) string {
	t.Helper()
	c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true}) // only its name is looked at
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.ConnectionState().PeerCertificates[0].Subject.CommonName
}

func TestCertificatesAreReadAnew(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir, "first")
	c := &certificates{files: [3]string{cert, key}, log: zerolog.Nop()}
	name := func() string {
		t.Helper()
		c.looked = time.Time{} // as if it was long ago
		config, err := c.current(nil)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return parsed.Subject.CommonName
	}
	if got := name(); got != "first" {
		t.Errorf("shows %s", got)
	}
	certificate(t, dir, "second")
	touch(t, cert, time.Now().Add(time.Minute))
	if got := name(); got != "second" {
		t.Errorf("after a renewal it shows %s", got)
	}
	if err := os.WriteFile(cert, []byte("half a certif"), 0o600); err != nil {
		t.Fatal(err)
	}
	touch(t, cert, time.Now().Add(2*time.Minute))
	if got := name(); got != "second" {
		t.Errorf("after a broken renewal it shows %s", got)
	}
}

func touch(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestListen(t *testing.T) {
	cert, key := certificate(t, t.TempDir(), "served")
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { say(w, 200, "hello") })
	l, err := Listen{Address: "127.0.0.1:0", CertFile: cert, KeyFile: key}.Open(t.Context(), handler, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- l.Serve() }()
	if got := shown(t, l.Addr().String()); got != "served" {
		t.Errorf("shows %s", got)
	}
	if _, err := (Listen{Address: l.Addr().String()}).Open(t.Context(), handler, zerolog.Nop()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a second one on the same port: %v", err)
	}
	if err := l.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Errorf("a stop is no failure: %v", err)
	}
}

func TestListenRefuses(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir, "served")
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]Listen{
		"a certificate without its key":   {Address: "127.0.0.1:0", CertFile: cert},
		"files that aren't there":         {Address: "127.0.0.1:0", CertFile: "/nowhere", KeyFile: key},
		"a client CA without certificate": {Address: "127.0.0.1:0", CertFile: cert, KeyFile: key, ClientCA: text},
		"an address without a port":       {Address: "127.0.0.1"},
	} {
		if _, err := l.Open(t.Context(), http.NotFoundHandler(), zerolog.Nop()); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestStopFinishesWhatIsUnderWay stops a server while a request is in its
// handler.
func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	entered, leave := make(chan bool), make(chan bool)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		entered <- true
		<-leave
		say(w, 200, "finished")
	})
	l, err := Listen{Address: "127.0.0.1:0"}.Open(t.Context(), handler, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = l.Serve() }()
	got := make(chan string, 1)
	go func() {
		reply, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			got <- err.Error()
			return
		}
		defer func() { _ = reply.Body.Close() }()
		body, _ := io.ReadAll(reply.Body)
		got <- string(body)
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- l.Stop(t.Context()) }()
	leave <- true
	if text := <-got; text != "finished" {
		t.Errorf("the request was answered %q", text)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestPublicServesNothingOfOps(t *testing.T) {
	r := newRig(t)
	r.http = r.s.Public()
	for _, path := range []string{"/metrics", "/v1/entries", "/v1/tokens", "/v1/calls", "/openapi.json", "/docs", "/"} {
		if a := r.do("admin", "GET", path, ""); a.status != 404 {
			t.Errorf("%s: %d on the public side", path, a.status)
		}
	}
	if a := r.do("lookup", "GET", "/v1/lookup", ""); a.status != 200 {
		t.Errorf("a lookup on the public side: %d", a.status)
	}
}
