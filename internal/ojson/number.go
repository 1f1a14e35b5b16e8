package ojson

import (
	"math"
	"strconv"
	"sync"
)

// Number reads a number and returns its literal as it stands in the document. It refuses what serde_json
// refuses: a leading zero, a missing digit, a value beyond float64.
func (r *Reader) Number() (string, error) {
	start := r.Offset()
	if err := r.number(false); err != nil {
		return "", err
	}
	return string(r.doc[start:r.pos]), nil
}

// number reads a number's grammar, and unless lax checks its range.
func (r *Reader) number(lax bool) error {
	start, long := r.pos, false
	if r.at('-') {
		r.pos++
	}
	if r.at('0') {
		if r.pos++; r.atDigit() {
			return r.unexpected("no digit after a leading zero")
		}
	} else if err := r.digits(); err != nil {
		return err
	}
	if r.at('.') {
		r.pos++
		if err := r.digits(); err != nil {
			return err
		}
	}
	if r.at('e') || r.at('E') {
		long = true
		if r.pos++; r.at('+') || r.at('-') {
			r.pos++
		}
		if err := r.digits(); err != nil {
			return err
		}
	}
	// Without an exponent it takes more than 300 digits to leave the range of float64.
	if lax || (!long && r.pos-start < 300) {
		return nil
	}
	if _, _, ok := parseNumber(r.doc[start:r.pos]); !ok {
		return syntaxError(start, "a number within float64", shorten(r.doc[start:r.pos]))
	}
	return nil
}

func shorten(b []byte) string {
	if len(b) > 40 {
		return string(b[:40]) + "..."
	}
	return string(b)
}

func (r *Reader) at(c byte) bool { return r.pos < len(r.doc) && r.doc[r.pos] == c }

func (r *Reader) atDigit() bool { return r.pos < len(r.doc) && isDigit(r.doc[r.pos]) }

func isDigit(c byte) bool { return c-'0' <= 9 }

// digits reads one digit or more.
func (r *Reader) digits() error {
	if !r.atDigit() {
		return r.unexpected("a digit")
	}
	for r.atDigit() {
		r.pos++
	}
	return nil
}

// AppendNumber appends a number's literal, which must be one that a Reader has accepted, the way
// serde_json prints the value it makes of it: an integer that fits int64 or uint64 as it is, anything
// else as a float64 in the shortest form.
func AppendNumber(dst []byte, literal string) []byte {
	f, float, _ := parseNumber([]byte(literal))
	if !float {
		return append(dst, literal...)
	}
	return AppendFloat(dst, f)
}

// parseNumber returns the float64 that serde_json 1.0.140 makes of a literal; float is false for an
// integer literal that serde_json keeps as an integer. ok is false when the value is out of range.
//
// The arithmetic is serde_json's default one (src/de.rs, without the feature float_roundtrip), which is
// not correctly rounded: the digits that fit go into a uint64, which is then multiplied or divided by a
// power of ten, so the last digit of 123456789.12345679 is lost. A renderer that wants the same tokens
// has to make the same error.
func parseNumber(lit []byte) (f float64, float, ok bool) {
	negative := lit[0] == '-'
	if negative {
		lit = lit[1:]
	}
	sig, exp, lit := integerDigits(lit)
	float = exp > 0 || len(lit) > 0 || (negative && int64(-sig) >= 0)
	if len(lit) > 0 && lit[0] == '.' {
		sig, exp, lit = fractionDigits(lit[1:], sig, exp)
	}
	if len(lit) > 0 {
		if exp, ok = addExponent(lit[1:], exp, sig); !ok {
			return 0, true, false
		}
	}
	f, ok = scale(float64(sig), exp)
	if negative {
		f = -f
	}
	return f, float, ok
}

// integerDigits collects the digits before the point while they fit; each further one raises exp.
func integerDigits(lit []byte) (sig uint64, exp int, rest []byte) {
	i := 0
	for i < len(lit) && isDigit(lit[i]) && fits(sig, lit[i]) {
		sig = sig*10 + uint64(lit[i]-'0')
		i++
	}
	for i < len(lit) && isDigit(lit[i]) {
		exp++
		i++
	}
	return sig, exp, lit[i:]
}

// fractionDigits goes on with the digits behind the point and ignores all from the first that does not
// fit. After an integer part that overflowed a small enough digit still fits: serde_json adds it too.
func fractionDigits(lit []byte, sig uint64, exp int) (uint64, int, []byte) {
	i := 0
	for i < len(lit) && isDigit(lit[i]) && fits(sig, lit[i]) {
		sig = sig*10 + uint64(lit[i]-'0')
		exp--
		i++
	}
	for i < len(lit) && isDigit(lit[i]) {
		i++
	}
	return sig, exp, lit[i:]
}

// fits reports whether sig*10 + digit is a uint64.
func fits(sig uint64, digit byte) bool {
	const cutoff, last = math.MaxUint64 / 10, math.MaxUint64 % 10
	return sig < cutoff || (sig == cutoff && uint64(digit-'0') <= last)
}

// addExponent adds the exponent written in lit (sign and digits) to exp. An exponent beyond int32 stands
// for itself only in its sign: the value is 0 or out of range.
func addExponent(lit []byte, exp int, sig uint64) (sum int, ok bool) {
	negative := lit[0] == '-'
	if negative || lit[0] == '+' {
		lit = lit[1:]
	}
	n := 0
	for _, c := range lit {
		if n = n*10 + int(c-'0'); n > math.MaxInt32 {
			return math.MinInt32, negative || sig == 0
		}
	}
	if negative {
		return exp - n, true
	}
	return exp + n, true
}

// scale returns f * 10^exp in the steps that serde_json takes; ok is false when it is infinite.
func scale(f float64, exp int) (float64, bool) {
	pow := powersOfTen()
	for exp < -308 {
		if f == 0 {
			return f, true
		}
		f /= 1e308
		exp += 308
	}
	switch {
	case exp < 0:
		return f / pow[-exp], true
	case exp > 308:
		return f, f == 0
	}
	f *= pow[exp]
	return f, !math.IsInf(f, 0)
}

// powersOfTen holds the float64 nearest to 10^n. math.Pow10 multiplies two of them and is not exact.
var powersOfTen = sync.OnceValue(func() *[309]float64 {
	var pow [309]float64
	for n := range pow {
		pow[n], _ = strconv.ParseFloat("1e"+strconv.Itoa(n), 64)
	}
	return &pow
})

// AppendFloat appends a finite f as the Rust crate ryu 1.0.20 (pretty) prints it: the shortest digits
// that read back as f, with ".0" where there is no fraction, plain up to 16 digits before the point and 5
// zeros after it, with an exponent beyond.
func AppendFloat(dst []byte, f float64) []byte {
	if math.Signbit(f) {
		dst = append(dst, '-')
		f = -f
	}
	if f == 0 {
		return append(dst, "0.0"...)
	}
	var buf [32]byte
	digits, point := shortest(buf[:0], f)
	n := len(digits)
	switch {
	case 0 < point && point <= 16 && point >= n: // 1234e7 -> 12340000000.0
		dst = append(dst, digits...)
		for range point - n {
			dst = append(dst, '0')
		}
		return append(dst, ".0"...)
	case 0 < point && point <= 16: // 1234e-2 -> 12.34
		dst = append(dst, digits[:point]...)
		dst = append(dst, '.')
		return append(dst, digits[point:]...)
	case -5 < point && point <= 0: // 1234e-6 -> 0.001234
		dst = append(dst, "0."...)
		for range -point {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	dst = append(dst, digits[0])
	if n > 1 {
		dst = append(dst, '.')
		dst = append(dst, digits[1:]...)
	}
	dst = append(dst, 'e')
	return strconv.AppendInt(dst, int64(point-1), 10)
}

// shortest returns the shortest digits d that identify f > 0, which is 0.d * 10^point.
func shortest(buf []byte, f float64) (digits []byte, point int) {
	buf = strconv.AppendFloat(buf, f, 'e', -1, 64) // d.ddde±xx
	e := len(buf) - 1
	for buf[e] != 'e' {
		e--
	}
	point, _ = strconv.Atoi(string(buf[e+1:]))
	digits = append(buf[:1], buf[min(2, e):e]...)
	return digits, point + 1
}
