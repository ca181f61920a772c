package dialecttest

import (
	"slices"
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

func TestGives(t *testing.T) {
	n := ani.MustParse("+16505550123")
	tests := []struct {
		name string
		text string
		want bool
	}{
		{"as it is", "+16505550123", true},
		{"parted", "(650) 555-0123", true},
		{"in a URI", "sip:%2B16505550123@h;user=phone", true},
		{"as letters", "+1650 JJJ 0123", true},
		{"in another script, which may have them", "+١٦٥", true},
		{"another number", "+16505550124", false},
		{"nothing", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := gives([]string{"x", tt.text}, n); got != tt.want {
				t.Errorf("gives(%q) is %t", tt.text, got)
			}
		})
	}
}

func TestTexts(t *testing.T) {
	got := Texts([]byte("\ufeff{\"a\":[\"b\",1e3,null,true,{\"c\":\"\\u0031\"}]"))
	if want := []string{"a", "b", "1e3", "c", "1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReplies(t *testing.T) {
	d := flow.Dialect{
		Carries: func(to flow.Target, _ *flow.Hook) bool { return to.Kind == flow.KindNumber },
		Encode: func(in flow.Instruction, _ *flow.Hook) flow.Reply {
			return flow.Reply{ContentType: "text/plain", Body: []byte(in.Act)}
		},
		Whisper: func(announce string, _ *flow.Hook) flow.Reply { return flow.Reply{Body: []byte(announce)} },
	}
	all := Suite{Dialect: d, Hook: Hook("x")}.Replies(t)
	for _, want := range []Said{
		{Name: "direct-number", Act: "direct", Status: 200, ContentType: "text/plain", Body: "direct"},
		{Name: "nothing", Act: "nothing", Status: 200, ContentType: "text/plain", Body: "nothing"},
		{Name: "whisper", Act: "whisper", Status: 200, Body: NastyAnnounce},
	} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is not among the replies, or not %+v", want.Name, want)
		}
	}
	if slices.ContainsFunc(all, func(s Said) bool { return s.Name == "direct-sip" || s.Name == "direct-number-backup" }) {
		t.Error("what the dialect can't carry out is among the replies")
	}
}
