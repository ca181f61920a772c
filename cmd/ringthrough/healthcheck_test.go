package main

import (
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHealthcheckOverTLS asks a server by an address that stands in no
// certificate, as a container's health check does.
func TestHealthcheckOverTLS(t *testing.T) {
	ready := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	server := httptest.NewTLSServer(ready)
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "own.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(own, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, certificate, wrong string
	}{
		{"its own certificate", own, ""},
		{"without a word of TLS", "", "400"},
		{"nothing in the file", empty, "no certificate in"},
		{"no file", own + ".not", "read RINGTHROUGH_TLS_CERT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := map[string]string{"RINGTHROUGH_LISTEN": "0.0.0.0:" + port, "RINGTHROUGH_TLS_CERT": tt.certificate}
			s := &session{stdout: io.Discard, stderr: io.Discard, now: time.Now, env: func(name string) (string, bool) { return env[name], true }}
			err := healthcheckCmd{}.Run(t.Context(), s)
			switch {
			case tt.wrong == "" && err != nil:
				t.Error(err)
			case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
				t.Errorf("%v, not %s", err, tt.wrong)
			}
		})
	}
}
