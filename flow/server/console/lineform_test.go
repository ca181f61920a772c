package console

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
)

// again is f as a browser sends it.
func (f lineForm) again() url.Values {
	sent := url.Values{
		"name": {f.Name}, "numbers": {f.Numbered()}, "policy": {f.Policy}, "attestation": {f.Attestation}, "limit.calls": {string(f.Limit.Calls)}, "limit.per": {f.Limit.Per},
		"redial_within": {f.RedialWithin}, "continue_url": {f.ContinueURL}, "announce": {f.Announce}, "timezone": {f.Timezone},
	}
	for i, t := range f.Targets {
		sent.Set(targetField(i, "kind"), string(t.Kind))
		sent.Set(targetField(i, "address"), t.Address)
		sent.Set(targetField(i, "label"), t.Label)
		sent.Set(targetField(i, "hours"), string(t.Hours))
	}
	return sent
}

// FuzzLineForm holds a form to what somebody typed: sent again it is the same,
// a base that travels through a page comes back as it was, and no button loses
// anybody but the one that takes one away.
func FuzzLineForm(f *testing.F) {
	f.Add("support-us", "+18005550100\r\n+18005550101", "+15125550123", "Dana", "Mo-Fr 08:00-18:00", "20", "up 1")
	f.Add("", ",;\n", "", "", "", "1e3", "remove 0")
	f.Add("x", "\"", "<b>", "\x00", "off", "\"7\"", "down 99999999999999999999")
	f.Fuzz(func(t *testing.T, name, numbers, address, label, hours, calls, button string) {
		sent := url.Values{"name": {name}, "numbers": {numbers}, "limit.calls": {calls}, "version": {calls}}
		for i := range 2 {
			sent.Set(targetField(i, "kind"), string(flow.KindQueue))
			sent.Set(targetField(i, "address"), address)
			sent.Set(targetField(i, "label"), label)
			sent.Set(targetField(i, "hours"), hours)
		}
		form := readLineForm(sent)
		form.Version = 0
		if d := cmp.Diff(form, readLineForm(form.again())); d != "" {
			t.Errorf("sent again it differs: %s", d)
		}
		if base := readBase(form.asBase()); utf8.ValidString(name + numbers + address + label + hours + calls) {
			if base == nil || len(differences(base, *base, form)) > 0 {
				t.Errorf("as a base it is %+v, not %+v", base, form)
			}
		}
		did := form.reorder(button)
		if want := map[bool]int{true: 3, false: 2}[button == "add"]; len(form.Targets) != want && !strings.HasPrefix(button, "remove ") {
			t.Errorf("%q leaves %d people", button, len(form.Targets))
		}
		if len(form.Targets) < 2 && !did {
			t.Errorf("%q takes somebody away, and does nothing", button)
		}
	})
}

func TestWhatWasTypedAsACountStaysIt(t *testing.T) {
	for typed, want := range map[count]string{"20": "20", "": `""`, "many": `"many"`, "1e3": `"1e3"`, `"`: `"\""`} {
		if b, err := typed.MarshalJSON(); err != nil || string(b) != want {
			t.Errorf("%q is sent as %s, %v", typed, b, err)
		}
	}
}
