package constrain

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// An insideMask holds the tokens that stay inside a string, whatever stands around the string.
type insideMask struct {
	dense *bitset
	list  []uint32
	depth int // no token that is allowed has more characters
}

// without returns the mask without some tokens.
func (m *insideMask) without(toks []uint32) *insideMask {
	out := &insideMask{depth: m.depth}
	if m.dense == nil {
		out.list = slices.DeleteFunc(slices.Clone(m.list), func(tok uint32) bool { return slices.Contains(toks, tok) })
		return out
	}
	dense := *m.dense
	for _, tok := range toks {
		dense[tok/64] &^= 1 << (tok % 64)
	}
	out.dense = &dense
	return out
}

func (m *insideMask) size() int {
	if m.dense != nil {
		return 8 * MaskWords
	}
	return 64 + 4*len(m.list)
}

// maxInsideBytes bounds the masks that a machine keeps for its states. Others are kept only by the cache of the grammar.
const maxInsideBytes = 2 << 20

// insideOf returns the tokens that stay inside a string from a state on, where no length is near.
func (m *Matcher) insideOf(s *textState) *insideMask {
	if in := s.inside.Load(); in != nil {
		return in
	}
	in := s.m.recent.find(s)
	if in == nil {
		in = m.makeInside(s, int32(s.m.min), false)
		s.m.recent.add(s, in)
	}
	if s.m.recent.room() {
		s.inside.Store(in)
	}
	return in
}

// fewBytes is how few bytes can follow where it is better to look them up than to try all characters that tokens begin with.
const fewBytes = 40

// makeInside walks through all tokens.
func (m *Matcher) makeInside(s *textState, size int32, counted bool) *insideMask {
	w := &m.walk
	m.plain = false // the state may belong to other grammars, too; see maskWriter.without
	defer func() { m.plain = m.g.plain }()
	w.inner, w.depth = w.inner[:0], 0
	t := &m.vocab.all
	if s.bytes().len() > fewBytes {
		m.walkRunes(&m.vocab.runes, s, size, counted)
		t = &m.vocab.odd
	}
	m.visitText(t, 0, len(t.nodes)-1, t.wide[wideRoot], s, size, 1)
	in := &insideMask{depth: w.depth}
	if len(w.inner) <= maxList {
		in.list = append(make([]uint32, 0, len(w.inner)), w.inner...)
		return in
	}
	in.dense = new(bitset)
	for _, tok := range w.inner {
		in.dense.add(tok)
	}
	return in
}

// visitText is visit for what stays inside a string: from a state between characters, of which size have been counted. It is
// the depth-th character of the tokens.
func (m *Matcher) visitText(t *trie, lo, hi int, index *[256]uint32, s *textState, size int32, depth int) {
	allowed := *s.bytes()
	allowed['"'>>6] &^= 1 << ('"' & 63)
	if index != nil && allowed.len() < 48 {
		for i, word := range allowed {
			for ; word != 0; word &= word - 1 {
				if at := index[i<<6|bits.TrailingZeros64(word)]; at != 0 {
					m.visitChar(t, int(at-1), s, size, depth)
				}
			}
		}
		return
	}
	for i := lo; i < hi; i += t.nodes[i].skip() {
		if allowed.has(t.nodes[i].byte()) {
			m.visitChar(t, i, s, size, depth)
		}
	}
}

// visitChar visits a node with the first byte of a character.
func (m *Matcher) visitChar(t *trie, i int, s *textState, size int32, depth int) {
	b := t.nodes[i].byte()
	if b >= utf8.RuneSelf || b == '\\' {
		m.visitPart(t, i, thread{top: noFrame, mode: modeText, text: s, size: size}, depth)
		return
	}
	n := s.stepInside(s.m.classes.ascii[b])
	if n == nil {
		return
	}
	if s.m.counted {
		th := thread{text: s, size: size}
		if size = int32(th.nextSize()); !n.fits(int(size)) {
			return
		}
	}
	m.found(t, i, depth)
	if skip := t.nodes[i].skip(); skip > 1 {
		m.visitText(t, i+1, i+skip, t.indexOf(i), n, size, depth+1)
	}
}

// visitPart visits a node with a byte of a character of several bytes, or of an escape.
func (m *Matcher) visitPart(t *trie, i int, th thread, depth int) {
	var buf [1]thread
	out := m.stepString(&th, t.nodes[i].byte(), buf[:0]) // a thread without a frame: keys are not compared with those used
	if len(out) == 0 {
		return
	}
	m.found(t, i, depth)
	skip := t.nodes[i].skip()
	switch {
	case skip == 1:
	case out[0].part == partNone:
		m.visitText(t, i+1, i+skip, t.indexOf(i), out[0].text, out[0].size, depth+1)
	default:
		next := out[0]
		bytes := partBytes[next.part]
		for j := i + 1; j < i+skip; j += t.nodes[j].skip() {
			if bytes.has(t.nodes[j].byte()) {
				m.visitPart(t, j, next, depth)
			}
		}
	}
}

// stepInside is step for what may follow inside a string or key; of keys only others than the names of the plan, whether they have
// been used or not.
func (s *textState) stepInside(class uint16) *textState {
	n := s.stepClass(class)
	if n != nil && s.m.keys != nil && n.keys.extra == 0 {
		return nil
	}
	return n
}

// freeInside returns the tokens that stay inside a string of any characters, of which there may be room more.
func (v *vocabulary) freeInside(room int) (*bitset, []longToken) {
	if room <= maxUpTo {
		return &v.upTo[room], nil
	}
	n, _ := slices.BinarySearchFunc(v.longer, int32(room)+1, func(t longToken, need int32) int { return int(t.need - need) })
	return &v.upTo[maxUpTo], v.longer[:n]
}

// limit returns the tokens of a mask that need room for no more than so many characters.
func (v *vocabulary) limit(in *insideMask, room int) *insideMask {
	short, longer := v.freeInside(room)
	out := &insideMask{depth: min(in.depth, room)}
	if in.dense == nil {
		for _, tok := range in.list {
			if short[tok/64]>>(tok%64)&1 != 0 || slices.ContainsFunc(longer, func(l longToken) bool { return l.tok == tok }) {
				out.list = append(out.list, tok)
			}
		}
		return out
	}
	out.dense = new(bitset)
	for i, word := range in.dense {
		out.dense[i] = word & short[i]
	}
	for _, l := range longer {
		out.dense[l.tok/64] |= in.dense[l.tok/64] & (1 << (l.tok % 64))
	}
	return out
}

// found notes the tokens that end at a node.
func (m *Matcher) found(t *trie, i, depth int) {
	m.walk.inner = append(m.walk.inner, t.tokens[t.nodes[i].first:t.nodes[i+1].first]...)
	m.walk.depth = max(m.walk.depth, depth)
}

// indexOf returns where the children of a node are, if the trie knows.
func (t *trie) indexOf(i int) *[256]uint32 {
	if t.nodes[i].wide() {
		return t.wide[i]
	}
	return nil
}
