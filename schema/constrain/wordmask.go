package constrain

import (
	"math/bits"
	"slices"
	"strings"
	"unicode/utf16"
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

	begun []int // nodes inside of characters that have been found
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
	if b == '\\' && !w.m.plain && len(w.of.nodes[at].edges) <= maxEscaped {
		w.visitEscapes(at, i)
		return
	}
	if b >= utf8.RuneSelf || b == '"' || b == '\\' {
		w.odd = append(w.odd, oddStep{i, at})
		return
	}
	if next, ok := w.child(at, rune(b)); ok {
		w.arrive(next, i)
	}
}

// child returns the node behind a character, if it leads to a word that has not been used.
func (w *wordWalk) child(at int32, r rune) (int32, bool) {
	next, ok := w.of.child(at, r)
	return next, ok && (w.used == nil || w.unused(next))
}

// arrive visits what is below a node of the trie whose byte completes a character.
func (w *wordWalk) arrive(at int32, i int) {
	n := w.tree.nodes[i]
	w.m.walk.hits = append(w.m.walk.hits, w.tree.tokens[n.first:w.tree.nodes[i+1].first]...)
	if n.skip() > 1 {
		w.visit(at, i+1, i+n.skip(), w.tree.indexOf(i))
	}
}

// maxEscaped bounds the characters that may follow where every spelling of each is looked up in the trie.
const maxEscaped = 12

// visitEscapes visits what is below a backslash: the escapes of the characters that may follow.
func (w *wordWalk) visitEscapes(at int32, i int) {
	w.begun = w.begun[:0]
	edges := w.of.nodes[at].edges
	for k := range edges {
		r := w.of.nodes[at].edges[k].r // child may move the nodes
		next, ok := w.child(at, r)
		if !ok {
			continue
		}
		w.begin(i)
		if short := strings.IndexRune(shortEscaped, r); short >= 0 {
			if j := w.tree.childOf(i, "\"\\/bfnrt"[short]); j >= 0 {
				w.arrive(next, j)
			}
		}
		if j := w.tree.childOf(i, 'u'); j >= 0 {
			w.begin(j)
			if first, second := utf16.EncodeRune(r); first != utf8.RuneError {
				w.visitHex(j, uint32(first), 12, second, next)
			} else {
				w.visitHex(j, uint32(r), 12, 0, next)
			}
		}
	}
}

// shortEscaped are the characters that have an escape of one letter, in the order of the letters.
const shortEscaped = "\"\\/\b\f\n\r\t"

// visitHex visits the digits of an escape from a shift on, below a node, and those of its second half.
func (w *wordWalk) visitHex(i int, unit uint32, shift int, second rune, next int32) {
	digit := unit >> shift & 15
	spellings := [2]byte{"0123456789abcdef"[digit], "0123456789ABCDEF"[digit]}
	for k, b := range spellings {
		if k == 1 && b == spellings[0] {
			return
		}
		j := w.tree.childOf(i, b)
		switch {
		case j < 0:
		case shift > 0:
			w.begin(j)
			w.visitHex(j, unit, shift-4, second, next)
		case second == 0:
			w.arrive(next, j)
		default:
			w.begin(j)
			if j = w.tree.childOf(j, '\\'); j >= 0 {
				w.begin(j)
				if j = w.tree.childOf(j, 'u'); j >= 0 {
					w.begin(j)
					w.visitHex(j, uint32(second), 12, 0, next)
				}
			}
		}
	}
}

// begin finds, once, the tokens that end at a node inside of a character.
func (w *wordWalk) begin(i int) {
	if !slices.Contains(w.begun, i) {
		w.begun = append(w.begun, i)
		w.m.walk.hits = append(w.m.walk.hits, w.tree.tokens[w.tree.nodes[i].first:w.tree.nodes[i+1].first]...)
	}
}

// childOf returns the child of a node with a byte, or -1.
func (t *trie) childOf(i int, b byte) int {
	if index := t.indexOf(i); index != nil {
		return int(index[b]) - 1
	}
	for j, end := i+1, i+t.nodes[i].skip(); j < end; j += t.nodes[j].skip() {
		if t.nodes[j].byte() == b {
			return j
		}
	}
	return -1
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
		case word != nil || m.itemText(i)[0] == '"':
			return nil, false
		}
	}
	return used, true
}
