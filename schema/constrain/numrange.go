package constrain

import (
	"math/big"
	"slices"
)

// maxNumber is the largest float64. A number beyond it is one that no reader of this module takes, so no mask allows it.
var maxNumber = decimal{digits: "17976931348623157", pos: 309}

// A magnitudes holds the numbers of one sign of a numberPart, by magnitude: above lo and below hi, zero not among them.
type magnitudes struct {
	lo, hi edge
	none   bool // the part has no number of this sign
	of     decimal
	not    []decimal
}

// An edge is one end of a range of magnitudes.
type edge struct {
	at   decimal
	open bool
}

// magnitudes returns the numbers of the part below zero, or those above.
func (p *numberPart) magnitudes(negative bool) magnitudes {
	lo, hi := p.lo, p.hi
	if negative {
		lo, hi = p.hi, p.lo
		lo.at, hi.at = lo.at.negate(), hi.at.negate()
	}
	m := magnitudes{lo: edge{open: true}, hi: edge{at: maxNumber}, of: p.of, not: p.not}
	if lo.set && !lo.at.neg && !lo.at.zero() {
		m.lo = edge{lo.at, lo.open}
	}
	if hi.set {
		if hi.at.neg || hi.at.zero() {
			m.none = true
		} else if c := compareMagnitude(hi.at, m.hi.at); c <= 0 {
			m.hi = edge{hi.at, hi.open}
		}
	}
	if c := compareMagnitude(m.lo.at, m.hi.at); c > 0 || (c == 0 && (m.lo.open || m.hi.open)) {
		m.none = true
	}
	return m
}

// magnitudes returns the magnitudes of all parts that have numbers of a sign.
func (s numberSet) magnitudes(negative bool) []magnitudes {
	var parts []magnitudes
	for i := range s {
		if m := s[i].magnitudes(negative); !m.none {
			parts = append(parts, m)
		}
	}
	return parts
}

// inhabited reports whether a number of m lies between lo and hi, which must be inside m's own range.
func (m *magnitudes) inhabited(lo, hi edge) bool {
	if m.none {
		return false
	}
	c := compareMagnitude(lo.at, hi.at)
	if c > 0 || (c == 0 && (lo.open || hi.open)) {
		return false
	}
	if !m.of.zero() {
		return m.multipleWithin(lo, hi)
	}
	// Between two numbers lie infinitely many, and always one that is no multiple of given ones.
	return c < 0 || !slices.ContainsFunc(m.not, func(n decimal) bool { return divides(n, lo.at) })
}

// multipleWithin reports whether a multiple of m.of that is none of m.not lies between lo and hi.
func (m *magnitudes) multipleWithin(lo, hi edge) bool {
	if len(m.not) == 0 {
		if found, ok := smallMultiple(lo, hi, m.of); ok {
			return found
		}
	}
	scale := commonScale(append([]decimal{lo.at, hi.at, m.of}, m.not...)...)
	a, b, of := lo.at.scaled(scale), hi.at.scaled(scale), m.of.scaled(scale)
	n := new(big.Int).Add(a, of)
	n.Sub(n, big.NewInt(1)).Div(n, of).Mul(n, of) // the first multiple from a on
	if lo.open && n.Cmp(a) == 0 {
		n.Add(n, of)
	}
	var not []*big.Int
	for _, d := range m.not {
		not = append(not, d.scaled(scale))
	}
	// Of the multiples, one in q is forbidden by an entry of not, with q the quotient of the two. Entries with q == 1 forbid
	// all of them; the others leave one among a few, unless there are many entries, which numberLimit keeps away.
	for range 1 << min(len(not)+1, 8) {
		if c := n.Cmp(b); c > 0 || (c == 0 && hi.open) {
			return false
		}
		if !slices.ContainsFunc(not, func(d *big.Int) bool { return new(big.Int).Rem(n, d).Sign() == 0 }) {
			return true
		}
		n.Add(n, of)
	}
	return false
}

// smallMultiple is multipleWithin where the numbers fit into 64 bits; ok is false where they do not.
func smallMultiple(lo, hi edge, of decimal) (found, ok bool) {
	scale := commonScale(lo.at, hi.at, of)
	if lo.at.pos-scale > 18 || hi.at.pos-scale > 18 || of.pos-scale > 18 {
		return false, false
	}
	a, b, d := lo.at.small(scale), hi.at.small(scale), of.small(scale)
	n := (a + d - 1) / d * d
	if lo.open && n == a {
		n += d
	}
	return n < b || n == b && !hi.open, true
}

// small is |d| / 10^scale, which must have at most 18 digits.
func (d decimal) small(scale int) int64 {
	n := int64(0)
	for i := range len(d.digits) {
		n = 10*n + int64(d.digits[i]-'0')
	}
	for i := d.scale(); i > scale && n != 0; i-- {
		n *= 10
	}
	return n
}

// extendable reports whether a number of m begins with the given significant digits, read as 0.digits × 10^x for some x of
// [xmin, xmax] and followed by any more digits. Without digits it asks for a number below 10^xmax.
func (m *magnitudes) extendable(digits string, xmin, xmax int) bool {
	if m.none {
		return false
	}
	if digits == "" {
		hi := edge{decimal{digits: "1", pos: xmax + 1}, true}
		return m.inhabited(m.lo, lowerEdge(hi, m.hi))
	}
	if !m.lo.at.zero() {
		xmin = max(xmin, m.lo.at.pos)
	} else if !m.of.zero() {
		xmin = max(xmin, m.of.pos)
	}
	xmax = min(xmax, m.hi.at.pos)
	for x := xmax; x >= xmin; x-- {
		if m.of.zero() && x < xmax-1 && x > xmin+1 {
			x = xmin + 2 // between the ends nothing stands in the way, and an end would have told
			continue
		}
		first, next := edge{newDecimal(false, digits, x), false}, edge{successor(digits, x), true}
		lo, hi := higherEdge(first, m.lo), lowerEdge(next, m.hi)
		if lo == first && hi == next && !m.of.zero() && x-len(digits) >= m.of.pos && len(m.not) == 0 {
			return true // the range is wider than the distance of multiples
		}
		if m.inhabited(lo, hi) {
			return true
		}
	}
	return false
}

func higherEdge(a, b edge) edge {
	if c := compareMagnitude(a.at, b.at); c > 0 || (c == 0 && a.open) {
		return a
	}
	return b
}

func lowerEdge(a, b edge) edge {
	if c := compareMagnitude(a.at, b.at); c < 0 || (c == 0 && a.open) {
		return a
	}
	return b
}

// exponents returns the exponents e of [-maxExponent, maxExponent] for which 0.digits × 10^(pos+e) is a number of m: those
// from lo to hi, none if lo > hi. d is not zero.
func (m *magnitudes) exponents(d decimal) (lo, hi int) {
	lo, hi = -maxExponent, maxExponent
	if m.none {
		return 1, 0
	}
	if !m.lo.at.zero() {
		x := m.lo.at.pos
		if c := compareMagnitude(decimal{digits: d.digits, pos: x}, m.lo.at); c < 0 || (c == 0 && m.lo.open) {
			x++
		}
		lo = max(lo, x-d.pos)
	}
	x := m.hi.at.pos
	if c := compareMagnitude(decimal{digits: d.digits, pos: x}, m.hi.at); c > 0 || (c == 0 && m.hi.open) {
		x--
	}
	hi = min(hi, x-d.pos)
	if !m.of.zero() {
		e, ok := leastExponent(d, m.of)
		if !ok {
			return 1, 0
		}
		lo = max(lo, e)
	}
	for _, n := range m.not {
		if e, ok := leastExponent(d, n); ok {
			hi = min(hi, e-1)
		}
	}
	return lo, hi
}

// leastExponent returns the smallest e for which d × 10^e is a multiple of m, if there is one. It is one for all larger e.
func leastExponent(d, m decimal) (int, bool) {
	if m.digits == "1" {
		return m.scale() - d.scale(), true
	}
	n, of := d.scaled(d.scale()), m.scaled(m.scale())
	ten := big.NewInt(10)
	for t := 0; t <= of.BitLen()+1; t++ {
		if new(big.Int).Rem(n, of).Sign() == 0 {
			return t - (d.scale() - m.scale()), true
		}
		n.Mul(n, ten)
	}
	return 0, false
}

// rest is n modulo the digits of a decimal.
func rest(n *big.Int, d decimal) *big.Int {
	return new(big.Int).Rem(n, d.scaled(d.scale()))
}
