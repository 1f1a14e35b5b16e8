package constrain

import (
	"slices"
)

// A keyTable tells what a machine of keys accepts: names of a plan, and other keys by which rules they fall under.
type keyTable struct {
	plan    *objectPlan
	machine *textMachine
	words   *wordAtom  // the names: atom 0 of the machine; nil if there are none
	rules   []*textSet // of the rules and counts that not only names fall under
	ofRule  []*expr    // the values of the rules; then come the counts
	counts  []*expr
	which   []int               // the number of each count
	classes map[string][]option // by which rules a key falls under
	sole    []option            // where there are no patterns: the class of every other key
	plain   bool                // there are no patterns
	order   []*textState        // all states, where there are patterns
	final   bool
}

// A keyPayload is what a state of a machine of keys knows about the keys that begin so.
type keyPayload struct {
	lo, hi  int32    // names
	exact   int32    // the name that ends here, or -1
	options []option // of a key that ends here and is no name
	extra   uint32   // how many other keys begin so
}

// keyMachine makes the machine of the keys of a shape.
func (c *compiler) keyMachine(n *node, p *objectPlan, s *objectShape) *textMachine {
	t := &keyTable{plan: p, classes: map[string][]option{}}
	p.keys = t
	m := &textMachine{max: -1, states: map[string]*textState{}, index: map[string]int{}, keys: t}
	t.machine = m
	if len(p.names) > 0 {
		t.words = newWordAtom(p.names)
		m.atoms = append(m.atoms, t.words)
	}
	for _, r := range s.rules {
		t.addRule(r.keys.without(), r.value, -1)
	}
	for j, k := range s.counts {
		t.addRule(k.keys.without(), k.value, j)
	}
	var sets []runeSet
	if t.words != nil {
		sets = t.words.runeSets()
	}
	for _, r := range t.rules {
		r.atoms(func(a *textSet) {
			if _, ok := m.index[a.key]; !ok {
				m.index[a.key] = len(m.atoms)
				m.atoms = append(m.atoms, a.atom())
				sets = append(sets, m.atoms[len(m.atoms)-1].runeSets()...)
			}
		})
	}
	if len(sets) > 1<<14 {
		c.fail(n.e.loc, "properties", "too many different characters", nil)
	}
	m.classes = newRuneClasses(sets)
	t.plain = len(m.index) == 0
	if t.plain {
		t.sole = t.class(c, nil)
	}
	subs := make([]string, len(m.atoms))
	for i, a := range m.atoms {
		subs[i] = a.begin()
	}
	m.start = m.state(subs)
	if !t.plain {
		t.explore(c, n)
	}
	return m
}

func (t *keyTable) addRule(keys *textSet, value *expr, count int) {
	switch {
	case keys == nil:
	case count < 0:
		t.rules = slices.Insert(t.rules, len(t.ofRule), keys)
		t.ofRule = append(t.ofRule, value)
	default:
		t.rules = append(t.rules, keys)
		t.counts = append(t.counts, value)
		t.which = append(t.which, count)
	}
}

// class returns the options of a key that falls under the rules of which subs say so.
func (t *keyTable) class(c *compiler, subs []string) []option {
	under := make([]byte, len(t.rules))
	for i, r := range t.rules {
		under[i] = boolByte(t.machine.evaluate(r, subs, t.machine.accepted) == yes)
	}
	if options, ok := t.classes[string(under)]; ok {
		return options
	}
	var es []*expr
	for i, e := range t.ofRule {
		if under[i] == 1 {
			es = append(es, e)
		}
	}
	of := make([]*expr, len(t.plan.limits))
	for i, e := range t.counts {
		if under[len(t.ofRule)+i] == 1 {
			of[t.which[i]] = e
		}
	}
	options := c.split(c.and(es...), of)
	t.classes[string(under)] = options
	return options
}

// explore makes all states of a machine with patterns.
func (t *keyTable) explore(c *compiler, n *node) {
	m := t.machine
	t.order = []*textState{m.start}
	for i := 0; i < len(t.order); i++ {
		s := t.order[i]
		if s.keys.exact < 0 {
			s.keys.options = t.class(c, s.subs)
		}
		for class := range s.next {
			known := len(m.states)
			next := m.successor(s, uint16(class))
			if len(m.states) > known {
				t.order = append(t.order, next)
			}
			s.next[class].Store(next)
		}
		c.spend(len(s.next))
		if len(t.order) > maxExplored {
			c.fail(n.e.loc, "patternProperties", "too many states to combine", nil)
		}
	}
	m.complete = true
}

// describe tells a new state what keys begin so.
func (t *keyTable) describe(s *textState) {
	s.keys.exact = -1
	if t.words != nil && s.subs[0] != textDead {
		node := &t.words.nodes[readInt(s.subs[0])]
		s.keys.lo, s.keys.hi = node.lo, node.hi
		if node.ends {
			s.keys.exact = node.lo
		}
	}
	if t.plain {
		if s.keys.exact < 0 {
			s.keys.options = t.sole
		}
		if alive(t.sole) {
			s.keys.extra = endless
		}
	}
}

// dead reports whether no key of the plan begins so.
func (t *keyTable) dead(subs []string) bool {
	return t.plain && t.final && !alive(t.sole) && (t.words == nil || subs[0] == textDead)
}

// available returns how many keys there can be that are no names, given which nodes have values.
func (t *keyTable) available() uint32 {
	if t.plain {
		if alive(t.sole) {
			return endless
		}
		return 0
	}
	t.countKeys()
	return t.machine.start.keys.extra
}

// countKeys counts for every state the other keys that begin so.
func (t *keyTable) countKeys() {
	from := map[*textState][]*textState{}
	var todo []*textState
	reach := map[*textState]bool{} // another key can be reached from here
	for _, s := range t.order {
		for class := range s.next {
			if n := s.next[class].Load(); n != deadText {
				from[n] = append(from[n], s)
			}
		}
		if s.keys.exact < 0 && alive(s.keys.options) {
			reach[s] = true
			todo = append(todo, s)
		}
		s.keys.extra = 0
	}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, p := range from[s] {
			if !reach[p] {
				reach[p] = true
				todo = append(todo, p)
			}
		}
	}
	const open = 1
	done := map[*textState]int{}
	var visit func(s *textState) uint32
	visit = func(s *textState) uint32 {
		if done[s] == open {
			return endless // around in a circle
		}
		if done[s] != 0 {
			return s.keys.extra
		}
		done[s] = open
		total := uint64(0)
		if s.keys.exact < 0 && alive(s.keys.options) {
			total = 1
		}
		for class := range s.next {
			if n := s.next[class].Load(); n != deadText && reach[n] {
				total = min(total+uint64(visit(n))*t.machine.classes.size[class], endless)
			}
		}
		s.keys.extra = uint32(total)
		done[s] = open + 1
		return s.keys.extra
	}
	if reach[t.machine.start] {
		visit(t.machine.start)
	}
}

// finish drops what has no value and bars the ways to states where no key begins.
func (t *keyTable) finish() {
	t.sole = dropEmpty(t.sole)
	for k, options := range t.classes {
		t.classes[k] = dropEmpty(options)
	}
	t.final = true
	if t.plain {
		t.machine.states = map[string]*textState{}
		t.machine.start = t.machine.state(t.machine.start.subs)
		return
	}
	t.countKeys()
	for _, s := range t.order {
		s.keys.options = dropEmpty(s.keys.options)
	}
	for _, s := range t.order {
		for class := range s.next {
			if n := s.next[class].Load(); n != deadText && n.keys.extra == 0 && !t.someUsable(n) {
				s.next[class].Store(deadText)
			}
		}
	}
}

func (t *keyTable) someUsable(s *textState) bool {
	for i := s.keys.lo; i < s.keys.hi; i++ {
		if t.plan.usable.has(int(i)) {
			return true
		}
	}
	return false
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
