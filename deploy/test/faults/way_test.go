package faults

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
)

// way is the network between one replica and the database.
type way struct{ proxy *toxiproxy.Proxy }

// newWay is a way that nothing is wrong with.
func newWay(t *testing.T, s *pgserver.Server) *way {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	w := &way{toxiproxy.NewProxy(server, "way", net.JoinHostPort("127.0.0.1", strconv.Itoa(peer.Port(t))), s.Address())}
	w.start(t)
	t.Cleanup(w.proxy.Stop)
	return w
}

func (w *way) start(t *testing.T) {
	t.Helper()
	if err := w.proxy.Start(); err != nil {
		t.Fatalf("open a way to the database: %v", err)
	}
}

// url is a database's, by this way.
func (w *way) url(s *pgserver.Server, database string) string {
	return strings.Replace(database, s.Address(), w.proxy.Listen, 1)
}

// outage is something that can be wrong with a way: a kind of toxiproxy's
// toxics. Without one, it is cut.
type outage struct {
	name, toxic, attributes string
	complete                bool // nothing gets through
}

var outages = []outage{
	{"cut", "", "", true},
	{"half-open", "timeout", `{"timeout":0}`, true},
	{"slowed by 300 ms", "latency", `{"latency":150}`, false},
	{"slowed to 4 KB a second", "bandwidth", `{"rate":4}`, false},
}

// begin has something go wrong on a way.
func (w *way) begin(t *testing.T, o outage) {
	t.Helper()
	if o.toxic == "" {
		w.proxy.Stop()
		return
	}
	w.poison(t, o.toxic, o.attributes)
}

// end mends a way.
func (w *way) end(t *testing.T, o outage) {
	t.Helper()
	if o.toxic == "" {
		w.start(t)
		return
	}
	w.proxy.Toxics.ResetToxics(t.Context())
}

// poison does something to what goes either way.
func (w *way) poison(t *testing.T, kind, attributes string) {
	t.Helper()
	for _, direction := range []string{"upstream", "downstream"} {
		spec := fmt.Sprintf(`{"name":"%s","type":"%s","stream":"%s","attributes":%s}`, direction, kind, direction, attributes)
		if _, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(spec)); err != nil {
			t.Fatalf("poison a way to the database: %v", err)
		}
	}
}
