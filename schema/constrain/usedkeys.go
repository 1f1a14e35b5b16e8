package constrain

// usedInside returns the tokens that a thread between two characters of a key must not go on with because all keys that begin so
// have been used. The result, which may hold tokens that no key goes on with at all, is valid until the next walk.
func (m *Matcher) usedInside(t *thread) []uint32 {
	w := &m.walk
	if m.frames[t.top].extras < 0 {
		return nil
	}
	w.inner = w.inner[:0]
	here := *t
	tree := &m.vocab.all
	m.visitUsed(tree, 0, len(tree.nodes)-1, &here)
	w.threads = append(w.threads[:0], here)
	return w.inner
}

// visitUsed visits the nodes from lo on and below hi as far as used keys go on so.
func (m *Matcher) visitUsed(tree *trie, lo, hi int, t *thread) {
	w := &m.walk
	var near byteSet
	if t.part != partNone {
		near = partBytes[t.part]
	} else if !m.usedBytes(t, &near) {
		return
	} else {
		near.add('\\')
	}
	for i := lo; i < hi; i += tree.nodes[i].skip() {
		n := tree.nodes[i]
		if !near.has(n.byte()) || n.byte() == '"' && t.part == partNone {
			continue
		}
		k := m.walkMark()
		m.read(n.byte())
		w.threads = m.step(t, n.byte(), w.threads[:0])
		if len(w.threads) == 0 {
			w.inner = append(w.inner, tree.tokens[n.first:tree.nodes[i+n.skip()].first]...)
		} else {
			next := w.threads[0]
			m.visitUsed(tree, i+1, i+n.skip(), &next)
		}
		m.cutWalk(&k)
	}
}
