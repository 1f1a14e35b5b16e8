package constrain

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A textSet is a set of strings: a formula over its atoms, in which only atoms are negated. It is immutable; equal keys mean
// equal formulas. nil is the empty set.
type textSet struct {
	op       textOp
	words    []string // textWords: sorted
	pattern  *textPattern
	min, max int // textLength: in characters; max < 0: no end
	args     []*textSet
	key      string
}

type textOp uint8

const (
	textAll textOp = iota
	textWords
	textRegex
	textLength
	textNot // of an atom
	textAnd
	textOr
)

// A textPattern is something that makes an automaton: a regular expression or a format.
type textPattern struct {
	name string
	make func() textAtom
}

// A textAtom is an automaton over characters. States are spelled as strings, so that a machine can put them together and forget
// them. A textAtom is not safe for concurrent use.
type textAtom interface {
	begin() string
	step(state string, r rune) (string, bool) // false: no text that goes on so is accepted
	accepts(state string) bool
	free(state string) bool // whatever follows is accepted
	trim() bool             // every state of step leads to an accepted text
	runeSets() []runeSet    // characters that no set tells apart are the same to step
}

var everyText = &textSet{op: textAll, max: -1, key: "*"}

func wordsSet(words ...string) *textSet {
	words = slices.Clone(words)
	slices.Sort(words)
	words = slices.Compact(words)
	if len(words) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteByte('w')
	for _, w := range words {
		b.WriteString(strconv.Itoa(len(w)))
		b.WriteByte(':')
		b.WriteString(w)
	}
	return &textSet{op: textWords, words: words, key: b.String()}
}

// patternSet is the set of strings that a pattern of that unique name accepts.
func patternSet(name string, make func() textAtom) *textSet {
	return &textSet{op: textRegex, pattern: &textPattern{name, make}, key: "/" + strconv.Itoa(len(name)) + name}
}

// lengthSet holds the strings of min to max characters; max < 0: no end.
func lengthSet(min, max int) *textSet {
	switch {
	case max >= 0 && min > max:
		return nil
	case min <= 0 && max < 0:
		return everyText
	case max == 0:
		return wordsSet("")
	}
	return &textSet{op: textLength, min: min, max: max, key: "#" + strconv.Itoa(min) + "," + strconv.Itoa(max)}
}

// compound puts sets together, sorted and without repetition.
func compound(op textOp, args []*textSet) *textSet {
	slices.SortFunc(args, func(a, b *textSet) int { return strings.Compare(a.key, b.key) })
	args = slices.CompactFunc(args, func(a, b *textSet) bool { return a.key == b.key })
	if len(args) == 1 {
		return args[0]
	}
	var b strings.Builder
	b.WriteByte("*w/#!&|"[op])
	b.WriteByte('(')
	for _, a := range args {
		b.WriteString(a.key)
	}
	b.WriteByte(')')
	return &textSet{op: op, args: args, key: b.String()}
}

// notText is the complement of s.
func notText(s *textSet) *textSet {
	switch {
	case s == nil:
		return everyText
	case s.op == textAll:
		return nil
	case s.op == textNot:
		return s.args[0]
	case s.op == textLength:
		below := lengthSet(0, s.min-1)
		if s.min == 0 {
			below = nil
		}
		if s.max < 0 {
			return below
		}
		return orText(below, lengthSet(s.max+1, -1))
	case s.op == textAnd || s.op == textOr:
		args := make([]*textSet, len(s.args))
		for i, a := range s.args {
			args[i] = notText(a)
		}
		if s.op == textAnd {
			return orText(args...)
		}
		return andText(args...)
	}
	return &textSet{op: textNot, args: []*textSet{s}, key: "!" + s.key}
}

// andText is the intersection.
func andText(sets ...*textSet) *textSet {
	var args []*textSet
	var words, not *textSet
	least, most := 0, -1
	for todo := slices.Clone(sets); len(todo) > 0; {
		s := todo[0]
		todo = todo[1:]
		switch {
		case s == nil:
			return nil
		case s.op == textAll:
		case s.op == textAnd:
			todo = append(todo, s.args...)
		case s.op == textWords && words == nil:
			words = s
		case s.op == textWords:
			if words = words.filter(s.contains); words == nil {
				return nil
			}
		case s.op == textNot && s.args[0].op == textWords:
			not = orText(not, s.args[0])
		case s.op == textLength:
			least, most = max(least, s.min), lowerMax(most, s.max)
		default:
			args = append(args, s)
		}
	}
	length := lengthSet(least, most)
	if length == nil {
		return nil
	}
	if words == nil && length.op == textWords {
		words, length = length, everyText
	}
	if words != nil {
		return words.filter(func(w string) bool {
			return !not.contains(w) && length.contains(w) && !slices.ContainsFunc(args, func(a *textSet) bool { return !a.contains(w) })
		})
	}
	if length.op != textAll {
		args = append(args, length)
	}
	if not != nil {
		args = append(args, notText(not))
	}
	for i, a := range args {
		if slices.ContainsFunc(args[i+1:], func(b *textSet) bool {
			return a.op == textNot && a.args[0].key == b.key || b.op == textNot && b.args[0].key == a.key
		}) {
			return nil
		}
	}
	if len(args) == 0 {
		return everyText
	}
	return compound(textAnd, args)
}

// orText is the union.
func orText(sets ...*textSet) *textSet {
	var args []*textSet
	var words []string
	for todo := slices.Clone(sets); len(todo) > 0; {
		s := todo[0]
		todo = todo[1:]
		switch {
		case s == nil:
		case s.op == textAll:
			return everyText
		case s.op == textOr:
			todo = append(todo, s.args...)
		case s.op == textWords:
			words = append(words, s.words...)
		default:
			args = append(args, s)
		}
	}
	if len(words) > 0 {
		args = append(args, wordsSet(words...))
	}
	for i, a := range args {
		for _, b := range args[i+1:] {
			if a.op == textNot && a.args[0].key == b.key || b.op == textNot && b.args[0].key == a.key {
				return everyText
			}
		}
	}
	if len(args) == 0 {
		return nil
	}
	return compound(textOr, args)
}

// filter keeps the words for which f is true.
func (s *textSet) filter(f func(string) bool) *textSet {
	var kept []string
	for _, w := range s.words {
		if f(w) {
			kept = append(kept, w)
		}
	}
	if len(kept) == len(s.words) {
		return s
	}
	return wordsSet(kept...)
}

// contains reports whether w is in the set.
func (s *textSet) contains(w string) bool {
	if s == nil {
		return false
	}
	switch s.op {
	case textWords:
		_, ok := slices.BinarySearch(s.words, w)
		return ok
	case textRegex:
		return atomAccepts(s.pattern.make(), w)
	case textLength:
		n := utf8.RuneCountInString(w)
		return n >= s.min && (s.max < 0 || n <= s.max)
	case textNot:
		return !s.args[0].contains(w)
	case textAnd:
		return !slices.ContainsFunc(s.args, func(a *textSet) bool { return !a.contains(w) })
	case textOr:
		return slices.ContainsFunc(s.args, func(a *textSet) bool { return a.contains(w) })
	}
	return true
}

func atomAccepts(a textAtom, w string) bool {
	state := a.begin()
	for _, r := range w {
		var ok bool
		if state, ok = a.step(state, r); !ok {
			return false
		}
	}
	return a.accepts(state)
}

// atoms calls f for every atom of the formula.
func (s *textSet) atoms(f func(*textSet)) {
	if s == nil {
		return
	}
	if s.op < textNot {
		if s.op != textAll {
			f(s)
		}
		return
	}
	for _, a := range s.args {
		a.atoms(f)
	}
}

// without returns what the set holds of strings that are none of its words.
func (s *textSet) without() *textSet {
	if s == nil {
		return nil
	}
	args := make([]*textSet, len(s.args))
	for i, a := range s.args {
		args[i] = a.without()
	}
	switch s.op {
	case textWords:
		return nil
	case textNot:
		return notText(args[0])
	case textAnd:
		return andText(args...)
	case textOr:
		return orText(args...)
	}
	return s
}
