package constrain

import "math/bits"

// tighten takes away what there is no room for, or what would not leave a way to complete the object. It reports whether names
// are missing.
func (m *Matcher) tighten(f *frame, seen, avail keySet) bool {
	p := f.object
	if len(p.limits) > 0 {
		return m.tightenCounts(f, seen, avail)
	}
	must := m.closureOf(f, seen)
	left := 0 // names that have to come
	for w := range must {
		must[w] &^= seen[w]
		left += bits.OnesCount64(must[w])
	}
	room := p.max - int(f.count) - left
	for i := range p.names {
		if p.max < 0 || !avail.has(i) || must.has(i) {
			continue
		}
		need := 1
		if p.closure != nil {
			need = 0
			for w := range must {
				need += bits.OnesCount64(p.closure[i][w] &^ must[w] &^ seen[w])
			}
		}
		if need > room {
			avail[i/64] &^= 1 << (i % 64)
		}
	}
	f.mayNew = f.mayNew && (p.max < 0 || room > 0)
	return left > 0
}

// closureOf returns the names that have to be in the object.
func (m *Matcher) closureOf(f *frame, seen keySet) keySet {
	p := f.object
	must := append(keySet(m.mustBuf[:0]), p.must...)
	m.mustBuf = must
	if p.closure == nil {
		return must
	}
	for i := range p.names {
		if seen.has(i) {
			for w := range must {
				must[w] |= p.closure[i][w]
			}
		}
	}
	return must
}

// tightenCounts is tighten for a plan that counts.
func (m *Matcher) tightenCounts(f *frame, seen, avail keySet) bool {
	p := f.object
	missing := false
	for i := range p.names {
		missing = missing || p.must.has(i) && !seen.has(i)
		if avail.has(i) && len(m.keyOptions(f, seen, i, p.options[i])) == 0 {
			avail[i/64] &^= 1 << (i % 64)
		}
	}
	f.mayNew = f.mayNew && p.keys.someClass(func(options []option) bool {
		return len(m.keyOptions(f, seen, -1, options)) > 0
	})
	return missing
}

// keyOptions returns those of some options of a key after which the object can still be completed. i is the key's name, or
// negative.
func (m *Matcher) keyOptions(f *frame, seen keySet, i int, options []option) []option {
	p := f.object
	options, room := f.affordable(options, p.deep)
	if len(p.limits) == 0 {
		return options
	}
	after := append(keySet(nil), seen...)
	if i >= 0 {
		after.add(i)
	}
	if p.ranks != nil {
		p.pass(after, i)
	}
	h := uint64(room)
	for _, w := range after {
		h = mix(h, w)
	}
	n := int(f.count) + 1
	if p.max < 0 {
		n = min(n, p.min)
	} else if n > p.max {
		return nil
	}
	return feasible(options, f.tally, p.limits, func(t tally) bool {
		return p.memo.get([3]uint64{uint64(n), uint64(t), h}, func() bool { return p.search(after, n, t, room) })
	})
}
