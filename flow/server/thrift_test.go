package server

import (
	"runtime/debug"
	"testing"
)

func TestThriftLeavesTheCollectorAsItWas(t *testing.T) {
	for before, during := range map[int]int{100: thriftyPercent, thriftyPercent: thriftyPercent, 5: 5, -1: -1} {
		own := debug.SetGCPercent(before)
		asBefore := thrift()
		got := debug.SetGCPercent(before)
		debug.SetGCPercent(got)
		asBefore()
		if after := debug.SetGCPercent(own); got != during || after != before {
			t.Errorf("of %d: %d, want %d; %d in the end", before, got, during, after)
		}
	}
}
