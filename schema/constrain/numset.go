package constrain

import "slices"

// A numberSet is a set of numbers: the union of its parts. It is closed under union, intersection and complement.
type numberSet []numberPart

// A numberPart holds the numbers of an interval that are multiples of one number and of none of some others.
type numberPart struct {
	lo, hi bound
	of     decimal   // every number is a multiple of it; zero: of nothing
	not    []decimal // no number is a multiple of one of them
}

// A bound is one end of an interval.
type bound struct {
	at   decimal
	set  bool // there is a bound
	open bool // the number itself is outside
}

var (
	one         = decimal{digits: "1", pos: 1}
	allNumbers  = numberSet{{}}
	allIntegers = numberSet{{of: one}}
)

func pointSet(d decimal) numberSet {
	b := bound{at: d, set: true}
	return numberSet{{lo: b, hi: b}}
}

// isAll reports whether the part holds every number.
func (p *numberPart) isAll() bool {
	return !p.lo.set && !p.hi.set && p.of.zero() && len(p.not) == 0
}

func (s numberSet) isAll() bool {
	return slices.ContainsFunc(s, func(p numberPart) bool { return p.isAll() })
}

// contains reports whether the part holds d.
func (p *numberPart) contains(d decimal) bool {
	if p.lo.set {
		if c := compare(d, p.lo.at); c < 0 || (c == 0 && p.lo.open) {
			return false
		}
	}
	if p.hi.set {
		if c := compare(d, p.hi.at); c > 0 || (c == 0 && p.hi.open) {
			return false
		}
	}
	if !p.of.zero() && !divides(p.of, d) {
		return false
	}
	return !slices.ContainsFunc(p.not, func(n decimal) bool { return divides(n, d) })
}

func (s numberSet) contains(d decimal) bool {
	return slices.ContainsFunc(s, func(p numberPart) bool { return p.contains(d) })
}

// intersectNumbers returns what is in both sets.
func intersectNumbers(a, b numberSet) numberSet {
	if a.isAll() {
		return b
	}
	if b.isAll() {
		return a
	}
	var s numberSet
	for i := range a {
		for j := range b {
			if p := intersectParts(&a[i], &b[j]); !p.empty() {
				s = append(s, p)
			}
		}
	}
	return s
}

func intersectParts(a, b *numberPart) numberPart {
	p := numberPart{lo: higher(a.lo, b.lo), hi: lower(a.hi, b.hi), of: a.of}
	switch {
	case a.of.zero():
		p.of = b.of
	case !b.of.zero():
		p.of = leastCommonMultiple(a.of, b.of)
	}
	for _, n := range append(slices.Clip(a.not), b.not...) {
		if !slices.Contains(p.not, n) {
			p.not = append(p.not, n)
		}
	}
	return p
}

// higher returns the stricter of two lower bounds.
func higher(a, b bound) bound {
	switch {
	case !a.set:
		return b
	case !b.set:
		return a
	}
	if c := compare(a.at, b.at); c > 0 || (c == 0 && a.open) {
		return a
	}
	return b
}

// lower returns the stricter of two upper bounds.
func lower(a, b bound) bound {
	switch {
	case !a.set:
		return b
	case !b.set:
		return a
	}
	if c := compare(a.at, b.at); c < 0 || (c == 0 && a.open) {
		return a
	}
	return b
}

// complementNumbers returns every number that is not in s.
func complementNumbers(s numberSet) numberSet {
	all := numberSet{{}}
	for i := range s {
		all = intersectNumbers(all, s[i].complement())
	}
	return all
}

func (p *numberPart) complement() numberSet {
	var s numberSet
	if p.lo.set {
		s = append(s, numberPart{hi: bound{p.lo.at, true, !p.lo.open}})
	}
	if p.hi.set {
		s = append(s, numberPart{lo: bound{p.hi.at, true, !p.hi.open}})
	}
	if !p.of.zero() {
		s = append(s, numberPart{not: []decimal{p.of}})
	}
	for _, n := range p.not {
		s = append(s, numberPart{of: n})
	}
	return s
}

// empty reports whether the part holds no number at all.
func (p *numberPart) empty() bool {
	pos, neg := p.magnitudes(false), p.magnitudes(true)
	return !p.contains(decimal{}) && !pos.inhabited(pos.lo, pos.hi) && !neg.inhabited(neg.lo, neg.hi)
}
