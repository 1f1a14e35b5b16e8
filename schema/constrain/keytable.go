package constrain

// A keyTable tells what a machine of keys accepts: names of a plan, and other keys by which rules they fall under. The names are
// followed by a wordAtom. What patterns say of other keys is known beforehand for every state of a machine of its own.
type keyTable struct {
	plan     *objectPlan
	words    *wordAtom  // the names: atom 0 of the machine; nil if there are none
	rules    []*textSet // of the rules and counts that not only names fall under
	ofRule   []*expr    // the values of the rules; then come the counts
	counts   []*expr
	which    []int               // the number of each count
	classes  map[string][]option // by which rules a key falls under
	sole     []option            // where there are no patterns: the options of every other key
	patterns *textMachine        // nil where there are none
	graph    stateGraph          // of patterns
	alive    int                 // the kinds that had values when keys were counted last, and one
	final    bool
}

// A keyPayload is what a state of a machine of keys knows about the keys that begin so.
type keyPayload struct {
	lo, hi  int32    // names
	exact   int32    // the name that ends here, or -1
	options []option // of a key that ends here and is no name
	extra   uint32   // how many other keys begin so
	wide    bool     // whatever follows, there are other keys
	same    bool     // whatever follows, it is no name and has the same options
	near    byteSet  // the bytes with which a key may stay at names: where there are patterns, all
}

// keyMachine makes the machine of the keys of a shape.
func (c *compiler) keyMachine(n *node, p *objectPlan, s *objectShape) *textMachine {
	t := &keyTable{plan: p, classes: map[string][]option{}}
	p.keys = t
	for _, r := range s.rules {
		t.addRule(r.keys.without(), r.value, -1)
	}
	for j, k := range s.counts {
		t.addRule(k.keys.without(), k.value, j)
	}
	m := newKeyMachine(t)
	if len(p.names) > 0 {
		t.words = newWordAtom(p.names)
		m.atoms = append(m.atoms, t.words)
	}
	patterns := newKeyMachine(nil)
	patterns.set = everyText
	for _, r := range t.rules {
		r.atoms(func(a *textSet) {
			if _, ok := patterns.index[a.key]; !ok {
				patterns.index[a.key] = len(patterns.atoms)
				patterns.atoms = append(patterns.atoms, a.atom())
				m.atoms = append(m.atoms, a.atom())
			}
		})
	}
	if len(patterns.atoms) > 0 {
		t.patterns = patterns
		patterns.begin()
		t.explore(c, n)
	} else {
		t.sole = t.class(c, nil)
	}
	if !m.begin() {
		c.fail(n.e.loc, "properties", "too many different characters", nil)
	}
	return m
}

func newKeyMachine(t *keyTable) *textMachine {
	return &textMachine{max: -1, states: map[string]*textState{}, index: map[string]int{}, keys: t}
}

// begin finds the classes of a machine that has its atoms, and its first state. It reports false where they are too many.
func (m *textMachine) begin() bool {
	subs := make([]string, len(m.atoms))
	if len(m.atoms) == 1 {
		if words, ok := m.atoms[0].(*wordAtom); ok {
			if len(words.runes) > maxSets {
				return false
			}
			m.classes = newWordClasses(words.runes)
			subs[0] = words.begin()
			m.start = m.state(subs)
			return true
		}
	}
	var sets []runeSet
	for i, a := range m.atoms {
		sets = append(sets, a.runeSets()...)
		subs[i] = a.begin()
	}
	if len(sets) > maxSets {
		return false
	}
	m.classes = newRuneClasses(sets)
	m.start = m.state(subs)
	return true
}

// addRule adds a rule or, behind all rules, a count of a number.
func (t *keyTable) addRule(keys *textSet, value *expr, count int) {
	if keys == nil {
		return
	}
	t.rules = append(t.rules, keys)
	if count < 0 {
		t.ofRule = append(t.ofRule, value)
		return
	}
	t.counts = append(t.counts, value)
	t.which = append(t.which, count)
}

// class returns the options of a key in a state of the patterns, nil where there are none.
func (t *keyTable) class(c *compiler, s *textState) []option {
	under := make([]byte, len(t.rules))
	for i, r := range t.rules {
		under[i] = 1
		if s != nil {
			under[i] = boolByte(t.patterns.evaluate(r, s.subs, t.patterns.accepted) == yes)
		}
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

// explore makes all states of the patterns.
func (t *keyTable) explore(c *compiler, n *node) {
	m := t.patterns
	t.graph = newStateGraph(m.start)
	for i := 0; i < len(t.graph.order); i++ {
		s := t.graph.order[i]
		s.keys.options = t.class(c, s)
		t.graph.expand(i)
		c.spend(len(s.next))
		if len(t.graph.order) > maxExplored {
			c.fail(n.e.loc, "patternProperties", "too many states to combine", nil)
		}
	}
	m.complete = true
}

// describe tells a new state of the machine of keys what keys begin so.
func (t *keyTable) describe(s *textState) {
	k := &s.keys
	k.exact, k.near = -1, byteSetOf(`"\`)
	subs := s.subs
	if t.words != nil {
		if subs[0] != textDead {
			node := &t.words.nodes[readInt(subs[0])]
			k.lo, k.hi = node.lo, node.hi
			if node.ends {
				k.exact = node.lo
			}
			for _, e := range node.edges {
				if e.r >= ' ' {
					k.near.add(firstByte(e.r))
				}
			}
		}
		subs = subs[1:]
	}
	if t.patterns == nil {
		if alive(t.sole) {
			k.extra, k.wide, k.same = endless, true, k.lo == k.hi
			k.options = t.sole
		}
	} else {
		k.near = byteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	}
	if p := t.patternState(subs); p != nil {
		k.options, k.wide, k.same = p.keys.options, p.keys.wide, p.keys.same && k.lo == k.hi
		if k.extra = p.keys.extra; k.extra != endless {
			k.extra -= t.namesAmong(k.lo, k.hi)
		}
	}
	if k.exact >= 0 {
		k.options = nil
	}
}

// patternState returns the state of the patterns with given states of the atoms, or nil.
func (t *keyTable) patternState(subs []string) *textState {
	if t.patterns == nil {
		return nil
	}
	return t.patterns.states[stateKey(subs)]
}

// namesAmong counts the names that the patterns would take for other keys.
func (t *keyTable) namesAmong(lo, hi int32) uint32 {
	n := uint32(0)
	for _, name := range t.plan.names[lo:hi] {
		s := t.patterns.start
		for _, r := range name {
			if s = s.step(r); s == nil {
				break
			}
		}
		if s != nil && alive(s.keys.options) {
			n++
		}
	}
	return n
}

// dead reports whether no key of the plan begins like a state.
func (t *keyTable) dead(s *textState) bool {
	return t.final && s.keys.extra == 0 && !t.someUsable(s)
}

func (t *keyTable) someUsable(s *textState) bool {
	for i := s.keys.lo; i < s.keys.hi; i++ {
		if t.plan.usable.has(int(i)) {
			return true
		}
	}
	return false
}
