package localtools

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
)

func (n number) negated() number {
	if n.exact == nil {
		return number{f: -n.f}
	}
	return number{exact: new(big.Rat).Neg(n.exact)}
}

func (n number) plus(m number) (number, error) {
	if n.exact == nil || m.exact == nil {
		return inexact(n.float() + m.float())
	}
	return bounded(new(big.Rat).Add(n.exact, m.exact))
}

func (n number) times(m number) (number, error) {
	if n.exact == nil || m.exact == nil {
		return inexact(n.float() * m.float())
	}
	return bounded(new(big.Rat).Mul(n.exact, m.exact))
}

var errZero = errors.New("division by zero")

func (n number) over(m number) (number, error) {
	switch {
	case m.sign() == 0:
		return number{}, errZero
	case n.exact == nil || m.exact == nil:
		return inexact(n.float() / m.float())
	}
	return bounded(new(big.Rat).Quo(n.exact, m.exact))
}

// modulo returns what is left of n after the largest multiple of m below it: it has the sign of m.
func (n number) modulo(m number) (number, error) {
	q, err := n.over(m)
	if err != nil {
		return number{}, err
	}
	if q.exact == nil {
		return inexact(n.float() - math.Floor(q.f)*m.float())
	}
	part, err := m.times(number{exact: new(big.Rat).SetInt(floor(q.exact))})
	if err != nil {
		return number{}, err
	}
	return n.plus(part.negated())
}

// floor returns the largest integer that is not above r.
func floor(r *big.Rat) *big.Int {
	return new(big.Int).Div(r.Num(), r.Denom()) // Euclidean, and the denominator is positive
}

// raised returns n to the power of m: exact for whole powers.
func (n number) raised(m number) (number, error) {
	if e, ok := m.whole(); ok && n.exact != nil {
		return n.power(e)
	}
	if m.exact != nil && n.exact != nil && m.exact.Cmp(big.NewRat(1, 2)) == 0 {
		return n.root()
	}
	if n.sign() < 0 {
		return number{}, errors.New("a negative number has no such power among the real numbers")
	}
	return inexact(math.Pow(n.float(), m.float()))
}

func (n number) power(e *big.Int) (number, error) {
	if n.sign() == 0 && e.Sign() < 0 {
		return number{}, errZero
	}
	size := max(n.exact.Num().BitLen(), n.exact.Denom().BitLen())
	if size <= 1 { // 0, 1 and -1
		if e.Sign() == 0 || e.Bit(0) == 0 && n.sign() != 0 {
			return integer(1), nil
		}
		return n, nil
	}
	if !e.IsInt64() || e.Int64() > maxBits || e.Int64() < -maxBits || (size-1)*int(max(e.Int64(), -e.Int64())) > maxBits {
		return number{}, errTooLarge
	}
	k := big.NewInt(max(e.Int64(), -e.Int64()))
	num, denom := new(big.Int).Exp(n.exact.Num(), k, nil), new(big.Int).Exp(n.exact.Denom(), k, nil)
	if e.Sign() < 0 {
		num, denom = denom, num
	}
	return bounded(new(big.Rat).SetFrac(num, denom))
}

// root returns the square root: exact if it can be.
func (n number) root() (number, error) {
	if n.sign() < 0 {
		return number{}, errors.New("a negative number has no square root among the real numbers")
	}
	if n.exact != nil {
		a, b := new(big.Int).Sqrt(n.exact.Num()), new(big.Int).Sqrt(n.exact.Denom())
		if r := new(big.Rat).SetFrac(a, b); new(big.Rat).Mul(r, r).Cmp(n.exact) == 0 {
			return number{exact: r}, nil
		}
	}
	return inexact(math.Sqrt(n.float()))
}

// maxFactorial keeps factorials within maxBits.
const maxFactorial = 500

func (n number) factorial() (number, error) {
	e, ok := n.whole()
	switch {
	case !ok || e.Sign() < 0:
		return number{}, errors.New("only whole numbers from 0 up have a factorial")
	case !e.IsInt64() || e.Int64() > maxFactorial:
		return number{}, errTooLarge
	}
	return bounded(new(big.Rat).SetInt(new(big.Int).MulRange(1, e.Int64())))
}

// round returns the nearest number with places decimals, halves away from zero.
func (n number) round(places int) (number, error) {
	scale, err := integer(10).power(big.NewInt(int64(places)))
	if err != nil {
		return number{}, err
	}
	exact := n.exact
	if exact == nil {
		exact = new(big.Rat)
		exact.SetFloat64(n.f)
	}
	scaled := new(big.Rat).Mul(new(big.Rat).Abs(exact), scale.exact)
	whole := new(big.Rat).SetInt(floor(scaled.Add(scaled, big.NewRat(1, 2))))
	if exact.Sign() < 0 {
		whole.Neg(whole)
	}
	return bounded(whole.Quo(whole, scale.exact))
}

// constants are what stands for a number.
var constants = map[string]float64{"pi": math.Pi, "e": math.E, "tau": 2 * math.Pi, "phi": math.Phi}

// function is a function of an expression.
type function struct {
	least, most int // arguments
	apply       func(a []number) (number, error)
}

func (f function) arity() string {
	switch {
	case f.least == f.most && f.least == 1:
		return "1 argument"
	case f.least == f.most:
		return fmt.Sprintf("%d arguments", f.least)
	}
	return fmt.Sprintf("%d to %d arguments", f.least, f.most)
}

// real makes a function of one of package math.
func real(f func(float64) float64) function {
	return function{1, 1, func(a []number) (number, error) { return inexact(f(a[0].float())) }}
}

// circular is real for functions whose zeros float64 misses by a hair: sin(pi) is 0.
func circular(f func(float64) float64) function {
	return function{1, 1, func(a []number) (number, error) {
		v := f(a[0].float())
		if math.Abs(v) > 1e15 {
			return number{}, errors.New("the function has no value there")
		}
		return inexact(math.Round(v*1e15) / 1e15)
	}}
}

// whole makes a function to whole numbers of how a fraction is rounded.
func whole(round func(*big.Rat) *big.Int) function {
	return function{1, 1, func(a []number) (number, error) {
		r := a[0].exact
		if r == nil {
			if r = new(big.Rat).SetFloat64(a[0].f); r == nil {
				return number{}, errTooLarge
			}
		}
		return number{exact: new(big.Rat).SetInt(round(r))}, nil
	}}
}

func ceiling(r *big.Rat) *big.Int {
	return new(big.Int).Neg(floor(new(big.Rat).Neg(r)))
}

func truncated(r *big.Rat) *big.Int { return new(big.Int).Quo(r.Num(), r.Denom()) }

// best folds arguments to the one that wins.
func best(wins func(sign int) bool) function {
	return function{1, 100, func(a []number) (number, error) {
		b := a[0]
		for _, n := range a[1:] {
			d, err := n.plus(b.negated())
			if err != nil {
				return number{}, err
			}
			if wins(d.sign()) {
				b = n
			}
		}
		return b, nil
	}}
}

func rounded(a []number) (number, error) {
	if len(a) == 1 {
		return a[0].round(0)
	}
	places, ok := a[1].whole()
	if !ok || !places.IsInt64() || places.Int64() < 0 || places.Int64() > 30 {
		return number{}, errors.New("expected 0 to 30 decimals")
	}
	return a[0].round(int(places.Int64()))
}

func absolute(a []number) (number, error) {
	if a[0].sign() < 0 {
		return a[0].negated(), nil
	}
	return a[0], nil
}

func logarithm(a []number) (number, error) {
	base := 10.0
	if len(a) > 1 {
		base = a[1].float()
	}
	x := a[0].float()
	switch {
	case x <= 0 || base <= 0 || base == 1:
		return number{}, errors.New("only positive numbers have a logarithm")
	case base == 10:
		return inexact(math.Log10(x))
	case base == 2:
		return inexact(math.Log2(x))
	}
	return inexact(math.Log(x) / math.Log(base))
}

// functions are those of expressions.
var functions = map[string]function{
	"sqrt":  {1, 1, func(a []number) (number, error) { return a[0].root() }},
	"cbrt":  real(math.Cbrt),
	"abs":   {1, 1, absolute},
	"round": {1, 2, rounded},
	"floor": whole(floor),
	"ceil":  whole(ceiling),
	"trunc": whole(truncated),
	"min":   best(func(sign int) bool { return sign < 0 }),
	"max":   best(func(sign int) bool { return sign > 0 }),
	"sum":   {1, 100, total},
	"avg":   {1, 100, average},
	"pow":   {2, 2, func(a []number) (number, error) { return a[0].raised(a[1]) }},
	"mod":   {2, 2, func(a []number) (number, error) { return a[0].modulo(a[1]) }},
	"exp":   real(math.Exp),
	"ln":    {1, 1, func(a []number) (number, error) { return logarithm([]number{a[0], {f: math.E}}) }},
	"log":   {1, 2, logarithm},
	"log10": {1, 1, logarithm},
	"log2":  {1, 1, func(a []number) (number, error) { return logarithm([]number{a[0], integer(2)}) }},
	"sin":   circular(math.Sin), "cos": circular(math.Cos), "tan": circular(math.Tan),
	"asin": real(math.Asin), "acos": real(math.Acos), "atan": real(math.Atan),
	"sinh": real(math.Sinh), "cosh": real(math.Cosh), "tanh": real(math.Tanh),
	"rad":       {1, 1, func(a []number) (number, error) { return inexact(a[0].float() * math.Pi / 180) }},
	"deg":       {1, 1, func(a []number) (number, error) { return inexact(a[0].float() * 180 / math.Pi) }},
	"factorial": {1, 1, func(a []number) (number, error) { return a[0].factorial() }},
}

func total(a []number) (sum number, err error) {
	sum = integer(0)
	for _, n := range a {
		if sum, err = sum.plus(n); err != nil {
			return number{}, err
		}
	}
	return sum, nil
}

func average(a []number) (number, error) {
	sum, err := total(a)
	if err != nil {
		return number{}, err
	}
	return sum.over(integer(int64(len(a))))
}

// functionNames lists what an expression may name.
var functionNames = strings.Join(slices.Concat(slices.Sorted(maps.Keys(functions)), slices.Sorted(maps.Keys(constants))), ", ")
