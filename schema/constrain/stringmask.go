package constrain

import (
	"bytes"
	"math/bits"
	"unicode/utf8"
)

// Masks inside strings and keys. What stays inside does not depend on what stands around the string, and is remembered for the
// state of the machine, or known beforehand; only the tokens that cross the quote have to be tried in their place.

// collectText finds the tokens of a thread that is between two characters of a string.
func (m *Matcher) collectText(e *maskEntry, t *thread) {
	v, w, of := m.vocab, &m.walk, t.text.m
	if t.enumeration() {
		here := *t
		m.collectWords(&v.all, &here)
		return
	}
	switch {
	case m.uniqueItems(t.top) != nil && !(of.free && of.max < 0):
		m.collect(&v.all, 0)
		return
	case of.free && of.max >= 0:
		var longer []longToken
		e.base, longer = v.freeInside(of.max - int(t.size))
		for _, l := range longer {
			w.hits = append(w.hits, l.tok)
		}
	case t.text.wide && of.max < 0:
		e.base = &v.inside
	case of.counted && t.text.even && !of.far(int(t.size)):
		in := m.insideOf(t.text)
		if room := of.max - int(t.size); of.max >= 0 && room < maxTokenLen {
			in = v.limit(in, room)
			e.own = in.size()
		}
		e.share(in)
	case of.counted && !of.far(int(t.size)):
		in := m.makeInside(t.text, t.size, true)
		e.own = in.size()
		e.share(in)
	default:
		in := m.insideOf(t.text)
		e.share(in)
		if t.text.inside.Load() == nil {
			e.own = in.size()
		}
	}
	if m.plain {
		m.collectEscaped(&v.escaped, t)
	} else if m.uniqueItems(t.top) == nil && t.text.all && int(t.size) >= of.min && (of.max < 0 || int(t.size)+v.before <= of.max) {
		m.read('"')
		w.threads = m.endString(t, w.threads[:0])
		m.collectBehind()
		return
	}
	m.collect(&v.crossing, 0)
}

// collectEscaped finds the tokens with escapes that stay inside of a string, in a grammar that does not allow all of them.
func (m *Matcher) collectEscaped(tree *trie, t *thread) {
	w := &m.walk
	w.threads = append(w.threads[:0], *t)
	m.collect(tree, 0)
	w.threads = append(w.threads[:0], *t)
}

// apart reports whether a thread is between two characters of a string of which what follows inside does not depend on what
// stands around it.
func (m *Matcher) apart(t *thread) bool {
	return t.mode == modeText && t.part == partNone && m.uniqueItems(t.top) == nil
}

// names reports whether a thread is between two characters of a key that can only be a name.
func (m *Matcher) names(t *thread) bool {
	return t.mode == modeKey && t.part == partNone && !m.frames[t.top].mayNew
}

// visitNames is visit for a thread in a key that can only be a name.
func (m *Matcher) visitNames(tree *trie, lo, hi int, index *[256]uint32, t *thread, s *textState) {
	w, near := &m.walk, s.keys.near
	visit := func(i int) {
		n := tree.nodes[i]
		b := n.byte()
		if b >= utf8.RuneSelf || b == '"' || b == '\\' {
			here := *t
			here.text = s
			w.threads = append(w.threads[:0], here)
			m.visitNode(tree, i, 0, 1)
			return
		}
		next := s.stepClass(s.m.classes.ascii[b])
		if next == nil || !m.frames[t.top].has(m, int(next.keys.lo), int(next.keys.hi)) {
			return
		}
		w.hits = append(w.hits, tree.tokens[n.first:tree.nodes[i+1].first]...)
		if n.skip() > 1 {
			m.visitNames(tree, i+1, i+n.skip(), tree.indexOf(i), t, next)
		}
	}
	m.look(t.top)
	if index == nil {
		for i := lo; i < hi; i += tree.nodes[i].skip() {
			if near.has(tree.nodes[i].byte()) {
				visit(i)
			}
		}
		return
	}
	for i, word := range near {
		for ; word != 0; word &= word - 1 {
			if at := index[i<<6|bits.TrailingZeros64(word)]; at != 0 {
				visit(int(at - 1))
			}
		}
	}
}

// collectBehind finds the tokens that cross the quote, where they may do so with anything before it. The threads are behind the
// quote.
func (m *Matcher) collectBehind() {
	w, v := &m.walk, m.vocab
	at := len(w.hits)
	m.collect(&v.behind, 0)
	for i, place := range w.hits[at:] {
		w.hits[at+i] = v.crossing.tokens[place]
	}
}

// collectOther is collectBehind for a key that is no name, whatever stands before the quote: it notes the tokens by their places.
func (m *Matcher) collectOther(t *thread) {
	w := &m.walk
	key := mix(m.threadKey(t, needNear), uint64(t.text.id))
	if others := m.g.cache.getOthers(key); others != nil {
		w.other = *others
		return
	}
	clear(w.other[:])
	before := w.need
	w.need = needNear
	at := len(w.hits)
	k := m.walkMark()
	if m.g.spareKeys {
		m.keys = append(m.keys, 0xFF) // a key that nobody has used
	}
	m.read('"')
	w.threads = m.endKey(t, w.threads[:0])
	m.collect(&m.vocab.behind, 0)
	for _, place := range w.hits[at:] {
		w.other[place/64] |= 1 << (place % 64)
	}
	w.hits = w.hits[:at]
	m.cutWalk(&k)
	if w.need == needNear {
		others := w.other
		m.g.cache.putOthers(key, &others)
	}
	w.need = max(w.need, before)
}

// visitKeys visits the nodes of the crossing trie from lo on and below hi with a thread inside of a key. Where the key leaves the
// names behind, what follows it is known already.
func (m *Matcher) visitKeys(lo, hi int, t *thread) {
	tree, w := &m.vocab.crossing, &m.walk
	near := t.text.keys.near // the others lead away from the names
	if used := m.usedBytes(t, &near); t.text.keys.same && !used {
		m.addOthers(int(tree.nodes[lo].first), int(tree.nodes[hi].first))
		return
	}
	from := int(tree.nodes[lo].first)
	for i := lo; i < hi; {
		n := tree.nodes[i]
		if !near.has(n.byte()) {
			i += n.skip()
			continue
		}
		m.addOthers(from, int(n.first))
		from = int(tree.nodes[i+n.skip()].first)
		k := m.walkMark()
		m.read(n.byte())
		w.threads = m.step(t, n.byte(), w.threads[:0])
		if len(w.threads) > 0 && w.threads[0].mode == modeKey {
			next := w.threads[0]
			m.visitPartOfKey(i, &next)
		} else if len(w.threads) > 0 {
			m.cutWalk(&k)
			w.threads = append(w.threads[:0], *t)
			m.visitNode(tree, i, 0, 1)
		}
		m.cutWalk(&k)
		i += n.skip()
	}
	m.addOthers(from, int(tree.nodes[hi].first))
}

// visitPartOfKey visits what is below a node whose byte has been read.
func (m *Matcher) visitPartOfKey(i int, t *thread) {
	tree, w := &m.vocab.crossing, &m.walk
	lo, hi := i+1, i+tree.nodes[i].skip()
	if t.part == partNone {
		if lo < hi {
			m.visitKeys(lo, hi, t)
		}
		return
	}
	for i := lo; i < hi; i += tree.nodes[i].skip() {
		k := m.walkMark()
		m.read(tree.nodes[i].byte())
		if w.threads = m.step(t, tree.nodes[i].byte(), w.threads[:0]); len(w.threads) > 0 {
			next := w.threads[0]
			m.visitPartOfKey(i, &next)
		}
		m.cutWalk(&k)
	}
}

// addOthers finds the tokens between two places that a key which is no name allows.
func (m *Matcher) addOthers(from, to int) {
	w := &m.walk
	for i := from / 64; i <= (to-1)/64 && from < to; i++ {
		word := w.other[i]
		if i == from/64 {
			word = word >> (from % 64) << (from % 64)
		}
		if i == to/64 {
			word &= 1<<(to%64) - 1
		}
		for ; word != 0; word &= word - 1 {
			w.hits = append(w.hits, m.vocab.crossing.tokens[i*64+bits.TrailingZeros64(word)])
		}
	}
}

// otherKey returns a state in which a key that goes on from a state is no name any more, if every such key is treated the same.
func (m *Matcher) otherKey(t *thread) (thread, bool) {
	s := t.text
	if !s.keys.wide {
		return thread{}, false
	}
	other := *t
	for range 2 { // a character that no name has leads away from the names
		if s.keys.same {
			other.text = s
			return other, true
		}
		if s.m.classes.rare < 0 {
			return thread{}, false
		}
		if s = s.stepClass(uint16(s.m.classes.rare)); s == nil {
			return thread{}, false
		}
	}
	return thread{}, false
}

// usedBytes adds the bytes with which the key may stay at keys that have been used, and reports whether there are any.
func (m *Matcher) usedBytes(t *thread, near *byteSet) bool {
	any := false
	key := m.keys[m.keyStart:]
	for i := m.frames[t.top].extras; i >= 0; i = m.spare[i].next {
		if rest, ok := bytes.CutPrefix(m.keys[m.spare[i].off:][:m.spare[i].len], key); ok {
			any = true
			if len(rest) > 0 {
				near.add(rest[0])
			}
		}
	}
	return any
}

// collectKey finds the tokens of a thread that is between two characters of a key.
func (m *Matcher) collectKey(e *maskEntry, t *thread) {
	v, k := m.vocab, &t.text.keys
	if m.names(t) {
		here := *t
		m.collectNames(&v.all, &here)
		return
	}
	if k.extra != endless {
		m.collect(&v.all, 0)
		return
	}
	if k.wide {
		e.base = &v.inside
	} else {
		in := m.insideOf(t.text)
		if used := m.usedInside(t); len(used) > 0 {
			in = in.without(used)
		}
		e.share(in)
		if k.lo < k.hi { // names that are not of the endless other keys
			w := &m.walk
			w.namesOnly = true
			m.collect(&v.all, 0)
			w.namesOnly = false
			w.threads = append(w.threads[:0], *t)
		}
	}
	if m.plain {
		m.collectEscaped(&v.escaped, t)
	} else if other, ok := m.otherKey(t); ok {
		m.collectOther(&other)
		m.visitKeys(0, len(v.crossing.nodes)-1, t)
		return
	}
	m.collect(&v.crossing, 0)
}
