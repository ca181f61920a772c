package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// environment looks up a variable, as os.LookupEnv does. It gives a flag with
// the tag setting:"NAME" the value of that variable where the flag itself is
// not given.
type environment func(name string) (string, bool)

// get is the value of a variable; one that is not set is empty.
func (e environment) get(name string) string {
	v, _ := e(name)
	return v
}

// Validate is a part of kong.Resolver.
func (e environment) Validate(*kong.Application) error { return nil }

// Resolve is a part of kong.Resolver.
func (e environment) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if name := flag.Tag.Get("setting"); name != "" {
		if v := e.get(name); v != "" {
			return v, nil
		}
	}
	return nil, nil
}

// describe adds to the help of a flag which variable sets it.
func describe(v *kong.Value) string {
	name := v.Tag.Get("setting")
	if name == "" {
		return v.Help
	}
	return strings.TrimSuffix(v.Help, ".") + " ($" + name + ")."
}
