// Package kamailio_test holds the whole of ringthrough against a real
// Kamailio: the program, its command line, the kamailio dialect and the
// configuration in deploy/kamailio. SIPp plays the callers, the people and the
// IVR. All of it runs in a network namespace of the test's own.
package kamailio_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/netns"
	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// Who is at which port.
const (
	proxyPort  = 5060
	personPort = 5070
	busyPort   = 5071
	ringPort   = 5072
	ivrPort    = 5080
	callerPort = 5090
)

const (
	listed           = "sip:+16505550123@127.0.0.1"
	assertedIdentity = "P-Asserted-Identity: <sip:+16505550123@127.0.0.1>;verstat="
)

// Each call is proven by the far end that got its INVITE, and by the caller's
// having been through the whole of it: picked up, acknowledged, hung up.
func TestCallsReachWhomTheyShould(t *testing.T) {
	w := openWorld(t)
	tests := []struct {
		name, from, dialled string
		header              string   // one more header of the INVITE
		want                []string // the far ends that get the INVITE; all but the last give the call back
	}{
		{"a listed caller reaches the person", listed, "+18005550100", "", []string{"person"}},
		{"an unlisted caller reaches the IVR", "sip:+442079460000@127.0.0.1", "+18005550100", "", []string{"ivr"}},
		{"an anonymous caller reaches the IVR", "sip:anonymous@anonymous.invalid", "+18005550100", "", []string{"ivr"}},
		{"a caller without a user part reaches the IVR", "sip:127.0.0.1", "+18005550100", "", []string{"ivr"}},
		{"a listed caller whom the carrier vouches for reaches the person", listed, "+18005550100", assertedIdentity + "TN-Validation-Passed-A", []string{"person"}},
		{"a caller who only says to be listed reaches the IVR", listed, "+18005550100", assertedIdentity + "TN-Validation-Failed", []string{"ivr"}},
		{"a listed caller of another number reaches the IVR", listed, "+18005550199", "", []string{"ivr"}},
		{"the target is busy: the backup", listed, "+18005550101", "", []string{"busy", "person"}},
		{"the only target is busy: the IVR", listed, "+18005550102", "", []string{"busy", "ivr"}},
		{"the target doesn't pick up: the backup", listed, "+18005550103", "", []string{"ringing", "person"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { w.call(t, tt.from, tt.dialled, tt.header, tt.want) })
	}
	w.service.Freeze(t)
	t.Run("the service hangs: a listed caller reaches the IVR", func(t *testing.T) {
		w.call(t, listed, "+18005550100", "", []string{"ivr"})
	})
	w.service.Kill(t)
	t.Run("the service is killed: a listed caller reaches the IVR", func(t *testing.T) {
		w.call(t, listed, "+18005550100", "", []string{"ivr"})
	})
}

// world is everything that runs, but for the callers.
type world struct {
	sipp    sipp
	service netns.Service
	ends    map[string]farEnd
	calls   int
}

func openWorld(t *testing.T) *world {
	t.Helper()
	program := peer.Command(t, "sipp", peer.Everything)
	peer.Command(t, "kamailio", peer.Everything)
	n := netns.Open(t)
	w := &world{sipp: sipp{n, program}}
	w.ends = map[string]farEnd{
		"person":  w.sipp.answer(t, "person", personPort, "-sf", data(t, "answer.xml")),
		"busy":    w.sipp.answer(t, "busy", busyPort, "-sf", data(t, "busy.xml")),
		"ringing": w.sipp.answer(t, "ringing", ringPort, "-sf", data(t, "ringing.xml")),
		"ivr":     w.sipp.answer(t, "ivr", ivrPort, "-sf", data(t, "answer.xml")),
	}
	w.service = n.Serve(t, data(t, "ringthrough.yaml"))
	w.service.Run(t, "entry", "add", "+16505550123", "--label", "Meta call 1")
	for _, line := range [][]string{
		{"support-us", "--number", "+18005550100", "--target", "number:+15125550123"},
		{"desk-then-person", "--number", "+18005550101", "--target", "sip:desk@127.0.0.1:5071", "--target", "number:+15125550123"},
		{"desk-alone", "--number", "+18005550102", "--target", "sip:desk@127.0.0.1:5071"},
		{"ringing-then-person", "--number", "+18005550103", "--target", "sip:desk@127.0.0.1:5072", "--target", "number:+15125550123"},
	} {
		w.service.Run(t, append([]string{"line", "set"}, line...)...)
	}
	token := w.service.Run(t, "token", "create", "--role", "lookup", "--name", "kamailio")
	n.Kamailio(t, netns.Proxy{
		Name: "kamailio", Port: proxyPort, IVR: fmt.Sprintf("sip:127.0.0.1:%d", ivrPort),
		Ask: w.service.URL + "/v1/lookup/kamailio", Token: token,
	})
	return w
}

func data(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}
