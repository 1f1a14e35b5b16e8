package constrain

import (
	"slices"
	"strings"
	"sync"
)

// A node is what a matcher runs for an expression: by type, automata for numbers and strings, and plans for arrays and
// objects, of which several may fit the same text.
type node struct {
	id            uint32
	e             *expr
	null, yes, no bool
	numbers       *numberMachine
	texts         *textMachine
	arrays        []*arrayPlan
	objects       []*objectPlan
	inhabited     bool // there is a value
	height        int  // how many containers inside each other a value has at least
}

// An option is one of the ways to continue with a value: what it must be, and which counts of its container it raises.
type option struct {
	node *node
	inc  uint8
}

// grammar makes the nodes of everything that can be reached, finds out which of them have values, and cuts off the rest.
func (c *compiler) grammar(root *expr) *Grammar {
	top := c.nodeOf(root)
	for i := 0; i < len(c.nodes); i++ {
		c.expand(c.nodes[i])
	}
	for changed := true; changed; {
		changed = false
		for _, n := range slices.Backward(c.nodes) {
			if !n.inhabited && n.hasValue() {
				n.inhabited, changed = true, true
			}
		}
		c.spend(len(c.nodes))
	}
	if !top.inhabited {
		c.fail(c.culprit(top), "", ErrNoInstance.Error(), ErrNoInstance)
	}
	for _, n := range c.nodes {
		n.finish(c)
	}
	c.findHeights(c.nodes)
	if top.height > maxDepth {
		c.fail(c.culprit(top), "", "every value is nested too deep", ErrNoInstance)
	}
	for _, n := range c.nodes {
		for _, p := range n.arrays {
			if p.unique {
				p.checkUnique(c, n)
				p.settle()
			}
		}
	}
	return newGrammar(c, top)
}

// nodeOf returns the node of an expression, which grammar will expand.
func (c *compiler) nodeOf(e *expr) *node {
	if e.node == nil {
		c.spend(10)
		e.node = &node{id: newID(), e: e}
		c.nodes = append(c.nodes, e.node)
	}
	return e.node
}

// expand makes the automata of a node.
func (c *compiler) expand(n *node) {
	s := c.set(n.e)
	n.null, n.yes, n.no = s.null, s.yes, s.no
	if len(s.numbers) > 0 {
		n.numbers = c.numberMachine(s.numbers)
	}
	if s.texts != nil {
		n.texts = c.textsOf(s.texts, n.e)
	}
	for _, a := range s.arrays {
		n.arrays = append(n.arrays, c.planArray(n, a))
	}
	for _, o := range s.objects {
		n.objects = append(n.objects, c.planObject(n, o))
	}
	n.inhabited = n.null || n.yes || n.no || n.numbers != nil || n.texts != nil
}

// textsOf is the machine of a set of strings, nil if there are none.
func (c *compiler) textsOf(texts *textSet, e *expr) *textMachine {
	if limit := c.opts.MaxString; limit > 0 && texts.op != textWords {
		if short := andText(texts, lengthSet(0, limit)); short != nil {
			if m := c.machine(short, e); !m.empty() {
				return m
			}
		}
	}
	if m := c.machine(texts, e); !m.empty() {
		return m
	}
	return nil
}

func (c *compiler) numberMachine(s numberSet) *numberMachine {
	if s.isAll() && !c.opts.CanonicalNumbers {
		return anyNumber
	}
	if len(s) == 1 && s[0].of == one && !s[0].lo.set && !s[0].hi.set && len(s[0].not) == 0 && !c.opts.CanonicalNumbers {
		return anyInteger
	}
	return numberMachines.get(s.key(c.opts.CanonicalNumbers), func() *numberMachine {
		return newNumberMachine(s, c.opts.CanonicalNumbers)
	})
}

// key tells sets apart.
func (s numberSet) key(canonical bool) string {
	var b strings.Builder
	b.WriteByte(boolByte(canonical))
	for i := range s {
		p := &s[i]
		for _, end := range []bound{p.lo, p.hi} {
			if end.set {
				b.WriteString(end.at.String())
				b.WriteByte('o' + boolByte(end.open))
			}
			b.WriteByte(',')
		}
		b.WriteString(p.of.String())
		for _, n := range p.not {
			b.WriteString("!" + n.String())
		}
		b.WriteByte(';')
	}
	return b.String()
}

// A machineCache keeps machines that many grammars need, with all that their states have learnt.
type machineCache[M any] struct {
	mu       sync.Mutex
	machines map[string]M
}

const maxMachines = 256

func (c *machineCache[M]) get(key string, build func() M) M {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.machines[key]
	if !ok {
		if c.machines == nil || len(c.machines) >= maxMachines {
			c.machines = map[string]M{}
		}
		m = build()
		c.machines[key] = m
	}
	return m
}

var numberMachines machineCache[*numberMachine]

// The machines that most schemas need; all grammars share their states.
var (
	anyNumber  = newNumberMachine(allNumbers, false)
	anyInteger = newNumberMachine(allIntegers, false)
)

// hasValue reports whether a node has a value, as far as is known of the nodes below it.
func (n *node) hasValue() bool {
	return slices.ContainsFunc(n.arrays, (*arrayPlan).hasValue) || slices.ContainsFunc(n.objects, (*objectPlan).hasValue)
}

// finish drops what has no value.
func (n *node) finish(c *compiler) {
	n.arrays = slices.DeleteFunc(n.arrays, func(p *arrayPlan) bool { return !p.hasValue() })
	n.objects = slices.DeleteFunc(n.objects, func(p *objectPlan) bool { return !p.hasValue() })
	for _, p := range n.arrays {
		p.finish()
	}
	for _, p := range n.objects {
		p.finish(c)
	}
}

// culprit looks for the innermost reason why a node has no value.
func (c *compiler) culprit(n *node) *location {
	seen := map[*node]bool{}
	for !seen[n] {
		seen[n] = true
		next := n
		for _, p := range n.objects {
			for _, i := range p.required {
				if below := p.options[i]; len(below) == 1 && !below[0].node.inhabited && below[0].node.e.loc != nil {
					next = below[0].node
				}
			}
		}
		for _, p := range n.arrays {
			if below := p.optionsAt(0); p.min > 0 && len(below) == 1 && !below[0].node.inhabited && below[0].node.e.loc != nil {
				next = below[0].node
			}
		}
		n = next
	}
	return n.e.loc
}

// alive reports whether one of some options has a value.
func alive(options []option) bool {
	return slices.ContainsFunc(options, func(o option) bool { return o.node.inhabited })
}

func dropEmpty(options []option) []option {
	return slices.DeleteFunc(slices.Clone(options), func(o option) bool { return !o.node.inhabited })
}

// A countLimit bounds how often something occurs; max < 0: no end.
type countLimit struct{ min, max int }

// A tally holds how often each of up to maxCounts things has occurred, as far as it matters.
type tally uint64

// raise counts what an option raises. It reports false where that is too often.
func raise(t tally, inc uint8, limits []countLimit) (tally, bool) {
	for i, l := range limits {
		if inc>>i&1 == 0 {
			continue
		}
		n := int(t>>(16*i)) & 0xFFFF
		if l.max >= 0 && n >= l.max {
			return t, false
		}
		if n < max(l.min, l.max) {
			t += 1 << (16 * i)
		}
	}
	return t, true
}

// feasible returns the options with which the tally is one that f holds for.
func feasible(options []option, t tally, limits []countLimit, f func(tally) bool) []option {
	var fit []option
	for _, o := range options {
		if after, ok := raise(t, o.inc, limits); ok && f(after) {
			fit = append(fit, o)
		}
	}
	return fit
}

// met reports whether no limit is missed.
func met(t tally, limits []countLimit) bool {
	for i, l := range limits {
		if int(t>>(16*i))&0xFFFF < l.min {
			return false
		}
	}
	return true
}

// split divides what a value must satisfy by which of some counts it raises.
func (c *compiler) split(value *expr, of []*expr) []option {
	type half struct {
		e   *expr
		inc uint8
	}
	halves := []half{{value, 0}}
	for i, e := range of {
		if e == nil {
			continue
		}
		var next []half
		for _, h := range halves {
			next = append(next, half{c.and(h.e, e), h.inc | 1<<i}, half{c.and(h.e, c.not(e)), h.inc})
		}
		halves = next
	}
	var out []option
	for _, h := range halves {
		if h.e != c.never {
			out = append(out, option{node: c.nodeOf(h.e), inc: h.inc})
		}
	}
	return out
}
