package tokenizer

import "unsafe"

// A merger is the scratch space of byte pair encoding: start from the single bytes of a piece and join, again and again, the
// two neighbours that merge into the lowest id (the leftmost of several), until no neighbours merge.
//
// Two facts keep it linear and small, both true of any vocabulary of ranks:
//
//   - What happens between two boundaries that the merge never crosses does not depend on what is outside. So any run
//     of neighbours in an encoding is itself the encoding of its bytes.
//   - If each two neighbours of a sequence of tokens are together the encoding of their own bytes, the sequence is the encoding
//     of all its bytes: the first merge across a boundary would also have happened in the two tokens alone.
//
// A long piece is therefore encoded window by window, and only the seams are checked.
type merger struct {
	small, seam      smallMerge // of a window, and of the two tokens at a seam
	large, largeSeam largeMerge
	window, joined   []Token
	both             []byte
}

// mergeWindow is the number of bytes that are merged at a time. A larger one costs more per byte.
const mergeWindow = 64

// append appends the tokens of s. It costs time proportional to len(s), and memory that does not depend on it unless the
// seams of some vocabulary depend on what is far away; then the window grows, and the cost is that of largeMerge.
func (m *merger) append(v *vocabulary, dst []Token, s string) []Token {
	if len(s) <= mergeWindow {
		return m.small.append(v, dst, s)
	}
	first := len(dst)
	for at, size := 0, mergeWindow; ; {
		end := min(at+size, len(s))
		m.window = merge(v, m.window[:0], s[at:end], &m.small, &m.large)
		if n := len(dst); n > first && !m.joins(v, dst[n-1], m.window[0]) {
			// The seam is not a boundary: take back the token before it and look further ahead. The window never shrinks again, so
			// that all failures together cost no more than one merge of the whole.
			at -= len(v.tokenString(dst[n-1]))
			dst = dst[:n-1]
			size *= 2
			continue
		}
		if end == len(s) {
			return append(dst, m.window...)
		}
		// The tokens near the end of the window may not be what they are in the whole. Keep three quarters, and at least one token.
		stop := at + size - size/4
		for k, t := range m.window {
			n := len(v.tokenString(t))
			if k > 0 && at+n > stop {
				break
			}
			dst = append(dst, t)
			at += n
		}
	}
}

// merge appends the tokens of s with the one of two merges that can.
func merge(v *vocabulary, dst []Token, s string, small *smallMerge, large *largeMerge) []Token {
	if len(s) <= smallMax {
		return small.append(v, dst, s)
	}
	return large.append(v, dst, s)
}

// joins reports whether left and right are the encoding of their own bytes.
func (m *merger) joins(v *vocabulary, left, right Token) bool {
	m.both = append(append(m.both[:0], v.tokenString(left)...), v.tokenString(right)...)
	m.joined = merge(v, m.joined[:0], unsafe.String(&m.both[0], len(m.both)), &m.seam, &m.largeSeam)
	return len(m.joined) == 2 && m.joined[0] == left && m.joined[1] == right
}

const (
	smallMax   = 256
	smallBits  = 8
	groupSize  = 8
	groupCount = smallMax / groupSize
)

// A smallMerge merges at most smallMax bytes. A part is named by the position of its first byte. The candidate of a part is
// the token that it and the next part merge into, and the position: id<<8 | position, so that the least candidate is the
// next merge to do. Candidates stay in place, in groups whose minima are kept: a merge changes three of them.
//
// A step is in two halves, choose and finish, so that several merges can take turns: choose loads the slots of the pair
// table that finish will look at, and by then they have arrived.
type smallMerge struct {
	tok        [smallMax]Token
	cand       [smallMax]uint32
	prev, next [smallMax]uint16 // the parts as a list; noPart at its ends
	low        [groupCount]uint32
	groups     int // groups in use

	// The merge that choose has made: the part, the one that it swallowed, and what the pair table says of the part with its
	// neighbours, slot and key.
	part, gone        uint32
	nextSlot, nextKey uint64
	prevSlot, prevKey uint64
}

const (
	// noCandidate is what every candidate without a token exceeds or equals.
	noCandidate = uint32(noToken) << smallBits
	noPart      = smallMax
)

// append appends the tokens of s.
func (m *smallMerge) append(v *vocabulary, dst []Token, s string) []Token {
	m.start(v, s)
	for m.choose(v) {
		m.finish()
	}
	return m.collect(dst)
}

// start makes a part of every byte of s, which has 1 to smallMax bytes, or of several at once where char knows that the merge
// would join them first.
func (m *smallMerge) start(v *vocabulary, s string) {
	last := noPart // the part before
	for i := 0; i < len(s); {
		m.cand[i] = noCandidate // until the next part is known, and for good at the end
		m.prev[i] = uint16(last)
		if s[i] >= 0xC2 {
			if tok, size := v.char(s, i); size > 0 {
				m.tok[i] = tok
				m.cand[i+1], m.cand[i+size-1] = noCandidate, noCandidate
				if last != noPart {
					m.next[last] = uint16(i)
					m.cand[last] = uint32(v.pair(m.tok[last], tok))<<smallBits | uint32(last)
				}
				last, i = i, i+size
				continue
			}
		}
		m.tok[i] = v.bytes[s[i]]
		if last == i-1 && last >= 0 {
			m.next[last] = uint16(i)
			m.cand[last] = uint32(v.bytePair[int(s[last])<<8|int(s[i])])<<smallBits | uint32(last)
		} else if last != noPart {
			m.next[last] = uint16(i)
			m.cand[last] = uint32(v.pair(m.tok[last], m.tok[i]))<<smallBits | uint32(last)
		}
		last, i = i, i+1
	}
	m.next[last] = noPart
	m.groups = (len(s)-1)/groupSize + 1
	for i := len(s); i < m.groups*groupSize; i++ {
		m.cand[i] = noCandidate
	}
	for g := range m.groups {
		m.update(uint32(g))
	}
}

// char returns the token of the two or three bytes of s at i, mostly a character, and their number, if the merge is sure
// to join them before it joins anything with their neighbours; otherwise the number is 0. That saves a good part of the
// merging of text that is not Latin.
//
// It is sure if the token comes before every token that is made across either end. For as long as the bytes are apart,
// there is something to join among them that is not higher than their token, so nothing across an end is ever the
// lowest. (For three bytes, that the pair table has the first two with the third says that they are joined in this order.)
func (v *vocabulary) char(s string, i int) (Token, int) {
	if i+1 == len(s) {
		return 0, 0
	}
	t, n := v.bytePair[int(s[i])<<8|int(s[i+1])], 2
	if t == noToken {
		return 0, 0
	}
	if s[i] >= 0xE0 {
		if i+2 == len(s) {
			return 0, 0
		}
		three := v.pair(t, v.bytes[s[i+2]])
		if three == noToken || three < t {
			return 0, 0
		}
		t, n = three, 3
	}
	end := i + n
	if i > 0 && v.edge[int(s[i-1])<<8|int(s[i])] <= t || end < len(s) && v.edge[int(s[end-1])<<8|int(s[end])] <= t {
		return 0, 0
	}
	return t, n
}

// choose joins the two parts that are next, or returns false if the merge is done.
func (m *smallMerge) choose(v *vocabulary) bool {
	best := m.low[0]
	for g := 1; g < m.groups; g++ {
		best = min(best, m.low[g&(groupCount-1)])
	}
	if best >= noCandidate {
		return false
	}
	p := best & (smallMax - 1)
	t := Token(best >> smallBits)
	gone := uint32(m.next[p]) & (smallMax - 1)
	next, prev := m.next[gone], m.prev[p]
	m.tok[p], m.next[p] = t, next
	m.part, m.gone = p, gone
	m.nextSlot, m.prevSlot = emptySlot, emptySlot
	if next != noPart {
		m.prev[next&(smallMax-1)] = uint16(p)
		m.nextKey = pairKey(t, m.tok[next&(smallMax-1)])
		m.nextSlot = v.pairSlot(m.nextKey)
	}
	if prev != noPart {
		m.prevKey = pairKey(m.tok[prev&(smallMax-1)], t)
		m.prevSlot = v.pairSlot(m.prevKey)
	}
	return true
}

// finish finds the new candidates around the part that choose has made.
func (m *smallMerge) finish() {
	p, gone := m.part&(smallMax-1), m.gone&(smallMax-1)
	m.cand[gone] = noCandidate
	m.cand[p] = uint32(merged(m.nextSlot, m.nextKey))<<smallBits | p
	if m.prev[p] != noPart {
		prev := uint32(m.prev[p]) & (smallMax - 1)
		m.cand[prev] = uint32(merged(m.prevSlot, m.prevKey))<<smallBits | prev
		if prev/groupSize != p/groupSize {
			m.update(prev / groupSize)
		}
	}
	m.update(p / groupSize)
	if gone/groupSize != p/groupSize {
		m.update(gone / groupSize)
	}
}

// update finds the least candidate of a group again.
func (m *smallMerge) update(g uint32) {
	g &= groupCount - 1
	c := (*[groupSize]uint32)(m.cand[g*groupSize:])
	m.low[g] = min(min(min(c[0], c[1]), min(c[2], c[3])), min(min(c[4], c[5]), min(c[6], c[7])))
}

// collect appends the parts that are left.
func (m *smallMerge) collect(dst []Token) []Token {
	for p := uint16(0); p != noPart; p = m.next[p&(smallMax-1)] {
		dst = append(dst, m.tok[p&(smallMax-1)])
	}
	return dst
}

// A largeMerge merges any number of bytes in n log n steps: parts in a doubly linked list, candidates in a heap. A
// candidate that a merge has overtaken stays in the heap and is skipped when it comes up.
type largeMerge struct {
	parts []largePart
	heap  []uint64 // token<<32 | position
}

type largePart struct {
	tok        Token
	cand       Token // what this part and the next merge into, or noToken
	prev, next int32 // positions, or -1
}

// largeKeep is the number of parts from which the memory of a largeMerge is given back after use.
const largeKeep = 1 << 16

func (m *largeMerge) append(v *vocabulary, dst []Token, s string) []Token {
	m.start(v, s)
	for len(m.heap) > 0 {
		c := m.pop()
		p := int32(uint32(c))
		part := &m.parts[p]
		if part.cand != Token(c>>32) {
			continue
		}
		right := &m.parts[part.next]
		part.tok, part.next = part.cand, right.next
		right.cand = noToken
		if part.next >= 0 {
			m.parts[part.next].prev = p
		}
		m.propose(v, p)
		if part.prev >= 0 {
			m.propose(v, part.prev)
		}
	}
	for p := int32(0); p >= 0; p = m.parts[p].next {
		dst = append(dst, m.parts[p].tok)
	}
	if cap(m.parts) > largeKeep {
		*m = largeMerge{}
	}
	return dst
}

// start makes a part of every byte.
func (m *largeMerge) start(v *vocabulary, s string) {
	m.parts, m.heap = m.parts[:0], m.heap[:0]
	for i := range len(s) {
		m.parts = append(m.parts, largePart{tok: v.bytes[s[i]], prev: int32(i) - 1, next: int32(i) + 1})
	}
	m.parts[len(s)-1].next = -1
	for i := range len(s) {
		m.propose(v, int32(i))
	}
}

// propose finds the candidate of the part at p again.
func (m *largeMerge) propose(v *vocabulary, p int32) {
	part := &m.parts[p]
	part.cand = noToken
	if part.next < 0 {
		return
	}
	if part.cand = v.pair(part.tok, m.parts[part.next].tok); part.cand != noToken {
		m.push(uint64(part.cand)<<32 | uint64(p))
	}
}

// push and pop keep the heap; container/heap would allocate for every value.
func (m *largeMerge) push(c uint64) {
	h := append(m.heap, c)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if h[up] <= c {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = c
	m.heap = h
}

func (m *largeMerge) pop() uint64 {
	h := m.heap
	top, c := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	i := 0
	for 2*i+1 < len(h) {
		down := 2*i + 1
		if down+1 < len(h) && h[down+1] < h[down] {
			down++
		}
		if h[down] >= c {
			break
		}
		h[i] = h[down]
		i = down
	}
	if len(h) > 0 {
		h[i] = c
	}
	m.heap = h
	return top
}
