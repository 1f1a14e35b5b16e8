package constrain

import (
	"slices"
	"strconv"
	"strings"
)

// An arrayShape is a set of arrays: those that keep all of its conditions.
type arrayShape struct {
	prefix   []*expr // of the first items
	rest     *expr   // of the items behind them
	min, max int     // number of items; max < 0: no end
	unique   bool
	counts   []itemCount
	name     string // kept by key
}

// An itemCount asks that of the items from an index on at least min and at most max have a value.
type itemCount struct {
	from     int
	value    *expr
	min, max int // max < 0: no end
}

func (s *arrayShape) any() bool {
	return len(s.prefix) == 0 && s.rest.op == exprAlways && s.min == 0 && s.max < 0 && !s.unique && len(s.counts) == 0
}

// key tells shapes apart.
func (s *arrayShape) key() string {
	if s.name == "" {
		var b strings.Builder
		for _, e := range s.prefix {
			b.WriteString(strconv.Itoa(e.id) + ",")
		}
		b.WriteString(strconv.Itoa(s.rest.id) + " " + strconv.Itoa(s.min) + " " + strconv.Itoa(s.max) + " " + strconv.FormatBool(s.unique))
		for _, n := range s.counts {
			b.WriteString(" #" + strconv.Itoa(n.from) + " " + strconv.Itoa(n.value.id) + " " + strconv.Itoa(n.min) + " " + strconv.Itoa(n.max))
		}
		s.name = b.String()
	}
	return s.name
}

// item is what the item of an index must satisfy.
func (s *arrayShape) item(i int) *expr {
	if i < len(s.prefix) {
		return s.prefix[i]
	}
	return s.rest
}

func (c *compiler) intersectArrays(a, b []*arrayShape) []*arrayShape {
	return crossShapes(c, 10, a, b, (*arrayShape).any, (*arrayShape).key, func(x, y *arrayShape) *arrayShape {
		if s := c.bothArrays(x, y); !c.hollowArray(s) {
			return s
		}
		return nil
	})
}

func (c *compiler) bothArrays(x, y *arrayShape) *arrayShape {
	s := &arrayShape{rest: c.and(x.rest, y.rest), min: max(x.min, y.min), max: lowerMax(x.max, y.max), unique: x.unique || y.unique}
	for i := range max(len(x.prefix), len(y.prefix)) {
		s.prefix = append(s.prefix, c.and(x.item(i), y.item(i)))
	}
	s.counts = append(slices.Clip(x.counts), y.counts...)
	s.tidy()
	return s
}

// lowerMax is the smaller of two limits, of which a negative one is none.
func lowerMax(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// tidy gives equal shapes the same form.
func (s *arrayShape) tidy() {
	for len(s.prefix) > 0 && s.prefix[len(s.prefix)-1] == s.rest {
		s.prefix = s.prefix[:len(s.prefix)-1]
	}
	slices.SortFunc(s.counts, func(a, b itemCount) int {
		return slices.Compare([]int{a.value.id, a.from, a.min, a.max}, []int{b.value.id, b.from, b.min, b.max})
	})
	s.counts = slices.Compact(s.counts)
}

// hollowArray reports whether a shape is known to hold nothing.
func (c *compiler) hollowArray(s *arrayShape) bool {
	if s.max >= 0 && s.min > s.max {
		return true
	}
	for i := range min(s.min, len(s.prefix)+1) {
		if c.hollow(s.item(i)) {
			return true
		}
	}
	for _, n := range s.counts {
		if n.min > 0 && (n.max >= 0 && n.max < n.min || c.hollow(n.value) || s.max >= 0 && s.max < n.from+n.min) {
			return true
		}
		if n.min > 0 && n.from >= len(s.prefix) && c.hollow(c.and(s.rest, n.value)) {
			return true
		}
	}
	return false
}

// complementArrays returns the arrays of some shapes that are in none of others.
func (c *compiler) complementArrays(from, shapes []*arrayShape) []*arrayShape {
	for _, s := range shapes {
		from = c.intersectArrays(from, c.notArray(s))
	}
	return from
}

// notArray returns shapes of all the arrays that are not in s.
func (c *compiler) notArray(s *arrayShape) []*arrayShape {
	if s.unique {
		c.tooComplex("the opposite of uniqueItems")
	}
	var out []*arrayShape
	add := func(n arrayShape) {
		if n.rest == nil {
			n.rest = c.always
		}
		n.tidy()
		out = append(out, &n)
	}
	for i, e := range s.prefix {
		if e == c.always {
			continue
		}
		prefix := slices.Repeat([]*expr{c.always}, i+1)
		prefix[i] = c.not(e)
		add(arrayShape{prefix: prefix, min: i + 1, max: -1})
	}
	switch s.rest {
	case c.always:
	case c.never:
		add(arrayShape{min: len(s.prefix) + 1, max: -1})
	default:
		add(arrayShape{max: -1, counts: []itemCount{{len(s.prefix), c.not(s.rest), 1, -1}}})
	}
	if s.min > 0 {
		add(arrayShape{max: s.min - 1})
	}
	if s.max >= 0 {
		add(arrayShape{min: s.max + 1, max: -1})
	}
	for _, n := range s.counts {
		if n.min > 0 {
			add(c.countShape(itemCount{n.from, n.value, 0, n.min - 1}))
		}
		if n.max >= 0 {
			add(c.countShape(itemCount{n.from, n.value, n.max + 1, -1}))
		}
	}
	return out
}

// countShape holds the arrays that keep one count; where no item may count, that is a condition on each.
func (c *compiler) countShape(n itemCount) arrayShape {
	switch {
	case n.value == c.always && n.from == 0:
		return arrayShape{rest: c.always, min: n.min, max: n.max}
	case n.max == 0:
		return arrayShape{prefix: slices.Repeat([]*expr{c.always}, n.from), rest: c.not(n.value), max: -1}
	case n.min == 0 && n.max < 0:
		return arrayShape{rest: c.always, max: -1}
	}
	return arrayShape{rest: c.always, max: -1, counts: []itemCount{n}}
}
