package conformance

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// An explanation reports whether it explains how our reading of message i differs from theirs.
type explanation func(d *difference, i int, theirs, ours map[string]any) bool

// explanations that a message may be different for, in one vector together.
var explanations = []explanation{same, unknownID, contentType, authorName, toolName, spacing}

func same(_ *difference, _ int, theirs, ours map[string]any) bool {
	return reflect.DeepEqual(theirs, ours)
}

// unknownID: the content is what its tokens say, unknown ids as U+FFFD, and theirs is that up to one of them.
func unknownID(d *difference, i int, theirs, ours map[string]any) bool {
	a, b := theirs["content"].(string), ours["content"].(string)
	return a != b && strings.HasSuffix(a, "\uFFFD") && strings.HasPrefix(b, strings.TrimRight(a, "\uFFFD")) && b == contentOf(d, i) && reflect.DeepEqual(without(theirs, "content"), without(ours, "content"))
}

// contentType: the same header words, our content type being what they take for the recipient or for a tool's name.
func contentType(_ *difference, _ int, theirs, ours map[string]any) bool {
	kind := ours["content_type"]
	return kind != nil && (theirs["recipient"] == kind || theirs["name"] == kind) && sameWords(theirs, ours)
}

// authorName: the same header words, our role:name being what they take for the recipient or for a tool's name.
func authorName(_ *difference, _ int, theirs, ours map[string]any) bool {
	return ours["name"] != nil && ours["role"] != "tool" && (theirs["recipient"] == author(ours) || theirs["name"] == author(ours)) && sameWords(theirs, ours)
}

// toolName: the same header words, given the role tool, our tool's name being what they take for the recipient.
func toolName(d *difference, i int, theirs, ours map[string]any) bool {
	return i == 0 && d.parse.Role == harmony.RoleTool && ours["name"] != nil && theirs["recipient"] == ours["name"] && sameWords(theirs, ours)
}

// sameWords reports whether two readings have the same channel, the same content and, in whatever fields, the same header words. The
// word of a role does not count: it may be repeated, or have been given to the parser.
func sameWords(theirs, ours map[string]any) bool {
	words := func(m map[string]any) []string {
		out := []string{author(m)}
		for _, f := range []string{"recipient", "content_type"} {
			if m[f] != nil {
				out = append(out, m[f].(string))
			}
		}
		out = slices.DeleteFunc(out, func(w string) bool { return w == ours["role"] || w == theirs["role"] })
		slices.Sort(out)
		return out
	}
	return theirs["channel"] == ours["channel"] && theirs["content"] == ours["content"] && slices.Equal(words(theirs), words(ours))
}

// spacing: the same header characters, less white space, cut into other words.
func spacing(_ *difference, _ int, theirs, ours map[string]any) bool {
	fields := []string{"channel", "recipient", "content_type"}
	return letters(theirs, fields) == letters(ours, fields) && reflect.DeepEqual(without(theirs, fields...), without(ours, fields...))
}

// author is the role section of a header: the role, with the name if there is one, or a tool's name alone.
func author(m map[string]any) string {
	if m["role"] == "tool" && m["name"] != nil {
		return m["name"].(string)
	}
	if m["name"] == nil {
		return fmt.Sprint(m["role"])
	}
	return fmt.Sprintf("%s:%s", m["role"], m["name"])
}

func letters(m map[string]any, fields []string) string {
	var out []rune
	for _, f := range fields {
		s, _ := m[f].(string)
		out = append(out, []rune(strings.Join(strings.Fields(s), ""))...)
	}
	slices.Sort(out)
	return string(out)
}

func without(m map[string]any, fields ...string) map[string]any {
	out := maps.Clone(m)
	for _, f := range fields {
		delete(out, f)
	}
	return out
}

// contentOf decodes the content of our message i by the streaming decoder alone.
func contentOf(d *difference, i int) string {
	p := d.ours.parsed[i]
	toks := d.parse.Tokens[max(p.Start, 0):p.End]
	at := slices.Index(toks, tokenizer.Message)
	if at < 0 {
		return ""
	}
	toks = toks[at+1:]
	if p.Stop != 0 {
		toks = toks[:len(toks)-1]
	}
	var b strings.Builder
	s := encoding.GPTOSS().Tokenizer().NewStreamDecoder()
	for _, id := range toks {
		text, err := s.Push(id)
		if err != nil {
			text = s.Close() + "\uFFFD"
		}
		b.WriteString(text)
	}
	return b.String() + s.Close()
}

func (d *difference) sameMessages() bool {
	return d.parse != nil && d.theirs.failed == d.ours.failed && reflect.DeepEqual(listOf(d.theirs.messages), listOf(d.ours.messages))
}

// explained reports whether the first n messages of both sides are equal or explained, and how many of them by the given one.
func (d *difference) explained(n int, by explanation) (all bool, count int) {
	for i := range n {
		if i >= len(d.theirs.messages) || i >= len(d.ours.messages) {
			return false, count
		}
		a, b := d.theirs.messages[i], d.ours.messages[i]
		if same(d, i, a, b) {
			continue
		}
		if by != nil && by(d, i, a, b) {
			count++
			continue
		}
		if !slices.ContainsFunc(explanations, func(e explanation) bool { return e(d, i, a, b) }) {
			return false, count
		}
	}
	return true, count
}

// readingOf: the same outcome, as many messages, each of them equal or explained, at least one by the given explanation.
func readingOf(by explanation) func(*difference) bool {
	return func(d *difference) bool {
		if d.parse == nil || d.theirs.failed != d.ours.failed || len(d.theirs.messages) != len(d.ours.messages) {
			return false
		}
		all, count := d.explained(len(d.ours.messages), by)
		return all && count > 0
	}
}

// rejectionOf: the reference fails, with an error of this form, before we find any damage; what it has read by then is what we have read.
func rejectionOf(form string) func(*difference) bool {
	match := regexp.MustCompile(form)
	return func(d *difference) bool {
		if d.parse == nil || !d.theirs.failed || !match.MatchString(d.parse.Error.Message) || d.firstError().Offset < d.parse.errorAt() {
			return false
		}
		all, _ := d.explained(len(d.theirs.messages), nil)
		return all
	}
}

// givenTool: the parser was given the role tool, and holds.
func givenTool(holds func(*difference) bool) func(*difference) bool {
	return func(d *difference) bool { return d.parse != nil && d.parse.Role == harmony.RoleTool && holds(d) }
}

// damage: our first Error is of one of these rules, the reference has not failed before it, and every message that a terminator ended before it is read alike.
func damage(name, reason string, rules ...encoding.Rule) class {
	return class{name: name, reason: reason, holds: func(d *difference) bool {
		if d.parse == nil {
			return false
		}
		first := d.firstError()
		if !slices.Contains(rules, first.Rule) || first.Offset > d.parse.errorAt() {
			return false
		}
		sound := 0
		for sound < len(d.ours.parsed) && d.ours.parsed[sound].End <= first.Offset && d.ours.parsed[sound].Stop != 0 {
			sound++
		}
		all, _ := d.explained(sound, nil)
		return all
	}}
}

func either(any ...func(*difference) bool) func(*difference) bool {
	return func(d *difference) bool {
		return slices.ContainsFunc(any, func(holds func(*difference) bool) bool { return holds(d) })
	}
}

// firstError is our Error diagnostic with the least offset; beyond everything where there is none.
func (d *difference) firstError() encoding.Diagnostic {
	out := encoding.Diagnostic{Offset: math.MaxInt}
	for _, g := range d.ours.diagnostics {
		if g.Severity == encoding.Error && g.Offset < out.Offset {
			out = g
		}
	}
	return out
}

// errorAt is the token at which the reference failed; beyond everything where it did not.
func (v *parseVector) errorAt() int {
	if v.Error == nil {
		return math.MaxInt
	}
	if at, ok := v.Error.At.(float64); ok {
		return int(at)
	}
	return len(v.Tokens) // "eos"
}

// arePrefixes reports whether each text of part is a prefix of a text of whole, in order.
func arePrefixes(part, whole []string) bool {
	for _, s := range whole {
		if len(part) > 0 && strings.HasPrefix(s, part[0]) {
			part = part[1:]
		}
	}
	return len(part) == 0
}
