package main

import (
	"fmt"
	"strconv"
	"strings"
)

// constrainView shows a report of "harmony constrain" to people.
type constrainView struct {
	s *screen
	d *constraint
}

// print shows everything.
func (v *constrainView) print() {
	d := v.d
	v.s.headline([]painted{{bold, printable(d.Path)}, {plain, "JSON Schema"}, {plain, plural(d.Bytes, "byte")}}, painted{})
	v.s.grammar(&d.Grammar)
	if !d.usable() && d.Grammar.Fault == nil {
		v.s.line("  ", plain, "with --lenient a grammar goes without them")
	}
	if d.Instance != nil {
		v.instance()
	}
}

// grammar shows how much of a schema a grammar enforces.
func (s *screen) grammar(g *grammarReport) {
	s.WriteString("\n")
	switch {
	case g.Empty:
		s.line("  ", inkError, "no value satisfies it: a grammar allows nothing"+g.Fault.at())
	case g.Fault != nil:
		s.line("  ", inkError, "there is no grammar of it: "+g.Fault.why()+g.Fault.at())
	case g.Enforced:
		s.line("  ", inkAnswer, "a grammar enforces all of it")
	default:
		s.line("  ", bold, "a grammar cannot enforce "+plural(len(g.Dropped), "keyword"))
		for i := range g.Dropped {
			u := &g.Dropped[i]
			b := s.newBlock("    ")
			b.write(inkWarning, u.Pointer+"/"+pointerEscape.Replace(u.Keyword))
			b.write(plain, "  "+u.Reason)
			b.end()
		}
	}
}

// pointerEscape escapes a key for a JSON pointer.
var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// why says what cannot be enforced.
func (u *unenforced) why() string {
	if u.Keyword == "" {
		return u.Reason
	}
	return u.Keyword + ", " + u.Reason
}

// at says where, unless it is the whole schema.
func (u *unenforced) at() string {
	if u.Pointer == "" {
		return ""
	}
	return ", at " + u.Pointer
}

// instance shows what came of the instance.
func (v *constrainView) instance() {
	r := v.d.Instance
	v.s.WriteString("\n")
	v.s.headline([]painted{{bold, printable(r.Path)}, {plain, "instance"}, {plain, plural(r.Bytes, "byte")}, {plain, plural(r.Tokens, "token")}}, painted{})
	v.s.WriteString("\n")
	switch {
	case !r.Walked:
		v.s.line("  ", inkError, "not walked through masks")
	case r.Accepted:
		v.s.line("  ", inkAnswer, "the masks allow every token, and the end")
	case r.Token == nil:
		v.s.line("  ", inkError, fmt.Sprintf("it ends too early, at byte %d", *r.RejectedAt))
		v.refused("")
	default:
		v.s.line("  ", inkError, fmt.Sprintf("the masks do not allow the token %s at byte %d", strconv.Quote(r.Token.Text), *r.RejectedAt))
		v.refused(r.Token.Text)
	}
	switch {
	case r.Valid == nil:
		v.s.line("  ", inkError, "not validated: the schema cannot be used for that")
	case *r.Valid:
		v.s.line("  ", inkAnswer, "it fits the schema")
	default:
		v.s.line("  ", inkError, "it does not fit the schema; the model would be told")
		v.s.line("    ", plain, r.Feedback)
	}
}

// refused shows where an instance is refused, and what could have come.
func (v *constrainView) refused(token string) {
	r := v.d.Instance
	width := 78
	if v.s.width > 0 {
		width = max(v.s.width-4, 16)
	}
	text, caret := excerpt(v.d.text, *r.RejectedAt, len(token), width)
	v.s.printf("    %s\n    %s\n", text, v.s.paint(inkError, caret))
	v.s.line("    ", plain, r.Expected.String())
}

// String lists the tokens.
func (e *expected) String() string {
	var words []string
	for _, t := range e.Some {
		words = append(words, strconv.Quote(t.Text))
	}
	list := strings.Join(words, " ")
	var text string
	switch n := e.Tokens; {
	case n == 0:
		text = "no token may come here"
	case n == 1:
		text = "one token may come here: " + list
	case n == len(words):
		text = fmt.Sprintf("%d tokens may come here: %s", n, list)
	default:
		text = fmt.Sprintf("%s tokens may come here, among them %s", grouped(n), list)
	}
	if e.End {
		text += "; or the end"
	}
	return text
}
