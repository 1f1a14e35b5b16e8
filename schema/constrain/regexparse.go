package constrain

import (
	"fmt"
	"strconv"
	"strings"
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
