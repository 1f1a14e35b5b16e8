package constrain

import "slices"

// Alternatives that others contain are dropped: a matcher has to follow each of those that are left.

// maxPruned bounds the unions that are looked at: every alternative is compared with every other.
const maxPruned = 128

// maxPruning bounds the steps that are spent on finding out what implies what: where that takes long, alternatives are left in.
const maxPruning = 1 << 14

// pruneObjects drops shapes that are known to lie within another.
func (c *compiler) pruneObjects(shapes []*objectShape) []*objectShape {
	if len(shapes) < 2 || len(shapes) > maxPruned {
		return shapes
	}
	kept := make([]*objectShape, 0, len(shapes))
	for i, x := range shapes {
		inside := func(y *objectShape) bool { return c.within(x, y) }
		if !slices.ContainsFunc(kept, inside) && !slices.ContainsFunc(shapes[i+1:], inside) {
			kept = append(kept, x)
		}
	}
	return kept
}

// within reports whether every object of x is known to be one of y.
func (c *compiler) within(x, y *objectShape) bool {
	c.spend(2 + len(y.rules))
	if y.min > x.min || y.max >= 0 && (x.max < 0 || x.max > y.max) {
		return false
	}
	for _, k := range y.required {
		if _, ok := slices.BinarySearch(x.required, k); !ok {
			return false
		}
	}
	for _, n := range y.needs {
		if !slices.ContainsFunc(x.needs, func(m keyNeed) bool { return m.key == n.key && slices.Equal(m.also, n.also) }) {
			return false
		}
	}
	for _, n := range y.counts {
		if !slices.Contains(x.counts, n) {
			return false
		}
	}
	return !slices.ContainsFunc(y.rules, func(r keyRule) bool { return !c.keeps(x, r) })
}

// keeps reports whether the objects of x are known to keep a rule.
func (c *compiler) keeps(x *objectShape, r keyRule) bool {
	for _, q := range x.rules {
		if q.keys.key == r.keys.key && c.implies(q.value, r.value) {
			return true
		}
	}
	return r.keys.op == textWords && !slices.ContainsFunc(r.keys.words, func(k string) bool { return !c.implies(c.at(x, k), r.value) })
}

// implies reports whether every value of a is known to be one of b.
func (c *compiler) implies(a, b *expr) bool {
	if a == b || b == c.always || a == c.never || a.op == exprAnd && slices.Contains(a.args, b) {
		return true
	}
	if c.pruning {
		return c.disjoint(a, c.not(b))
	}
	if c.pruned > maxPruning {
		return false
	}
	before := c.fuel
	c.pruning = true
	defer func() {
		c.pruning = false
		c.pruned += before - c.fuel
	}()
	return c.disjoint(a, c.not(b))
}
