package dialecttest

import "testing"

func TestReadXML(t *testing.T) {
	const header = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	tests := []struct {
		name string
		body string
		want string // empty: an error
	}{
		{"one element", header + `<a/>`, `a`},
		{"everything", header + `<a y="1" x="&lt;"><b>t&amp;</b><c/></a>`, `a map["x":"<" "y":"1"](b="t&" c)`},
		{"no declaration", `<a/>`, ""},
		{"no root", header, ""},
		{"two roots", header + `<a/><b/>`, ""},
		{"text after it", header + `<a/>x`, ""},
		{"a comment", header + `<a><!-- x --></a>`, ""},
		{"an attribute twice", header + `<a x="1" x="2"/>`, ""},
		{"an entity", header + `<a>&x;</a>`, ""},
		{"cut short", header + `<a>`, ""},
		{"a control character", header + "<a>\x01</a>", ""},
		{"no UTF-8", header + "<a>\xff</a>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadXML([]byte(tt.body))
			if (err == nil) != (tt.want != "") {
				t.Fatalf("got %s, %v", got, err)
			}
			if want := tt.want; err == nil && got.String() != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}
