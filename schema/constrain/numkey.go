package constrain

import (
	"math/big"
	"slices"
	"strconv"
)

// key names what a prefix has in common with all those that go on the same way. Digits matter only by where they lie among
// the limits, unless they are the beginning of one, and by their remainders, where there are multiples.
func (m *numberMachine) key(p *numberPrefix) string {
	b := append(make([]byte, 0, 64), byte(p.phase), boolByte(p.negative))
	if p.phase >= numE {
		b = append(b, boolByte(p.expMinus))
		b = strconv.AppendInt(b, int64(p.exp), 10)
		for _, r := range p.ranges {
			b = strconv.AppendInt(append(b, ' '), int64(r.lo), 10)
			b = strconv.AppendInt(append(b, ','), int64(r.hi), 10)
		}
		return string(b)
	}
	b = strconv.AppendInt(b, int64(p.pos), 10)
	sign := m.sign(p.negative)
	gap, tight := sign.place(p.digits)
	if tight {
		return string(append(append(b, '='), p.digits...))
	}
	b = strconv.AppendInt(append(b, '#'), int64(gap), 10)
	if sign.multiple {
		b = append(append(b, '%'), sign.remainders(p.digits)...)
	}
	return string(b)
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// place returns how many limits are below the digits. tight tells that more digits can change that.
func (s *numberSign) place(digits string) (gap int, tight bool) {
	trimmed := newDecimal(false, digits, 0).digits
	gap, found := slices.BinarySearch(s.limits, trimmed)
	if found || trimmed == "" {
		return gap, true
	}
	return gap, gap < len(s.limits) && len(s.limits[gap]) > len(digits) && s.limits[gap][:len(digits)] == digits
}

// remainders tells digits apart that have different multiples among their continuations.
func (s *numberSign) remainders(digits string) string {
	d := newDecimal(false, digits, len(digits))
	b := strconv.AppendInt(nil, int64(len(digits)), 10)
	b = strconv.AppendInt(append(b, ' '), int64(len(d.digits)), 10)
	var n *big.Int
	for i := range s.parts {
		for _, of := range append([]decimal{s.parts[i].of}, s.parts[i].not...) {
			if !of.zero() && of.digits != "1" {
				if n == nil {
					n = d.scaled(d.scale())
				}
				b = rest(n, of).Append(append(b, ' '), 16)
			}
		}
	}
	return string(b)
}
