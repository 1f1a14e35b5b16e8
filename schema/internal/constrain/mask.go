package constrain

import (
	"sync"
)

// A maskCache remembers masks by what they depend on.
type maskCache struct {
	mu      sync.RWMutex
	entries map[uint64]*maskEntry
	size    int // bytes
}

// A maskEntry is a mask in pieces: a set that many share, a set of its own, and a list.
type maskEntry struct {
	need  int // more of the frames must be looked at; the rest is unset
	base  *bitset
	dense *bitset
	list  []uint32
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
	c.size += 100 + 4*cap(e.list)
	if e.dense != nil {
		c.size += 8 * MaskWords
	}
}

// Mask sets the bits of the tokens that may come next and clears all others. dst has MaskWords words or more.
func (m *Matcher) Mask(dst []uint64) {
	_ = dst[MaskWords-1]
	fresh := true // nothing has been written
	for i := range m.threads {
		e := m.entry(&m.threads[i])
		for _, set := range [...]*bitset{e.base, e.dense} {
			switch {
			case set == nil:
			case fresh:
				copy(dst, set[:])
				clear(dst[MaskWords:])
				fresh = false
			default:
				for j, w := range set {
					dst[j] |= w
				}
			}
		}
		if fresh {
			clear(dst)
			fresh = false
		}
		for _, tok := range e.list {
			dst[tok/64] |= 1 << (tok % 64)
		}
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
	case m.open(t):
		e.base = &v.inside
		if t.mode == modeText {
			m.read('"')
			w.threads = m.endString(t, w.threads[:0])
			m.collect(&v.behind, 0)
		} else {
			m.collect(&v.crossing, 0)
		}
	case t.mode >= modeText && t.mode <= modeNull || t.mode == modeKey || m.g.compact:
		m.collect(&v.all, 0)
	default:
		w.hits = append(w.hits, v.spaces...)
		m.collect(&v.starts, 0)
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
		e.list = append(make([]uint32, 0, len(w.hits)), w.hits...)
	}
	for n := need; n < e.need; n++ {
		m.g.cache.put(m.threadKey(t, n), &maskEntry{need: e.need})
	}
	if e.need < needText {
		m.g.cache.put(m.threadKey(t, e.need), e)
	}
	return e
}

// open reports whether a thread is inside a string or key that may go on with anything.
func (m *Matcher) open(t *thread) bool {
	if t.part != partNone || m.g.plain {
		return false
	}
	switch t.mode {
	case modeText:
		return t.text.all && !t.text.m.counted
	case modeKey:
		return m.frames[t.top].mayNew && t.text.keys.extra == endless && t.text.m.keys.plain
	}
	return false
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
	const far = 200 // no token has as many characters
	if m.max < 0 && m.free {
		return uint64(max(0, min(m.min-int(t.size), far)))
	}
	if m.free || t.text.levels < far {
		return uint64(max(0, min(m.min-int(t.size), far)))<<32 | uint64(min(m.max-int(t.size), far)) + 1
	}
	return uint64(t.size) + 1<<62
}
