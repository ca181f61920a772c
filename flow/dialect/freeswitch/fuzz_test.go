package freeswitch

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

// A caller is one that the request names.
func FuzzDecode(f *testing.F) {
	f.Add("POST", "", "section=dialplan&Hunt-Caller-ID-Number=%2B16505550123&Hunt-Destination-Number=18005550100&Unique-ID=a\n")
	f.Add("POST", "httapi", "session_id=a&Caller-Caller-ID-Number=0000000000&Caller-Destination-Number=5000&exiting=false")
	f.Add("GET", "xml_curl", "section=directory&variable_sip_from_user=1000")
	f.Fuzz(func(t *testing.T, method, module, text string) {
		r := flow.Request{Method: method, RawQuery: text, Body: []byte(text), Header: func(string) string { return "" }}
		h := sampleHook()
		h.Options = map[string]string{"module": module}
		var texts []string
		for _, form := range []string{text, strings.TrimSpace(text)} {
			values, _ := url.ParseQuery(form)
			for _, name := range slices.Concat(callers, ids) {
				for _, v := range values[name] {
					texts = append(texts, v, strings.ToValidUTF8(v, "\ufffd"))
				}
			}
		}
		dialecttest.CheckDecode(t, Dialect(), r, &h, texts)
	})
}

// Whatever stands in an instruction and its hook, the reply is a document, and
// only what can be carried is dialled.
func FuzzEncode(f *testing.F) {
	f.Add("direct", "number", "+15125550123", "sip:ivr@10.0.0.2", "", "gw", int64(25*time.Second))
	f.Add("direct", "queue", "5000 XML default", "9000", "httapi", `g"w`, int64(-1))
	f.Add("direct", "mailbox", "4100", "\x00\xff", "xml_curl", "example.com", int64(1<<62))
	f.Add("nothing", "sip", "sip:a@b|c", "", "", "", int64(0))
	f.Fuzz(func(t *testing.T, act, kind, address, text, module, setting string, timeout int64) {
		h := &flow.Hook{
			DialTimeout: time.Duration(timeout), CallerID: text, SIPTemplate: text,
			FreeSWITCH: flow.FreeSWITCH{Gateway: setting, Profile: setting, Domain: setting, Context: setting},
			Options:    map[string]string{"module": module, "continue_extension": text, "callcenter": "true"},
		}
		target := flow.Target{Kind: flow.Kind(kind), Address: address}
		r := encode(flow.Instruction{Act: flow.Act(act), LookupID: "d1k2", Target: target, Backup: target, ContinueURL: text}, h)
		if len(r.Body) == 0 {
			if act != "nothing" || module != "httapi" {
				t.Fatal("an empty reply")
			}
			return
		}
		e, err := dialecttest.ReadXML(r.Body)
		if err != nil {
			t.Fatalf("%q: %v", r.Body, err)
		}
		if direct := act == "direct" && carries(target, h); direct != reaches(e) {
			t.Fatalf("%s to %v: %s", act, target, e)
		}
	})
}

// reaches reports whether a document brings the caller to anybody.
func reaches(e dialecttest.Element) bool {
	return slices.Contains([]string{"dial", "voicemail"}, e.Name) ||
		slices.Contains([]string{"bridge", "transfer", "callcenter", "voicemail"}, e.Attrs["application"]) ||
		slices.ContainsFunc(e.Children, reaches)
}
