package signin

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// form reads the parameters of a body, which must be a form unless it is
// empty: what a dialect might read must be what was signed.
func form(r *Request) (url.Values, error) {
	if len(r.Body) == 0 {
		return nil, nil
	}
	if !isForm(r.Header) {
		return nil, refused("the body is not a form")
	}
	values, err := url.ParseQuery(string(r.Body))
	if err != nil {
		return nil, refused("the form can't be read")
	}
	return values, nil
}

// run is the parameters by name, each name directly before each of its
// values, as order leaves them.
func run(params url.Values, order func([]string) []string) string {
	return strings.Join(pairs(params, "", order), "")
}

func pairs(params url.Values, between string, order func([]string) []string) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		for _, value := range order(params[name]) {
			all = append(all, name+between+value)
		}
	}
	return all
}

func asReceived(values []string) []string { return values }

func sorted(values []string) []string { return slices.Sorted(slices.Values(values)) }

func sortedDistinct(values []string) []string { return slices.Compact(sorted(values)) }
