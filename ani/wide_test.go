package ani

import (
	"math/rand/v2"
	"testing"
)

func TestEveryNumberOfASpanMayBeThere(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 8))
	for range 3000 {
		digits := minPrefixDigits + rnd.IntN(maxPrefixDigits-minPrefixDigits+1)
		low := pow10[digits-1] + rnd.Uint64N(9*pow10[digits-1])
		p, longest := Pattern{low | prefixMark<<digitBits}, maxDigits
		if digits >= minDigits && rnd.IntN(2) == 0 {
			p, longest = Pattern{low | min(rnd.Uint64N(MaxRange), pow10[digits]-1-low)<<digitBits}, digits
		}
		w, err := newWide([]placed{{pattern: p}})
		if err != nil {
			t.Fatal(err)
		}
		for length := digits; length <= longest; length++ {
			first, last := low*pow10[length-digits], (low+1)*pow10[length-digits]-1
			if p.Kind() != PatternPrefix {
				last = p.high()
			}
			for _, n := range []uint64{first, last, first + rnd.Uint64N(last-first+1)} {
				if !p.Contains(Number{n}) || !w.mayHave(n) {
					t.Fatalf("%s contains %d: %v; it may be there: %v", p, n, p.Contains(Number{n}), w.mayHave(n))
				}
			}
		}
	}
}

// Most numbers must be spared the tree.
func TestFewOtherNumbersMayBeThere(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 8))
	w, err := newWide([]placed{{pattern: mustPattern(t, "+1650555*")}, {pattern: mustPattern(t, "+442079460000-+442079469999")}})
	if err != nil {
		t.Fatal(err)
	}
	may := 0
	for range 10_000 {
		if w.mayHave(1_200_000_0000 + rnd.Uint64N(800_000_0000)) {
			may++
		}
	}
	if may > 100 {
		t.Errorf("%d of 10,000 numbers may be there", may)
	}
}
