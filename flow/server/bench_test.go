package server

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkLookup is what a lookup costs beside net/http: sign-in, decoding,
// decision, encoding and metrics. Throughput against a bare handler is
// measured by deploy/test/bench.
func BenchmarkLookup(b *testing.B) {
	r := withLine(newRig(b))
	request := httptest.NewRequest("POST", "/v1/lookup", nil)
	request.Header.Set("Authorization", "Bearer lookup")
	request.Header.Set("Content-Type", "application/json")
	w := discard{http.Header{}}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		body := fmt.Appendf(nil, `{"ani":"%s","dnis":"%s","call_id":"%020d"}`, stranger, dialled, i)
		request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		clear(w.header)
		r.http.ServeHTTP(w, request)
	}
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}
