package main

import (
	"errors"
	"regexp"
)

// ident is an id or the name of a line. It becomes part of a path, so it is
// held to what they are made of.
type ident string

var (
	identText = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	errIdent  = errors.New("must be 1 to 64 of a to z, 0 to 9 and -")
)

// UnmarshalText takes nothing but an ident.
func (i *ident) UnmarshalText(b []byte) error {
	if !identText.Match(b) {
		return errIdent
	}
	*i = ident(b)
	return nil
}
