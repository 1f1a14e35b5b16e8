package constrain

// Objects whose names come in the order of the schema. What has been left out cannot come any more, so a name may come only if
// nothing that has to be there is left out, and enough properties remain.

// planOrder gives every name its rank: those of order, which may list some twice, by when they are listed first; then the others.
func (p *objectPlan) planOrder(order []string) {
	p.ranks = make([]int32, len(p.names))
	next := int32(1)
	for _, name := range order {
		if i := p.index(name); i < len(p.names) && p.names[i] == name && p.ranks[i] == 0 {
			p.ranks[i] = next
			next++
		}
	}
	for i := range p.ranks {
		if p.ranks[i] == 0 {
			p.ranks[i] = next
			next++
		}
	}
}

// passed returns the rank up to which names cannot come any more.
func (p *objectPlan) passed(seen keySet, extras bool) int32 {
	if extras {
		return int32(len(p.names))
	}
	last := int32(0)
	for i, rank := range p.ranks {
		if seen.has(i) {
			last = max(last, rank)
		}
	}
	return last
}

// keepOrder takes away the names, and other keys, that must not come next.
func (m *Matcher) keepOrder(f *frame, seen, avail keySet) {
	p := f.object
	last, least := p.passed(seen, f.extras >= 0), int32(len(p.names)+1)
	must := m.closureOf(f, seen)
	for i, rank := range p.ranks {
		if must.has(i) && !seen.has(i) {
			least = min(least, rank)
		}
	}
	extra := 1 << 30
	if p.extra != endless {
		extra = int(p.extra) - m.countExtras(f)
	}
	short := p.min - int(f.count) - extra // how many of the names that are left have to come
	f.mayNew = f.mayNew && least > int32(len(p.names)) && short <= 0
	for i, rank := range p.ranks {
		if !avail.has(i) {
			continue
		}
		if rank <= last || rank > least || p.strands(i, seen) || short > 0 && 1+p.behind(rank) < short {
			avail[i/64] &^= 1 << (i % 64)
		}
	}
}

// strands reports whether a name asks for another one that would be passed then.
func (p *objectPlan) strands(i int, seen keySet) bool {
	if p.closure == nil {
		return false
	}
	for j, rank := range p.ranks {
		if rank < p.ranks[i] && p.closure[i].has(j) && !seen.has(j) {
			return true
		}
	}
	return false
}

// behind counts the usable names behind a rank.
func (p *objectPlan) behind(rank int32) int {
	n := 0
	for i, r := range p.ranks {
		if r > rank && p.usable.has(i) {
			n++
		}
	}
	return n
}

// pass adds to a set of names those that cannot come behind the name i, or, if it is negative, behind another key.
func (p *objectPlan) pass(seen keySet, i int) {
	for j, rank := range p.ranks {
		if i < 0 || rank <= p.ranks[i] {
			seen.add(j)
		}
	}
}
