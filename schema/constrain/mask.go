package constrain

import (
	"math/bits"
	"sync"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/tokenizer"
)

// A maskCache remembers masks by what they depend on.
type maskCache struct {
	mu      sync.RWMutex
	entries map[uint64]*maskEntry
	others  map[uint64]*placeSet
	size    int // bytes
}

// A maskEntry is a mask in pieces: two that many share, and its own.
type maskEntry struct {
	need   int // more of the frames must be looked at; the rest is unset
	base   *bitset
	shared [2]*insideMask
	own    int // bytes of what is shared with nobody in the end
	insideMask
}

// share adds a mask that others have, too.
func (e *maskEntry) share(in *insideMask) {
	if e.shared[0] == nil {
		e.shared[0] = in
	} else {
		e.shared[1] = in
	}
}

// Masks of more tokens than this are kept as sets.
const maxList = 1024

const maxCacheBytes = 8 << 20

func (c *maskCache) get(key uint64) *maskEntry {
	c.mu.RLock()
	e := c.entries[key]
	c.mu.RUnlock()
	return e
}

func (c *maskCache) put(key uint64, e *maskEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || c.size > maxCacheBytes {
		c.entries, c.size = map[uint64]*maskEntry{}, 0
	}
	c.entries[key] = e
	c.size += 128 + e.size() + e.own
	for _, in := range e.shared {
		if in != nil {
			c.size += in.size() / 8
		}
	}
}

// A placeSet holds places in the tokens of the crossing trie.
type placeSet [32]uint64

func (c *maskCache) getOthers(key uint64) *placeSet {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.others[key]
}

func (c *maskCache) putOthers(key uint64, s *placeSet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.others == nil || len(c.others) >= maxStates/4 {
		c.others = map[uint64]*placeSet{}
	}
	c.others[key] = s
}

// Mask sets the bits of the tokens that may come next and clears all others. dst has MaskWords words or more.
func (m *Matcher) Mask(dst []uint64) {
	_ = dst[MaskWords-1]
	w := maskWriter{dst: dst}
	for i := range m.threads {
		e := m.entry(&m.threads[i])
		w.shared(e)
		if m.plain && i < len(m.threads)-1 {
			continue
		}
		if m.plain { // what is shared does not know about escapes
			w.begin()
			w.without(&m.vocab.escapes)
			for j := range m.threads[:i] {
				w.own(m.entry(&m.threads[j]))
			}
		}
		w.own(e)
	}
	if room := schema.MaxInstance - m.offset; room < maxTokenLen {
		m.cutMask(dst, room)
	}
}

// cutMask takes away the tokens that are longer than the rest of the longest text.
func (m *Matcher) cutMask(dst []uint64, room int) {
	for i, word := range dst[:MaskWords] {
		for ; word != 0; word &= word - 1 {
			bit := bits.TrailingZeros64(word)
			if len(m.vocab.text(tokenizer.Token(64*i+bit))) > room {
				dst[i] &^= 1 << bit
			}
		}
	}
}

// A maskWriter puts pieces of masks together. Sets come before lists.
type maskWriter struct {
	dst   []uint64
	begun bool       // something has been written
	last  [4]*bitset // the sets written last: threads have many in common
	next  int
}

func (w *maskWriter) set(s *bitset) {
	if s == nil || w.last[0] == s || w.last[1] == s || w.last[2] == s || w.last[3] == s {
		return
	}
	w.last[w.next%len(w.last)] = s
	w.next++
	if !w.begun {
		copy(w.dst, s[:])
		clear(w.dst[MaskWords:])
		w.begun = true
		return
	}
	for i, x := range s {
		w.dst[i] |= x
	}
}

// shared writes what an entry has in common with others.
func (w *maskWriter) shared(e *maskEntry) {
	w.set(e.base)
	for _, in := range e.shared {
		if in != nil {
			w.set(in.dense)
		}
	}
	for _, in := range e.shared {
		if in != nil && len(in.list) > 0 {
			w.begin()
			w.list(in.list)
		}
	}
}

// own writes what an entry has for itself.
func (w *maskWriter) own(e *maskEntry) {
	w.set(e.dense)
	w.begin()
	w.list(e.insideMask.list)
}

// without takes tokens away.
func (w *maskWriter) without(s *bitset) {
	for i, x := range s {
		w.dst[i] &^= x
	}
}

func (w *maskWriter) begin() {
	if !w.begun {
		clear(w.dst)
		w.begun = true
	}
}

func (w *maskWriter) list(toks []uint32) {
	for _, tok := range toks {
		w.dst[tok/64] |= 1 << (tok % 64)
	}
}

// entry returns the mask of a thread.
func (m *Matcher) entry(t *thread) *maskEntry {
	need := needNear
	if t.mode == modeKey {
		need = needOwn
	}
	for {
		if need == needText {
			return m.makeEntry(t, need)
		}
		key := m.threadKey(t, need)
		e := m.g.cache.get(key)
		if e == nil {
			return m.makeEntry(t, need)
		}
		if e.need == need {
			return e
		}
		need = e.need
	}
}

// makeEntry finds out the mask of a thread, and remembers it by as much of the frames as turned out to matter.
func (m *Matcher) makeEntry(t *thread, need int) *maskEntry {
	w := &m.walk
	w.hits, w.need = w.hits[:0], need
	e := &maskEntry{}
	m.beginWalk(t)
	v := m.vocab
	k := m.walkMark()
	switch {
	case t.part != partNone:
		m.collect(&v.all, 0)
	case t.mode == modeText:
		m.collectText(e, t)
	case t.mode == modeKey:
		m.collectKey(e, t)
	case t.mode == modeNumber:
		m.collectNumber(e, t)
	case t.mode >= modeTrue && t.mode <= modeNull:
		m.collect(&v.all, 0)
	default:
		m.collectOutside(e, t)
	}
	m.cutWalk(&k)
	w.active = false
	e.need = w.need
	if len(w.hits) > maxList {
		e.dense = new(bitset)
		for _, tok := range w.hits {
			e.dense.add(tok)
		}
	} else {
		e.insideMask.list = append(make([]uint32, 0, len(w.hits)), w.hits...)
	}
	for n := need; n < e.need; n++ {
		m.g.cache.put(m.threadKey(t, n), &maskEntry{need: e.need})
	}
	if e.need < needText {
		m.g.cache.put(m.threadKey(t, e.need), e)
	}
	return e
}

// threadKey hashes what the mask of a thread depends on.
func (m *Matcher) threadKey(t *thread, need int) uint64 {
	h := mix(mix(0, uint64(t.mode)|uint64(t.part)<<8|uint64(need)<<16), uint64(t.char))
	switch t.mode {
	case modeText, modeKey:
		h = mix(h, uint64(t.text.id))
		h = mix(h, t.sizeKey())
	case modeNumber:
		h = mix(h, uint64(t.num.id))
		if t.size > 20 { // the length may matter soon: no token has more digits
			h = mix(h, uint64(t.size))
		}
	case modeValue, modeColon:
		h = mix(h, uint64(t.node.id))
	}
	if m.g.space > 0 && t.mode != modeText && t.mode != modeKey && t.mode != modeNumber {
		h = mix(h, uint64(t.size))
	}
	if t.top < 0 {
		return h
	}
	f := &m.frames[t.top]
	if t.mode == modeKey && f.extras >= 0 {
		h = mix(h, hashBytes(m.keys[m.keyStart:]))
	}
	switch need {
	case needNear:
		return mix(h, f.near)
	case needOwn:
		return mix(h, f.own)
	}
	return mix(h, f.full)
}

// sizeKey tells lengths apart as far as a token can notice.
func (t *thread) sizeKey() uint64 {
	m := t.text.m
	if !m.counted {
		return 0
	}
	far := maxTokenLen + m.levels
	below := uint64(max(0, min(m.min-int(t.size), far)))
	if m.max < 0 {
		return below
	}
	return below<<32 | uint64(min(m.max-int(t.size), far)) + 1
}
