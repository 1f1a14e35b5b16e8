package constrain

// An arrayPlan is an arrayShape made ready for a matcher.
type arrayPlan struct {
	id       uint32
	prefix   [][]option
	rest     []option
	min, max int // number of items; max < 0: no end
	unique   bool
	froms    []int // the index from which each count counts
	limits   []countLimit
	last     int        // from this index on all items are the same to the plan
	counted  bool       // the number of items matters
	used     [][]uint64 // by index: the hashes of all values of an item that has few, where items are unique
	memo     memo
	height   int // how many containers inside each other an array is at least
	deep     int // no item needs more
}

func (c *compiler) planArray(n *node, s *arrayShape) *arrayPlan {
	p := &arrayPlan{id: newID(), min: s.min, max: s.max, unique: s.unique}
	if len(s.counts) > maxCounts {
		c.fail(n.e.loc, "contains", "too many conditions on the number of items", nil)
	}
	p.last = len(s.prefix)
	for _, k := range s.counts {
		if k.min > maxCounted || k.max > maxCounted || s.min > maxCounted {
			c.fail(n.e.loc, "contains", "too large a number of items", nil)
		}
		p.froms = append(p.froms, k.from)
		p.limits = append(p.limits, countLimit{k.min, k.max})
		p.last = max(p.last, k.from)
	}
	for i := range p.last {
		p.prefix = append(p.prefix, c.itemOptions(s, i))
	}
	p.rest = c.itemOptions(s, p.last)
	return p
}

func (c *compiler) itemOptions(s *arrayShape, i int) []option {
	of := make([]*expr, len(s.counts))
	for j, k := range s.counts {
		if i >= k.from {
			of[j] = k.value
		}
	}
	return c.split(s.item(i), of)
}

func (p *arrayPlan) optionsAt(i int) []option {
	if i < len(p.prefix) {
		return p.prefix[i]
	}
	return p.rest
}

// hasValue reports whether the plan has an array, as far as is known of its items.
func (p *arrayPlan) hasValue() bool { return p.search(0, 0, tooDeep) }

// limit returns how many items there can be, given which have values; negative: no end.
func (p *arrayPlan) limit() int {
	for i := range p.last + 1 {
		if !alive(p.optionsAt(i)) {
			return lowerMax(p.max, i)
		}
	}
	return p.max
}

func (p *arrayPlan) finish() {
	p.max = p.limit()
	for i := range p.prefix {
		p.prefix[i] = dropEmpty(p.prefix[i])
	}
	p.rest = dropEmpty(p.rest)
	p.settle()
}

// settle finds out whether the number of items matters.
func (p *arrayPlan) settle() {
	p.counted = p.min > 0 || p.max >= 0 || p.last > 0 || len(p.limits) > 0 || p.unique
}

// feasible reports whether an array with n items and a tally can be completed, with items of at most a height.
func (p *arrayPlan) feasible(n int, t tally, level int) bool {
	if len(p.limits) == 0 {
		return p.max < 0 || n <= p.max
	}
	return p.memo.get([3]uint64{uint64(n), uint64(t), uint64(level)}, func() bool { return p.search(n, t, level) })
}

// search looks for a way to complete an array: item by item, the tallies that can be had. From an index on nothing changes any
// more but the tallies, which are few.
func (p *arrayPlan) search(n int, t tally, level int) bool {
	end := p.limit()
	if end >= 0 && (n > end || p.min > end) {
		return false
	}
	if len(p.limits) == 0 {
		return true
	}
	tallies := map[tally]bool{t: true}
	for same := 0; ; n++ {
		if n >= p.min {
			for t := range tallies {
				if met(t, p.limits) {
					return true
				}
			}
		}
		if end >= 0 && n >= end || len(tallies) == 0 {
			return false
		}
		next, grown := p.after(tallies, n, level)
		if same++; grown || n < p.last || n < p.min {
			same = 0
		}
		if same > 0 {
			return false
		}
		tallies = next
	}
}

// after returns the tallies behind one more item, and whether there are new ones.
func (p *arrayPlan) after(tallies map[tally]bool, n, level int) (next map[tally]bool, grown bool) {
	next = map[tally]bool{}
	for t := range tallies {
		for _, o := range p.optionsAt(n) {
			if u, ok := raise(t, o.inc, p.limits); ok && o.within(level) {
				next[u] = true
				grown = grown || !tallies[u]
			}
		}
	}
	return next, grown
}
