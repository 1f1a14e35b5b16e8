package constrain

import (
	"math/big"
	"slices"

	"github.com/harmony-go/sdk/internal/ojson"
)

// What unique items need to know of the values of an item: whether there are enough of them.

// many stands for more values than a text can hold items.
const many = 1 << 24

// maxListed bounds the number of values that are listed one by one.
const maxListed = 1 << 10

// checkUnique sees to it that a plan with unique items can always be completed, or refuses it.
func (p *arrayPlan) checkUnique(c *compiler, n *node) {
	if p.max >= 0 && p.max <= 1 {
		p.unique = false
		return
	}
	refuse := func(reason string) {
		c.refuse(n.e.loc, "uniqueItems", reason)
		p.unique = false
	}
	for i := range p.last + 1 {
		for _, o := range p.optionsAt(i) {
			if !o.node.endlessContainers() {
				refuse("together with items that are arrays or objects of which there is not always another")
				return
			}
		}
	}
	if len(p.limits) > 0 {
		if !p.countsUnique() {
			refuse("together with contains over few values")
		}
		return
	}
	if p.last == 0 {
		if k := p.rest0().cardinality(); k < many {
			if p.max = lowerMax(p.max, k); p.min > p.max {
				c.fail(n.e.loc, "uniqueItems", ErrNoInstance.Error(), ErrNoInstance)
			}
		}
		return
	}
	p.used = make([][]uint64, p.last+1)
	for i := range p.last + 1 {
		options := p.optionsAt(i)
		if len(options) == 0 {
			break
		}
		k := options[0].node.cardinality()
		if k >= many {
			continue
		}
		if p.used[i] = options[0].node.list(); p.used[i] == nil || i < p.min && k <= i || i == p.last && k < p.min {
			refuse("together with items of few values")
			return
		}
	}
}

func (p *arrayPlan) rest0() *node {
	if len(p.rest) == 0 {
		return &node{}
	}
	return p.rest[0].node
}

// countsUnique reports whether contains leaves enough values: one condition on all items, which there are enough values to meet,
// and any number to miss.
func (p *arrayPlan) countsUnique() bool {
	if len(p.limits) != 1 || p.last > 0 {
		return false
	}
	return !slices.ContainsFunc(p.rest, func(o option) bool {
		k := o.node.cardinality()
		return k < many && (o.inc == 0 || k < p.limits[0].min || p.limits[0].max >= 0)
	})
}

// left reports whether the next item of an array has a value that has not been used.
func (p *arrayPlan) left(m *Matcher, f *frame) bool {
	if p.used == nil {
		return true
	}
	list := p.used[min(int(f.count), p.last)]
	return list == nil || slices.ContainsFunc(list, func(h uint64) bool { return !m.hasItem(f, h) })
}

// endlessContainers reports whether every array and object of a node that is not complete has endless ways to be completed.
func (n *node) endlessContainers() bool {
	return !slices.ContainsFunc(n.arrays, func(p *arrayPlan) bool {
		return p.max >= 0 || p.unique || len(p.rest) == 0 || slices.ContainsFunc(p.limits, func(l countLimit) bool { return l.max >= 0 })
	}) && !slices.ContainsFunc(n.objects, func(p *objectPlan) bool {
		return p.max >= 0 || p.extra != endless || slices.ContainsFunc(p.limits, func(l countLimit) bool { return l.max >= 0 })
	})
}

// cardinality returns how many values a node has; many or more if there are too many to care.
func (n *node) cardinality() int {
	if len(n.arrays) > 0 || len(n.objects) > 0 {
		return many
	}
	k := int(boolByte(n.null)) + int(boolByte(n.yes)) + int(boolByte(n.no))
	if n.numbers != nil {
		k += n.numbers.set.cardinality()
	}
	if n.texts != nil {
		k += n.texts.cardinality()
	}
	return min(k, many)
}

func (m *textMachine) cardinality() int {
	if words := m.set; words.op == textWords {
		return len(words.words)
	}
	lo, hi := uint64(0), uint64(many)
	for lo < hi { // the least k of which there are not more
		if mid := (lo + hi) / 2; m.start.more(mid, 0) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return int(lo)
}

func (s numberSet) cardinality() int {
	total := 0
	for i := range s {
		if k := s[i].cardinality(); k >= many {
			return many
		} else {
			total += k
		}
	}
	if len(s) > 1 && total <= maxListed { // parts may have numbers in common
		return len(s.list())
	}
	return total
}

// cardinality counts the multiples in an interval; numbers that are not multiples of something are left in, as none is counted
// that matters where list does.
func (p *numberPart) cardinality() int {
	if p.lo.set && p.hi.set && compare(p.lo.at, p.hi.at) == 0 {
		return 1
	}
	if !p.lo.set || !p.hi.set || p.of.zero() {
		return many
	}
	lo, hi := p.multiples()
	n := new(big.Int).Sub(hi, lo)
	if n.Sign() < 0 {
		return 0
	}
	if !n.IsInt64() || n.Int64() >= many {
		return many
	}
	return int(n.Int64()) + 1
}

// multiples returns the first and the last multiple in the interval, as how many times of it they are.
func (p *numberPart) multiples() (first, last *big.Int) {
	scale := commonScale(p.lo.at, p.hi.at, p.of)
	of := p.of.scaled(scale)
	signed := func(b bound) *big.Int {
		n := b.at.scaled(scale)
		if b.at.neg {
			n.Neg(n)
		}
		return n
	}
	lo, hi := signed(p.lo), signed(p.hi)
	one := big.NewInt(1)
	first = new(big.Int).Neg(new(big.Int).Div(new(big.Int).Neg(lo), of)) // Div rounds down for a positive divisor
	if p.lo.open && new(big.Int).Mul(first, of).Cmp(lo) == 0 {
		first.Add(first, one)
	}
	last = new(big.Int).Div(hi, of)
	if p.hi.open && new(big.Int).Mul(last, of).Cmp(hi) == 0 {
		last.Sub(last, one)
	}
	return first, last
}

// list returns the numbers of a small set, each once.
func (s numberSet) list() []decimal {
	var all []decimal
	for i := range s {
		p := &s[i]
		if p.lo.set && p.hi.set && compare(p.lo.at, p.hi.at) == 0 {
			if d := p.lo.at; s.contains(d) && !containsNumber(all, d) {
				all = append(all, d)
			}
			continue
		}
		first, last := p.multiples()
		for n := first; n.Cmp(last) <= 0; n = new(big.Int).Add(n, big.NewInt(1)) {
			d := unscale(new(big.Int).Mul(new(big.Int).Abs(n), p.of.scaled(p.of.scale())), p.of.scale())
			if n.Sign() < 0 {
				d = d.negate()
			}
			if s.contains(d) && !containsNumber(all, d) {
				all = append(all, d)
			}
		}
	}
	return all
}

// list returns the hashes of all values of a node, or nil where they cannot be listed.
func (n *node) list() []uint64 {
	var hashes []uint64
	for _, l := range []struct {
		has  bool
		text string
	}{{n.null, "null"}, {n.yes, "true"}, {n.no, "false"}} {
		if l.has {
			hashes = append(hashes, hashValue([]byte(l.text)))
		}
	}
	if n.numbers != nil {
		if n.numbers.set.cardinality() > maxListed {
			return nil
		}
		for _, d := range n.numbers.set.list() {
			hashes = append(hashes, d.hash())
		}
	}
	if n.texts != nil {
		if n.texts.set.op != textWords || len(n.texts.set.words) > maxListed {
			return nil
		}
		for _, w := range n.texts.set.words {
			hashes = append(hashes, hashValue(ojson.AppendString(nil, w)))
		}
	}
	return hashes
}
