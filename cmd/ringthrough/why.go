package main

import "net/url"

// reason is the flag of every command that edits.
type reason struct {
	Why string `placeholder:"TEXT" help:"Why, for the history and the audit."`
}

// query is the reason as the API takes it.
func (r reason) query() url.Values { return filters(map[string]string{"note": r.Why}) }
