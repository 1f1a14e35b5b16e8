package constrain

import (
	"strings"
	"unicode/utf8"
)

// A runeTrie is a prefix tree, character by character, of the tokens that are well-formed text and stay inside a string without
// an escape. It is what machines of strings walk through.
type runeTrie struct {
	nodes  []runeNode // in the order of a walk, and one more at the end
	kinds  []uint32   // by node: the kinds of the characters below it
	tokens []uint32   // those that end at node i are tokens[nodes[i].first():nodes[i+1].first()]
}

// A runeNode packs a character, how many nodes to go on to skip what is below, and where its tokens begin.
type runeNode uint64

const (
	runeNodeSkip  = 21
	runeNodeFirst = 42
)

func (n runeNode) rune() rune { return rune(n & (1<<21 - 1)) }
func (n runeNode) skip() int  { return int(n >> runeNodeSkip & (1<<21 - 1)) }
func (n runeNode) first() int { return int(n >> runeNodeFirst) }

// newRuneTrie returns the tree of sorted pieces.
func newRuneTrie(list []piece) runeTrie {
	var t runeTrie
	var path []int // the nodes of the last piece
	var last, runes []rune
	closeTo := func(depth int) {
		for len(path) > depth {
			i := path[len(path)-1]
			t.nodes[i] |= runeNode(len(t.nodes)-i) << runeNodeSkip
			path = path[:len(path)-1]
			if len(path) > 0 {
				t.kinds[path[len(path)-1]] |= t.kinds[i] | kindOf(t.nodes[i].rune())
			}
		}
	}
	for _, p := range list {
		runes = append(runes[:0], []rune(p.text)...)
		common := 0
		for common < len(last) && common < len(runes) && last[common] == runes[common] {
			common++
		}
		closeTo(common)
		for _, r := range runes[common:] {
			path = append(path, len(t.nodes))
			t.nodes = append(t.nodes, runeNode(r)|runeNode(len(t.tokens))<<runeNodeFirst)
			t.kinds = append(t.kinds, 0)
		}
		t.tokens = append(t.tokens, p.tok)
		last, runes = runes, last
	}
	closeTo(0)
	t.nodes = append(t.nodes, runeNode(len(t.tokens))<<runeNodeFirst)
	return t
}

// The kinds of characters. Where a state leads to itself with all characters of the kinds below a node, a walk need not go
// there.
var runeKinds = func() []runeSet {
	kinds := []runeSet{{{'a', 'z'}}, {{'A', 'Z'}}, {{'0', '9'}}}
	for _, r := range " -_./:,;@'+#&=%" {
		kinds = append(kinds, runesOf(r))
	}
	for _, s := range []runeSet{{{0, 127}}, {{0x80, 0x24F}}, {{0x250, 0x6FF}}, {{0x700, 0x1FFF}}, {{0x2000, 0x2FFF}}, {{0x3000, 0xFFFF}},
		{{0x10000, maxRune}}} {
		for _, k := range kinds {
			s = s.without(k)
		}
		kinds = append(kinds, s)
	}
	return kinds
}()

func (s runeSet) without(t runeSet) runeSet {
	return s.complement().union(t).complement()
}

// asciiKinds are the kinds of ASCII.
var asciiKinds = func() (kinds [128]uint32) {
	for r := range kinds {
		for i, k := range runeKinds {
			if k.contains(rune(r)) {
				kinds[r] = 1 << i
			}
		}
	}
	return kinds
}()

// kindOf returns the kind of a character as a bit.
func kindOf(r rune) uint32 {
	if r < utf8.RuneSelf {
		return asciiKinds[r]
	}
	for i := len(runeKinds) - 1; ; i-- {
		if runeKinds[i].contains(r) {
			return 1 << i
		}
	}
}

// loops returns the kinds of characters that lead from a state to itself.
func (s *textState) loops() uint32 {
	if s.kinds.Load() == 0 {
		loops := uint32(1 << 31) // it has been found out
		for i, k := range runeKinds {
			if s.loopsWith(k) {
				loops |= 1 << i
			}
		}
		s.kinds.Store(loops)
	}
	return s.kinds.Load() &^ (1 << 31)
}

func (s *textState) loopsWith(set runeSet) bool {
	c := s.m.classes
	for _, r := range set {
		for i := c.find(r.lo); i < len(c.ranges) && c.ranges[i].lo <= r.hi; i++ {
			if s.stepInside(c.ranges[i].class) != s {
				return false
			}
		}
	}
	return true
}

// A runeLevel is where a walk through a runeTrie stands at a depth.
type runeLevel struct {
	s    *textState
	end  int // of the nodes below
	size int32
}

// walkRunes finds the tokens of the tree that go on from a state. Where characters are counted, size of them have been read.
func (m *Matcher) walkRunes(t *runeTrie, s *textState, size int32, counted bool) {
	var stack [130]runeLevel
	nodes := t.nodes
	d, end, c := 0, len(nodes)-1, s.m.classes
	stack[0] = runeLevel{s, end, size}
	inner, depth := m.walk.inner, 0
	for i := 0; i < len(nodes)-1; {
		for i >= end {
			d--
			s, end, size = stack[d].s, stack[d].end, stack[d].size
		}
		n := nodes[i]
		var class uint16
		if r := n.rune(); r < utf8.RuneSelf {
			class = c.ascii[r]
		} else {
			class = c.of(r)
		}
		next := s.next[class].Load()
		if next == nil {
			next = s.m.makeStep(s, class)
		}
		if next == deadText || next.m.keys != nil && next.keys.extra == 0 {
			i += n.skip()
			continue
		}
		after := size
		if counted {
			if after = nextSize(s.m, size); !next.fits(int(after)) {
				i += n.skip()
				continue
			}
		} else if next == s && n.skip() > 1 && t.kinds[i]&^next.loops() == 0 {
			inner = append(inner, t.tokens[n.first():nodes[i+n.skip()].first()]...)
			depth = len(stack)
			i += n.skip()
			continue
		}
		if first, last := n.first(), nodes[i+1].first(); first < last {
			inner = append(inner, t.tokens[first:last]...)
		}
		depth = max(depth, d+1)
		if n.skip() > 1 {
			d++
			s, end, size = next, i+n.skip(), after
			stack[d] = runeLevel{s, end, size}
		}
		i++
	}
	m.walk.inner, m.walk.depth = inner, max(m.walk.depth, depth)
}

// plainText reports whether a token is well-formed text that needs no escape in a string.
func plainText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) < 0
}
