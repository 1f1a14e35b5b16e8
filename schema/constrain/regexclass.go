package constrain

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

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
	if r == '0' && !(p.more() && isDigit(p.src[p.pos])) {
		return runesOf(0), true
	}
	if r < utf8.RuneSelf && (isLetter(byte(r)) || isDigit(byte(r))) {
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
