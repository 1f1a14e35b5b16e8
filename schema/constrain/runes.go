package constrain

import (
	"slices"
	"unicode"
)

// A runeSet is a set of characters: ranges in rising order, with a gap between any two.
type runeSet []runeRange

// A runeRange holds the characters from lo to hi.
type runeRange struct{ lo, hi rune }

const maxRune = unicode.MaxRune

var allRunes = runeSet{{0, maxRune}}

func runesOf(rs ...rune) runeSet {
	var s runeSet
	for _, r := range rs {
		s = append(s, runeRange{r, r})
	}
	return s.normal()
}

// normal sorts ranges and joins those that touch.
func (s runeSet) normal() runeSet {
	slices.SortFunc(s, func(a, b runeRange) int { return int(a.lo) - int(b.lo) })
	out := s[:0]
	for _, r := range s {
		if n := len(out); n > 0 && r.lo <= out[n-1].hi+1 {
			out[n-1].hi = max(out[n-1].hi, r.hi)
			continue
		}
		out = append(out, r)
	}
	return out
}

func (s runeSet) union(t runeSet) runeSet {
	return append(slices.Clone(s), t...).normal()
}

func (s runeSet) complement() runeSet {
	var out runeSet
	next := rune(0)
	for _, r := range s {
		if r.lo > next {
			out = append(out, runeRange{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= maxRune {
		out = append(out, runeRange{next, maxRune})
	}
	return out
}

func (s runeSet) contains(r rune) bool {
	_, found := slices.BinarySearchFunc(s, r, func(x runeRange, r rune) int {
		switch {
		case x.hi < r:
			return -1
		case x.lo > r:
			return 1
		}
		return 0
	})
	return found
}

// runesOfTable are the characters of a table of package unicode.
func runesOfTable(t *unicode.RangeTable) runeSet {
	var s runeSet
	for _, r := range t.R16 {
		s = appendStride(s, rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range t.R32 {
		s = appendStride(s, rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return s.normal()
}

func appendStride(s runeSet, lo, hi, stride rune) runeSet {
	if stride == 1 {
		return append(s, runeRange{lo, hi})
	}
	for r := lo; r <= hi; r += stride {
		s = append(s, runeRange{r, r})
	}
	return s
}

// The classes of ECMA-262: \d, \w, \s, and what the dot leaves out.
var (
	digitRunes = runeSet{{'0', '9'}}
	wordRunes  = runeSet{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	lineRunes  = runeSet{{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}}
	spaceRunes = runeSet{{'\t', '\r'}, {' ', ' '}, {0xA0, 0xA0}, {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029},
		{0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}}
)

// A runeClasses divides all characters into classes that no set of a machine cuts.
type runeClasses struct {
	ascii  [128]uint16
	ranges []classRange // all characters, in order
	sample []rune       // one character of each class
	size   []uint64     // how many characters are in each class
	rare   int          // the class of the characters that are in none of the sets, or -1
}

type classRange struct {
	lo, hi rune
	class  uint16
}

// newRuneClasses returns the coarsest classes for the sets.
func newRuneClasses(sets []runeSet) *runeClasses {
	cuts := []rune{0, 0xD800, 0xE000} // a surrogate is no character
	for _, s := range sets {
		for _, r := range s {
			cuts = append(cuts, r.lo, r.hi+1)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	c, known := &runeClasses{rare: -1}, map[string]uint16{}
	at := make([]int, len(sets)) // the range of each set that is not behind yet
	key := make([]byte, (len(sets)+7)/8)
	for i, lo := range cuts {
		if lo > maxRune {
			break
		}
		hi := rune(maxRune)
		if i+1 < len(cuts) {
			hi = cuts[i+1] - 1
		}
		if lo == 0xD800 {
			continue
		}
		clear(key)
		for j, s := range sets {
			for at[j] < len(s) && s[at[j]].hi < lo {
				at[j]++
			}
			if at[j] < len(s) && s[at[j]].lo <= lo {
				key[j/8] |= 1 << (j % 8)
			}
		}
		class, ok := known[string(key)]
		if !ok {
			class = uint16(len(known))
			known[string(key)] = class
			if !slices.ContainsFunc(key, func(b byte) bool { return b != 0 }) {
				c.rare = int(class)
			}
			c.sample = append(c.sample, lo)
		}
		c.add(lo, hi, class)
	}
	return c
}

// newWordClasses is newRuneClasses for single characters in rising order.
func newWordClasses(runes runeSet) *runeClasses {
	c := &runeClasses{rare: -1, ranges: make([]classRange, 0, 2*len(runes)+2)}
	c.sample, c.size = make([]rune, 0, len(runes)+1), make([]uint64, 0, len(runes)+1)
	others := func(lo, hi rune) {
		if lo > hi {
			return
		}
		if c.rare < 0 {
			c.rare = len(c.sample)
			c.sample = append(c.sample, lo)
		}
		c.add(lo, hi, uint16(c.rare))
	}
	next := rune(0)
	for _, r := range append(runes[:len(runes):len(runes)], runeRange{maxRune + 1, maxRune + 1}) {
		if next < 0xD800 && r.lo >= 0xE000 { // a surrogate is no character
			others(next, 0xD7FF)
			next = 0xE000
		}
		others(next, r.lo-1)
		if next = r.lo + 1; r.lo <= maxRune {
			c.sample = append(c.sample, r.lo)
			c.add(r.lo, r.lo, uint16(len(c.sample)-1))
		}
	}
	return c
}

func (c *runeClasses) add(lo, hi rune, class uint16) {
	if int(class) == len(c.size) {
		c.size = append(c.size, 0)
	}
	c.size[class] += uint64(hi-lo) + 1
	for r := lo; r <= hi && r < 128; r++ {
		c.ascii[r] = class
	}
	if n := len(c.ranges); n > 0 && c.ranges[n-1].class == class && c.ranges[n-1].hi+1 == lo {
		c.ranges[n-1].hi = hi
		return
	}
	c.ranges = append(c.ranges, classRange{lo, hi, class})
}

// find returns the index of the range that holds r, or of the first behind it.
func (c *runeClasses) find(r rune) int {
	lo, hi := 0, len(c.ranges)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if c.ranges[mid].hi < r {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// of returns the class of a character.
func (c *runeClasses) of(r rune) uint16 {
	if r < 128 {
		return c.ascii[r]
	}
	return c.ranges[c.find(r)].class
}
