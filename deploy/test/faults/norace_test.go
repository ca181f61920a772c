//go:build !race

package faults

// raced is whether data races are looked for.
const raced = false
