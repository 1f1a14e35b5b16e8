package schema

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// class translates a character class behind its bracket.
func (t *translator) class() {
	negated := t.eat("^")
	var set strings.Builder
	for !t.eat("]") {
		t.member(&set)
	}
	switch {
	case set.Len() == 0 && negated:
		t.out.WriteString(`[\x{0}-\x{10FFFF}]`)
	case set.Len() == 0:
		t.out.WriteString(`[^\x{0}-\x{10FFFF}]`)
	case negated:
		t.out.WriteString("[^" + set.String() + "]")
	default:
		t.out.WriteString("[" + set.String() + "]")
	}
}

// member translates a member of a class, or a range of two.
func (t *translator) member(set *strings.Builder) {
	lowSet, low := t.classAtom()
	if !strings.HasPrefix(t.src[t.pos:], "-") || strings.HasPrefix(t.src[t.pos:], "-]") {
		set.WriteString(lowSet + single(lowSet, low))
		return
	}
	t.pos++
	highSet, high := t.classAtom()
	if lowSet != "" || highSet != "" { // Annex B: the hyphen stands for itself
		set.WriteString(lowSet + single(lowSet, low) + `\-` + highSet + single(highSet, high))
		return
	}
	if high < low {
		t.fail("range out of order in a character class")
	}
	set.WriteString(literalRune(low) + "-" + literalRune(high))
}

// single spells the character of a class atom that is no set.
func single(set string, r rune) string {
	if set != "" {
		return ""
	}
	return literalRune(r)
}

func (t *translator) classAtom() (set string, r rune) {
	if !t.more() {
		t.fail("missing ]")
	}
	if t.eat(`\`) {
		return t.escape(true)
	}
	return "", t.rune()
}

// What \s and \S hold in ECMA-262 (WhiteSpace and LineTerminator), as members of a class.
const (
	spaceSet    = `\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
	notSpaceSet = `\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}` +
		`\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`
)

var controlEscapes = map[rune]rune{'t': '\t', 'n': '\n', 'v': '\v', 'f': '\f', 'r': '\r'}

// escape reads what stands behind a backslash: the members of a class, or one character.
func (t *translator) escape(inClass bool) (set string, r rune) {
	if !t.more() {
		t.fail(`\ at the end of the pattern`)
	}
	r = t.rune()
	switch r {
	case 'd', 'D', 'w', 'W':
		return `\` + string(r), 0
	case 's':
		return spaceSet, 0
	case 'S':
		return notSpaceSet, 0
	case 'p', 'P':
		return t.property(r), 0
	case 'x':
		return "", t.hex(2)
	case 'u':
		return "", t.unicode()
	case 'c':
		if t.more() && isLetter(t.src[t.pos]) {
			return "", t.rune() % 32
		}
		t.fail(`invalid escape \c`)
	case 'b':
		if inClass {
			return "", '\b'
		}
	case '0':
		if !t.more() || !digitsOnly(t.src[t.pos:t.pos+1]) {
			return "", 0
		}
	}
	if c, ok := controlEscapes[r]; ok {
		return "", c
	}
	if r < utf8.RuneSelf && (isLetter(byte(r)) || digitsOnly(string(r))) {
		t.pos--
		if r == 'k' || r != '0' && r <= '9' {
			t.unsupported("back-references are not supported")
		}
		t.fail(fmt.Sprintf(`unknown escape \%c`, r))
	}
	return "", r
}

func (t *translator) hex(n int) rune {
	if t.pos+n > len(t.src) {
		t.fail("invalid escape")
	}
	v, err := strconv.ParseUint(t.src[t.pos:t.pos+n], 16, 32)
	if err != nil {
		t.fail("invalid escape")
	}
	t.pos += n
	return rune(v)
}

// unicode reads \uXXXX, a pair of surrogates, or \u{X…} behind the u.
func (t *translator) unicode() rune {
	if t.eat("{") {
		digits, _, ok := strings.Cut(t.src[t.pos:], "}")
		v, err := strconv.ParseUint(digits, 16, 32)
		if !ok || err != nil || v > unicode.MaxRune || 0xD800 <= v && v < 0xE000 {
			t.fail("invalid escape")
		}
		t.pos += len(digits) + 1
		return rune(v)
	}
	r := t.hex(4)
	if r>>10 == 0xD800>>10 && t.eat(`\u`) {
		low := t.hex(4)
		if low>>10 != 0xDC00>>10 {
			t.fail("lone surrogate")
		}
		return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
	}
	if 0xD800 <= r && r < 0xE000 {
		t.fail("lone surrogate")
	}
	return r
}

// property reads {Name} or {Key=Value} behind \p or \P.
func (t *translator) property(letter rune) string {
	body, _, ok := strings.Cut(t.src[t.pos:], "}")
	name, braced := strings.CutPrefix(body, "{")
	if !ok || !braced {
		t.fail("invalid property")
	}
	set, ok := propertySet(name, letter == 'P')
	if !ok {
		t.fail("unknown property " + strconv.Quote(name))
	}
	t.pos += len(body) + 1
	return set
}

// propertySet spells the characters of a general category or a script as members of a class.
func propertySet(name string, negated bool) (string, bool) {
	letter := `\p`
	if negated {
		letter = `\P`
	}
	key, value, pair := strings.Cut(name, "=")
	switch {
	case !pair && name == "Any" && !negated:
		return `\x{0}-\x{10FFFF}`, true
	case !pair && name == "ASCII" && !negated:
		return `\x{0}-\x{7F}`, true
	case !pair && name == "ASCII":
		return `\x{80}-\x{10FFFF}`, true
	case !pair:
		value = name
	}
	if key == "Script" || key == "sc" {
		_, ok := unicode.Scripts[value]
		return letter + "{" + value + "}", ok && pair
	}
	if pair && key != "General_Category" && key != "gc" {
		return "", false
	}
	if short, ok := unicode.CategoryAliases[value]; ok {
		value = short
	}
	_, ok := unicode.Categories[value]
	return letter + "{" + value + "}", ok
}
