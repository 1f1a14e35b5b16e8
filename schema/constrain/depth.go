package constrain

import "github.com/harmony-go/sdk/internal/ojson"

// How deep arrays and objects nest is bounded, as it is for every reader of this module. A matcher sees to it that there is
// always enough room left to complete what is open: nodes and plans know how many containers inside each other they need at least.

// maxDepth is how many arrays and objects may be open at once; as schema.Validate has it.
const maxDepth = ojson.MaxDepth

// tooDeep is the height of what has no value.
const tooDeep = 1 << 20

// findHeights finds out for all nodes, which are finished, how many containers inside each other their values need.
func (c *compiler) findHeights(nodes []*node) {
	for _, n := range nodes {
		if n.height = tooDeep; n.null || n.yes || n.no || n.numbers != nil || n.texts != nil {
			n.height = 0
		}
	}
	for level := 0; level < maxDepth; level++ {
		if !c.raise(nodes, level, false) && !c.raise(nodes, level, true) {
			break
		}
		c.spend(len(nodes))
	}
	for _, n := range nodes {
		for _, p := range n.arrays {
			p.findDeep()
		}
		for _, p := range n.objects {
			p.findDeep()
		}
	}
}

// raise finds the plans, and with them nodes, that need one container more than a level. Where someKeys is set, it is enough for
// keys that are no names if there is a value for some of them.
func (c *compiler) raise(nodes []*node, level int, someKeys bool) bool {
	type found struct {
		n      *node
		height *int
	}
	var all []found
	for _, n := range nodes {
		for _, p := range n.arrays {
			if p.height == 0 && p.fitsIn(level) {
				all = append(all, found{n, &p.height})
			}
		}
		for _, p := range n.objects {
			if p.height == 0 && p.fitsIn(level, someKeys) {
				all = append(all, found{n, &p.height})
			}
		}
	}
	for _, f := range all {
		*f.height = level + 1
		f.n.height = min(f.n.height, level+1)
	}
	return len(all) > 0
}

// within reports whether an option has values of at most a height, as far as is known.
func (o *option) within(level int) bool { return o.node.inhabited && o.node.height <= level }

// lowest is the least height of some options.
func lowest(options []option) int {
	h := tooDeep
	for _, o := range options {
		h = min(h, o.node.height)
	}
	return h
}

// fitsIn reports whether there is an array the items of which have at most a height.
func (p *arrayPlan) fitsIn(level int) bool {
	if len(p.limits) > 0 {
		return p.search(0, 0, level)
	}
	for i := range min(p.min, p.last+1) {
		if lowest(p.optionsAt(i)) > level {
			return false
		}
	}
	return true
}

// findDeep finds the height that nothing in the array is above.
func (p *arrayPlan) findDeep() {
	for i := range p.last + 1 {
		for _, o := range p.optionsAt(i) {
			p.deep = max(p.deep, o.node.height)
		}
	}
}

// fitsIn reports whether there is an object the values of which have at most a height.
func (p *objectPlan) fitsIn(level int, someKeys bool) bool {
	if len(p.limits) > 0 {
		return p.search(make(keySet, p.words), 0, 0, level)
	}
	usable := 0
	for i := range p.names {
		switch fits := p.nameHeight(i) <= level; {
		case fits:
			usable++
		case p.must.has(i):
			return false
		}
	}
	if p.min <= usable {
		return true
	}
	extra := p.extra
	if p.keys.height(someKeys) > level {
		extra = 0
	}
	return extra == endless || p.min <= usable+int(extra)
}

// nameHeight is how high the value of a name has to be, and those of what must be there too.
func (p *objectPlan) nameHeight(i int) int {
	h := lowest(p.options[i])
	if p.closure == nil {
		return h
	}
	for j := range p.names {
		if p.closure[i].has(j) {
			h = max(h, lowest(p.options[j]))
		}
	}
	return h
}

// height is how high the values of keys that are no names have to be: of every kind of them, or of some.
func (t *keyTable) height(some bool) int {
	all, least := 0, tooDeep
	for _, options := range t.classes {
		if len(options) > 0 {
			h := lowest(options)
			all, least = max(all, h), min(least, h)
		}
	}
	if some {
		return least
	}
	return all
}

func (p *objectPlan) findDeep() {
	p.heights = make([]int32, len(p.names))
	for i := range p.names {
		p.heights[i] = int32(p.nameHeight(i))
		for _, o := range p.options[i] {
			p.deep = max(p.deep, o.node.height)
		}
	}
	for _, options := range p.keys.classes {
		for _, o := range options {
			p.deep = max(p.deep, o.node.height)
		}
	}
	p.rest = p.keys.height(false)
	if p.rest >= p.height && p.min > p.must.count() {
		p.rest = p.keys.height(true)
	}
}

// room is how many containers may still be opened inside of each other in a frame.
func (f *frame) room() int { return maxDepth - int(f.depth) }

// roomIn is room for the innermost frame of a thread.
func (m *Matcher) roomIn(top int32) int {
	if top < 0 {
		return maxDepth
	}
	return m.frames[top].room()
}

// shallow drops the options for which there is no room.
func shallow(options []option, room int) []option {
	var fit []option
	for _, o := range options {
		if o.node.height <= room {
			fit = append(fit, o)
		}
	}
	return fit
}

// affordable returns the options for which a frame has room, of options that need deep at most, and how much room that is: tooDeep where it is
// no matter.
func (f *frame) affordable(options []option, deep int) ([]option, int) {
	if room := f.room(); room < deep {
		return shallow(options, room), room
	}
	return options, tooDeep
}
