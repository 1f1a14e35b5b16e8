package constrain

// Masks outside of strings.

// collectOutside finds the tokens of a thread that is not inside a string, number or literal.
func (m *Matcher) collectOutside(e *maskEntry, t *thread) {
	w, o := &m.walk, &m.vocab.loose
	switch {
	case t.size == m.g.space:
		o = &m.vocab.compact
	case m.g.space > 0: // it depends on a token's white space whether it fits
		m.collect(&m.vocab.all, 0)
		return
	}
	here := *t
	w.hits = append(w.hits, o.spaces...)
	m.collect(&o.starts, 0)
	if here.mode == modeValue || here.mode == modeFirst {
		m.collectDigits(e, &here, o)
	}
	m.read('"')
	w.threads = m.step(&here, '"', w.threads[:0])
	m.collectQuoted(e, o)
}

// collectQuoted finds the tokens that begin with the quote that the threads have just read.
func (m *Matcher) collectQuoted(e *maskEntry, o *outside) {
	w := &m.walk
	if len(w.threads) != 1 {
		m.collect(&o.quoted, 0)
		return
	}
	t := w.threads[0]
	switch {
	case m.open(&t):
		e.share(&o.quotedIn)
	case t.enumeration():
		m.collectWords(&o.quoted, &t)
		return
	case m.apart(&t):
		if of := t.text.m; of.free && (of.max < 0 || of.max >= maxTokenLen) {
			e.share(&o.quotedIn)
			break
		}
		w.inner, w.depth = w.inner[:0], 0
		w.inner = append(w.inner, o.quoted.empty...)
		m.visitText(&o.quoted, 0, len(o.quoted.nodes)-1, o.quoted.wide[wideRoot], t.text, t.size, 1)
		w.hits = append(w.hits, w.inner...)
	case m.names(&t):
		m.collectNames(&o.quoted, &t)
		return
	default:
		m.collect(&o.quoted, 0)
		return
	}
	if m.plain {
		m.collectEscaped(&o.quotedEscaped, &t)
	}
	m.collect(&o.quotedCross, 0)
}

// maxTokenLen is the length of the longest token.
const maxTokenLen = 128

// collectDigits finds the tokens of digits that may begin a number.
func (m *Matcher) collectDigits(e *maskEntry, here *thread, o *outside) {
	of, sole := m.digitsOf(here)
	switch {
	case sole && of != nil:
		e.share(m.numberInside(of, of.start))
	case !sole:
		m.walk.threads = append(m.walk.threads[:0], *here)
		m.collect(&o.digits, 0)
	}
}

// digitsOf returns the machine that a digit begins a number of, nil if there is none. sole tells that there is no other, and that
// nothing around the number matters.
func (m *Matcher) digitsOf(here *thread) (of *numberMachine, sole bool) {
	for b := byte('0'); b <= '9'; b++ {
		k := m.walkMark()
		m.read(b)
		out := m.step(here, b, m.walk.threads[:0])
		apart := len(out) == 1 && (of == nil || of == out[0].numOf) && m.uniqueItems(out[0].top) == nil
		m.cutWalk(&k)
		if apart {
			of = out[0].numOf
		} else if len(out) > 0 {
			return nil, false
		}
	}
	return of, true
}

// open reports whether a thread is inside a string or key that may go on with anything.
func (m *Matcher) open(t *thread) bool {
	if t.part != partNone {
		return false
	}
	if t.mode == modeText {
		return t.text.wide && !t.text.m.counted
	}
	return t.mode == modeKey && m.frames[t.top].mayNew && t.text.keys.wide
}

// collectNumber finds the tokens of a thread inside a number. Those of digits are seldom all tried: mostly all digits are allowed
// for some time, or none.
func (m *Matcher) collectNumber(e *maskEntry, t *thread) {
	v, w := m.vocab, &m.walk
	here := *t
	if here.size < farFromLimit && m.uniqueItems(here.top) == nil {
		e.share(m.numberInside(here.numOf, here.num))
	} else {
		m.collect(&v.inNumbers, 0)
		w.threads = append(w.threads[:0], here)
		m.collect(&v.digits, 0)
	}
	if !here.num.accept {
		return
	}
	m.textMark, m.word = len(m.text), nil
	if m.endValue(&here, m.textMark) {
		w.threads = append(w.threads[:0], here)
		m.collectOutside(e, &here)
	}
}

// farFromLimit is a length of numbers that no token leads from to a limit.
const farFromLimit = 20

// numberInside returns the tokens that go on with a number from a state. Those of digits are seldom all tried: mostly all digits
// are allowed for some time, or none.
func (m *Matcher) numberInside(of *numberMachine, s *numberState) *insideMask {
	if in := s.inside.Load(); in != nil {
		return in
	}
	w, v := &m.walk, m.vocab
	at := len(w.hits)
	threads := w.threads
	here := thread{top: noFrame, mode: modeNumber, num: s, numOf: of}
	w.threads = append([]thread(nil), here)
	m.collect(&v.inNumbers, 0)
	if of.anyDigits(s, 3) {
		w.hits = append(w.hits, v.digits.tokens...)
	} else {
		w.threads = append(w.threads[:0], here)
		m.collect(&v.digits, 0)
	}
	in := &insideMask{list: append([]uint32(nil), w.hits[at:]...)}
	w.hits, w.threads = w.hits[:at], threads
	s.inside.Store(in)
	return in
}

// anyDigits reports whether so many digits may follow, whichever they are, and all lead to one state.
func (m *numberMachine) anyDigits(s *numberState, n int) bool {
	for range n {
		next := m.step(s, '0')
		if next == nil {
			return false
		}
		for b := byte('1'); b <= '9'; b++ {
			if m.step(s, b) != next {
				return false
			}
		}
		s = next
	}
	return true
}
