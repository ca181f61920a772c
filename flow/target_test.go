package flow_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
)

func TestTargetNormalize(t *testing.T) {
	address, kind, hours, label := []string{"targets[0].address"}, []string{"targets[0].kind"}, []string{"targets[0].hours"}, []string{"targets[0].label"}
	for _, tt := range []struct {
		name   string
		target flow.Target
		want   []string
	}{
		{"a number", desk, nil},
		{"a number without its country code", flow.Target{Kind: flow.KindNumber, Address: "(512) 555-0123"}, append(address, address...)},
		{"a number that is withheld", flow.Target{Kind: flow.KindNumber, Address: "anonymous"}, address},
		{"no number", flow.Target{Kind: flow.KindNumber}, address},

		{"a SIP URI", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com:5060;transport=tls"}, nil},
		{"a secure SIP URI", flow.Target{Kind: flow.KindSIP, Address: "sips:desk@pbx.example.com"}, nil},
		{"a SIP URI without a scheme", flow.Target{Kind: flow.KindSIP, Address: "desk@pbx.example.com"}, address},
		{"a SIP URI without a user", flow.Target{Kind: flow.KindSIP, Address: "sip:@pbx.example.com"}, address},
		{"a SIP URI without a host", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@"}, address},
		{"a SIP URI without an @", flow.Target{Kind: flow.KindSIP, Address: "sip:desk"}, address},
		{"a SIP URI with a blank", flow.Target{Kind: flow.KindSIP, Address: "sip:desk one@pbx.example.com"}, address},
		{"a SIP URI with two hosts", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@a.example.com@b.example.com"}, address},
		{"no SIP URI", flow.Target{Kind: flow.KindSIP}, address},

		{"a queue with blanks", flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}, nil},
		{"a queue's ARN", flow.Target{Kind: flow.KindQueue, Address: "arn:aws:connect:us-east-1:1:instance/a/queue/b"}, nil},
		{"a queue of nothing but blanks", flow.Target{Kind: flow.KindQueue, Address: "  "}, address},
		{"a user by mail address", flow.Target{Kind: flow.KindUser, Address: "jane@example.com"}, nil},
		{"no user", flow.Target{Kind: flow.KindUser}, address},
		{"a mailbox in its context", flow.Target{Kind: flow.KindMailbox, Address: "1001@default"}, nil},
		{"no mailbox", flow.Target{Kind: flow.KindMailbox}, address},

		{"no kind", flow.Target{Address: "a"}, kind},
		{"another kind", flow.Target{Kind: "fax", Address: "a"}, kind},
		{"a kind in capitals", flow.Target{Kind: "Queue", Address: "a"}, kind},

		{"a quote", user(`a"b`), address},
		{"an apostrophe", user("a'b"), address},
		{"a comma, which parts a dialplan's arguments", user("a,b"), address},
		{"a dollar sign", user("${a}"), address},
		{"a line feed", user("a\nb"), append(address, address...)},
		{"an ampersand, which rings two at once", user("a&b"), address},
		{"a letter beyond ASCII", user("jürgen"), address},
		{"bytes that are no text", user("a\xff"), append(address, address...)},
		{"an address of 255", user(strings.Repeat("a", 255)), nil},
		{"an address of 256", user(strings.Repeat("a", 256)), address},

		{"a long label", flow.Target{Kind: flow.KindUser, Address: "a", Label: strings.Repeat("a", 201)}, label},
		{"a label in any script", flow.Target{Kind: flow.KindUser, Address: "a", Label: "Jürgen, 日本"}, nil},
		{"hours that are none", flow.Target{Kind: flow.KindUser, Address: "a", Hours: "9 to 5"}, hours},
		{"hours", flow.Target{Kind: flow.KindUser, Address: "a", Hours: "Mo-Fr 08:00-18:00"}, nil},
		{"everything", flow.Target{Kind: "fax", Address: "$", Label: "\x00", Hours: "x"}, []string{kind[0], address[0], label[0], hours[0]}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := listedScene().line
			l.Targets = []flow.Target{tt.target}
			if diff := cmp.Diff(tt.want, problemsOf(t, l.Normalize())); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct {
		given string
		want  flow.Target
	}{
		{"number:+15125550123", desk},
		{"number:+1 (512) 555-0123", desk},
		{"number:+15125550123@Mo-Fr 08:00-18:00", flow.Target{Kind: flow.KindNumber, Address: desk.Address, Hours: "Mo-Fr 08:00-18:00"}},
		{"number:+15125550123@24/7", flow.Target{Kind: flow.KindNumber, Address: desk.Address, Hours: "24/7"}},
		{"queue:activation", queue},
		{"queue:WhatsApp activation@Mo-Fr 08:00-18:00; Sa 09:00-12:00", flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation", Hours: "Mo-Fr 08:00-18:00; Sa 09:00-12:00"}},
		{"user:jane@example.com", user("jane@example.com")},
		{"user:jane@example.com@08:00-18:00", flow.Target{Kind: flow.KindUser, Address: "jane@example.com", Hours: "08:00-18:00"}},
		{"mailbox:1001@default", flow.Target{Kind: flow.KindMailbox, Address: "1001@default"}},
		{"sip:desk@pbx.example.com", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}},
		{"sip:sip:desk@pbx.example.com", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}},
		{"sip:sips:desk@pbx.example.com", flow.Target{Kind: flow.KindSIP, Address: "sips:desk@pbx.example.com"}},
		{"sips:desk@pbx.example.com", flow.Target{Kind: flow.KindSIP, Address: "sips:desk@pbx.example.com"}},
		{"sip:desk@pbx.example.com:5060@Mo-Fr 08:00-18:00", flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com:5060", Hours: "Mo-Fr 08:00-18:00"}},
	} {
		t.Run(tt.given, func(t *testing.T) {
			got, err := flow.ParseTarget(tt.given)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// Hours with a slip in them must not become a target that is always open.
func TestParseTargetRefuses(t *testing.T) {
	for _, tt := range []struct{ given, want string }{
		{"", "write it as kind:address"},
		{"number", "write it as kind:address"},
		{"number:", "write it as kind:address"},
		{"+15125550123", "write it as kind:address"},
		{"fax:1", "target.kind"},
		{"number:5125550123", "target.address is not a number in E.164"},
		{"number:+15125550123@Mo-Fr 8-18", "target.hours"},
		{"number:+15125550123@nights", "target.hours"},
		{"queue:activation@Mo-Fr 8-18", "target.hours"},
		{"user:jane@example.com@Mo-Fr 8-18", "target.hours"},
		{"sip:desk@pbx.example.com@Mo-Fr 8-18", "target.hours"},
		{"sip:desk", "target.address is not a SIP URI"},
		{"queue: ", "target.address is empty: name the queue"},
	} {
		t.Run(tt.given, func(t *testing.T) {
			got, err := flow.ParseTarget(tt.given)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %+v and %v, want an error with %q in it", got, err, tt.want)
			}
		})
	}
}

// What is parsed can be taken by a line, as it is.
func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"number:+15125550123@Mo-Fr 08:00-18:00", "sip:desk@pbx.example.com", "user:a@b@24/7", "queue: x", "mailbox:@", "sips:a@b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := flow.ParseTarget(s)
		if err != nil {
			return
		}
		l := flow.NewLine()
		l.Name, l.Targets = "a", []flow.Target{got}
		if err := l.Normalize(); err != nil {
			t.Errorf("%q became %+v, which a line refuses: %v", s, got, err)
		}
		if l.Targets[0] != got {
			t.Errorf("%q became %+v, and then %+v", s, got, l.Targets[0])
		}
	})
}
