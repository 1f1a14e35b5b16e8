package constrain

import (
	"bytes"
	"unicode/utf8"
)

// keyFits reports whether a key that may come next goes on with one of the characters from lo to hi, which lead to a state.
func (m *Matcher) keyFits(t *thread, s *textState, lo, hi rune) bool {
	k := &s.keys
	if t.top == noFrame {
		return k.extra > 0 // see stepInside
	}
	f := &m.frames[t.top]
	if f.mayNew && k.extra == endless && !m.walk.namesOnly {
		return true
	}
	if k.lo < k.hi {
		if m.look(t.top); f.has(m, int(k.lo), int(k.hi)) {
			return true
		}
	}
	if !f.mayNew || k.extra == 0 || m.walk.namesOnly {
		return false
	}
	m.look(t.top)
	return m.usedBelow(f, lo, hi) < uint64(k.extra)*uint64(hi-lo+1)
}

// has reports whether one of the names from lo on and below hi may come next.
func (f *frame) has(m *Matcher, lo, hi int) bool {
	if lo >= hi {
		return false
	}
	if f.object.words <= 1 {
		return f.avail>>lo<<lo&(1<<(hi-1)<<1-1) != 0
	}
	avail := m.wideAvail(f)
	for w := lo / 64; w <= (hi-1)/64; w++ {
		bits := avail[w]
		if w == lo/64 {
			bits = bits >> (lo % 64) << (lo % 64)
		}
		if w == (hi-1)/64 {
			bits &= 1<<((hi-1)%64)<<1 - 1
		}
		if bits != 0 {
			return true
		}
	}
	return false
}

// usedBelow counts the other keys used so far that go on like the present one, with a character from lo to hi.
func (m *Matcher) usedBelow(f *frame, lo, hi rune) uint64 {
	n := uint64(0)
	key := m.keys[m.keyStart:m.keyMark]
	for i := f.extras; i >= 0; i = m.spare[i].next {
		rest, ok := bytes.CutPrefix(m.keys[m.spare[i].off:][:m.spare[i].len], key)
		if r, size := utf8.DecodeRune(rest); ok && size > 0 && r >= lo && r <= hi {
			n++
		}
	}
	return n
}

// endKey reads the quote behind a key.
func (m *Matcher) endKey(t *thread, out []thread) []thread {
	k := &t.text.keys
	f := m.frames[t.top]
	if k.exact >= 0 || f.extras >= 0 || f.object.tight || f.object.counted {
		m.look(t.top) // otherwise a key more makes no difference that is seen from outside
	}
	options := k.options
	var seen keySet
	var narrow [1]uint64
	if f.object.words <= 1 {
		narrow[0] = f.seen
		seen = narrow[:f.object.words]
	} else {
		seen = m.wideSeen(&f)
	}
	key := m.keys[m.keyStart:]
	switch {
	case k.exact >= 0:
		if !f.has(m, int(k.exact), int(k.exact)+1) {
			return out
		}
		options = f.object.options[k.exact]
	case !f.mayNew || len(options) == 0 || m.used(&f, key):
		return out
	}
	for _, o := range m.keyOptions(&f, seen, int(k.exact), options) {
		next := f
		next.from = t.top
		next.count++
		next.tally, _ = raise(f.tally, o.inc, f.object.limits)
		if f.object.words > 1 { // its own, whatever the key: what may come next is kept beside what was seen
			next.wide = m.newWide(f.object)
			copy(m.wideSeen(&next), m.wideSeen(&f))
		}
		switch {
		case k.exact < 0:
			m.spare = append(m.spare, spareKey{f.extras, int32(m.keyStart), int32(len(key)), hashBytes(key)})
			next.extras = int32(len(m.spare) - 1)
		case f.object.words <= 1:
			next.seen |= 1 << k.exact
		default:
			m.wideSeen(&next).add(int(k.exact))
		}
		out = append(out, thread{top: m.push(&next), mode: modeColon, node: o.node})
	}
	return out
}

// used reports whether a key that is no name has been used.
func (m *Matcher) used(f *frame, key []byte) bool {
	h := hashBytes(key)
	for i := f.extras; i >= 0; i = m.spare[i].next {
		if s := &m.spare[i]; s.hash == h && bytes.Equal(m.keys[s.off:][:s.len], key) {
			return true
		}
	}
	return false
}

// hashBytes hashes a key.
func hashBytes(b []byte) uint64 {
	h := mix(5, uint64(len(b))) // hashes are added up: the empty key must not have 0
	for _, c := range b {
		h = mix(h, uint64(c))
	}
	return h
}
