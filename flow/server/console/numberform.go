package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

// numberChoices are what a form of an entry lets people choose from.
type numberChoices struct {
	Lines []lineChoice
	Zones []zoneChoice
}

type lineChoice struct {
	Name   string
	Chosen bool
	Gone   bool // the line is no longer there
}

// zoneChoice is a time zone, and the time in it.
type zoneChoice struct{ Name, Clock string }

// sent is the form that was sent.
func (v *visit) sent() (url.Values, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return nil, &refusal{Status: http.StatusBadRequest, Detail: "The form could not be read, so nothing was done. Go back and try again."}
	}
	return v.r.PostForm, nil
}

// formOf is the form of an entry as it is.
func (v *visit) formOf(e numberNow) url.Values {
	zone := zoneOf(e.Lines, v.board.Snapshot().Lines())
	return url.Values{
		"pattern": {e.Pattern.String()}, "label": {e.Label}, "source": {e.Source}, "note": {e.Note},
		"lines": slices.Clone(e.Lines), "min_attestation": {e.MinAttestation.String()},
		"zone": {zone.String()}, "zone_was": {zone.String()}, "expires": {"at"},
		"not_before": {local(e.NotBefore, zone)}, "not_before_was": {exact(e.NotBefore)},
		"expires_at": {local(e.ExpiresAt, zone)}, "expires_at_was": {exact(e.ExpiresAt)},
		"version": {strconv.FormatInt(e.Version, 10)},
	}
}

// zoneOf is the zone that people of these lines think in, those of all lines
// where none is named; UTC where they don't agree.
func zoneOf(names []string, lines []flow.Line) *time.Location {
	var zone string
	for _, l := range lines {
		if len(names) > 0 && !slices.Contains(names, l.Name) {
			continue
		}
		if zone != "" && zone != l.Timezone {
			return time.UTC
		}
		zone = l.Timezone
	}
	loc, err := location(zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// location is a zone by its IANA name. The zone of this machine is no answer
// for people elsewhere.
func location(name string) (*time.Location, error) {
	if name == "Local" {
		name = "?"
	}
	return time.LoadLocation(name)
}

// choicesFor are the choices for a form that holds what it holds.
func (v *visit) choicesFor(form url.Values) numberChoices {
	lines, now := v.board.Snapshot().Lines(), v.board.Now()
	var c numberChoices
	zones := []string{"UTC", form.Get("zone")}
	for _, l := range lines {
		c.Lines = append(c.Lines, lineChoice{Name: l.Name, Chosen: slices.Contains(form["lines"], l.Name)})
		zones = append(zones, l.Timezone)
	}
	for _, name := range form["lines"] {
		if !slices.ContainsFunc(lines, func(l flow.Line) bool { return l.Name == name }) {
			c.Lines = append(c.Lines, lineChoice{name, true, true})
		}
	}
	for i, name := range zones {
		if zone, err := location(name); name != "" && err == nil && !slices.Contains(zones[:i], name) {
			c.Zones = append(c.Zones, zoneChoice{name, now.In(zone).Format("15:04")})
		}
	}
	return c
}

// quickExpiries are the spans that people choose with one press.
var quickExpiries = map[string]int{"3d": 3, "7d": 7, "30d": 30}

// fieldsOf is a form as the API takes it. Whether an entry is switched off is
// no field of the form's, and so stays as it is.
func (v *visit) fieldsOf(form url.Values) (map[string]any, error) {
	wrong := &refusal{Status: http.StatusUnprocessableEntity, Detail: "Some fields can’t be taken as they are."}
	lines := slices.DeleteFunc(slices.Clone(form["lines"]), func(s string) bool { return s == "" })
	fields := map[string]any{
		"pattern": form.Get("pattern"), "min_attestation": cmp.Or(form.Get("min_attestation"), "none"), "lines": append([]string{}, lines...),
		"not_before": timeField(form, "not_before", wrong), "expires_at": timeField(form, "expires_at", wrong),
	}
	for _, name := range []string{"label", "source", "note"} {
		fields[name] = strings.TrimSpace(form.Get(name))
	}
	if days, ok := quickExpiries[form.Get("expires")]; ok {
		if typed(form, "expires_at") {
			wrong.Errors = append(wrong.Errors, fieldError{"expires_at", "was given twice: choose a number of days, or a date, not both"})
		}
		fields["expires_at"] = v.board.Now().AddDate(0, 0, days).UTC().Truncate(time.Second)
	}
	if len(wrong.Errors) > 0 {
		return nil, wrong
	}
	return fields, nil
}

// timeField is a time of a form; nil where there is none. What nobody has
// changed stays as it was, to the millisecond.
func timeField(form url.Values, field string, wrong *refusal) any {
	s := strings.TrimSpace(form.Get(field))
	if s == "" {
		return nil
	}
	if !typed(form, field) && form.Get("zone") == form.Get("zone_was") {
		return form.Get(field + "_was")
	}
	zone, err := location(form.Get("zone"))
	if err != nil {
		wrong.Errors = append(wrong.Errors, fieldError{"zone", "is not known: choose one of those that are offered"})
		return nil
	}
	return timeTyped(s, zone)
}

// typed reports whether somebody has changed a time of a form.
func typed(form url.Values, field string) bool {
	was, err := time.Parse(time.RFC3339Nano, form.Get(field+"_was"))
	zone, wrong := location(form.Get("zone_was"))
	if err != nil || wrong != nil {
		return strings.TrimSpace(form.Get(field)) != ""
	}
	return form.Get(field) != local(was, zone)
}

// localLayout is how browsers write a date and a time of day.
const localLayout = "2006-01-02T15:04"

// local is t as a browser's field for it has it, in zone; empty for none.
func local(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(localLayout)
}

// exact is t to the last digit; empty for none.
func exact(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
