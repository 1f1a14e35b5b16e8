package constrain

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Limits of a number's spelling, in bytes.
const (
	maxExponent  = 999  // of the exponent it is written with; as schema.Validate has it
	maxNumberLen = 1000 // of all of it; as schema.Validate has it
)

// A numberLimit bounds what stands before the exponent. A number that a machine can ask for has fewer than enough digits, unless
// it begins with more than so many zeros behind a point: from there on it must be able, behind every digit, to end or to go on
// to an exponent.
type numberLimit struct{ max, enough, zeros int }

var (
	denseLimit    = numberLimit{990, 945, 200}
	multipleLimit = numberLimit{450, 400, 40} // where every digit matters, and costs
)

// A numberMachine accepts the spellings of the numbers of a set. Its states are made when they are first asked for and
// shared by all matchers of a grammar.
type numberMachine struct {
	set       numberSet
	canonical bool // no exponent, and no fraction where every number is whole
	whole     bool // every number of the set is whole
	limit     numberLimit
	signs     [2]numberSign
	start     *numberState

	mu     sync.Mutex
	states map[string]*numberState
}

// A numberSign is what a numberMachine knows about the numbers of one sign.
type numberSign struct {
	parts    []magnitudes
	limits   []string // the significant digits of all ends of parts, sorted
	multiple bool     // a part cares for multiples
}

// A numberState is what a machine remembers of the beginning of a number: the least that decides how it may go on.
type numberState struct {
	id     uint32
	accept bool // the number may end here
	closes bool // the number may end here or go on with an exponent
	next   [numberClasses]atomic.Pointer[numberState]
	inside atomic.Pointer[insideMask]
	numberPrefix
}

// A numberPrefix describes the beginning of a number: ±0.digits × 10^pos.
type numberPrefix struct {
	phase    numberPhase
	negative bool
	digits   string // from the first that is not zero on
	pos      int
	ranges   []exponentRange // behind the e: the exponents that give a number of the set
	expMinus bool
	exp      int
}

// An exponentRange holds the exponents from lo to hi.
type exponentRange struct{ lo, hi int }

type numberPhase uint8

const (
	numStart numberPhase = iota
	numMinus             // behind the minus
	numZero              // behind a leading zero
	numWhole             // in the digits before the point
	numPoint             // behind the point
	numFrac              // in the digits behind it
	numE                 // behind the e
	numESign             // behind the sign of the exponent
	numExp               // in the digits of the exponent
)

// The classes of bytes a number is made of: digits have their value.
const (
	classPoint = 10 + iota
	classE
	classPlus
	classMinus
	numberClasses
)

// numberClass returns the class of a byte; numberClasses for one that is in no number.
func numberClass(b byte) int {
	switch {
	case b >= '0' && b <= '9':
		return int(b - '0')
	case b == '.':
		return classPoint
	case b == 'e' || b == 'E':
		return classE
	case b == '+':
		return classPlus
	case b == '-':
		return classMinus
	}
	return numberClasses
}

var deadNumber = new(numberState)

func newNumberMachine(set numberSet, canonical bool) *numberMachine {
	m := &numberMachine{set: set, canonical: canonical, states: map[string]*numberState{}}
	m.whole = !slices.ContainsFunc(set, func(p numberPart) bool { return p.of.zero() || !p.of.integer() })
	for i := range m.signs {
		sign := &m.signs[i]
		sign.parts = set.magnitudes(i == 1)
		for _, mag := range sign.parts {
			sign.limits = append(sign.limits, mag.lo.at.digits, mag.hi.at.digits)
			sign.multiple = sign.multiple || !mag.of.zero() || len(mag.not) > 0
		}
		slices.Sort(sign.limits)
		sign.limits = slices.Compact(sign.limits)
		if len(sign.limits) > 0 && sign.limits[0] == "" {
			sign.limits = sign.limits[1:]
		}
	}
	m.limit = denseLimit
	if m.signs[0].multiple || m.signs[1].multiple {
		m.limit = multipleLimit
	}
	m.start = &numberState{id: newID()}
	return m
}

// step returns the state behind one more byte, or nil where no number of the set goes on so.
func (m *numberMachine) step(s *numberState, b byte) *numberState {
	class := numberClass(b)
	if class == numberClasses {
		return nil
	}
	n := s.next[class].Load()
	if n == nil {
		n = m.makeStep(s, class)
	}
	if n == deadNumber {
		return nil
	}
	return n
}

func (m *numberMachine) makeStep(s *numberState, class int) *numberState {
	p, ok := m.advance(&s.numberPrefix, class)
	if !ok || !m.alive(&p) {
		s.next[class].Store(deadNumber)
		return deadNumber
	}
	key := m.key(&p)
	m.mu.Lock()
	n := m.states[key]
	if n == nil {
		if len(m.states) >= maxStates {
			m.states = map[string]*numberState{} // matchers keep the old ones as long as they need them
		}
		n = &numberState{id: newID(), numberPrefix: p}
		n.accept = m.complete(&n.numberPrefix)
		n.closes = n.accept || p.phase >= numE || m.hasExponent(&p)
		m.states[key] = n
	}
	m.mu.Unlock()
	s.next[class].Store(n)
	return n
}

// advance appends a byte of a class to a prefix. It reports false where the grammar of numbers has no such byte.
func (m *numberMachine) advance(s *numberPrefix, class int) (numberPrefix, bool) {
	p := *s
	digit := class < 10
	switch s.phase {
	case numStart, numMinus:
		switch {
		case class == classMinus && s.phase == numStart:
			p.phase, p.negative = numMinus, true
		case class == 0:
			p.phase = numZero
		case digit:
			p.phase, p.digits, p.pos = numWhole, string(rune('0'+class)), 1
		default:
			return p, false
		}
		return p, true
	case numZero, numWhole:
		switch {
		case digit && s.phase == numWhole:
			p.digits, p.pos = s.digits+string(rune('0'+class)), s.pos+1
			return p, true
		case class == classPoint && !(m.canonical && m.whole):
			p.phase = numPoint
			return p, true
		}
		return m.exponent(p, class)
	case numPoint, numFrac:
		if !digit {
			if s.phase == numPoint {
				return p, false
			}
			return m.exponent(p, class)
		}
		p.phase = numFrac
		if class == 0 && s.digits == "" {
			p.pos--
		} else {
			p.digits += string(rune('0' + class))
		}
		return p, true
	}
	return advanceExponent(p, class)
}

func advanceExponent(p numberPrefix, class int) (numberPrefix, bool) {
	switch {
	case class < 10:
		p.phase, p.exp = numExp, p.exp*10+class
		return p, p.exp <= maxExponent
	case p.phase == numE && (class == classPlus || class == classMinus):
		p.phase, p.expMinus = numESign, class == classMinus
		return p, true
	}
	return p, false
}

// exponent begins the exponent: from there on only the exponents matter that give a number of the set.
func (m *numberMachine) exponent(p numberPrefix, class int) (numberPrefix, bool) {
	if class != classE || m.canonical {
		return p, false
	}
	next := numberPrefix{phase: numE}
	if p.digits == "" {
		if m.set.contains(decimal{}) {
			next.ranges = []exponentRange{{-maxExponent, maxExponent}}
		}
		return next, true
	}
	d := newDecimal(false, p.digits, p.pos)
	for i := range m.sign(p.negative).parts {
		if lo, hi := m.sign(p.negative).parts[i].exponents(d); lo <= hi {
			next.ranges = append(next.ranges, exponentRange{lo, hi})
		}
	}
	return next, true
}

// hasExponent reports whether an exponent can make a number of the set of a prefix.
func (m *numberMachine) hasExponent(p *numberPrefix) bool {
	if p.phase != numZero && p.phase != numWhole && p.phase != numFrac {
		return false
	}
	e, ok := m.exponent(*p, classE)
	return ok && len(e.ranges) > 0
}

// fits reports whether a number may be so long: size bytes, in the state behind the last.
func (m *numberMachine) fits(n *numberState, size int) bool {
	switch {
	case size < m.limit.zeros:
		return true
	case n.phase == numExp && n.exp == 0:
		return size <= maxNumberLen-3 // so that other digits may follow
	case n.phase >= numE:
		return size <= maxNumberLen
	}
	return size <= m.limit.max && (n.closes || size < m.limit.enough && n.pos > -m.limit.zeros)
}

func (m *numberMachine) sign(negative bool) *numberSign {
	if negative {
		return &m.signs[1]
	}
	return &m.signs[0]
}

// alive reports whether a number of the set begins so.
func (m *numberMachine) alive(p *numberPrefix) bool {
	if p.phase >= numE {
		return slices.ContainsFunc(p.ranges, func(r exponentRange) bool { return p.reaches(r) })
	}
	if p.digits == "" && m.zeroAllowed(p.negative) {
		return true
	}
	xmin, xmax := p.pos-maxExponent, p.pos+maxExponent
	if m.canonical {
		xmin, xmax = p.pos, p.pos
		if p.phase <= numMinus || p.phase == numWhole {
			xmax = maxNumber.pos
		}
	} else if p.phase <= numMinus || p.phase == numWhole {
		xmax = max(xmax, maxNumber.pos)
	}
	if p.phase == numZero && m.canonical && m.whole {
		return false // nothing can follow
	}
	for i := range m.sign(p.negative).parts {
		if m.sign(p.negative).parts[i].extendable(p.digits, xmin, xmax) {
			return true
		}
	}
	return false
}

// zeroAllowed reports whether zero may be written with or without a minus.
func (m *numberMachine) zeroAllowed(negative bool) bool {
	return m.set.contains(decimal{}) && !(negative && m.canonical)
}

// reaches reports whether the digits of the exponent may go on to one of r.
func (p *numberPrefix) reaches(r exponentRange) bool {
	lo, hi := r.lo, r.hi
	if p.expMinus {
		lo, hi = -hi, -lo
	}
	if p.phase != numExp {
		return p.phase == numE || hi >= 0
	}
	for first, last := p.exp, p.exp; first <= maxExponent; first, last = first*10, last*10+9 {
		if first <= hi && last >= lo {
			return true
		}
		if first == 0 && last > maxExponent {
			break
		}
	}
	return false
}

// complete reports whether the prefix is a number of the set.
func (m *numberMachine) complete(p *numberPrefix) bool {
	switch p.phase {
	case numZero, numWhole, numFrac:
		d := newDecimal(p.negative, p.digits, p.pos)
		if d.zero() {
			return m.zeroAllowed(p.negative)
		}
		return compareMagnitude(d, maxNumber) <= 0 && m.set.contains(d)
	case numExp:
		e := p.exp
		if p.expMinus {
			e = -e
		}
		return slices.ContainsFunc(p.ranges, func(r exponentRange) bool { return r.lo <= e && e <= r.hi })
	}
	return false
}
