package schema

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/harmony-go/sdk/internal/ojson"
)

// A repairer reads a text that is nearly JSON and writes JSON. It panics with a *RepairError where it cannot
// go on.
type repairer struct {
	src     []byte
	pos     int
	end     int // of src without a closing fence
	at      func(int) int
	out     []byte
	changes []Change
	depth   int
}

func (r *repairer) change(kind ChangeKind, offset int, old, new string) {
	r.changes = append(r.changes, Change{kind, r.at(offset), old, new})
}

// fail ends the repair at a place.
func (r *repairer) fail(offset int, expected string) {
	found := "the end of the text"
	if offset < r.end {
		c, _ := utf8.DecodeRune(r.src[offset:])
		found = fmt.Sprintf("%q", c)
	}
	panic(&RepairError{r.at(offset), "expected " + expected + ", found " + found})
}

// text reads the whole text.
func (r *repairer) text() {
	r.end = len(r.src)
	r.fences()
	r.space()
	start := len(r.out)
	r.value()
	first := bytes.Clone(r.out[start:])
	r.trailing(first)
	r.finishFence()
}

// fences drops a line ``` or ```json before the value, and finds the one behind it.
func (r *repairer) fences() {
	trimmed := bytes.TrimLeft(r.src, " \t\r\n")
	if !bytes.HasPrefix(trimmed, []byte("```")) {
		return
	}
	start := len(r.src) - len(trimmed)
	line, _, ended := bytes.Cut(trimmed, []byte("\n"))
	info := strings.TrimSpace(string(line[3:]))
	if !ended || strings.IndexFunc(info, func(c rune) bool { return c >= utf8.RuneSelf || !isLetter(byte(c)) && c != '5' }) >= 0 {
		r.fail(start, "a value")
	}
	r.pos = start + len(line) + 1
	r.change(CodeFence, start, string(r.src[start:r.pos]), "")
	if body := bytes.TrimRight(r.src, " \t\r\n"); bytes.HasSuffix(body, []byte("```")) && len(body)-3 >= r.pos {
		r.end = len(body) - 3
	}
}

// finishFence notes the closing fence behind everything else, in the order of the text.
func (r *repairer) finishFence() {
	if r.end < len(r.src) {
		r.change(CodeFence, r.end, string(r.src[r.end:]), "")
	}
}

// trailing drops what may stand behind the value: brackets that close nothing, and the value again.
func (r *repairer) trailing(first []byte) {
	for {
		r.space()
		if r.pos == r.end {
			return
		}
		start := r.pos
		if c := r.src[r.pos]; c == '}' || c == ']' {
			r.pos++
			r.change(TrailingBracket, start, string(c), "")
			continue
		}
		again := repairer{src: r.src, pos: r.pos, end: r.end, at: r.at}
		if c := r.src[r.pos]; c != '{' && c != '[' {
			r.fail(start, "the end of the text")
		}
		again.value()
		if !bytes.Equal(ojson.AppendCompact(nil, again.out), ojson.AppendCompact(nil, first)) {
			panic(&RepairError{r.at(start), "expected one value, found another one that differs"})
		}
		r.pos = again.pos
		r.change(RepeatedValue, start, string(r.src[start:r.pos]), "")
	}
}

// space copies white space.
func (r *repairer) space() {
	for r.pos < r.end && strings.IndexByte(" \t\r\n", r.src[r.pos]) >= 0 {
		r.copy(1)
	}
}

func (r *repairer) copy(n int) {
	r.out = append(r.out, r.src[r.pos:r.pos+n]...)
	r.pos += n
}

func (r *repairer) next() byte {
	if r.pos < r.end {
		return r.src[r.pos]
	}
	return 0
}

// value reads one value behind white space.
func (r *repairer) value() {
	r.space()
	switch c := r.next(); {
	case c == '{':
		r.container('}', r.member)
	case c == '[':
		r.container(']', r.value)
	case c == '"':
		r.string()
	case c == '\'':
		r.singleQuoted()
	case c == '-' || '0' <= c && c <= '9':
		r.number()
	case isLetter(c):
		r.word()
	default:
		r.fail(r.pos, "a value")
	}
}

// container reads an object or array.
func (r *repairer) container(closing byte, item func()) {
	if r.depth++; r.depth > ojson.MaxDepth {
		r.fail(r.pos, fmt.Sprintf("at most %d nested arrays and objects", ojson.MaxDepth))
	}
	r.copy(1)
	r.space()
	for empty := true; empty || r.next() != closing; empty = false {
		if empty && r.next() == closing {
			break
		}
		item()
		if r.separator(closing) {
			r.depth--
			return // the text ended
		}
	}
	r.copy(1)
	r.depth--
}

// separator reads what stands behind an item: a comma, or nothing before the closing bracket. It reports
// whether it closed the container itself, because the text ends.
func (r *repairer) separator(closing byte) bool {
	r.space()
	switch c := r.next(); {
	case c == closing:
		return false
	case c == ',':
		r.comma(closing)
		return false
	case r.pos == r.end:
		r.change(MissingBracket, r.end, "", string(closing))
		r.out = append(r.out, closing)
		return true
	}
	r.fail(r.pos, fmt.Sprintf("a comma or %q", closing))
	return false
}

// comma copies a comma, or drops it before a closing bracket.
func (r *repairer) comma(closing byte) {
	comma, written := r.pos, len(r.out)
	r.copy(1)
	r.space()
	if r.next() == closing {
		r.out = append(r.out[:written], r.out[written+1:]...)
		r.change(TrailingComma, comma, ",", "")
	}
}

// member reads a key and its value.
func (r *repairer) member() {
	switch c := r.next(); {
	case c == '"':
		r.string()
	case c == '\'':
		r.singleQuoted()
	case isLetter(c) || c == '_' || c == '$':
		r.unquotedKey()
	default:
		r.fail(r.pos, "a key in quotes")
	}
	r.space()
	if r.next() != ':' {
		r.fail(r.pos, "a colon")
	}
	r.copy(1)
	r.value()
}

func (r *repairer) unquotedKey() {
	start := r.pos
	for c := r.next(); isLetter(c) || c == '_' || c == '$' || '0' <= c && c <= '9'; c = r.next() {
		r.pos++
	}
	key := string(r.src[start:r.pos])
	r.change(UnquotedKey, start, key, `"`+key+`"`)
	r.out = append(append(append(r.out, '"'), key...), '"')
}

// number copies a number; whether it is one is seen in the end. At the end of the text more digits might
// have come.
func (r *repairer) number() {
	start := r.pos
	for strings.IndexByte("0123456789+-.eE", r.next()) >= 0 && r.pos < r.end {
		r.copy(1)
	}
	if r.pos == r.end && r.depth > 0 {
		panic(&RepairError{r.at(start), "expected more behind a number, which may have been cut off, found the end of the text"})
	}
}

// word reads true, false, null, or what Python calls them.
func (r *repairer) word() {
	start := r.pos
	for isLetter(r.next()) {
		r.pos++
	}
	word := string(r.src[start:r.pos])
	switch word {
	case "true", "false", "null":
		r.out = append(r.out, word...)
		return
	}
	json, ok := map[string]string{"True": "true", "False": "false", "None": "null"}[word]
	if !ok {
		panic(&RepairError{r.at(start), "expected a value, found " + quoted(word)})
	}
	r.change(PythonLiteral, start, word, json)
	r.out = append(r.out, json...)
}

// string copies a string in double quotes and mends what stands in it.
func (r *repairer) string() {
	r.copy(1)
	for {
		switch c := r.next(); {
		case r.pos == r.end:
			r.fail(r.pos, "a closing quote")
		case c == '"':
			r.copy(1)
			return
		case c == '\\':
			r.escape()
		case c < 0x20:
			escaped := string(ojson.AppendString(nil, string(c)))
			escaped = escaped[1 : len(escaped)-1]
			r.change(ControlCharacter, r.pos, string(c), escaped)
			r.out = append(r.out, escaped...)
			r.pos++
		default:
			r.copy(1)
		}
	}
}

// escape copies an escape. \' is what Python and JavaScript write for '.
func (r *repairer) escape() {
	switch {
	case r.pos+1 >= r.end:
		r.fail(r.end, "an escape")
	case r.src[r.pos+1] == '\'':
		r.change(EscapedQuote, r.pos, `\'`, `'`)
		r.out = append(r.out, '\'')
		r.pos += 2
	case strings.IndexByte(`"\/bfnrtu`, r.src[r.pos+1]) < 0:
		r.fail(r.pos+1, "an escape of JSON")
	default:
		r.copy(2)
	}
}

// singleQuoted reads a string in single quotes. What follows it must be what follows a string, or the quote
// was an apostrophe.
func (r *repairer) singleQuoted() {
	start, written, before := r.pos, len(r.out), len(r.changes)
	r.out = append(r.out, '"')
	r.pos++
	for r.next() != '\'' {
		switch c := r.next(); {
		case r.pos == r.end:
			r.fail(r.pos, "a closing quote")
		case c == '"':
			r.out = append(r.out, `\"`...)
			r.pos++
		case c == '\\':
			r.escape()
		case c < 0x20:
			r.fail(r.pos, "no line break or control character in single quotes")
		default:
			r.copy(1)
		}
	}
	r.pos++
	r.out = append(r.out, '"')
	r.changes = r.changes[:before] // escapes within are part of this one
	r.change(SingleQuotes, start, string(r.src[start:r.pos]), string(r.out[written:]))
}
