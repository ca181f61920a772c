package sipheader

import (
	"strings"
	"testing"
)

func TestReadMessage(t *testing.T) {
	m, err := ReadMessage([]byte("INVITE sip:+18005550100@x SIP/2.0\r\nf: <sip:a@x>\r\nDIVERSION: <sip:b@x>,\r\n <sip:c@x>\r\ni: 1@x\r\n\r\nFrom: <sip:body@x>"))
	if err != nil || m.Method != "INVITE" || m.URI != "sip:+18005550100@x" {
		t.Fatalf("it reads %+v, %v", m, err)
	}
	if from, id, to := m.Line("From"), m.Line("Call-Id"), m.Line("To"); from != "<sip:a@x>" || id != "1@x" || to != "" {
		t.Errorf("From is %q, Call-ID %q, To %q", from, id, to)
	}
	if got := m.Headers.Diverter(); got != "<sip:b@x>" {
		t.Errorf("%q has diverted it", got)
	}
	for name, text := range map[string]string{
		"nothing":               "",
		"half a line":           "INVITE sip:x SIP/2.0",
		"a response":            "SIP/2.0 200 OK\r\n\r\n",
		"another protocol":      "GET / HTTP/1.1\r\n\r\n",
		"no end of the headers": "INVITE sip:x SIP/2.0\r\nFrom: <sip:+16505550123@x>\r\n",
		"a line without colon":  "INVITE sip:x SIP/2.0\r\n+16505550123\r\n\r\n",
	} {
		if m, err := ReadMessage([]byte(text)); err == nil || strings.Contains(err.Error(), "650") {
			t.Errorf("%s reads as %+v, %v", name, m, err)
		}
	}
}

func TestAddress(t *testing.T) {
	for value, want := range map[string]string{
		"<sip:+16505550123@h;user=phone>;tag=1": "sip:+16505550123@h;user=phone",
		`"a <b> c" <SIPS:+16505550123@h>`:       "SIPS:+16505550123@h",
		"sip:+16505550123@h;tag=1":              "sip:+16505550123@h;tag=1",
		"tel:+1-650-555-0123;verstat=x":         "tel:+1-650-555-0123;verstat=x",
		"<sip:10.20.30.40:5060>":                "",
		"<sip:@h>":                              "",
		"<urn:service:sos>":                     "",
		`"16505550123`:                          "",
		"":                                      "",
		"<":                                     "",
		"< sip:+16505550123@h >":                "sip:+16505550123@h",
		"<sip:+16505550123;verstat=No-Validation@h>": "sip:+16505550123;verstat=No-Validation@h",
	} {
		if got := Address(value); got != want {
			t.Errorf("%s has the address %q, want %q", value, got, want)
		}
	}
}

func TestHistoryTellsTheDiverter(t *testing.T) {
	for _, tt := range []struct {
		name    string
		history []string
		want    string
	}{
		{"one diversion", []string{"<sip:b@h>;index=1, <sip:a@h;cause=302>;index=1.1;mp=1"}, "<sip:b@h>;index=1"},
		{"as a reason", []string{"<sip:b@h?Reason=SIP%3Bcause%3D486>;index=1", "<sip:a@h?Reason=SIP%3Bcause%3D302>;index=1.1"}, "<sip:b@h?Reason=SIP%3Bcause%3D486>;index=1"},
		{"the last of two", []string{"<sip:c@h>;index=1,<sip:b@h;cause=486>;index=1.1,<sip:a@h;cause=302>;index=1.1.1"}, "<sip:b@h;cause=486>;index=1.1"},
		{"a proxy's way behind it", []string{"<sip:b@h>;index=1,<sip:a@h;cause=302>;index=1.1,<sip:a@10.0.0.1>;index=1.1.1"}, "<sip:b@h>;index=1"},
		{"ways of proxies alone", []string{"<sip:a@h>;index=1,<sip:a@10.0.0.1>;index=1.1;rc=1"}, ""},
		{"a parent that is not told", []string{"<sip:a@h;cause=302>;index=1.1"}, ""},
		{"no index", []string{"<sip:a@h;cause=302>"}, ""},
		{"nothing", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Headers{"history-info": tt.history}).Diverter(); got != tt.want {
				t.Errorf("%q has diverted it, want %q", got, tt.want)
			}
			both := Headers{"History-Info": tt.history, "Diversion": {"<sip:d@h>"}}
			if got := both.Diverter(); got != "<sip:d@h>" {
				t.Errorf("with a Diversion, %q has diverted it", got)
			}
		})
	}
}
