package ani

import "math/bits"

// pow10 has the powers of ten that have at most as many digits as a number.
var pow10 = [maxDigits + 1]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
}

// countDigits is how many decimal digits n has, which is 1 to 10^15-1.
func countDigits(n uint64) int {
	count := bits.Len64(n) * 1233 >> 12 // log10(2) is about 1233/4096
	if n >= pow10[count] {
		count++
	}
	return count
}

// number is the value of digits, at most 15 of them.
func number(digits string) (n uint64) {
	for i := range len(digits) {
		n = n*10 + uint64(digits[i]-'0')
	}
	return n
}
