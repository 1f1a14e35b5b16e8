package localtools

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// number is a number that is exact as long as it can be: a fraction, or a float64 after what has no exact result.
type number struct {
	exact *big.Rat // nil: f counts
	f     float64
}

// maxBits is how large numerator and denominator of an exact number may become: some 1,200 digits.
const maxBits = 4096

var errTooLarge = errors.New("the number is too large")

func integer(n int64) number { return number{exact: big.NewRat(n, 1)} }

// inexact returns a number of f, which must be finite.
func inexact(f float64) (number, error) {
	switch {
	case math.IsNaN(f):
		return number{}, errors.New("the result is not a real number")
	case math.IsInf(f, 0):
		return number{}, errTooLarge
	}
	return number{f: f}, nil
}

// bounded returns a number of r, if it is not too large.
func bounded(r *big.Rat) (number, error) {
	if r.Num().BitLen() > maxBits || r.Denom().BitLen() > maxBits {
		return number{}, errTooLarge
	}
	return number{exact: r}, nil
}

// float returns the nearest float64.
func (n number) float() float64 {
	if n.exact == nil {
		return n.f
	}
	f, _ := n.exact.Float64()
	return f
}

// whole returns the integer that n is, if it is one.
func (n number) whole() (*big.Int, bool) {
	if n.exact != nil && n.exact.IsInt() {
		return n.exact.Num(), true
	}
	return nil, false
}

func (n number) sign() int {
	if n.exact != nil {
		return n.exact.Sign()
	}
	switch {
	case n.f > 0:
		return 1
	case n.f < 0:
		return -1
	}
	return 0
}

// digits is how many digits a number is written with that has no end, or that is not exact: what a float64 can hold.
const digits = 15

// text writes n as a JSON number, and whether that is all of it.
func (n number) text(digits int) (text string, whole bool) {
	if n.exact == nil {
		return plainDigits(n.f, digits), false
	}
	if n.exact.IsInt() {
		return n.exact.Num().String(), true
	}
	f := n.float()
	if places, ends := n.exact.FloatPrec(); ends && places <= 30 && math.Abs(f) >= smallest {
		return n.exact.FloatString(places), true
	}
	if f != 0 && !math.IsInf(f, 0) {
		return plainDigits(f, digits), false
	}
	return new(big.Float).SetPrec(64).SetRat(n.exact).Text('e', digits-1), false // beyond the range of float64
}

// smallest is below what nobody writes without an exponent.
const smallest = 1e-9

// plainDigits writes f with at most n digits, and without an exponent where people would.
func plainDigits(f float64, n int) string {
	if a := math.Abs(f); a != 0 && (a >= 1e21 || a < smallest) {
		return strconv.FormatFloat(f, 'g', n, 64)
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'e', n-1, 64), 64)
	if rounded == 0 {
		return "0"
	}
	text := strconv.FormatFloat(rounded, 'f', -1, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
