package constrain

import (
	"math/bits"
	"unicode/utf8"
)

// Masks inside the strings of an enumeration: a walk through the words and the tokens together, without states.

// A wordWalk visits a trie with the words of an atom.
type wordWalk struct {
	m    *Matcher
	tree *trie
	of   *wordAtom
	used keySet // words that must not be the outcome, or nil
	odd  []oddStep
}

// An oddStep is a node of the trie whose byte is more than a character of a word: it is left to threads.
type oddStep struct {
	node int
	at   int32 // the node of the atom before it
}

// enumeration reports whether a thread is between two characters of a string of an enumeration.
func (t *thread) enumeration() bool {
	return t.mode == modeText && t.part == partNone && t.text.m.set.op == textWords && !t.text.m.counted
}

// collectWords finds the tokens of a trie that a thread inside a string of an enumeration allows: those below its top, which has
// an index.
func (m *Matcher) collectWords(tree *trie, t *thread) {
	of := t.text.m.atoms[0].(*wordAtom)
	w := wordWalk{m: m, tree: tree, of: of, odd: m.oddBuf[:0]}
	if f := m.uniqueItems(t.top); f != nil {
		m.look(t.top)
		used, ok := m.usedSet(f, t.text.m)
		if !ok {
			m.walk.threads = append(m.walk.threads[:0], *t)
			m.collect(tree, 0)
			return
		}
		w.used = used
	}
	w.run(t)
}

// collectNames finds the tokens of a trie that a thread inside a key which can only be a name allows.
func (m *Matcher) collectNames(tree *trie, t *thread) {
	m.look(t.top)
	of := t.text.m
	if of.keys.words == nil || of.keys.patterns != nil {
		m.walk.hits = append(m.walk.hits, tree.empty...)
		m.visitNames(tree, 0, len(tree.nodes)-1, tree.wide[wideRoot], t, t.text)
		return
	}
	f := &m.frames[t.top]
	used := keySet(m.mustBuf[:0])
	if f.object.words <= 1 {
		used = append(used, ^f.avail)
	} else {
		for _, word := range m.wideAvail(f) {
			used = append(used, ^word)
		}
	}
	m.mustBuf = used
	w := wordWalk{m: m, tree: tree, of: of.keys.words, used: used, odd: m.oddBuf[:0]}
	w.run(t)
}

// run visits all of the trie.
func (w *wordWalk) run(t *thread) {
	m, tree := w.m, w.tree
	m.walk.hits = append(m.walk.hits, tree.empty...)
	here := *t
	mu := &t.text.m.mu
	mu.Lock()
	w.visit(readInt(t.text.subs[0]), 0, len(tree.nodes)-1, tree.wide[wideRoot])
	mu.Unlock()
	m.oddBuf = w.odd[:0]
	for _, o := range w.odd { // machines lock for themselves
		mu.Lock()
		here.text = t.text.m.state([]string{spellInt(o.at)})
		mu.Unlock()
		m.walk.threads = append(m.walk.threads[:0], here)
		m.visitNode(tree, o.node, 0, 1)
	}
}

// visit tries the nodes from lo on and below hi behind a node of the atom.
func (w *wordWalk) visit(at int32, lo, hi int, index *[256]uint32) {
	near := byteSetOf(`"\`)
	for _, e := range w.of.nodes[at].edges {
		if e.r >= ' ' {
			near.add(firstByte(e.r))
		}
	}
	if index == nil {
		for i := lo; i < hi; i += w.tree.nodes[i].skip() {
			if near.has(w.tree.nodes[i].byte()) {
				w.visitNode(at, i)
			}
		}
		return
	}
	for i, word := range near {
		for ; word != 0; word &= word - 1 {
			if j := index[i<<6|bits.TrailingZeros64(word)]; j != 0 {
				w.visitNode(at, int(j-1))
			}
		}
	}
}

func (w *wordWalk) visitNode(at int32, i int) {
	n := w.tree.nodes[i]
	b := n.byte()
	if b >= utf8.RuneSelf || b == '"' || b == '\\' {
		w.odd = append(w.odd, oddStep{i, at})
		return
	}
	next, ok := w.of.child(at, rune(b))
	if !ok || w.used != nil && !w.unused(next) {
		return
	}
	w.m.walk.hits = append(w.m.walk.hits, w.tree.tokens[n.first:w.tree.nodes[i+1].first]...)
	if n.skip() > 1 {
		w.visit(next, i+1, i+n.skip(), w.tree.indexOf(i))
	}
}

// unused reports whether a word below a node has not been used.
func (w *wordWalk) unused(at int32) bool {
	for i, hi := int(w.of.nodes[at].lo), int(w.of.nodes[at].hi); i < hi; i = (i/64 + 1) * 64 {
		free := ^w.used[i/64] >> (i % 64)
		if hi-i < 64 {
			free &= 1<<(hi-i) - 1
		}
		if free != 0 {
			return true
		}
	}
	return false
}

func firstByte(r rune) byte {
	if r < utf8.RuneSelf {
		return byte(r)
	}
	return leadByte(r)
}

// usedSet returns which words of a machine have been used in an array. It reports false where other strings have, too.
func (m *Matcher) usedSet(f *frame, of *textMachine) (keySet, bool) {
	n := (len(of.set.words) + 63) / 64
	used := keySet(m.mustBuf[:0])
	for range n {
		used = append(used, 0)
	}
	m.mustBuf = used
	for i := f.items; i >= 0; i = m.items[i].next {
		switch word := m.items[i].word; {
		case word != nil && word.m == of:
			used.add(int(word.keys.exact))
		case word != nil || m.text[m.items[i].off+int32(skipSpace(m.text[m.items[i].off:], 0))] == '"':
			return nil, false
		}
	}
	return used, true
}
