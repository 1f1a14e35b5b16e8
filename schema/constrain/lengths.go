package constrain

// How many characters may follow. In a machine whose strings all keep to a length, a state has a set of numbers, those of the
// characters that lead from it to an accepted string: bit n of room for n, where with an end bit n stands for exactly n, and
// without one for n or more. The last bit stands for all larger numbers.

// measure computes room for all states.
func (m *textMachine) measure(order []*textState) error {
	level := make([]bool, len(order))
	for i, s := range order {
		level[i] = s.accept || m.max < 0 // without an end every state leads to 0 characters or more
	}
	defer m.findSlack(order)
	last := max(m.min, m.max)
	work := 0
	for n := 0; ; n++ {
		for i, s := range order {
			s.setRoom(n, level[i])
		}
		if n >= last {
			return nil
		}
		next, same := make([]bool, len(order)), true
		for i, s := range order {
			for class := range s.next {
				if to := s.next[class].Load(); to != deadText && level[to.at] {
					next[i] = true
					break
				}
			}
			same = same && next[i] == level[i]
		}
		if same {
			return nil
		}
		if work += len(order) * len(m.start.next); work > maxMeasured {
			return &budgetError{"the length takes too long to combine with a pattern"}
		}
		level = next
	}
}

// findSlack finds out how many characters it takes at most to complete a string.
func (m *textMachine) findSlack(order []*textState) {
	for _, s := range order {
		s.least = 0
		for s.least < s.levels && !s.hasRoom(s.least) {
			s.least++
		}
		s.solid = s.least < s.levels
		for n := s.least; n < s.levels; n++ {
			s.solid = s.solid && s.hasRoom(n)
		}
		if s.least < s.levels {
			m.slack = max(m.slack, s.least)
		}
		m.levels = max(m.levels, s.levels)
	}
	findEven(order)
}

// findEven finds the states from which only such states are reached that strings of every length go on from.
func findEven(order []*textState) {
	for _, s := range order {
		s.even = true
	}
	narrow(order, func(s *textState) *bool { return &s.even }, func(_, n *textState) bool {
		return n == deadText || n.even && n.solid && n.least == 0
	})
}

// far reports whether, when n characters have been read, no token leads to where the length matters.
func (m *textMachine) far(n int) bool {
	return n >= m.min && (m.max < 0 || m.max-n >= maxTokenLen+m.slack)
}

func (s *textState) setRoom(n int, ok bool) {
	for len(s.room)*64 <= n {
		s.room = append(s.room, 0)
	}
	if ok {
		s.room[n/64] |= 1 << (n % 64)
	}
	s.levels = n + 1
}

// hasRoom reports whether n characters (without an end: or more) lead to an accepted string.
func (s *textState) hasRoom(n int) bool {
	n = min(n, s.levels-1)
	return s.room[n/64]>>(n%64)&1 != 0
}

// fits reports whether a string of the set goes on from here, when n characters have been read.
func (s *textState) fits(n int) bool {
	m := s.m
	switch {
	case !m.counted:
		return true
	case m.max >= 0 && n > m.max:
		return false
	case m.free:
		return true
	case m.max < 0:
		return s.hasRoom(max(0, m.min-n))
	}
	if s.solid {
		return n+max(s.least, m.min-n) <= m.max
	}
	for k := max(0, m.min-n); k <= m.max-n; k++ {
		if s.hasRoom(k) {
			return true
		}
		if k >= s.levels {
			break // all further ones are the same
		}
	}
	return false
}

// ends reports whether the string may end here, when n characters have been read.
func (s *textState) ends(n int) bool {
	return s.accept && n >= s.m.min && (s.m.max < 0 || n <= s.m.max)
}
