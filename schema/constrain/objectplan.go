package constrain

import (
	"math"
	"math/bits"
	"slices"
)

// An objectPlan is an objectShape made ready for a matcher. Its named keys are those that the schema spells out, sorted; all
// others are told apart only by what patterns say of them.
type objectPlan struct {
	id       uint32
	names    []string
	options  [][]option // by name
	machine  *textMachine
	keys     *keyTable
	required []int
	closure  []keySet // by name: what must be there too
	min, max int      // number of properties; max < 0: no end
	limits   []countLimit

	words   int    // of a keySet
	usable  keySet // the names that can be there
	must    keySet // the names that have to be
	extra   uint32 // how many other keys there can be
	tight   bool   // what can be added depends on how much room is left
	counted bool   // the number of properties matters
	memo    memo
	height  int     // how many containers inside each other an object is at least
	deep    int     // no value needs more
	heights []int32 // by name: how many its value needs, and those of the names that must be there too
	rest    int     // how many the values of other keys need
	ranks   []int32 // by name: its place among the names, where they have to come in an order; nil otherwise
}

// A keySet is a set of names of a plan.
type keySet []uint64

func (s keySet) has(i int) bool { return s[i/64]>>(i%64)&1 != 0 }
func (s keySet) add(i int)      { s[i/64] |= 1 << (i % 64) }

// endless stands for more other keys than anybody can write.
const endless = math.MaxUint32

func (c *compiler) planObject(n *node, s *objectShape) *objectPlan {
	if c.opts.DeclaredOnly {
		s = s.declared(c)
	}
	p := &objectPlan{id: newID(), min: s.min, max: s.max}
	if len(s.counts) > maxCounts || len(s.counts) > 0 && len(s.needs) > 0 {
		c.fail(n.e.loc, "", "too many conditions on what properties there are", nil)
	}
	for _, k := range s.counts {
		if k.min > maxCounted || k.max > maxCounted {
			c.fail(n.e.loc, "", "too large a number of properties", nil)
		}
		p.limits = append(p.limits, countLimit{k.min, k.max})
	}
	p.names = s.names()
	p.words = (len(p.names) + 63) / 64
	p.usable, p.must = make(keySet, p.words), make(keySet, p.words)
	c.spend(len(p.names) * len(s.rules))
	p.planNames(c, s)
	p.machine = c.keyMachine(n, p, s)
	for _, k := range s.required {
		p.required = append(p.required, p.index(k))
	}
	p.planNeeds(s.needs)
	if c.opts.SchemaOrder {
		p.planOrder(s.order)
	}
	return p
}

// declared is the shape without the properties that it says nothing of.
func (s *objectShape) declared(c *compiler) *objectShape {
	spoken := []*textSet{}
	for _, r := range s.rules {
		if r.value != c.never {
			spoken = append(spoken, r.keys)
		}
	}
	if len(spoken) == 0 {
		return s
	}
	spoken = append(spoken, wordsSet(s.required...))
	for _, k := range s.counts {
		spoken = append(spoken, k.keys)
	}
	for _, n := range s.needs {
		spoken = append(spoken, wordsSet(append([]string{n.key}, n.also...)...))
	}
	rest := notText(orText(spoken...))
	if rest == nil {
		return s
	}
	closed := *s
	closed.rules = append(slices.Clone(s.rules), keyRule{rest, c.never})
	return &closed
}

// names are all keys that a shape spells out, sorted.
func (s *objectShape) names() []string {
	names := slices.Clone(s.required)
	collect := func(t *textSet) {
		t.atoms(func(a *textSet) { names = append(names, a.words...) })
	}
	for _, r := range s.rules {
		collect(r.keys)
	}
	for _, k := range s.counts {
		collect(k.keys)
	}
	for _, n := range s.needs {
		names = append(append(names, n.key), n.also...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (p *objectPlan) index(name string) int {
	i, _ := slices.BinarySearch(p.names, name)
	return i
}

// planNames finds the options of every name. Rules of single words are looked up rather than tried.
func (p *objectPlan) planNames(c *compiler, s *objectShape) {
	rules := make([][]*expr, len(p.names))
	for _, r := range s.rules {
		if r.keys.op == textWords {
			for _, w := range r.keys.words {
				i := p.index(w)
				rules[i] = append(rules[i], r.value)
			}
			continue
		}
		for i, name := range p.names {
			if r.keys.contains(name) {
				rules[i] = append(rules[i], r.value)
			}
		}
	}
	p.options = make([][]option, len(p.names))
	for i, name := range p.names {
		of := make([]*expr, len(s.counts))
		for j, k := range s.counts {
			if k.keys.contains(name) {
				of[j] = k.value
			}
		}
		p.options[i] = c.split(c.and(rules[i]...), of)
	}
}

// planNeeds finds for every name what must be there when it is.
func (p *objectPlan) planNeeds(needs []keyNeed) {
	if len(needs) == 0 {
		return
	}
	p.closure = make([]keySet, len(p.names))
	for i := range p.names {
		set := make(keySet, p.words)
		set.add(i)
		for todo := []string{p.names[i]}; len(todo) > 0; {
			k := todo[0]
			todo = todo[1:]
			for _, n := range needs {
				if n.key != k {
					continue
				}
				for _, also := range n.also {
					if j := p.index(also); !set.has(j) {
						set.add(j)
						todo = append(todo, also)
					}
				}
			}
		}
		p.closure[i] = set
	}
}

// settle finds out, given which nodes have values, which names can be there and which have to be.
func (p *objectPlan) settle() {
	clear(p.usable)
	clear(p.must)
	for i := range p.names {
		if alive(p.options[i]) {
			p.usable.add(i)
		}
	}
	for i := range p.names {
		if p.closure == nil || !p.usable.has(i) {
			continue
		}
		for w := range p.usable {
			if p.closure[i][w]&^p.usable[w] != 0 {
				p.usable[i/64] &^= 1 << (i % 64)
				break
			}
		}
	}
	for _, i := range p.required {
		p.must.add(i)
		if p.closure != nil {
			for w := range p.must {
				p.must[w] |= p.closure[i][w]
			}
		}
	}
	p.extra = p.keys.available()
}

// hasValue reports whether the plan has an object, as far as is known of the values of its properties.
func (p *objectPlan) hasValue() bool {
	p.settle()
	for w := range p.must {
		if p.must[w]&^p.usable[w] != 0 {
			return false
		}
	}
	if p.max >= 0 && (p.must.count() > p.max || p.min > p.max) {
		return false
	}
	if len(p.limits) > 0 {
		return p.search(make(keySet, p.words), 0, 0, tooDeep)
	}
	return p.extra == endless || p.min <= p.usable.count()+int(p.extra)
}

func (p *objectPlan) finish(c *compiler) {
	p.settle()
	for i := range p.options {
		p.options[i] = dropEmpty(p.options[i])
		if !p.usable.has(i) {
			p.options[i] = nil
		}
	}
	p.keys.finish()
	p.counted = p.min > p.must.count() || p.max >= 0 || len(p.limits) > 0
	p.tight = p.max >= 0 || p.closure != nil || len(p.limits) > 0
	if p.closure != nil && p.max >= 0 && p.min > p.must.count() {
		c.fail(nil, "minProperties", "together with maxProperties and dependencies", nil)
	}
	if p.ranks != nil && p.closure != nil && p.min > p.must.count() && p.extra != endless {
		c.fail(nil, "minProperties", "together with dependencies and an order of properties", nil)
	}
}

// search looks for a way to complete an object: name by name, the numbers of properties and the tallies that can be had, and
// then with other keys. No value has more than a height.
func (p *objectPlan) search(seen keySet, n int, t tally, level int) bool {
	type state struct {
		n int
		t tally
	}
	limit := p.max
	if limit < 0 {
		limit = max(p.min, n) // more properties than that make no difference
	}
	add := func(to map[state]bool, s state, options []option) {
		for _, o := range options {
			if u, ok := raise(s.t, o.inc, p.limits); ok && o.within(level) && (p.max < 0 || s.n < p.max) {
				to[state{min(s.n+1, max(limit, p.min)), u}] = true
			}
		}
	}
	states := map[state]bool{{n, t}: true}
	for i := range p.names {
		if seen.has(i) || !p.usable.has(i) {
			continue
		}
		next := map[state]bool{}
		for s := range states {
			if !p.must.has(i) {
				next[s] = true
			}
			add(next, s, p.options[i])
		}
		states = next
	}
	todo := make([]state, 0, len(states))
	for s := range states {
		todo = append(todo, s)
	}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s.n >= p.min && met(s.t, p.limits) {
			return true
		}
		next := map[state]bool{}
		for _, options := range p.keys.classes {
			add(next, s, options)
		}
		for s := range next {
			if !states[s] {
				states[s] = true
				todo = append(todo, s)
			}
		}
	}
	return false
}

func (s keySet) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}
