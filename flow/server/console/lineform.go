package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// lineForm is a line as its form has it, in texts as they were typed. Its
// JSON is the API's, and so are the names of its fields.
type lineForm struct {
	Name         string        `json:"name"`
	Numbers      []string      `json:"numbers"`
	Targets      []flow.Target `json:"targets"`
	Policy       string        `json:"policy"`
	Attestation  string        `json:"attestation"`
	Limit        limitForm     `json:"limit"`
	RedialWithin string        `json:"redial_within"`
	ContinueURL  string        `json:"continue_url"`
	Announce     string        `json:"announce"`
	Timezone     string        `json:"timezone"`
	Default      bool          `json:"default"`
	Enabled      bool          `json:"enabled"`
	Version      int64         `json:"version,omitempty"` // that the form was made from; 0: a new line
}

type limitForm struct {
	Calls count  `json:"calls"`
	Per   string `json:"per"`
}

// count is a whole number as it was typed, which it need not be.
type count string

// MarshalJSON writes what is no whole number as the text that it is, so that
// the API says what is wrong.
func (c count) MarshalJSON() ([]byte, error) {
	if n, err := strconv.Atoi(string(c)); err == nil {
		return json.Marshal(n)
	}
	return json.Marshal(string(c))
}

// UnmarshalJSON takes a number, or the text that stood for one.
func (c *count) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err == nil {
		*c = count(text)
		return nil
	}
	var n int
	err := json.Unmarshal(b, &n)
	*c = count(strconv.Itoa(n))
	return err
}

// newLineForm is the form of a new line: the defaults, and one person to be
// filled in.
func newLineForm() lineForm {
	f := formOf(flow.NewLine())
	f.Targets = []flow.Target{{Kind: flow.KindNumber}}
	return f
}

func formOf(l flow.Line) lineForm {
	f := lineForm{
		Name: l.Name, Targets: slices.Clone(l.Targets), Policy: string(l.Policy), Attestation: string(l.Attestation),
		Limit: limitForm{count(strconv.Itoa(l.Limit.Calls)), l.Limit.Per.String()}, RedialWithin: l.RedialWithin.String(),
		ContinueURL: l.ContinueURL, Announce: l.Announce, Timezone: l.Timezone, Default: l.Default, Enabled: l.Enabled,
	}
	for _, n := range l.Numbers {
		f.Numbers = append(f.Numbers, n.String())
	}
	return f
}

// readLineForm reads what was sent of a line. Its people stand as they did on
// the page, those that were left empty too.
func readLineForm(sent url.Values) lineForm {
	text := func(field string) string { return strings.TrimSpace(sent.Get(field)) }
	f := lineForm{
		Name: text("name"), Numbers: listed(sent.Get("numbers")), Targets: []flow.Target{}, Policy: text("policy"), Attestation: text("attestation"),
		Limit: limitForm{count(text("limit.calls")), text("limit.per")}, RedialWithin: text("redial_within"),
		ContinueURL: text("continue_url"), Announce: text("announce"), Timezone: text("timezone"),
		Default: sent.Has("default"), Enabled: sent.Has("enabled"),
	}
	f.Version, _ = strconv.ParseInt(sent.Get("version"), 10, 64) // 0 is that of a new line
	for i := 0; sent.Has(targetField(i, "address")); i++ {
		part := func(name string) string { return text(targetField(i, name)) }
		f.Targets = append(f.Targets, flow.Target{Kind: flow.Kind(part("kind")), Address: part("address"), Label: part("label"), Hours: flow.Hours(part("hours"))})
	}
	return f
}

func targetField(i int, part string) string { return fmt.Sprintf("targets[%d].%s", i, part) }

// reorder does what a button of the people does: "add" another, or "up 2",
// "down 2" and "remove 2" with the one at a place, counted from 0. It reports
// whether the button is one of those.
func (f *lineForm) reorder(button string) bool {
	if button == "add" {
		f.Targets = append(f.Targets, flow.Target{Kind: flow.KindNumber})
		return true
	}
	verb, place, _ := strings.Cut(button, " ")
	i, err := strconv.Atoi(place)
	if err != nil || i < 0 || i >= len(f.Targets) {
		return false
	}
	switch verb {
	case "up":
		f.swap(i, i-1)
	case "down":
		f.swap(i, i+1)
	case "remove":
		f.Targets = slices.Delete(f.Targets, i, i+1)
	}
	return true
}

func (f *lineForm) swap(i, j int) {
	if j >= 0 && j < len(f.Targets) {
		f.Targets[i], f.Targets[j] = f.Targets[j], f.Targets[i]
	}
}

// dropEmpty takes out people of whom nothing was said.
func (f *lineForm) dropEmpty() {
	f.Targets = slices.DeleteFunc(f.Targets, func(t flow.Target) bool { return t.Address == "" && t.Label == "" && t.Hours == "" })
}

// body is what the API is sent.
func (f lineForm) body() lineForm {
	f.Version = 0
	return f
}

// line is the line that f describes, if it is one.
func (f lineForm) line() (flow.Line, error) {
	l := flow.Line{
		Name: f.Name, Targets: slices.Clone(f.Targets), Policy: flow.Policy(f.Policy), Attestation: flow.AttestationPolicy(f.Attestation),
		ContinueURL: f.ContinueURL, Announce: f.Announce, Timezone: f.Timezone, Default: f.Default, Enabled: f.Enabled,
	}
	wrong := make([]error, 3, 4+len(f.Numbers))
	l.Limit.Calls, wrong[0] = strconv.Atoi(string(f.Limit.Calls))
	l.Limit.Per, wrong[1] = flow.ParseDuration(f.Limit.Per)
	l.RedialWithin, wrong[2] = flow.ParseDuration(f.RedialWithin)
	for _, raw := range f.Numbers {
		n, err := ani.Parse(raw, "")
		l.Numbers, wrong = append(l.Numbers, n), append(wrong, err)
	}
	wrong = append(wrong, l.Normalize())
	return l, errors.Join(wrong...)
}

// canonical is f in the spelling in which the API would keep it; f itself
// where it would not.
func (f lineForm) canonical() lineForm {
	l, err := f.line()
	if err != nil {
		return f
	}
	c := formOf(l)
	c.Version = f.Version
	return c
}
