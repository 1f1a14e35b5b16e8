package constrain

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// A wordAtom accepts some words. Its nodes are sorted by word, so that the words below one are neighbours.
type wordAtom struct {
	words []string
	nodes []wordNode
	runes runeSet
}

type wordNode struct {
	lo, hi int32 // the words that begin here
	ends   bool  // word lo ends here
	depth  int32 // bytes from the beginning
	edges  []wordEdge
}

type wordEdge struct {
	r    rune
	node int32 // 0: not made yet
}

// newWordAtom takes sorted words.
func newWordAtom(words []string) *wordAtom {
	a := &wordAtom{words: words, nodes: []wordNode{{hi: int32(len(words))}}}
	a.open(0)
	for _, w := range words {
		for _, r := range w {
			a.runes = append(a.runes, runeRange{r, r})
		}
		if len(a.runes) > 4096 {
			a.runes = a.runes.distinct()
		}
	}
	a.runes = a.runes.distinct()
	return a
}

// distinct sorts single characters and removes doubles, without joining neighbours.
func (s runeSet) distinct() runeSet {
	slices.SortFunc(s, func(a, b runeRange) int { return int(a.lo) - int(b.lo) })
	return slices.Compact(s)
}

// open finds the edges of a node.
func (a *wordAtom) open(i int32) {
	n := &a.nodes[i]
	for at := n.lo; at < n.hi; at++ {
		rest := a.words[at][n.depth:]
		if rest == "" {
			n.ends = true
			continue
		}
		r, _ := utf8.DecodeRuneInString(rest)
		if k := len(n.edges); k == 0 || n.edges[k-1].r != r {
			n.edges = append(n.edges, wordEdge{r: r})
		}
	}
}

func (a *wordAtom) child(i int32, r rune) (int32, bool) {
	edges := a.nodes[i].edges
	k, ok := slices.BinarySearchFunc(edges, r, func(e wordEdge, r rune) int { return int(e.r) - int(r) })
	if !ok {
		return 0, false
	}
	if edges[k].node == 0 {
		parent := a.nodes[i]
		node := wordNode{lo: parent.lo, hi: parent.lo, depth: parent.depth + int32(utf8.RuneLen(r))}
		for at := parent.lo; at < parent.hi; at++ {
			switch c, _ := utf8.DecodeRuneInString(a.words[at][parent.depth:]); {
			case len(a.words[at]) == int(parent.depth) || c < r:
				node.lo, node.hi = at+1, at+1
			case c == r:
				node.hi = at + 1
			}
		}
		a.nodes = append(a.nodes, node)
		edges[k].node = int32(len(a.nodes) - 1)
		a.open(edges[k].node)
	}
	return edges[k].node, true
}

func (a *wordAtom) begin() string { return spellInt(0) }

func spellInt(i int32) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(i))) }

func readInt(s string) int32 {
	return int32(uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24)
}

func (a *wordAtom) step(state string, r rune) (string, bool) {
	i, ok := a.child(readInt(state), r)
	return spellInt(i), ok
}

func (a *wordAtom) accepts(state string) bool { return a.nodes[readInt(state)].ends }
func (a *wordAtom) free(string) bool          { return false }
func (a *wordAtom) trim() bool                { return true }

func (a *wordAtom) runeSets() []runeSet {
	sets := make([]runeSet, len(a.runes))
	for i := range a.runes {
		sets[i] = a.runes[i : i+1]
	}
	return sets
}

// A lengthAtom accepts texts of min to max characters. Lengths that a whole set has in common do not need it: they are counted
// by the matcher.
type lengthAtom struct{ min, max int }

func (a lengthAtom) begin() string { return spellInt(0) }

func (a lengthAtom) step(state string, _ rune) (string, bool) {
	n := int(readInt(state)) + 1
	if a.max < 0 {
		n = min(n, a.min)
	}
	return spellInt(int32(n)), a.max < 0 || n <= a.max
}

func (a lengthAtom) accepts(state string) bool {
	n := int(readInt(state))
	return n >= a.min && (a.max < 0 || n <= a.max)
}

func (a lengthAtom) free(state string) bool { return a.max < 0 && a.accepts(state) }
func (a lengthAtom) trim() bool             { return true }
func (a lengthAtom) runeSets() []runeSet    { return nil }
