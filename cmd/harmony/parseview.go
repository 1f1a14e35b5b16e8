package main

import (
	"bufio"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/harmony-go/sdk/encoding"
)

// parseView shows a parse to people.
type parseView struct {
	s   *screen
	q   *parseJob
	ids bool
}

// print shows everything; name is the input's.
func (v *parseView) print(name string, r *encoding.Result) {
	v.s.headline(append([]painted{
		{bold, name}, {plain, v.q.size()}, {plain, plural(len(r.Messages), "message")},
	}, v.role(), v.verdict(r.Verdict)), painted{})
	var t totals
	for i := range r.Messages {
		m := &r.Messages[i]
		toks := v.q.slice(m.Start, m.End)
		t.add(kindWords(&m.Message), len(toks), true)
		v.message(i+1, m, toks)
	}
	if len(r.Messages) > 1 {
		v.s.WriteString("\n")
		t.print(v.s)
	}
	v.s.articleNote(v.q)
	v.s.diagnostics(v.q, r.Diagnostics)
}

// role says how the stream's first header was read.
func (v *parseView) role() painted {
	if v.q.role == "" {
		return painted{faint, "begins with <|start|>"}
	}
	return painted{faint, "goes on after <|start|>" + string(v.q.role)}
}

// verdict says how the turn ended.
func (v *parseView) verdict(verdict encoding.Verdict) painted {
	i := bold
	switch verdict {
	case encoding.VerdictFinal:
		i = inkAnswer
	case encoding.VerdictToolCall:
		i = inkCall
	case encoding.VerdictMalformed:
		i = inkError
	default:
		if verdict.Truncated() {
			i = inkWarning
		}
	}
	return painted{i, "verdict " + verdict.String()}
}

// message shows one message.
func (v *parseView) message(n int, m *encoding.Parsed, toks []encoding.Token) {
	v.s.WriteString("\n")
	v.s.headline(messageFields(n, &m.Message), painted{faint, plural(len(toks), "token")})
	v.s.line(messageMargin, contentInk(&m.Message), m.Text())
	v.s.stop(m.Stop)
	if v.ids {
		b := v.s.newBlock("    ")
		for i, t := range toks {
			if i > 0 {
				b.write(faint, " ")
			}
			b.write(faint, strconv.FormatUint(uint64(t), 10))
		}
		b.end()
	}
}

// stop shows what ended a message.
func (s *screen) stop(t encoding.Token) {
	if t == 0 {
		s.printf("  %s\n", s.paint(faint, "no token ended it"))
		return
	}
	s.printf("  %s\n", s.paint(inkSpecial, spelling(t)))
}

// maxShown is how many diagnostics are shown to people; --json has all of them.
const maxShown = 20

// diagnostics shows what is wrong in a stream, from its begin to its end.
func (s *screen) diagnostics(q *parseJob, diagnostics []encoding.Diagnostic) {
	if len(diagnostics) == 0 {
		s.printf("\n%s\n", s.paint(faint, "nothing is wrong with this stream"))
		return
	}
	sorted := slices.Clone(diagnostics)
	slices.SortStableFunc(sorted, func(a, b encoding.Diagnostic) int { return a.Offset - b.Offset })
	explained := map[encoding.Rule]bool{}
	for _, d := range sorted[:min(len(sorted), maxShown)] {
		s.WriteString("\n")
		s.diagnostic(q, &d)
		if right := rightForms[d.Rule]; right != "" && !explained[d.Rule] {
			s.field("right", right, inkAnswer)
		}
		explained[d.Rule] = true
	}
	if more := len(diagnostics) - maxShown; more > 0 {
		s.printf("\n%s\n", s.paint(faint, "and "+grouped(more)+" more, which --json lists"))
	}
}

// diagnostic shows one of them: what and where.
func (s *screen) diagnostic(q *parseJob, d *encoding.Diagnostic) {
	i := inkInfo
	switch d.Severity {
	case encoding.Error:
		i = inkError
	case encoding.Warning:
		i = inkWarning
	}
	b := s.newBlock("")
	b.write(i, fmt.Sprintf("%s %s", d.Severity, d.Rule))
	b.write(plain, fmt.Sprintf(" at %s %d: %s", q.unit(), d.Offset, d.Message))
	b.end()
	width := 78
	if s.width > 0 {
		width = min(width, s.width-4)
	}
	line, caret := excerpt(q.excerptOf(d.Offset, width))
	s.printf("    %s\n    %s\n", line, s.paint(i, caret))
	if d.Text != "" {
		s.field("in no message", strconv.Quote(d.Text), plain)
	}
}

// excerptOf returns the arguments of excerpt for a place.
func (q *parseJob) excerptOf(place, width int) (text string, at, n, w int) {
	text, at, n = q.around(place)
	return text, at, n, width
}

// field shows a named text, indented.
func (s *screen) field(name, text string, i ink) {
	b := s.newBlock("    ")
	b.write(faint, name+"  ")
	b.write(i, text)
	b.end()
}

// strictFault shows the fault that ended a strict parse.
func (x *session) strictFault(name string, q *parseJob, o *options, err error) error {
	fault, ok := errors.AsType[*encoding.ParseError](err)
	if !ok {
		return fmt.Errorf("%s: %s", name, withoutPackage(err))
	}
	werr := x.output(func(w *bufio.Writer) error {
		if o.json {
			w.Write(append(appendFault(nil, err), '\n'))
			return nil
		}
		s := newScreen(w, x.stdout, o)
		s.headline([]painted{{bold, name}, {plain, q.size()}, {inkError, "malformed"}}, painted{})
		s.articleNote(q)
		s.diagnostics(q, []encoding.Diagnostic{fault.Diagnostic})
		return nil
	})
	if werr != nil {
		return werr
	}
	return errNegative
}
