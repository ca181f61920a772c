package ani

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNumberTexts(t *testing.T) {
	for _, c := range []struct {
		name               string
		number             Number
		text, masked, area string
	}{
		{"none", Number{}, "", "", ""},
		{"fictional, of the main region of its code", MustParse("+16505550134"), "+16505550134", "+1650•••••34", "US"},
		{"of another region with the code", MustParse("+12425551234"), "+12425551234", "+1242•••••34", "BS"},
		{"not valid, so of the main region", MustParse("+11111111111"), "+11111111111", "+1111•••••11", "US"},
		{"longest", MustParse("+441234567890123"), "+441234567890123", "+4412•••••••••23", "GB"},
		{"shortest hides five digits too", MustParse("+2901234"), "+2901234", "+•••••34", "SH"},
		{"leading zero of Italy", MustParse("+390612345678"), "+390612345678", "+3906••••••78", "IT"},
		{"of no country", MustParse("+80012345678"), "+80012345678", "+8001•••••78", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.number.String(); got != c.text {
				t.Errorf("String is %q, want %q", got, c.text)
			}
			if got := c.number.Masked(); got != c.masked {
				t.Errorf("Masked is %q, want %q", got, c.masked)
			}
			if got := c.number.Region(); got != c.area {
				t.Errorf("Region is %q, want %q", got, c.area)
			}
			if got := c.number.IsZero(); got != (c.text == "") {
				t.Errorf("IsZero is %v", got)
			}
		})
	}
}

func TestNumberJSON(t *testing.T) {
	type numbers struct{ None, Some Number }
	want := numbers{Some: MustParse("+442079460000")}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"None":"","Some":"+442079460000"}`, string(b)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	got := numbers{None: want.Some}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("read back as %+v, want %+v", got, want)
	}
}

func TestNumberUnmarshalTextSaysWhatToWrite(t *testing.T) {
	for _, text := range []string{" ", "6505550123", "anonymous", "+210"} {
		n := MustParse("+16505550123")
		err := n.UnmarshalText([]byte(text))
		if err == nil || err.Error() != "is not a number in E.164: write + and the country code first, as in +16505550123" {
			t.Errorf("error of %q is %v", text, err)
		}
		if n != MustParse("+16505550123") {
			t.Errorf("%q changed the number to %s", text, n)
		}
	}
}

func TestAppendToAllocatesNothing(t *testing.T) {
	n, b := MustParse("+441234567890123"), make([]byte, 0, 16)
	if allocs := testing.AllocsPerRun(100, func() { b = n.AppendTo(b[:0]) }); allocs != 0 {
		t.Errorf("AppendTo allocates %v times", allocs)
	}
	if string(b) != n.String() {
		t.Errorf("AppendTo gives %q, want %q", b, n)
	}
}
