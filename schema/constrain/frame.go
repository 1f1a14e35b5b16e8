package constrain

// A frame is an array or an object that is open in a text: what its plan needs to know about what has been read of it. Frames
// are never changed: what changes is pushed as a new version. They live in the matcher, and refer to each other by index.
type frame struct {
	up     int32 // the frame around it, or noFrame
	from   int32 // the version of it before, or noFrame
	array  *arrayPlan
	object *objectPlan
	depth  int32 // how many frames there are from the outermost to this one

	count  int32 // items begun, properties begun
	tally  tally
	seen   uint64 // names that have been used, where the plan has up to 64
	avail  uint64 // names that may come next
	wide   int32  // where both are kept otherwise
	extras int32  // other keys that have been used: a list in the matcher; noFrame if none
	items  int32  // items that have been read, where they are unique: a list in the matcher; noFrame if none
	start  int32  // where the item begins, in the matcher's text

	mayEnd  bool // behind a value
	mayGoOn bool // behind a value, with a comma
	mayNew  bool // other keys may come

	near uint64 // hash of all that is seen from outside of the keys: from here and from the frames around
	own  uint64 // hash of all that this frame knows, and of near of the frame around
	full uint64 // hash of all that this frame and those around know
}

const noFrame = -1

// A spareKey is a key that is no name of its plan.
type spareKey struct {
	next     int32 // in the list
	off, len int32 // its text in the matcher's keys
	hash     uint64
}

// mix combines hashes. The multipliers are odd with well mixed bits: the fractional parts of the golden ratio and of the square
// root of 3.
func mix(h, v uint64) uint64 {
	h ^= v * 0x9E3779B97F4A7C15
	h ^= h >> 32
	h *= 0xBB67AE8584CAA73B
	return h ^ h>>29
}

// push adds a frame after finding out how it may go on, and returns its index.
func (m *Matcher) push(f *frame) int32 {
	h := [3]uint64{1, 1, 1}
	f.depth = 1
	if f.up >= 0 {
		around := &m.frames[f.up]
		h = [3]uint64{around.near, around.near, around.full}
		f.depth = around.depth + 1
	}
	if int(f.depth) >= m.g.deepFrom {
		for i := range h {
			h[i] = mix(h[i], uint64(f.depth))
		}
	}
	if f.object != nil {
		m.settleObject(f)
	} else {
		m.settleArray(f)
	}
	look := uint64(boolByte(f.mayEnd)) | uint64(boolByte(f.mayGoOn))<<1 | uint64(boolByte(f.mayNew))<<2 | uint64(boolByte(f.extras >= 0))<<3
	if f.object != nil {
		f.near = mix(mix(h[0], uint64(f.object.id)<<4|look), 3)
	} else {
		f.near = mix(mix(h[0], uint64(f.array.id)<<4|look), uint64(f.nextItem()))
		if f.array.unique && f.items >= 0 {
			f.near = mix(f.near, 7)
		}
		if len(f.array.limits) > 0 {
			f.near = mix(f.near, m.knows(f))
		}
	}
	knows := m.knows(f)
	f.own, f.full = mix(h[1], knows), mix(h[2], knows)
	m.frames = append(m.frames, *f)
	m.grown++
	return int32(len(m.frames) - 1)
}

// nextItem names the options of the item behind the ones begun.
func (f *frame) nextItem() int {
	return min(int(f.count), f.array.last)
}

// knows hashes what a frame knows itself.
func (m *Matcher) knows(f *frame) uint64 {
	if f.array != nil {
		n := uint64(0)
		if f.array.counted {
			n = uint64(f.count)
			if p := f.array; p.max < 0 && len(p.limits) == 0 {
				n = uint64(min(int(f.count), max(p.min, p.last)))
			}
		}
		h := mix(mix(uint64(f.array.id), n), uint64(f.tally))
		sum := uint64(0) // the order of the items does not matter
		for i := f.items; i >= 0; i = m.items[i].next {
			sum += m.items[i].hash
		}
		return mix(h, sum)
	}
	p := f.object
	h := mix(uint64(p.id), uint64(f.tally))
	if p.counted {
		h = mix(h, uint64(f.count))
	}
	if p.words == 1 {
		h = mix(h, f.seen)
	} else {
		for _, w := range m.wideSeen(f) {
			h = mix(h, w)
		}
	}
	sum := uint64(0) // the order of the keys does not matter
	for i := f.extras; i >= 0; i = m.spare[i].next {
		sum += m.spare[i].hash
	}
	return mix(h, sum)
}

func (m *Matcher) settleArray(f *frame) {
	p := f.array
	n := int(f.count)
	f.mayEnd = n >= p.min && met(f.tally, p.limits)
	f.mayGoOn = len(m.nextOptions(f)) > 0
}

// nextOptions returns what the next item of an array may be.
func (m *Matcher) nextOptions(f *frame) []option {
	p := f.array
	n := int(f.count)
	if p.max >= 0 && n >= p.max {
		return nil
	}
	options := p.optionsAt(n)
	if p.unique && !p.left(m, f) {
		return nil
	}
	options, room := f.affordable(options, p.deep)
	if len(p.limits) == 0 {
		return options
	}
	return feasible(options, f.tally, p.limits, func(t tally) bool { return p.feasible(n+1, t, room) })
}

func (m *Matcher) wideSeen(f *frame) keySet {
	return keySet(m.words[f.wide:][:f.object.words])
}

func (m *Matcher) wideAvail(f *frame) keySet {
	return keySet(m.words[int(f.wide)+f.object.words:][:f.object.words])
}

// settleObject finds out which names may come next, and what may follow.
func (m *Matcher) settleObject(f *frame) {
	p := f.object
	var seen, avail keySet
	var narrow [2]uint64
	if p.words <= 1 {
		narrow[0] = f.seen
		seen, avail = narrow[:p.words], narrow[1:][:p.words]
	} else {
		seen, avail = m.wideSeen(f), m.wideAvail(f)
	}
	missing := false
	for w := range seen {
		avail[w] = p.usable[w] &^ seen[w]
		missing = missing || p.must[w]&^seen[w] != 0
	}
	f.mayNew = p.extra > 0
	if f.room() < p.deep {
		for i := range p.names {
			if int(p.heights[i]) > f.room() {
				avail[i/64] &^= 1 << (i % 64)
			}
		}
		f.mayNew = f.mayNew && p.rest <= f.room()
	}
	if p.tight {
		missing = m.tighten(f, seen, avail)
	}
	if p.ranks != nil {
		m.keepOrder(f, seen, avail)
	}
	any := false
	for _, w := range avail {
		any = any || w != 0
	}
	f.mayEnd = !missing && int(f.count) >= p.min && met(f.tally, p.limits)
	f.mayGoOn = any || f.mayNew && m.spareLeft(f)
	if p.words <= 1 {
		f.avail = narrow[1]
	}
}

// spareLeft reports whether there is another key that is no name.
func (m *Matcher) spareLeft(f *frame) bool {
	return f.object.extra == endless || m.countExtras(f) < int(f.object.extra)
}

// countExtras counts the other keys that have been used.
func (m *Matcher) countExtras(f *frame) int {
	n := 0
	for i := f.extras; i >= 0; i = m.spare[i].next {
		n++
	}
	return n
}
