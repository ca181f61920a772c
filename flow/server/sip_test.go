package server

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/server/sipport"
	"github.com/ringthrough/ringthrough/flow/store"
)

var (
	sbcAddress = netip.MustParseAddr("10.1.2.3")
	elsewhere  = netip.MustParseAddr("192.0.2.7")
)

// sbc is a hook for one SBC.
func sbc(name string, peers ...string) HookConfig {
	return HookConfig{Name: name, Dialect: "sip302", SIPTemplate: "sip:{number}@gw.example.com;user=phone", SIP: SIPConfig{Peers: peers}}
}

// withSIP gives a rig a SIP port, a line and one listed caller.
func withSIP(t *testing.T, hooks ...HookConfig) (*rig, sipport.Door) {
	t.Helper()
	r := withLine(newRig(t))
	r.s.sip = true
	if err := r.s.SetHooks(hooks); err != nil {
		t.Fatal(err)
	}
	return r, r.s.SIP()
}

func inviteFrom(caller, callID string) []byte {
	return fmt.Appendf(nil, "INVITE sip:%s@10.0.0.1 SIP/2.0\r\nFrom: <sip:%s@10.1.2.3>;tag=1\r\nTo: <sip:%s@10.0.0.1>\r\nCall-ID: %s\r\n\r\n", dialled, caller, dialled, callID)
}

func TestSIPRingsThrough(t *testing.T) {
	r, door := withSIP(t, sbc("sbc", "10.0.0.0/8"))
	if !door.Admits(sbcAddress) {
		t.Fatal("the SBC is a stranger")
	}
	got := door.Invite(t.Context(), sbcAddress, inviteFrom(listed, "c1"))
	if want := "SIP/2.0 302 Moved Temporarily\r\nContact: <sip:+15125550123@gw.example.com;user=phone>;q=1.0\r\n"; got.Status != 302 || string(got.Body) != want {
		t.Errorf("got %d %q, want %q", got.Status, got.Body, want)
	}
	row := r.onlyCall()
	if row.Kind != store.CallDirect || row.CallID != "c1" || row.Hook != "sbc" {
		t.Errorf("the journal has %+v", row)
	}
	again := door.Invite(t.Context(), sbcAddress, inviteFrom(listed, "c1"))
	if string(again.Body) != string(got.Body) {
		t.Errorf("asked again, it says %q", again.Body)
	}
	if n := testutil.ToFloat64(r.s.metrics.activations.WithLabelValues("support-us", "number", "false")); n != 1 {
		t.Errorf("%v activation calls are counted, want 1", n)
	}
	if n := testutil.ToFloat64(r.s.metrics.lookups.WithLabelValues("sbc", "direct", "listed")); n != 2 {
		t.Errorf("%v lookups are counted, want 2", n)
	}
	if n := testutil.CollectAndCount(r.s.metrics.lookupDurations); n < 1 {
		t.Error("no duration is measured")
	}
	if strings.Count(r.log.String(), "call rings through") != 1 {
		t.Errorf("the log has %s", r.log)
	}
}

func TestSIPCarriesOn(t *testing.T) {
	r, door := withSIP(t, sbc("sbc", "10.0.0.0/8"))
	for name, message := range map[string][]byte{
		"a stranger to the list":   inviteFrom(stranger, "c1"),
		"an anonymous caller":      inviteFrom("anonymous", "c2"),
		"a message that is broken": []byte("INVITE x"),
		"nothing":                  nil,
	} {
		if got := door.Invite(t.Context(), sbcAddress, message); got.Status != 404 || string(got.Body) != "SIP/2.0 404 Not Found\r\n" {
			t.Errorf("%s is told %d %q", name, got.Status, got.Body)
		}
	}
	if n := testutil.ToFloat64(r.s.metrics.lookups.WithLabelValues("sbc", "continue", "malformed")); n != 2 {
		t.Errorf("%v malformed lookups are counted, want 2", n)
	}
	r.s.Leave()
	if !door.Leaving() {
		t.Error("it stays")
	}
	if got := door.Invite(t.Context(), sbcAddress, inviteFrom(listed, "c3")); got.Status != 302 {
		t.Errorf("leaving, it answers %d", got.Status)
	}
	r.s.Drain()
	if got := door.Invite(t.Context(), sbcAddress, inviteFrom(listed, "c4")); got.Status != 503 || !strings.Contains(string(got.Body), "\r\nRetry-After: ") {
		t.Errorf("draining, it answers %d %q", got.Status, got.Body)
	}
}

func TestSIPStrangers(t *testing.T) {
	r, door := withSIP(t, sbc("sbc", "10.0.0.0/8", "2001:db8::7"))
	for range 100 {
		if door.Admits(elsewhere) || door.Admits(netip.Addr{}) || door.Admits(netip.MustParseAddr("2001:db8::8")) {
			t.Fatal("a stranger is let in")
		}
	}
	if !door.Admits(netip.MustParseAddr("2001:db8::7")) {
		t.Error("an address of version 6 is a stranger")
	}
	if n := testutil.ToFloat64(r.s.metrics.authFailures.WithLabelValues("sbc")); n != 300 {
		t.Errorf("%v refused sign-ins are counted, want 300", n)
	}
	if n := strings.Count(r.log.String(), "SIP of a stranger was dropped"); n < 1 || n > 5 {
		t.Errorf("the log has %d lines about them", n)
	}
	if shown := r.s.hooks.Load().byName["sbc"].shown(); shown.Refusals != 300 || shown.Refused.From == "" {
		t.Errorf("the console shows %+v", shown)
	}
}

func TestSIPPeersCanChange(t *testing.T) {
	r, door := withSIP(t, sbc("sbc", "10.0.0.0/8"))
	if err := r.s.SetHooks([]HookConfig{sbc("sbc", "192.0.2.0/24"), sbc("other", "198.51.100.7")}); err != nil {
		t.Fatal(err)
	}
	if door.Admits(sbcAddress) || !door.Admits(elsewhere) {
		t.Error("the peers are still those of before")
	}
	if got := door.Invite(t.Context(), sbcAddress, inviteFrom(listed, "c1")); got.Status != 503 {
		t.Errorf("who has just become a stranger is told %d", got.Status)
	}
	door.Invite(t.Context(), netip.MustParseAddr("198.51.100.7"), inviteFrom(stranger, "c2"))
	if n := testutil.ToFloat64(r.s.metrics.lookups.WithLabelValues("other", "continue", "not_listed")); n != 1 {
		t.Errorf("%v lookups are counted at the second hook, want 1", n)
	}
	door.Unreadable(elsewhere, "message cannot be read as SIP")
	if shown := r.s.hooks.Load().byName["sbc"].shown(); shown.Unreadable.Why == "" || shown.Unreadable.From != elsewhere.String() {
		t.Errorf("the console shows %+v", shown)
	}
	if n := testutil.ToFloat64(r.s.metrics.dropped.WithLabelValues("sip", "malformed")); n != 1 {
		t.Errorf("%v malformed messages are counted, want 1", n)
	}
}

func TestSIPConfigurationsThatCantBeTaken(t *testing.T) {
	secret, public, onward, overHTTP := sbc("sbc"), sbc("sbc"), sbc("sbc"), HookConfig{Name: "pbx", Dialect: "flat", SIP: SIPConfig{Peers: []string{"10.0.0.0/8"}}}
	secret.Auth.Scheme = "none"
	public.PublicURL = "https://route.example.com/x"
	onward.ContinueURL = "https://ivr.example.com/start"
	for _, tt := range []struct {
		name  string
		port  bool
		hooks []HookConfig
		want  []string // all of them in the error
	}{
		{"a hook without a port", false, []HookConfig{sbc("sbc", "10.0.0.0/8")}, []string{"hook sbc: dialect", "sip_listen"}},
		{"a port without a hook", true, nil, []string{"sip_listen", "sip302"}},
		{"a port with another hook", true, []HookConfig{{Name: "pbx", Dialect: "flat"}}, []string{"sip_listen", "sip302"}},
		{"peers that are none", true, []HookConfig{sbc("sbc", "10.0.0.0/8", "sbc.example.com")}, []string{"hook sbc: sip.peers[1]", "sbc.example.com", "10.1.0.0/16"}},
		{"peers of two hooks", true, []HookConfig{sbc("a", "10.0.0.0/8"), sbc("b", "192.0.2.1", "10.1.0.0/16")}, []string{"hook b: sip.peers", "10.1.0.0/16", "hook a"}},
		{"a way to sign in", true, []HookConfig{secret}, []string{"hook sbc: auth"}},
		{"a public URL", true, []HookConfig{public}, []string{"hook sbc: public_url"}},
		{"a continue URL", true, []HookConfig{onward}, []string{"hook sbc: continue_url", "404"}},
		{"peers of a hook over HTTP", true, []HookConfig{sbc("sbc"), overHTTP}, []string{"hook pbx: sip.peers"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.s.sip = tt.port
			err := r.s.SetHooks(tt.hooks)
			if problems := (ani.Problems)(nil); !errors.As(err, &problems) {
				t.Fatalf("taken, or not with problems: %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %q", want, err)
				}
			}
		})
	}
}

func TestSIPIsWarnedOf(t *testing.T) {
	for want, hook := range map[string]HookConfig{"nobody is answered": sbc("sbc"), "lets everybody in": sbc("sbc", "0.0.0.0/0")} {
		r, _ := withSIP(t, hook)
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("no warning that %s", want)
		}
	}
}

func TestSIPHookOverHTTP(t *testing.T) {
	r, _ := withSIP(t, sbc("sbc", "10.0.0.0/8"))
	for _, path := range []string{"/v1/lookup/sbc", "/v1/lookup/sbc/result", "/v1/lookup/sbc/whisper"} {
		if a := r.do("lookup", "POST", path, ask(listed)); a.status != 404 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := r.do("lookup", "POST", "/v1/lookup/sbc", ask(listed)); !strings.Contains(a.body, "sip_listen") {
		t.Errorf("it says %s", a.body)
	}
}
