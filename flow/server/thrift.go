package server

import (
	"runtime/debug"

	"github.com/ringthrough/ringthrough/ani"
)

const (
	// bulkyFile and bulkyList are from when on a bulk edit is thrifty: the
	// bytes of its file, and the entries of the list that it changes.
	bulkyFile = 1 << 20
	bulkyList = 10_000

	// thriftyPercent is how much garbage there may be then, in percent of
	// what is in use. While two lists of a million are, as much again would
	// be too much; and since a list has hardly a pointer in it, to look for
	// garbage often costs little.
	thriftyPercent = 15
)

func isBulky(file *spooled, list *ani.List) bool {
	return file != nil && file.size > bulkyFile || list.Len() > bulkyList
}

// thrift keeps garbage low until the function that it gives is called. One
// goroutine at a time may be thrifty.
func thrift() (asBefore func()) {
	before := debug.SetGCPercent(thriftyPercent)
	if before < thriftyPercent { // somebody knows better
		debug.SetGCPercent(before)
	}
	return func() { debug.SetGCPercent(before) }
}
