package constrain

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A regexNode is a part of a regular expression.
type regexNode struct {
	op       regexOp
	set      runeSet // opSet
	subs     []*regexNode
	min, max int // opRepeat; max < 0: no end
}

type regexOp uint8

const (
	opEmpty regexOp = iota
	opSet           // one character of a set
	opConcat
	opAlternate
	opRepeat
	opBegin   // ^
	opEnd     // $
	opWord    // \b
	opNotWord // \B
)

// A regexError says why a regular expression is not one of those that can be enforced.
type regexError struct {
	offset int
	msg    string
}

func (e *regexError) Error() string {
	return fmt.Sprintf("%s at byte %d of the pattern", e.msg, e.offset)
}

// A regexParser reads a regular expression of ECMA-262 as JSON Schema means it: without flags but for u, and with the leniency
// of Annex B where a meaning is clear.
type regexParser struct {
	src   string
	pos   int
	depth int
}

// maxRegexDepth bounds the nesting of groups.
const maxRegexDepth = 200

// A regexPattern is a regular expression that has been read: what any match of body in a text, and a condition on what stands
// at the beginning of the text.
type regexPattern struct {
	aheads []lookAhead
	body   *regexNode
}

// A lookAhead asks that the text begins, or does not begin, with a match of node.
type lookAhead struct {
	negated bool
	node    *regexNode
}

// parseRegex reads src. The error is a *regexError.
func parseRegex(src string) (pattern *regexPattern, err error) {
	p := &regexParser{src: src}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*regexError)
			if !ok {
				panic(r)
			}
			pattern, err = nil, e
		}
	}()
	pattern = &regexPattern{aheads: p.lookAheads()}
	pattern.body = p.alternate()
	if p.pos < len(p.src) {
		p.fail("unmatched )")
	}
	if len(pattern.aheads) > 0 {
		if pattern.body.op == opAlternate {
			p.fail("look-ahead beside an alternative is not supported")
		}
		pattern.body = &regexNode{op: opConcat, subs: []*regexNode{{op: opBegin}, pattern.body}}
	}
	return pattern, nil
}

// lookAheads reads the look-aheads behind a ^ at the beginning of the pattern, and the ^ itself if there are any.
func (p *regexParser) lookAheads() (aheads []lookAhead) {
	if !strings.HasPrefix(p.src, "^(?=") && !strings.HasPrefix(p.src, "^(?!") {
		return nil
	}
	p.pos = 1
	for p.eat("(?") {
		switch negated := p.eat("!"); {
		case negated || p.eat("="):
			aheads = append(aheads, lookAhead{negated, p.alternate()})
			if !p.eat(")") {
				p.fail("missing )")
			}
			if _, _, ok := p.quantifier(); ok {
				p.fail("quantifier behind an assertion")
			}
		default:
			p.pos -= len("(?")
			return aheads
		}
	}
	return aheads
}

func (p *regexParser) fail(msg string) {
	panic(&regexError{p.pos, msg})
}

func (p *regexParser) more() bool { return p.pos < len(p.src) }

func (p *regexParser) eat(s string) bool {
	if strings.HasPrefix(p.src[p.pos:], s) {
		p.pos += len(s)
		return true
	}
	return false
}

func (p *regexParser) rune() rune {
	r, n := utf8.DecodeRuneInString(p.src[p.pos:])
	p.pos += n
	return r
}

func (p *regexParser) alternate() *regexNode {
	if p.depth++; p.depth > maxRegexDepth {
		p.fail("groups nested too deep")
	}
	node := &regexNode{op: opAlternate, subs: []*regexNode{p.concat()}}
	for p.eat("|") {
		node.subs = append(node.subs, p.concat())
	}
	p.depth--
	if len(node.subs) == 1 {
		return node.subs[0]
	}
	return node
}

func (p *regexParser) concat() *regexNode {
	node := &regexNode{op: opConcat}
	for p.more() && p.src[p.pos] != '|' && p.src[p.pos] != ')' {
		node.subs = append(node.subs, p.quantified())
	}
	switch len(node.subs) {
	case 0:
		return &regexNode{op: opEmpty}
	case 1:
		return node.subs[0]
	}
	return node
}

func (p *regexParser) quantified() *regexNode {
	node := p.atom()
	min, max, ok := p.quantifier()
	if !ok {
		return node
	}
	if node.op >= opBegin {
		p.fail("quantifier behind an assertion")
	}
	p.eat("?") // a lazy quantifier matches the same texts
	if _, _, again := p.quantifier(); again {
		p.fail("nothing to repeat")
	}
	return &regexNode{op: opRepeat, subs: []*regexNode{node}, min: min, max: max}
}

func (p *regexParser) quantifier() (min, max int, ok bool) {
	switch {
	case p.eat("*"):
		return 0, -1, true
	case p.eat("+"):
		return 1, -1, true
	case p.eat("?"):
		return 0, 1, true
	case p.more() && p.src[p.pos] == '{':
		return p.braces()
	}
	return 0, 0, false
}

// braces reads {n}, {n,} or {n,m}. Anything else that begins with a brace stands for itself.
func (p *regexParser) braces() (min, max int, ok bool) {
	body, _, found := strings.Cut(p.src[p.pos+1:], "}")
	first, second, comma := strings.Cut(body, ",")
	if !found || !allDigits(first) || comma && second != "" && !allDigits(second) {
		return 0, 0, false
	}
	min = repeatCount(first)
	switch {
	case !comma:
		max = min
	case second == "":
		max = -1
	default:
		if max = repeatCount(second); max < min {
			p.fail("numbers out of order in {}")
		}
	}
	p.pos += len(body) + 2
	return min, max, true
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// repeatCount reads a count; one that is too large to be carried out stays too large.
func repeatCount(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n > 1<<30 {
		return 1 << 30
	}
	return n
}

func (p *regexParser) atom() *regexNode {
	switch {
	case p.eat("("):
		return p.group()
	case p.eat("["):
		return &regexNode{op: opSet, set: p.class()}
	case p.eat("."):
		return &regexNode{op: opSet, set: lineRunes.complement()}
	case p.eat("^"):
		return &regexNode{op: opBegin}
	case p.eat("$"):
		return &regexNode{op: opEnd}
	case p.eat(`\b`):
		return &regexNode{op: opWord}
	case p.eat(`\B`):
		return &regexNode{op: opNotWord}
	case p.eat(`\`):
		set, _ := p.escape(false)
		return &regexNode{op: opSet, set: set}
	case strings.ContainsRune("*+?", rune(p.src[p.pos])):
		p.fail("nothing to repeat")
	}
	return &regexNode{op: opSet, set: runesOf(p.rune())}
}

func (p *regexParser) group() *regexNode {
	switch {
	case p.eat("?:"):
	case p.eat("?=") || p.eat("?!"):
		p.fail("look-ahead is supported only behind a ^ at the beginning of a pattern")
	case p.eat("?<=") || p.eat("?<!"):
		p.fail("look-behind is not supported")
	case p.eat("?<"):
		i := strings.IndexByte(p.src[p.pos:], '>')
		if i < 1 {
			p.fail("invalid name of a group")
		}
		p.pos += i + 1
	case p.eat("?"):
		p.fail("unknown kind of group")
	}
	node := p.alternate()
	if !p.eat(")") {
		p.fail("missing )")
	}
	if node.op >= opBegin { // a quantifier behind it is about the group, not about a bare assertion
		return &regexNode{op: opConcat, subs: []*regexNode{node}}
	}
	return node
}

// class reads a character class behind its bracket.
func (p *regexParser) class() runeSet {
	negated := p.eat("^")
	var s runeSet
	for !p.eat("]") {
		if !p.more() {
			p.fail("missing ]")
		}
		lo, single := p.classAtom()
		if !single || !strings.HasPrefix(p.src[p.pos:], "-") || strings.HasPrefix(p.src[p.pos:], "-]") {
			s = append(s, lo...)
			continue
		}
		p.pos++
		hi, single := p.classAtom()
		if !single { // as in Annex B: the hyphen stands for itself
			s = append(append(append(s, lo...), hi...), runeRange{'-', '-'})
			continue
		}
		if hi[0].lo < lo[0].lo {
			p.fail("range out of order in character class")
		}
		s = append(s, runeRange{lo[0].lo, hi[0].lo})
	}
	s = s.normal()
	if negated {
		return s.complement()
	}
	return s
}

// classAtom reads one member of a class; single tells that it is one character.
func (p *regexParser) classAtom() (s runeSet, single bool) {
	if !p.more() {
		p.fail("missing ]")
	}
	if p.eat(`\`) {
		return p.escape(true)
	}
	return runesOf(p.rune()), true
}

var controlEscapes = map[rune]rune{'t': '\t', 'n': '\n', 'v': '\v', 'f': '\f', 'r': '\r'}

// escape reads what stands behind a backslash.
func (p *regexParser) escape(inClass bool) (s runeSet, single bool) {
	if !p.more() {
		p.fail(`\ at the end of the pattern`)
	}
	r := p.rune()
	switch r {
	case 'd':
		return digitRunes, false
	case 'D':
		return digitRunes.complement(), false
	case 'w':
		return wordRunes, false
	case 'W':
		return wordRunes.complement(), false
	case 's':
		return spaceRunes, false
	case 'S':
		return spaceRunes.complement(), false
	case 'p', 'P':
		return p.property(r == 'P'), false
	case 'x':
		return runesOf(p.hex(2)), true
	case 'u':
		return runesOf(p.unicode()), true
	case 'c':
		if p.more() && isLetter(p.src[p.pos]) {
			return runesOf(p.rune() % 32), true
		}
		p.fail(`invalid escape \c`)
	case 'b':
		if inClass {
			return runesOf('\b'), true
		}
	}
	if c, ok := controlEscapes[r]; ok {
		return runesOf(c), true
	}
	if r == '0' && !(p.more() && allDigits(p.src[p.pos:p.pos+1])) {
		return runesOf(0), true
	}
	if r < utf8.RuneSelf && (isLetter(byte(r)) || allDigits(string(r))) {
		p.pos--
		if r == 'k' || r != '0' && r <= '9' {
			p.fail("back-references are not supported")
		}
		p.fail(fmt.Sprintf(`unknown escape \%c`, r))
	}
	return runesOf(r), true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func (p *regexParser) hex(n int) rune {
	if p.pos+n > len(p.src) {
		p.fail("invalid escape")
	}
	v, err := strconv.ParseUint(p.src[p.pos:p.pos+n], 16, 32)
	if err != nil {
		p.fail("invalid escape")
	}
	p.pos += n
	return rune(v)
}

// unicode reads \uXXXX, a pair of them, or \u{X…} behind the u.
func (p *regexParser) unicode() rune {
	if p.eat("{") {
		digits, _, ok := strings.Cut(p.src[p.pos:], "}")
		v, err := strconv.ParseUint(digits, 16, 32)
		if !ok || err != nil || v > maxRune {
			p.fail("invalid escape")
		}
		p.pos += len(digits) + 1
		return rune(v)
	}
	r := p.hex(4)
	if r>>10 == 0xD800>>10 && p.eat(`\u`) {
		low := p.hex(4)
		if low>>10 != 0xDC00>>10 {
			p.fail("lone surrogate")
		}
		return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
	}
	if r >= 0xD800 && r < 0xE000 {
		p.fail("lone surrogate")
	}
	return r
}

// property reads {Name} or {Key=Value} behind \p.
func (p *regexParser) property(negated bool) runeSet {
	body, _, ok := strings.Cut(p.src[p.pos:], "}")
	if !ok || !strings.HasPrefix(body, "{") {
		p.fail("invalid property")
	}
	s, ok := unicodeProperty(body[1:])
	if !ok {
		p.fail("unknown property " + strconv.Quote(body[1:]))
	}
	p.pos += len(body) + 1
	if negated {
		return s.complement()
	}
	return s
}

// unicodeProperty returns the characters of a general category, a script or a binary property.
func unicodeProperty(name string) (runeSet, bool) {
	key, value, pair := strings.Cut(name, "=")
	if !pair {
		value = key
	}
	if pair && (key == "Script" || key == "sc" || key == "Script_Extensions" || key == "scx") {
		if strings.HasPrefix(key, "Script_") || key == "scx" {
			return nil, false // package unicode does not have them
		}
		t, ok := unicode.Scripts[value]
		return tableRunes(t, ok)
	}
	if pair && key != "General_Category" && key != "gc" {
		return nil, false
	}
	if long, ok := categoryNames[value]; ok {
		value = long
	}
	switch value {
	case "Any":
		return allRunes, !pair
	case "ASCII":
		return runeSet{{0, 127}}, !pair
	case "Cn", "C", "LC":
		return nil, false
	}
	if t, ok := unicode.Categories[value]; ok {
		return tableRunes(t, true)
	}
	t, ok := unicode.Properties[value]
	if !ok && value == "Alphabetic" {
		return runesOfTable(unicode.Letter).union(runesOfTable(unicode.Nl)).union(runesOfTable(unicode.Other_Alphabetic)), !pair
	}
	return tableRunes(t, ok && !pair)
}

func tableRunes(t *unicode.RangeTable, ok bool) (runeSet, bool) {
	if !ok {
		return nil, false
	}
	return runesOfTable(t), true
}

// categoryNames are the long names of general categories (Unicode 15.0, PropertyValueAliases.txt).
var categoryNames = map[string]string{
	"Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt", "Modifier_Letter": "Lm",
	"Other_Letter": "Lo", "Mark": "M", "Combining_Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc",
	"Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Letter_Number": "Nl", "Other_Number": "No",
	"Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk", "Other_Symbol": "So",
	"Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps",
	"Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf", "Other_Punctuation": "Po",
	"Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Control": "Cc",
	"cntrl": "Cc", "Format": "Cf", "Private_Use": "Co", "Lowercase": "Lowercase", "Uppercase": "Uppercase",
}
