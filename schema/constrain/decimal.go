package constrain

import (
	"math/big"
	"strconv"
	"strings"
)

// A decimal is an exact number ±0.digits × 10^pos. Zero has no digits. Digits have no zero at either end, so that two
// magnitudes compare by pos first and then as strings.
type decimal struct {
	neg    bool
	digits string
	pos    int
}

// Limits of the numbers of a schema, so that arithmetic stays small; others are refused.
const (
	maxPos    = 330 // of the magnitude: of the power of ten
	maxSchema = 100 // digits
	maxFine   = 40  // digits behind the point of what numbers must be multiples of
)

// parseDecimal reads a JSON number. It reports false where it is beyond the limits of a schema; the value is right nonetheless if
// the exponent is within those of a numberMachine.
func parseDecimal(lit string) (decimal, bool) {
	var d decimal
	if strings.HasPrefix(lit, "-") {
		d.neg, lit = true, lit[1:]
	}
	exp := 0
	if i := strings.IndexAny(lit, "eE"); i >= 0 {
		n, err := strconv.Atoi(lit[i+1:])
		if err != nil || n > 1<<20 || n < -1<<20 {
			n = 1 << 20 // out of reach unless the number is zero
		}
		exp, lit = n, lit[:i]
	}
	whole, frac, _ := strings.Cut(lit, ".")
	d = newDecimal(d.neg, whole+frac, len(whole)+exp)
	return d, d.pos <= maxPos && d.pos >= -maxPos && len(d.digits) <= maxSchema
}

// newDecimal is ±0.digits × 10^pos for any digits.
func newDecimal(neg bool, digits string, pos int) decimal {
	trimmed := strings.TrimLeft(digits, "0")
	pos -= len(digits) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, "0")
	if trimmed == "" {
		return decimal{}
	}
	return decimal{neg, trimmed, pos}
}

func (d decimal) zero() bool { return d.digits == "" }

func (d decimal) negate() decimal {
	if !d.zero() {
		d.neg = !d.neg
	}
	return d
}

// scale is the power of ten of the last digit.
func (d decimal) scale() int { return d.pos - len(d.digits) }

// integer reports whether d is a whole number.
func (d decimal) integer() bool { return d.zero() || d.scale() >= 0 }

// String is a spelling that tells decimals apart.
func (d decimal) String() string {
	s := "0." + d.digits + "e" + strconv.Itoa(d.pos)
	if d.neg {
		return "-" + s
	}
	return s
}

// compareMagnitude compares |a| and |b|.
func compareMagnitude(a, b decimal) int {
	switch {
	case a.zero() || b.zero():
		return len(a.digits) - len(b.digits)
	case a.pos != b.pos:
		return a.pos - b.pos
	}
	return strings.Compare(a.digits, b.digits)
}

// compare compares a and b.
func compare(a, b decimal) int {
	switch {
	case a.neg && b.neg:
		return compareMagnitude(b, a)
	case a.neg:
		return -1
	case b.neg:
		return 1
	}
	return compareMagnitude(a, b)
}

// scaled is |d| / 10^scale, where scale must not be above d.scale().
func (d decimal) scaled(scale int) *big.Int {
	if d.zero() {
		return new(big.Int)
	}
	n, _ := new(big.Int).SetString(d.digits, 10)
	if zeros := d.scale() - scale; zeros > 0 {
		n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(zeros)), nil))
	}
	return n
}

// unscale is n × 10^scale.
func unscale(n *big.Int, scale int) decimal {
	s := n.String()
	return newDecimal(false, s, len(s)+scale)
}

// commonScale is the largest scale at which all of ds are whole.
func commonScale(ds ...decimal) int {
	scale, any := 0, false
	for _, d := range ds {
		if !d.zero() && (!any || d.scale() < scale) {
			scale, any = d.scale(), true
		}
	}
	return scale
}

// divides reports whether d is a whole multiple of m, which is not zero.
func divides(m, d decimal) bool {
	if d.zero() {
		return true
	}
	if m.digits == "1" {
		return d.scale() >= m.scale()
	}
	s := commonScale(m, d)
	return new(big.Int).Rem(d.scaled(s), m.scaled(s)).Sign() == 0
}

// leastCommonMultiple returns the smallest positive number that is a whole multiple of both, which are positive.
func leastCommonMultiple(a, b decimal) decimal {
	s := commonScale(a, b)
	x, y := a.scaled(s), b.scaled(s)
	g := new(big.Int).GCD(nil, nil, x, y)
	return unscale(x.Mul(x, y.Div(y, g)), s)
}

// successor is the number one unit of the last digit above 0.digits × 10^pos, where digits may have zeros at the end.
func successor(digits string, pos int) decimal {
	b := []byte(digits)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != '9' {
			b[i]++
			return newDecimal(false, string(b), pos)
		}
		b[i] = '0'
	}
	return decimal{false, "1", pos + 1}
}
