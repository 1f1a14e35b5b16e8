package constrain

import "math/bits"

// A walk visits a prefix tree with the threads of a matcher.
type walk struct {
	threads   []thread
	hits      []uint32 // the tokens found
	inner     []uint32 // those that stay inside a string; see inside.go
	depth     int      // and how many characters they have at most
	other     placeSet // in a walk through keys, by place: the tokens that a key which is no name allows
	active    bool
	namesOnly bool  // keys are the names of plans only
	base      int32 // frames from here on were made by the walk
	top       int32 // the frame that it began in
	need      int   // how much of the frames the tokens found depend on
}

// How much of the frames a mask depends on.
const (
	needNear = iota // on what is seen from outside of them
	needOwn         // on all of the innermost, and on what is seen from outside of the others
	needFull        // on all of them
	needText        // on more: such a mask is not remembered
)

// A walkMark is what a matcher had grown to.
type walkMark struct{ frames, words, spare, keys, keyStart, items, text int }

// look notes that something about a frame matters which is not seen from outside.
func (m *Matcher) look(top int32) {
	w := &m.walk
	if !w.active {
		return
	}
	for top >= w.base {
		if top = m.frames[top].from; top == noFrame {
			return // it was opened by the walk
		}
	}
	if top == w.top {
		w.need = max(w.need, needOwn)
	} else {
		w.need = max(w.need, needFull)
	}
}

func (m *Matcher) walkMark() walkMark {
	return walkMark{len(m.frames), len(m.words), len(m.spare), len(m.keys), m.keyStart, len(m.items), len(m.text)}
}

func (m *Matcher) cutWalk(k *walkMark) {
	m.frames, m.words, m.spare, m.keys, m.keyStart = m.frames[:k.frames], m.words[:k.words], m.spare[:k.spare], m.keys[:k.keys], k.keyStart
	m.items, m.text = m.items[:k.items], m.text[:k.text]
}

// collect appends to the hits of the walk the tokens of a prefix tree that threads allow. The threads are those of the walk from
// an index on; they are dropped.
func (m *Matcher) collect(t *trie, first int) {
	w := &m.walk
	if len(w.threads) == first {
		return
	}
	w.hits = append(w.hits, t.empty...)
	m.visit(t, 0, len(t.nodes)-1, t.wide[wideRoot], first, len(w.threads))
	w.threads = w.threads[:first]
}

// visit tries the nodes from lo on and below hi, which are all below one node, with the threads from first on and below end. Index
// is where the children are, if it is known.
func (m *Matcher) visit(t *trie, lo, hi int, index *[256]uint32, first, end int) {
	allowed := m.allowed(m.walk.threads[first:end])
	if index != nil && allowed.len() < 64 {
		for i, word := range allowed {
			for ; word != 0; word &= word - 1 {
				if at := index[i<<6|bits.TrailingZeros64(word)]; at != 0 {
					m.visitNode(t, int(at-1), first, end)
				}
			}
		}
		return
	}
	for i := lo; i < hi; i += t.nodes[i].skip() {
		if allowed.has(t.nodes[i].byte()) {
			m.visitNode(t, i, first, end)
		}
	}
}

// visitNode moves threads over the byte of a node, and then visits what is below it.
func (m *Matcher) visitNode(t *trie, i, first, end int) {
	w := &m.walk
	n := t.nodes[i]
	k, grown := m.walkMark(), m.grown
	m.read(n.byte())
	out := w.threads[:end]
	for j := first; j < end && len(out) < end+maxThreads; j++ {
		out = m.step(&w.threads[j], n.byte(), out)
	}
	w.threads = out
	if len(out) > end {
		w.hits = append(w.hits, t.tokens[n.first:t.nodes[i+1].first]...)
		if n.skip() > 1 {
			m.visit(t, i+1, i+n.skip(), t.indexOf(i), end, len(out))
		}
		w.threads = w.threads[:end]
	}
	if m.grown != grown {
		m.cutWalk(&k)
	}
}

func (m *Matcher) beginWalk(t *thread) {
	w := &m.walk
	w.threads = append(w.threads[:0], *t)
	w.active, w.base, w.top = true, int32(len(m.frames)), t.top
}

// Bytes that may come next, by mode and part; more than may come in the end.
var (
	hexBytes    = byteSetOf("0123456789abcdefABCDEF")
	modeBytes   [modeDone + 1]byteSet
	partBytes   [partTail3 + 1]byteSet
	numberBytes = byteSetOf("0123456789+-.eE \t\r\n,]}")
)

func init() {
	for mode, bytes := range map[mode]string{modeValue: `"{[-0123456789tfn`, modeAfter: ",]}", modeFirst: `"{[]}-0123456789tfn`,
		modeComma: `"`, modeColon: ":", modeDone: ""} {
		modeBytes[mode] = byteSetOf(bytes + " \t\r\n")
	}
	modeBytes[modeNumber] = numberBytes
	for p := partHex1; p <= partLow4; p++ {
		partBytes[p] = hexBytes
	}
	partBytes[partEscape] = byteSetOf(`"\/bfnrtu`)
	partBytes[partLowEsc], partBytes[partLowU] = byteSetOf(`\`), byteSetOf("u")
	for p := partTail1; p <= partTail3; p++ {
		partBytes[p].addRange(0x80, 0xBF)
	}
}

// allowed returns the bytes that threads may go on with, and perhaps others.
func (m *Matcher) allowed(threads []thread) byteSet {
	var all byteSet
	for i := range threads {
		s := threads[i].bytes()
		for j := range all {
			all[j] |= s[j]
		}
	}
	return all
}

func (t *thread) bytes() *byteSet {
	switch t.mode {
	case modeText, modeKey:
		if t.part != partNone {
			return &partBytes[t.part]
		}
		return t.text.bytes()
	case modeTrue, modeFalse, modeNull:
		return &literalBytes[t.mode][t.char]
	}
	return &modeBytes[t.mode]
}

// literalBytes are the single bytes of the literals.
var literalBytes = func() (sets [modeNull + 1][5]byteSet) {
	for _, mode := range []mode{modeTrue, modeFalse, modeNull} {
		for i := range len(literals[mode]) {
			sets[mode][i] = byteSetOf(literals[mode][i : i+1])
		}
	}
	return sets
}()

// bytes returns the bytes that a string may go on with in a state, outside of a character.
func (s *textState) bytes() *byteSet {
	if b := s.plain.Load(); b != nil {
		return b
	}
	b := byteSetOf(`"\`)
	c := s.m.classes
	for i := range c.ranges {
		r := &c.ranges[i]
		if s.stepClass(r.class) == nil {
			continue
		}
		for r, hi := max(r.lo, ' '), min(r.hi, 127); r <= hi; r++ {
			if r != '"' && r != '\\' {
				b.add(byte(r))
			}
		}
		if r.hi > 127 {
			b.addRange(leadByte(max(r.lo, 128)), leadByte(r.hi))
		}
	}
	s.plain.Store(&b)
	return &b
}

// leadByte is the first byte of a character of several in UTF-8.
func leadByte(r rune) byte {
	switch {
	case r < 0x800:
		return byte(0xC0 | r>>6)
	case r < 0x10000:
		return byte(0xE0 | r>>12)
	}
	return byte(0xF0 | r>>18)
}
