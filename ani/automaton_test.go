package ani

import "regexp/syntax"

// thread is one way through a pattern: where it is, and where a group of the
// pattern began and ended, -1 if it didn't.
type thread struct {
	pc         uint32
	begin, end int
}

// reaches runs all ways through prog at once, over prefix and then over any
// digits, up to a text of the length. It reports whether a match anywhere on
// the way is accepted; a nil prog has none.
func reaches(prog *syntax.Prog, group uint32, prefix string, length int, accept func(th thread, at int) bool) bool {
	if prog == nil {
		return false
	}
	threads := []thread{{uint32(prog.Start), -1, -1}}
	for at := 0; at <= length; at++ {
		var next []thread
		for _, th := range closure(prog, group, threads, at, length) {
			inst := prog.Inst[th.pc]
			if inst.Op == syntax.InstMatch {
				if accept(th, at) {
					return true
				}
				continue
			}
			for digit := '0'; digit <= '9'; digit++ {
				if (at >= len(prefix) || digit == rune(prefix[at])) && inst.MatchRune(digit) {
					next = append(next, thread{inst.Out, th.begin, th.end})
					break
				}
			}
		}
		threads = next
	}
	return false
}

// closure follows threads to the instructions that read a digit or match.
func closure(prog *syntax.Prog, group uint32, threads []thread, at, length int) (out []thread) {
	seen := map[thread]bool{}
	for len(threads) > 0 {
		th := threads[len(threads)-1]
		threads = threads[:len(threads)-1]
		if seen[th] {
			continue
		}
		seen[th] = true
		inst := prog.Inst[th.pc]
		on := thread{inst.Out, th.begin, th.end}
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			threads = append(threads, on, thread{inst.Arg, th.begin, th.end})
		case syntax.InstCapture:
			switch inst.Arg {
			case 2 * group:
				on.begin = at
			case 2*group + 1:
				on.end = at
			}
			threads = append(threads, on)
		case syntax.InstNop:
			threads = append(threads, on)
		case syntax.InstEmptyWidth:
			if need := syntax.EmptyOp(inst.Arg); need&emptyAt(at, length) == need {
				threads = append(threads, on)
			}
		case syntax.InstFail:
		default:
			out = append(out, th)
		}
	}
	return out
}

// emptyAt is what can be asserted of a place between the digits of a text.
func emptyAt(at, length int) syntax.EmptyOp {
	before, after := '1', '1'
	if at == 0 {
		before = -1
	}
	if at == length {
		after = -1
	}
	return syntax.EmptyOpContext(before, after)
}
