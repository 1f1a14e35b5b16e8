package constrain

import "slices"

// available returns how many keys there can be that are no names, given which nodes have values.
func (t *keyTable) available() uint32 {
	if t.patterns == nil {
		if alive(t.sole) {
			return endless
		}
		return 0
	}
	t.countKeys()
	if n := t.patterns.start.keys.extra; n == endless {
		return endless
	} else {
		return n - t.namesAmong(0, int32(len(t.plan.names)))
	}
}

// countKeys counts for every state of the patterns the keys that begin so.
func (t *keyTable) countKeys() {
	kinds := 1
	for _, options := range t.classes {
		kinds += int(boolByte(alive(options)))
	}
	if kinds == t.alive { // kinds only ever come to life
		return
	}
	t.alive = kinds
	reach := t.graph.reaching(func(s *textState) bool { return alive(s.keys.options) }) // a key with values
	const open = 1
	done := make([]uint8, len(t.graph.order))
	var visit func(s *textState) uint32
	visit = func(s *textState) uint32 {
		if done[s.at] == open {
			return endless // around in a circle
		}
		if done[s.at] != 0 {
			return s.keys.extra
		}
		done[s.at] = open
		total := uint64(boolByte(alive(s.keys.options)))
		for class := range s.next {
			if n := s.next[class].Load(); n != deadText && reach[n.at] {
				total = min(total+uint64(visit(n))*t.patterns.classes.size[class], endless)
			}
		}
		s.keys.extra = uint32(total)
		done[s.at] = open + 1
		return s.keys.extra
	}
	for _, s := range t.graph.order {
		s.keys.extra = 0
	}
	for i, s := range t.graph.order {
		if reach[i] {
			visit(s)
		}
	}
}

// finish drops what has no value and makes the machine anew, now that all is known about the keys.
func (t *keyTable) finish() {
	t.sole = dropEmpty(t.sole)
	for k, options := range t.classes {
		t.classes[k] = dropEmpty(options)
	}
	t.final = true
	if t.patterns != nil {
		t.countKeys()
		for _, s := range t.graph.order {
			s.keys.options = dropEmpty(s.keys.options)
		}
		t.findWide()
		t.findSame()
	}
	m := t.plan.machine
	m.states = map[string]*textState{}
	m.start = m.state(m.start.subs)
}

// findWide finds the states of the patterns from which every way leads to other keys.
func (t *keyTable) findWide() {
	for _, s := range t.graph.order {
		s.keys.wide = s.keys.extra == endless
	}
	narrow(t.graph.order, func(s *textState) *bool { return &s.keys.wide }, func(_, n *textState) bool { return n != deadText && n.keys.wide })
}

// findSame finds the states of the patterns from which every way leads to other keys of one class.
func (t *keyTable) findSame() {
	for _, s := range t.graph.order {
		s.keys.same = s.keys.wide
	}
	narrow(t.graph.order, func(s *textState) *bool { return &s.keys.same }, func(s, n *textState) bool {
		return n != deadText && n.keys.same && slices.Equal(s.keys.options, n.keys.options)
	})
}

// someClass reports whether f holds for the options of a kind of other keys.
func (t *keyTable) someClass(f func([]option) bool) bool {
	for _, options := range t.classes {
		if f(options) {
			return true
		}
	}
	return false
}
