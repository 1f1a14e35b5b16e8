package constrain

import "slices"

// explore makes all states, finds those from which a string of the set can be reached, and bars the ways to the others.
func (m *textMachine) explore() error {
	g := newStateGraph(m.start)
	for i := 0; i < len(g.order); i++ {
		g.expand(i)
		if n := len(g.order); n > maxExplored || n*len(m.start.next) > 40*maxExplored {
			return &budgetError{"too many states to combine"}
		}
	}
	m.complete = true
	m.bar(&g)
	findWide(g.order)
	if m.counted && m.start != deadText {
		return m.measure(g.order)
	}
	return nil
}

// A stateGraph holds all states of a machine in the order in which they are found, and by place in that order the places of the
// states that lead to one.
type stateGraph struct {
	order []*textState
	from  [][]int32
}

// newStateGraph begins with the first state of a machine, whose place is 0, as it is that of every new state.
func newStateGraph(start *textState) stateGraph {
	return stateGraph{[]*textState{start}, make([][]int32, 1)}
}

// expand makes the states that follow the one at a place.
func (g *stateGraph) expand(i int) {
	s := g.order[i]
	m := s.m
	for class := range s.next {
		known := len(m.states)
		n := m.successor(s, uint16(class))
		if len(m.states) > known {
			n.at = int32(len(g.order))
			g.order, g.from = append(g.order, n), append(g.from, nil)
		}
		s.next[class].Store(n)
		if n == deadText {
			continue
		}
		if f := g.from[n.at]; len(f) == 0 || f[len(f)-1] != int32(i) {
			g.from[n.at] = append(f, int32(i))
		}
	}
}

// reaching returns the places of the states from which one is reached for which f holds.
func (g *stateGraph) reaching(f func(*textState) bool) []bool {
	reach := make([]bool, len(g.order))
	var todo []int32
	for i, s := range g.order {
		if f(s) {
			reach[i] = true
			todo = append(todo, int32(i))
		}
	}
	spread(reach, todo, g.from)
	return reach
}

// spread adds to the places reached, those in todo among them, all from which these are reached.
func spread(reach []bool, todo []int32, from [][]int32) {
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, p := range from[i] {
			if !reach[p] {
				reach[p] = true
				todo = append(todo, p)
			}
		}
	}
}

// bar makes the states from which no string of the set is reached unreachable.
func (m *textMachine) bar(g *stateGraph) {
	alive := g.reaching(func(s *textState) bool { return s.accept })
	for _, s := range g.order {
		for class := range s.next {
			if n := s.next[class].Load(); n != deadText && !alive[n.at] {
				s.next[class].Store(deadText)
			}
		}
	}
	if !alive[0] {
		m.start = deadText
	}
}

// findWide finds the states from which every character leads to such a state again.
func findWide(order []*textState) {
	for _, s := range order {
		s.wide = true
	}
	narrow(order, func(s *textState) *bool { return &s.wide }, func(_, n *textState) bool { return n != deadText && n.wide })
}

// narrow clears a flag of states, all of which are known, where a character leads to a state that does not keep it.
func narrow(order []*textState, flag func(*textState) *bool, keeps func(s, next *textState) bool) {
	for changed := true; changed; {
		changed = false
		for _, s := range slices.Backward(order) {
			set := flag(s)
			for class := 0; *set && class < len(s.next); class++ {
				if !keeps(s, s.next[class].Load()) {
					*set, changed = false, true
				}
			}
		}
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
