package schema

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A translator turns an ECMA-262 pattern into the syntax of package regexp. Literal characters are
// escaped, so that what package regexp would read differently never reaches it.
type translator struct {
	src   string
	pos   int
	depth int
	out   strings.Builder
}

type translated struct {
	text    string
	negated bool
}

// maxPatternDepth is how deep groups may stand inside each other, maxRepeat the largest count.
const (
	maxPatternDepth = 200
	maxRepeat       = 10_000
	re2Repeat       = 1000 // the largest count that package regexp takes (regexp/syntax, parse.go)
)

func (t *translator) pattern() (parts []translated, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*patternError)
			if !ok {
				panic(r)
			}
			parts, err = nil, e
		}
	}()
	begin := strings.HasPrefix(t.src, "^(?=") || strings.HasPrefix(t.src, "^(?!")
	for t.pos = 1; begin; {
		negated := t.eat("(?!")
		if !negated && !t.eat("(?=") {
			break
		}
		parts = append(parts, translated{"^(?:" + t.part() + ")", negated})
		t.expect(")")
	}
	if !begin {
		t.pos = 0
	}
	body := t.part()
	if begin {
		if topLevelChoice(body) {
			t.unsupported("look-ahead beside an alternative is not supported")
		}
		body = "^(?:" + body + ")"
	}
	if t.pos < len(t.src) {
		t.fail("unmatched )")
	}
	return append(parts, translated{body, false}), nil
}

// topLevelChoice reports whether a translated body is a choice, which a look-ahead before its first
// alternative would not bind to the others.
func topLevelChoice(body string) bool {
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '|':
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

// part translates a disjunction up to its end or its closing parenthesis.
func (t *translator) part() string {
	outer := t.out
	t.out = strings.Builder{}
	t.disjunction()
	text := t.out.String()
	t.out = outer
	return text
}

func (t *translator) fail(msg string) { panic(&patternError{offset: t.pos, msg: msg}) }

// unsupported fails at something that ECMA-262 allows and package regexp cannot do.
func (t *translator) unsupported(msg string) {
	panic(&patternError{offset: t.pos, msg: msg, unsupported: true})
}

func (t *translator) more() bool { return t.pos < len(t.src) }

func (t *translator) eat(s string) bool {
	if strings.HasPrefix(t.src[t.pos:], s) {
		t.pos += len(s)
		return true
	}
	return false
}

func (t *translator) expect(s string) {
	if !t.eat(s) {
		t.fail("missing " + s)
	}
}

func (t *translator) rune() rune {
	r, n := utf8.DecodeRuneInString(t.src[t.pos:])
	t.pos += n
	return r
}

func (t *translator) disjunction() {
	if t.depth++; t.depth > maxPatternDepth {
		t.fail("groups nested too deep")
	}
	for t.more() && t.src[t.pos] != ')' {
		if t.eat("|") {
			t.out.WriteByte('|')
			continue
		}
		t.term()
	}
	t.depth--
}

// term translates an assertion, or an atom and its quantifier.
func (t *translator) term() {
	start := t.out.Len()
	assertion := t.atom()
	low, high, ok := t.quantifier()
	if !ok {
		return
	}
	if assertion {
		t.fail("quantifier behind an assertion")
	}
	lazy := t.eat("?")
	atom := t.out.String()[start:]
	head := t.out.String()[:start]
	t.out = strings.Builder{}
	t.out.WriteString(head)
	t.repeat(atom, low, high, lazy)
	if _, _, again := t.quantifier(); again {
		t.fail("nothing to repeat")
	}
}

// repeat writes an atom low to high times, high < 0 for no end. Package regexp takes counts up to 1000;
// larger ones are spelled as a sum.
func (t *translator) repeat(atom string, low, high int, lazy bool) {
	suffix := ""
	if lazy {
		suffix = "?"
	}
	for ; low > re2Repeat; low -= re2Repeat {
		fmt.Fprintf(&t.out, "%s{%d}", atom, re2Repeat)
		if high >= 0 {
			high -= re2Repeat
		}
	}
	switch {
	case high < 0:
		fmt.Fprintf(&t.out, "%s{%d,}%s", atom, low, suffix)
		return
	case high <= re2Repeat:
		fmt.Fprintf(&t.out, "%s{%d,%d}%s", atom, low, high, suffix)
		return
	}
	fmt.Fprintf(&t.out, "%s{%d,%d}%s", atom, low, re2Repeat, suffix)
	for high -= re2Repeat; high > 0; high -= re2Repeat {
		fmt.Fprintf(&t.out, "%s{0,%d}%s", atom, min(high, re2Repeat), suffix)
	}
}

// quantifier reads *, +, ?, {n}, {n,} or {n,m}; any other brace stands for itself.
func (t *translator) quantifier() (low, high int, ok bool) {
	switch {
	case t.eat("*"):
		return 0, -1, true
	case t.eat("+"):
		return 1, -1, true
	case t.eat("?"):
		return 0, 1, true
	case !t.more() || t.src[t.pos] != '{':
		return 0, 0, false
	}
	body, _, found := strings.Cut(t.src[t.pos+1:], "}")
	first, second, comma := strings.Cut(body, ",")
	if !found || !digitsOnly(first) || second != "" && !digitsOnly(second) {
		return 0, 0, false
	}
	low, high = t.count(first), -1
	if !comma {
		high = low
	} else if second != "" {
		high = t.count(second)
	}
	if high >= 0 && high < low {
		t.fail("numbers out of order in {}")
	}
	t.pos += len(body) + 2
	return low, high, true
}

func (t *translator) count(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil || n > maxRepeat {
		t.unsupported(fmt.Sprintf("a count above %d", maxRepeat))
	}
	return n
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// atom translates one atom or assertion, and tells which it was.
func (t *translator) atom() (assertion bool) {
	switch {
	case t.eat("("):
		t.group()
	case t.eat("["):
		t.class()
	case t.eat("."):
		t.out.WriteString(`[^\n\r\x{2028}\x{2029}]`)
	case t.eat("^"):
		t.out.WriteString(`\A`)
		return true
	case t.eat("$"):
		t.out.WriteString(`\z`)
		return true
	case t.eat(`\b`):
		t.out.WriteString(`\b`)
		return true
	case t.eat(`\B`):
		t.out.WriteString(`\B`)
		return true
	case t.eat(`\`):
		if set, r := t.escape(false); set != "" {
			t.out.WriteString("[" + set + "]")
		} else {
			t.literal(r)
		}
	case strings.IndexByte("*+?", t.src[t.pos]) >= 0:
		t.fail("nothing to repeat")
	default:
		t.literal(t.rune())
	}
	return false
}

// literal writes a character so that package regexp reads nothing else in it.
func (t *translator) literal(r rune) { t.out.WriteString(literalRune(r)) }

func literalRune(r rune) string {
	if r < utf8.RuneSelf && (isLetter(byte(r)) || '0' <= r && r <= '9') {
		return string(r)
	}
	return fmt.Sprintf(`\x{%x}`, r)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func (t *translator) group() {
	switch {
	case t.eat("?:"):
	case t.eat("?=") || t.eat("?!"):
		t.unsupported("look-ahead is supported only behind a ^ at the beginning of a pattern")
	case t.eat("?<=") || t.eat("?<!"):
		t.unsupported("look-behind is not supported")
	case t.eat("?<"):
		i := strings.IndexByte(t.src[t.pos:], '>')
		if i < 1 {
			t.fail("invalid name of a group")
		}
		t.pos += i + 1
	case t.eat("?"):
		t.fail("unknown kind of group")
	}
	t.out.WriteString("(?:")
	t.disjunction()
	t.expect(")")
	t.out.WriteByte(')')
}
