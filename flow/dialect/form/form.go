// Package form reads the questions of platforms that ask with a form: the
// body of a POST, the query of a GET. It knows no platform's names of fields.
package form

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

// Fields are the fields that were asked for, by name. What the form doesn't
// have is not in it; what stands there empty is. Values are valid UTF-8.
type Fields map[string]string

// Read finds the fields called names, in exactly this case. The query of a
// POST is not read: some schemes don't sign it. A field with two values is
// an error, as is anything that is no form: flow.ErrMalformed, wrapped.
func Read(r flow.Request, names ...string) (Fields, error) {
	text := string(r.Body)
	if r.Method == "GET" {
		text = r.RawQuery
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, fmt.Errorf("%w: the form is broken", flow.ErrMalformed)
	}
	f := Fields{}
	for _, name := range names {
		all := values[name]
		if len(slices.Compact(slices.Clone(all))) > 1 {
			return nil, fmt.Errorf("%w: %s is there with two values", flow.ErrMalformed, name)
		}
		if len(all) > 0 {
			f[name] = strings.ToValidUTF8(all[0], "\ufffd")
		}
	}
	return f, nil
}

// Has reports whether the form has one of the fields called names.
func (f Fields) Has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { _, ok := f[name]; return ok })
}

// Seconds is the field called name as a duration of a call in whole seconds,
// a day at most. It is 0 for what is none: a result counts without.
func (f Fields) Seconds(name string) time.Duration {
	n, err := strconv.ParseUint(f[name], 10, 32)
	d := time.Duration(n) * time.Second
	if err != nil || d > 24*time.Hour {
		return 0
	}
	return d
}
