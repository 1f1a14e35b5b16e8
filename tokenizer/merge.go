package tokenizer

import (
	"math/bits"
	"unsafe"
)

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
	small smallMerge
	seam  smallMerge // while small holds a window
	large largeMerge
	seamL largeMerge
}

// mergeWindow is the number of bytes merged at a time: the most that smallMerge takes. Chinese and Thai sentences are longer, and
// a larger window costs more per byte.
const mergeWindow = smallMax

// append appends the tokens of s. It costs time proportional to len(s), and memory that does not depend on it unless the
// seams of some vocabulary depend on what is far away; then the window grows, and the cost is that of largeMerge.
func (m *merger) append(v *vocabulary, dst []Token, s string) []Token {
	if len(s) <= mergeWindow {
		return m.small.append(v, dst, s)
	}
	first := len(dst)
	for at, window := 0, mergeWindow; ; {
		end := min(at+window, len(s))
		n := len(dst)
		dst = m.one(v, dst, s[at:end], &m.small, &m.large)
		if n > first && !m.joins(v, dst[n-1], dst[n]) {
			// The seam is not a boundary: take back the token before it and look further ahead. The window never shrinks again, so
			// that all failures together cost no more than one merge of the whole.
			at -= len(v.tokenString(dst[n-1]))
			dst = dst[:n-1]
			window *= 2
			continue
		}
		if end == len(s) {
			return dst
		}
		// The tokens near the end of the window may not be what they are in the whole. Keep three quarters, and at least one token.
		keep, stop := n, at+window-window/4
		for keep == n || keep < len(dst) && at+len(v.tokenString(dst[keep])) <= stop {
			at += len(v.tokenString(dst[keep]))
			keep++
		}
		dst = dst[:keep]
	}
}

// one appends the tokens of one window.
func (m *merger) one(v *vocabulary, dst []Token, s string, small *smallMerge, large *largeMerge) []Token {
	if len(s) <= smallMax {
		return small.append(v, dst, s)
	}
	return large.append(v, dst, s)
}

// joins reports whether left and right are the encoding of their own bytes.
func (m *merger) joins(v *vocabulary, left, right Token) bool {
	// The bytes need not be neighbours in the vocabulary, so they are put together here.
	var buf [2 * smallMax]byte
	var toks [smallMax]Token
	both := append(append(buf[:0], v.tokenString(left)...), v.tokenString(right)...)
	got := m.one(v, toks[:0], unsafe.String(&both[0], len(both)), &m.seam, &m.seamL)
	return len(got) == 2 && got[0] == left && got[1] == right
}

const (
	smallMax   = 64 // parts fit into the bits of a word
	groupSize  = 8
	groupCount = smallMax / groupSize
)

// A smallMerge merges at most smallMax bytes. A part is named by the position of its first byte. The candidate of a part is
// the token that it and the next part merge into, and the position: id<<6 | position, so that the least candidate is the
// next merge to do. Candidates stay in place, in groups whose minima are kept: a merge changes three of them.
type smallMerge struct {
	tok  [smallMax]Token
	cand [smallMax]uint32
	low  [groupCount]uint32
}

// noCandidate is what every candidate without a token exceeds or equals.
const noCandidate = uint32(noToken) << 6

func (m *smallMerge) append(v *vocabulary, dst []Token, s string) []Token {
	if len(s) == 0 {
		return dst
	}
	m.start(v, s)
	alive := ^uint64(0) >> (smallMax - len(s)) // bit p: a part begins at p
	groups := (len(s) + groupSize - 1) / groupSize
	for {
		best := m.low[0]
		for g := 1; g < groups; g++ {
			best = min(best, m.low[g&(groupCount-1)])
		}
		if best >= noCandidate {
			break
		}
		p := best & (smallMax - 1)
		t := Token(best >> 6)
		right := uint32(bits.TrailingZeros64(alive&^(1<<(p+1)-1))) & (smallMax - 1)
		alive &^= 1 << right
		m.tok[p] = t
		m.cand[right] = noCandidate
		m.cand[p] = noCandidate
		if after := alive &^ (1<<(p+1) - 1); after != 0 {
			next := bits.TrailingZeros64(after) & (smallMax - 1)
			m.cand[p] = uint32(v.pair(t, m.tok[next]))<<6 | p
		}
		if before := alive & (1<<p - 1); before != 0 {
			prev := uint32(63-bits.LeadingZeros64(before)) & (smallMax - 1)
			m.cand[prev] = uint32(v.pair(m.tok[prev], t))<<6 | prev
			if prev/groupSize != p/groupSize {
				m.update(prev / groupSize)
			}
		}
		m.update(p / groupSize)
		if right/groupSize != p/groupSize {
			m.update(right / groupSize)
		}
	}
	for ; alive != 0; alive &= alive - 1 {
		dst = append(dst, m.tok[bits.TrailingZeros64(alive)&(smallMax-1)])
	}
	return dst
}

// start makes a part of every byte.
func (m *smallMerge) start(v *vocabulary, s string) {
	last := len(s) - 1
	for i := range last {
		m.tok[i] = v.bytes[s[i]]
		m.cand[i] = uint32(v.bytePair[int(s[i])<<8|int(s[i+1])])<<6 | uint32(i)
	}
	m.tok[last] = v.bytes[s[last]]
	for i := last; i < smallMax && (i == last || i%groupSize != 0); i++ {
		m.cand[i] = noCandidate
	}
	for g := uint32(0); int(g)*groupSize < len(s); g++ {
		m.update(g)
	}
}

// update finds the least candidate of a group again.
func (m *smallMerge) update(g uint32) {
	g &= groupCount - 1
	c := (*[groupSize]uint32)(m.cand[g*groupSize:])
	m.low[g] = min(min(min(c[0], c[1]), min(c[2], c[3])), min(min(c[4], c[5]), min(c[6], c[7])))
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
