package constrain

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// A textMachine accepts the strings of a set, character by character. Its states are made when they are first asked for and
// shared by all matchers of a grammar. Every state it gives out leads to a string of the set: where the atoms alone do not see
// to that, all states are made and checked beforehand.
//
// Lengths that all strings keep are not in the state: the matcher counts characters, and asks fits.
type textMachine struct {
	set      *textSet // without the length
	atoms    []textAtom
	index    map[string]int // of an atom, by key
	min, max int            // characters; max < 0: no end
	free     bool           // every string of the right length is accepted
	counted  bool           // the length matters
	slack    int            // so many characters complete any string; see lengths.go
	levels   int            // from so many on, more make no difference
	classes  *runeClasses
	start    *textState
	complete bool // all states are known
	wide     bool // all states are

	keys *keyTable // in a machine of the keys of an object

	recent recentMasks

	mu     sync.Mutex
	states map[string]*textState
}

// A textState is a state of a textMachine.
type textState struct {
	id     uint32
	m      *textMachine
	at     int32 // its place in the stateGraph, where there is one
	accept bool
	all    bool     // whatever follows is accepted, the length aside
	wide   bool     // whatever follows, a string of the set goes on from there, the length aside
	subs   []string // the states of the atoms; textDead where an atom accepts nothing any more
	next   []atomic.Pointer[textState]
	room   []uint64 // lengths that can follow; see lengths.go
	least  int      // the smallest of them
	solid  bool     // and all larger ones can follow
	even   bool     // whatever follows, strings of every length go on from there, within the limits
	levels int
	keys   keyPayload // in a machine of keys
	plain  atomic.Pointer[byteSet]
	inside atomic.Pointer[insideMask]
	kinds  atomic.Uint32 // see loops
}

const textDead = "dead"

var deadText = new(textState)

// newTextMachine makes the machine of a set. It fails with a *budgetError where the states to be checked are too many.
func newTextMachine(set *textSet) (*textMachine, error) {
	m := &textMachine{max: -1, states: map[string]*textState{}}
	m.set = m.takeLength(set)
	m.counted = m.min > 0 || m.max >= 0
	m.free = m.set.op == textAll
	if err := m.build(); err != nil {
		return nil, err
	}
	if m.trimmed() {
		a, ok := m.atoms[0].(*regexAtom)
		if ok && m.set.op == textRegex && !a.useful[a.start] {
			m.start = deadText
			return m, nil
		}
		m.wide = ok && m.set.op == textRegex && !a.anchored || m.set.op == textNot
		m.start.wide = m.start.wide || m.wide
		return m, nil
	}
	if !m.free {
		return m, m.explore()
	}
	return m, nil
}

// takeLength takes what all strings of a set have in common as their length out of it.
func (m *textMachine) takeLength(set *textSet) *textSet {
	switch set.op {
	case textLength:
		m.min, m.max = set.min, set.max
		return everyText
	case textAnd:
		i := slices.IndexFunc(set.args, func(a *textSet) bool { return a.op == textLength })
		if i >= 0 {
			m.min, m.max = set.args[i].min, set.args[i].max
			return andText(slices.Delete(slices.Clone(set.args), i, i+1)...)
		}
	}
	return set
}

// build makes the atoms and the first state.
func (m *textMachine) build() error {
	m.index = map[string]int{}
	m.set.atoms(func(s *textSet) {
		if _, ok := m.index[s.key]; ok {
			return
		}
		m.index[s.key] = len(m.atoms)
		m.atoms = append(m.atoms, s.atom())
	})
	if !m.begin() {
		return &budgetError{"too many different characters"}
	}
	return nil
}

// atom makes the automaton of an atom.
func (s *textSet) atom() textAtom {
	switch s.op {
	case textWords:
		return newWordAtom(s.words)
	case textLength:
		return lengthAtom{s.min, s.max}
	}
	return s.pattern.make()
}

// trimmed reports whether every state leads to an accepted string without looking.
func (m *textMachine) trimmed() bool {
	if m.free {
		return false
	}
	if m.set.op < textNot && m.atoms[0].trim() {
		return !m.counted
	}
	// All but some words: there is always a longer string.
	return m.set.op == textNot && m.set.args[0].op == textWords && m.max < 0
}

// state returns the state with given states of the atoms.
func (m *textMachine) state(subs []string) *textState {
	key := stateKey(subs)
	if s := m.states[key]; s != nil {
		return s
	}
	if len(m.states) >= maxStates && !m.complete {
		m.states = map[string]*textState{} // matchers keep the old ones as long as they need them
	}
	s := &textState{id: newID(), m: m, subs: subs, next: make([]atomic.Pointer[textState], len(m.classes.sample))}
	if m.keys != nil {
		m.keys.describe(s)
	} else {
		if m.set.op == textWords {
			node := &m.atoms[0].(*wordAtom).nodes[readInt(subs[0])]
			s.keys.lo, s.keys.hi, s.keys.exact = node.lo, node.hi, node.lo
		}
		s.accept = m.evaluate(m.set, subs, m.accepted) == yes
		s.all = m.evaluate(m.set, subs, m.settled) == yes
		s.wide = s.all || m.wide
	}
	m.states[key] = s
	return s
}

func stateKey(subs []string) string {
	if len(subs) == 1 {
		return subs[0]
	}
	var b strings.Builder
	for _, s := range subs {
		b.WriteByte(byte(len(s)))
		b.WriteByte(byte(len(s) >> 8))
		b.WriteString(s)
	}
	return b.String()
}

// A truth is an answer that may not be known yet.
type truth int8

const (
	no truth = iota - 1
	unknown
	yes
)

// evaluate computes the formula from the atoms.
func (m *textMachine) evaluate(s *textSet, subs []string, leaf func(i int, sub string) truth) truth {
	switch s.op {
	case textAll:
		return yes
	case textNot:
		return -m.evaluate(s.args[0], subs, leaf)
	case textAnd:
		t := yes
		for _, a := range s.args {
			t = min(t, m.evaluate(a, subs, leaf))
		}
		return t
	case textOr:
		t := no
		for _, a := range s.args {
			t = max(t, m.evaluate(a, subs, leaf))
		}
		return t
	}
	i := m.index[s.key]
	return leaf(i, subs[i])
}

// accepted tells whether an atom accepts what it has read.
func (m *textMachine) accepted(i int, sub string) truth {
	if sub != textDead && m.atoms[i].accepts(sub) {
		return yes
	}
	return no
}

// settled tells what an atom will say whatever follows.
func (m *textMachine) settled(i int, sub string) truth {
	switch {
	case sub == textDead:
		return no
	case m.atoms[i].free(sub):
		return yes
	}
	return unknown
}

// step returns the state behind one more character, or nil where no string of the set goes on so.
func (s *textState) step(r rune) *textState { return s.stepClass(s.m.classes.of(r)) }

func (s *textState) stepClass(class uint16) *textState {
	n := s.next[class].Load()
	if n == nil {
		n = s.m.makeStep(s, class)
	}
	if n == deadText {
		return nil
	}
	return n
}

func (m *textMachine) makeStep(s *textState, class uint16) *textState {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.successor(s, class)
	s.next[class].Store(n)
	return n
}

// successor makes the state behind a character of a class; deadText if the formula cannot come true any more.
func (m *textMachine) successor(s *textState, class uint16) *textState {
	subs := make([]string, len(s.subs))
	for i, sub := range s.subs {
		subs[i] = textDead
		if sub == textDead {
			continue
		}
		if next, ok := m.atoms[i].step(sub, m.classes.sample[class]); ok {
			subs[i] = next
		}
	}
	if m.keys == nil && m.evaluate(m.set, subs, m.settled) == no {
		return deadText
	}
	n := m.state(subs)
	if m.keys != nil && m.keys.dead(n) {
		return deadText
	}
	return n
}
