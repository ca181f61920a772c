package proxies_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/program"
)

// front is a proxy that runs with the configuration that is shipped, whose
// ports and certificates alone were changed.
type front struct {
	client *http.Client // finds both names there, and trusts its certificate
}

// start is how each proxy is started: with a folder of its own, the two
// servers behind it, and the port that it listens at.
type start func(t *testing.T, folder string, behind program.Server, port string) *exec.Cmd

var starts = map[string]start{"nginx": nginx, "HAProxy": haproxy, "Caddy": caddy}

func nginx(t *testing.T, folder string, behind program.Server, port string) *exec.Cmd {
	t.Helper()
	path := peer.Command(t, "nginx", peer.Everything)
	site := shipped(t, "nginx.conf", "listen 443 ssl", "listen 127.0.0.1:"+port+" ssl", "127.0.0.1:8080", behind.Address,
		"127.0.0.1:8081", behind.Ops, "/etc/ssl/ringthrough", folder)
	write(t, filepath.Join(folder, "site.conf"), site)
	var temps strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temps, "%s_temp_path %s/%s;\n", kind, folder, kind)
	}
	main := "daemon off; master_process off; pid " + folder + "/pid; error_log stderr;\nevents {}\nhttp {\naccess_log off;\n" + temps.String() + "include " + folder + "/site.conf;\n}\n"
	write(t, filepath.Join(folder, "nginx.conf"), main)
	return exec.Command(path, "-p", folder, "-c", filepath.Join(folder, "nginx.conf"))
}

func haproxy(t *testing.T, folder string, behind program.Server, port string) *exec.Cmd {
	t.Helper()
	path := peer.Command(t, "haproxy", peer.Everything)
	config := shipped(t, "haproxy.cfg", "bind :443", "bind 127.0.0.1:"+port, "127.0.0.1:8080", behind.Address,
		"127.0.0.1:8081", behind.Ops, "/etc/ssl/ringthrough", folder)
	write(t, filepath.Join(folder, "haproxy.cfg"), config)
	return exec.Command(path, "-db", "-f", filepath.Join(folder, "haproxy.cfg"))
}

func caddy(t *testing.T, folder string, behind program.Server, port string) *exec.Cmd {
	t.Helper()
	path := peer.Command(t, "caddy", peer.Everything)
	own := " {\n\tbind 127.0.0.1\n\ttls " + folder + "/tls.crt " + folder + "/tls.key\n"
	config := shipped(t, "Caddyfile", "\nroute.example.com {\n", "\nhttps://route.example.com:"+port+own,
		"\nringthrough.example.com {\n", "\nhttps://ringthrough.example.com:"+port+own,
		"127.0.0.1:8080 {", behind.Address+" {", "proxy 127.0.0.1:8081\n", "proxy "+behind.Ops+"\n")
	write(t, filepath.Join(folder, "Caddyfile"), "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"+config)
	cmd := exec.Command(path, "run", "--adapter", "caddyfile", "--config", filepath.Join(folder, "Caddyfile"))
	cmd.Env = []string{"HOME=" + folder, "XDG_DATA_HOME=" + folder, "XDG_CONFIG_HOME=" + folder}
	return cmd
}

// shipped is a configuration with replacements made, each of which must hit.
func shipped(t *testing.T, name string, replacements ...string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	config := uncommented(string(text))
	for pair := range slices.Chunk(replacements, 2) {
		if !strings.Contains(config, pair[0]) {
			t.Fatalf("%s has no %q", name, pair[0])
		}
		config = strings.ReplaceAll(config, pair[0], pair[1])
	}
	return config
}

func uncommented(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// run starts a proxy and waits until it answers for the server behind it.
func (begin start) run(t *testing.T, behind program.Server) front {
	t.Helper()
	folder, port := t.TempDir(), strconv.Itoa(peer.Port(t))
	trusted := certify(t, folder, "route.example.com", "ringthrough.example.com")
	f := front{client: &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: trusted},
		ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}}}
	process := program.Start(t, begin(t, folder, behind, port))
	t.Cleanup(f.client.CloseIdleConnections)
	for _, name := range []string{"route", "ringthrough"} {
		process.Await(t, "an answer of "+name, func() bool { return program.Answers(f.client, "https://"+name+".example.com/readyz") })
	}
	return f
}

// certify makes a certificate for names in a folder, and gives who trusts it.
func certify(t *testing.T, folder string, names ...string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: names, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	chain := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	private := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	write(t, filepath.Join(folder, "tls.crt"), chain)
	write(t, filepath.Join(folder, "tls.key"), private)
	write(t, filepath.Join(folder, "tls.pem"), chain+private)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(chain))
	return pool
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
