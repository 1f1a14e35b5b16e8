package constrain

// explore makes all states, finds those from which a string of the set can be reached, and bars the ways to the others.
func (m *textMachine) explore() error {
	order := []*textState{m.start}
	from := map[*textState][]*textState{}
	for i := 0; i < len(order); i++ {
		s := order[i]
		for class := range s.next {
			known := len(m.states)
			n := m.successor(s, uint16(class))
			if len(m.states) > known {
				order = append(order, n)
			}
			s.next[class].Store(n)
			if f := from[n]; n != deadText && (len(f) == 0 || f[len(f)-1] != s) {
				from[n] = append(f, s)
			}
		}
		if len(order) > maxExplored || len(order)*len(s.next) > 40*maxExplored {
			return &budgetError{"too many states to combine"}
		}
	}
	m.complete = true
	m.bar(order, from)
	findWide(order, func(s *textState) *bool { return &s.wide })
	if m.counted && m.start != deadText {
		return m.measure(order)
	}
	return nil
}

// bar makes the states from which no string of the set is reached unreachable.
func (m *textMachine) bar(order []*textState, from map[*textState][]*textState) {
	alive := map[*textState]bool{}
	var todo []*textState
	for _, s := range order {
		if s.accept {
			alive[s] = true
			todo = append(todo, s)
		}
	}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, p := range from[s] {
			if !alive[p] {
				alive[p] = true
				todo = append(todo, p)
			}
		}
	}
	for _, s := range order {
		for class := range s.next {
			if n := s.next[class].Load(); n != deadText && !alive[n] {
				s.next[class].Store(deadText)
			}
		}
	}
	if !alive[m.start] {
		m.start = deadText
	}
}

// findWide finds the states from which every character leads to such a state again.
func findWide(order []*textState, wide func(*textState) *bool) {
	narrow := map[*textState]bool{}
	for changed := true; changed; {
		changed = false
		for _, s := range order {
			if narrow[s] {
				continue
			}
			for class := range s.next {
				if n := s.next[class].Load(); n == deadText || narrow[n] {
					narrow[s], changed = true, true
					break
				}
			}
		}
	}
	for _, s := range order {
		*wide(s) = !narrow[s]
	}
}

// empty reports whether the machine accepts nothing.
func (m *textMachine) empty() bool {
	return m.start == deadText || !m.start.fits(0)
}

// anyText is the machine of all strings; all grammars share it.
var anyText = func() *textMachine {
	m, err := newTextMachine(everyText)
	if err != nil {
		panic(err)
	}
	return m
}()
