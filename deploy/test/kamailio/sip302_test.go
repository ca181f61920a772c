package kamailio_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/netns"
	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// portOfSIP is where ringthrough takes SIP, as testdata/sip302.yaml has it.
const portOfSIP = 5066

// TestRedirectedCalls: Kamailio plays an SBC that asks by sending the call
// itself.
func TestRedirectedCalls(t *testing.T) {
	w := openSBC(t)
	tests := []struct {
		name, from, dialled string
		header              string
		want                []string // the far ends that get the INVITE; all but the last give the call back
	}{
		{"a listed caller reaches the person", listed, "+18005550100", "", []string{"person"}},
		{"an unlisted caller reaches the IVR", "sip:+442079460000@127.0.0.1", "+18005550100", "", []string{"ivr"}},
		{"an anonymous caller reaches the IVR", "sip:anonymous@anonymous.invalid", "+18005550100", "", []string{"ivr"}},
		{"a listed caller who is anonymous but asserted reaches the person", "sip:anonymous@anonymous.invalid", "+18005550100", "P-Asserted-Identity: <sip:+16505550123@127.0.0.1>", []string{"person"}},
		{"a caller who only says to be listed reaches the IVR", listed, "+18005550100", assertedIdentity + "TN-Validation-Failed", []string{"ivr"}},
		{"a listed caller of another number reaches the IVR", listed, "+18005550199", "", []string{"ivr"}},
		{"the target picks up: the backup is left in peace", listed, "+18005550103", "", []string{"person"}},
		{"the target is busy: the backup", listed, "+18005550101", "", []string{"busy", "person"}},
		{"the only target is busy: the IVR", listed, "+18005550102", "", []string{"busy", "ivr"}},
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

// openSBC is openWorld with an SBC in place of the proxy that asks over HTTP.
func openSBC(t *testing.T) *world {
	t.Helper()
	program := peer.Command(t, "sipp", peer.Everything)
	peer.Command(t, "kamailio", peer.Everything)
	n := netns.Open(t)
	w := &world{sipp: sipp{n, program}}
	w.ends = map[string]farEnd{
		"person": w.sipp.answer(t, "person", personPort, "-sf", data(t, "answer.xml")),
		"busy":   w.sipp.answer(t, "busy", busyPort, "-sf", data(t, "busy.xml")),
		"ivr":    w.sipp.answer(t, "ivr", ivrPort, "-sf", data(t, "answer.xml")),
	}
	w.service = n.Serve(t, data(t, "sip302.yaml"))
	w.service.Run(t, "entry", "add", "+16505550123", "--label", "Meta call 1")
	for _, line := range [][]string{
		{"support-us", "--number", "+18005550100", "--target", "number:+15125550123"},
		{"desk-then-person", "--number", "+18005550101", "--target", "sip:desk@127.0.0.1:5071", "--target", "number:+15125550123"},
		{"person-then-desk", "--number", "+18005550103", "--target", "number:+15125550123", "--target", "sip:desk@127.0.0.1:5071"},
		{"desk-alone", "--number", "+18005550102", "--target", "sip:desk@127.0.0.1:5071"},
	} {
		w.service.Run(t, append([]string{"line", "set"}, line...)...)
	}
	n.Kamailio(t, netns.Proxy{
		Name: "SBC", Config: filepath.Join(peer.Tree(t), "deploy", "kamailio", "sip302.cfg"), Port: proxyPort,
		IVR: fmt.Sprintf("sip:127.0.0.1:%d", ivrPort), Ask: fmt.Sprintf("sip:127.0.0.1:%d", portOfSIP),
	})
	return w
}
