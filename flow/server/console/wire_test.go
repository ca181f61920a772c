package console_test

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// What a page may cost (issue 5): everything that it loads, on the wire.
const (
	maxWeight   = 150 << 10
	maxRequests = 6
)

// wire counts what comes over its connections, headers too.
type wire struct {
	net.Conn
	came *atomic.Int64
}

func (w wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.came.Add(int64(n))
	return n, err
}

// overWire is a browser that has loaded nothing yet, with the session of v,
// and what has come to it.
func (v *visitor) overWire(t testing.TB) (fresh *visitor, came *atomic.Int64) {
	t.Helper()
	came = new(atomic.Int64)
	transport := &http.Transport{
		DisableCompression: true, // what is packed counts as it comes
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return wire{c, came}, err
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	fresh = &visitor{t: t, url: v.url, header: http.Header{"Accept-Encoding": {"gzip"}}, client: &http.Client{Jar: v.client.Jar, Transport: transport, Timeout: time.Minute}}
	return fresh, came
}

// loads are the addresses that a browser loads with a page, but for streams
// of news, of which it opens as many as are counted.
func (p page) loads(t testing.TB) (addresses []string, streams int) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		src, isSrc := attr(n, "src")
		href, _ := attr(n, "href")
		switch {
		case isSrc:
			addresses = append(addresses, src)
		case n.Data == "link":
			addresses = append(addresses, href)
		}
		if _, ok := attr(n, "sse-connect"); ok {
			streams++
		}
	}
	return addresses, streams
}

func TestEveryPageIsLight(t *testing.T) {
	s := newStage(t)
	v := s.visitor("admin")
	for _, stop := range append(s.stops(), stop{name: "a large revision", path: "/history/9"}, stop{name: "a large difference", path: "/history/compare?from=5"}) {
		t.Run(stop.name, func(t *testing.T) {
			who := v
			if stop.path == "/sign-in" {
				who = s.stranger()
			}
			fresh, came := who.overWire(t)
			packed := fresh.at(stop)
			weight := came.Load()
			if packed.header.Get("Content-Encoding") == "gzip" {
				packed.text = unpacked(t, packed.text)
			}
			addresses, streams := packed.loads(t)
			before := came.Load()
			for _, address := range addresses {
				fresh.get(address).is(t, http.StatusOK)
			}
			weight += came.Load() - before
			requests := 1 + len(addresses) + streams
			t.Logf("%d bytes, %d requests", weight, requests)
			if weight > maxWeight || requests > maxRequests {
				t.Errorf("%d bytes in %d requests, want %d in %d at most", weight, requests, maxWeight, maxRequests)
			}
		})
	}
}

func unpacked(t testing.TB, packed string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}
