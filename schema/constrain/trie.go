package constrain

import "math/bits"

// A trie is a prefix tree of tokens. Nodes stand in the order in which a walk visits them: behind a node come those below it.
type trie struct {
	nodes  []trieNode // and one more at the end
	tokens []uint32   // in the order of the nodes: those that end at node i are tokens[nodes[i].first:nodes[i+1].first]
	empty  []uint32   // the tokens of which nothing is left
	wide   map[int]*[256]uint32
}

// A trieNode is a node of a trie.
type trieNode struct {
	bits  uint32 // how many nodes to go on to skip what is below; whether it is in wide; and in the low 8 bits the byte
	first uint32
}

func (n trieNode) byte() byte { return byte(n.bits) }
func (n trieNode) skip() int  { return int(n.bits >> 9) }
func (n trieNode) wide() bool { return n.bits&(1<<8) != 0 }

// wideRoot is the key in wide of what is at the top of a trie.
const wideRoot = -1

// newTrie returns the prefix tree of sorted pieces.
func newTrie(list []piece) trie {
	var t trie
	var path []int // the nodes of the last piece
	last := ""
	closeTo := func(depth int) {
		for len(path) > depth {
			i := path[len(path)-1]
			t.nodes[i].bits |= uint32(len(t.nodes)-i) << 9
			path = path[:len(path)-1]
		}
	}
	for _, p := range list {
		if p.text == "" {
			t.empty = append(t.empty, p.tok)
			continue
		}
		common := 0
		for common < len(last) && common < len(p.text) && last[common] == p.text[common] {
			common++
		}
		closeTo(common)
		for i := common; i < len(p.text); i++ {
			path = append(path, len(t.nodes))
			t.nodes = append(t.nodes, trieNode{uint32(p.text[i]), uint32(len(t.tokens))})
		}
		t.tokens = append(t.tokens, p.tok)
		last = p.text
	}
	closeTo(0)
	t.nodes = append(t.nodes, trieNode{1 << 9, uint32(len(t.tokens))})
	t.findWide()
	return t
}

// minWide is how many children make a node wide: so many that looking up the few that a state allows beats visiting all.
const minWide = 16

// findWide indexes the children of wide nodes.
func (t *trie) findWide() {
	t.wide = map[int]*[256]uint32{}
	t.indexChildren(wideRoot, 0, len(t.nodes)-1)
}

func (t *trie) indexChildren(parent, lo, hi int) {
	n := 0
	for i := lo; i < hi; i += t.nodes[i].skip() {
		n++
	}
	var index *[256]uint32
	if n >= minWide || parent == wideRoot {
		index = new([256]uint32)
		t.wide[parent] = index
		if parent >= 0 {
			t.nodes[parent].bits |= 1 << 8
		}
	}
	for i := lo; i < hi; i += t.nodes[i].skip() {
		if index != nil {
			index[t.nodes[i].byte()] = uint32(i) + 1
		}
		if t.nodes[i].skip() > minWide {
			t.indexChildren(i, i+1, i+t.nodes[i].skip())
		}
	}
}

// A byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) has(b byte) bool { return s[b>>6]>>(b&63)&1 != 0 }
func (s *byteSet) add(b byte)      { s[b>>6] |= 1 << (b & 63) }

func (s *byteSet) addRange(lo, hi byte) {
	for b := int(lo); b <= int(hi); b++ {
		s.add(byte(b))
	}
}

func (s *byteSet) len() int {
	return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) + bits.OnesCount64(s[2]) + bits.OnesCount64(s[3])
}

func byteSetOf(bytes string) byteSet {
	var s byteSet
	for i := range len(bytes) {
		s.add(bytes[i])
	}
	return s
}
