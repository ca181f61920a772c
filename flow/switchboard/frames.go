package switchboard

import (
	"fmt"
	"runtime"
)

// Frames are the functions that a panic went through, innermost first, for
// the deferred function that recovers from it to log. A stack trace would say
// what they were called with, callers' numbers too.
func Frames() []string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var all []string
	for {
		f, more := frames.Next()
		all = append(all, fmt.Sprintf("%s:%d", f.Function, f.Line))
		if !more {
			return all
		}
	}
}
