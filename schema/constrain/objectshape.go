package constrain

import (
	"slices"
	"strconv"
	"strings"
)

// An objectShape is a set of objects: those that keep all of its conditions.
type objectShape struct {
	rules    []keyRule
	required []string // sorted
	needs    []keyNeed
	counts   []keyCount
	min, max int      // number of properties; max < 0: no end
	order    []string // names as the schema lists them, where that matters
	name     string   // kept by key
}

// A keyRule says what the values of some keys must satisfy.
type keyRule struct {
	keys  *textSet
	value *expr
}

// A keyNeed says that where one key is, others must be.
type keyNeed struct {
	key  string
	also []string // sorted
}

// A keyCount asks that at least min and at most max properties have a key and a value of given sets.
type keyCount struct {
	keys     *textSet
	value    *expr
	min, max int // max < 0: no end
}

func (s *objectShape) any() bool {
	return len(s.rules) == 0 && len(s.required) == 0 && len(s.needs) == 0 && len(s.counts) == 0 && s.min == 0 && s.max < 0
}

// key tells shapes apart.
func (s *objectShape) key() string {
	if s.name != "" {
		return s.name
	}
	var b strings.Builder
	for _, r := range s.rules {
		b.WriteString(r.keys.key + ":" + strconv.Itoa(r.value.id) + ";")
	}
	for _, k := range s.required {
		b.WriteString("!" + strconv.Quote(k))
	}
	for _, n := range s.needs {
		b.WriteString("?" + strconv.Quote(n.key))
		for _, k := range n.also {
			b.WriteString(strconv.Quote(k))
		}
	}
	for _, n := range s.counts {
		b.WriteString("#" + n.keys.key + ":" + strconv.Itoa(n.value.id) + " " + strconv.Itoa(n.min) + " " + strconv.Itoa(n.max))
	}
	s.name = b.String() + " " + strconv.Itoa(s.min) + " " + strconv.Itoa(s.max)
	return s.name
}

// at is what the value of a key must satisfy.
func (c *compiler) at(s *objectShape, key string) *expr {
	var es []*expr
	for _, r := range s.rules {
		if r.keys.contains(key) {
			es = append(es, r.value)
		}
	}
	return c.and(es...)
}

func (c *compiler) intersectObjects(a, b []*objectShape) []*objectShape {
	out := crossShapes(c, 20, a, b, (*objectShape).any, (*objectShape).key, func(x, y *objectShape) *objectShape {
		if c.apart(x, y) {
			return nil
		}
		if s := c.bothObjects(x, y); !c.hollowObject(s) {
			return s
		}
		return nil
	})
	if len(a)*len(b) > 1 {
		return c.pruneObjects(out)
	}
	return out
}

func (c *compiler) bothObjects(x, y *objectShape) *objectShape {
	s := &objectShape{min: max(x.min, y.min), max: lowerMax(x.max, y.max)}
	s.rules = append(slices.Clip(x.rules), y.rules...)
	s.counts = append(slices.Clip(x.counts), y.counts...)
	s.required = append(slices.Clip(x.required), y.required...)
	s.needs = append(slices.Clip(x.needs), y.needs...)
	s.order = append(slices.Clip(x.order), y.order...)
	c.tidyObject(s)
	return s
}

// tidyObject gives equal shapes the same form.
func (c *compiler) tidyObject(s *objectShape) {
	for _, n := range s.counts { // a count of a single key is a rule for it
		if n.keys.op == textWords && len(n.keys.words) == 1 && n.min == 1 {
			s.required = append(slices.Clip(s.required), n.keys.words[0])
			s.rules = append(slices.Clip(s.rules), keyRule{n.keys, n.value})
		}
	}
	s.counts = slices.DeleteFunc(slices.Clone(s.counts), func(n keyCount) bool {
		return n.keys.op == textWords && len(n.keys.words) == 1 && n.min == 1 || n.min == 0 && n.max < 0
	})
	rules := slices.DeleteFunc(slices.Clone(s.rules), func(r keyRule) bool {
		return r.keys == nil || r.value == c.always && !c.opts.DeclaredOnly // there it says that the keys are declared
	})
	slices.SortStableFunc(rules, func(a, b keyRule) int { return strings.Compare(a.keys.key, b.keys.key) })
	s.rules = rules[:0]
	for _, r := range rules {
		if n := len(s.rules); n > 0 && s.rules[n-1].keys.key == r.keys.key {
			s.rules[n-1].value = c.and(s.rules[n-1].value, r.value)
			continue
		}
		s.rules = append(s.rules, r)
	}
	s.required = slices.Clone(s.required)
	slices.Sort(s.required)
	s.required = slices.Compact(s.required)
	s.min = max(s.min, len(s.required))
	slices.SortFunc(s.counts, func(a, b keyCount) int {
		if a.keys.key != b.keys.key {
			return strings.Compare(a.keys.key, b.keys.key)
		}
		return slices.Compare([]int{a.value.id, a.min, a.max}, []int{b.value.id, b.min, b.max})
	})
	s.counts = slices.Compact(s.counts)
}

// apart reports whether two shapes are known to have no object in common: a key that one requires has no value that both allow.
func (c *compiler) apart(x, y *objectShape) bool {
	if x == y || x.any() || y.any() {
		return false
	}
	if x.max >= 0 && x.max < y.min || y.max >= 0 && y.max < x.min {
		return true
	}
	return slices.ContainsFunc(x.required, func(k string) bool { return c.disjoint(c.at(x, k), c.at(y, k)) }) ||
		slices.ContainsFunc(y.required, func(k string) bool { return c.disjoint(c.at(x, k), c.at(y, k)) })
}

// disjoint reports whether two expressions are known to have no value in common.
func (c *compiler) disjoint(a, b *expr) bool {
	if a == c.always || b == c.always {
		return false
	}
	if a.id > b.id {
		a, b = b, a
	}
	pair := [2]int{a.id, b.id}
	d, ok := c.pairs[pair]
	if !ok {
		c.pairs[pair] = false // what the answer may depend on is taken for not disjoint
		d = c.hollow(c.and(a, b))
		c.pairs[pair] = d
	}
	return d
}

// hollowObject reports whether a shape is known to hold nothing.
func (c *compiler) hollowObject(s *objectShape) bool {
	if s.max >= 0 && s.min > s.max {
		return true
	}
	if slices.ContainsFunc(s.required, func(k string) bool { return c.hollow(c.at(s, k)) }) {
		return true
	}
	return slices.ContainsFunc(s.counts, func(n keyCount) bool {
		return n.min > 0 && (n.max >= 0 && n.max < n.min || c.hollow(n.value))
	})
}

// complementObjects returns the objects of some shapes that are in none of others.
func (c *compiler) complementObjects(from, shapes []*objectShape) []*objectShape {
	for _, s := range shapes {
		from = c.intersectObjects(from, c.notObject(s))
	}
	return from
}

// notObject returns shapes of all the objects that are not in s.
func (c *compiler) notObject(s *objectShape) []*objectShape {
	var out []*objectShape
	add := func(n objectShape) {
		c.tidyObject(&n)
		out = append(out, &n)
	}
	for _, r := range s.rules {
		add(objectShape{max: -1, counts: []keyCount{{r.keys, c.not(r.value), 1, -1}}})
	}
	forbid := func(k string) keyRule { return keyRule{wordsSet(k), c.never} }
	for _, k := range s.required {
		add(objectShape{max: -1, rules: []keyRule{forbid(k)}})
	}
	for _, n := range s.needs {
		for _, k := range n.also {
			add(objectShape{max: -1, required: []string{n.key}, rules: []keyRule{forbid(k)}})
		}
	}
	for _, n := range s.counts {
		if n.min == 1 {
			add(objectShape{max: -1, rules: []keyRule{{n.keys, c.not(n.value)}}})
		} else if n.min > 1 {
			add(objectShape{max: -1, counts: []keyCount{{n.keys, n.value, 0, n.min - 1}}})
		}
		if n.max >= 0 {
			add(objectShape{max: -1, counts: []keyCount{{n.keys, n.value, n.max + 1, -1}}})
		}
	}
	if s.min > len(s.required) {
		add(objectShape{max: s.min - 1})
	}
	if s.max >= 0 {
		add(objectShape{min: s.max + 1, max: -1})
	}
	return out
}
