package main

import (
	"fmt"
	"strconv"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// renderView shows a rendering to people.
type renderView struct {
	s     *screen
	q     *renderJob
	msgs  []harmony.Message
	toks  []encoding.Token
	spans []encoding.Span
}

// print shows everything; name is the input's.
func (v *renderView) print(name string) {
	v.s.headline([]painted{
		{bold, name},
		{plain, plural(len(v.msgs), "message")},
		{plain, plural(len(v.toks), "token")},
		{faint, "mode " + v.q.mode},
		{faint, "profile " + v.q.opts.Profile.String()},
	}, painted{})
	next, rest := 0, v.spans
	for len(rest) > 0 {
		n := 1
		for n < len(rest) && rest[n].Message == rest[0].Message {
			n++
		}
		if i := rest[0].Message; i >= 0 {
			v.dropped(next, i)
			next = i + 1
		}
		v.message(rest[:n])
		rest = rest[n:]
	}
	v.dropped(next, len(v.msgs))
	v.s.WriteString("\n")
	v.totals()
}

// dropped says which messages from first to end, exclusive, the retention policy has left out.
func (v *renderView) dropped(first, end int) {
	for i := first; i < end; i++ {
		v.s.WriteString("\n")
		v.s.headline(append(v.title(i), painted{faint, "left out (--retention all keeps it)"}), painted{})
	}
}

// message shows the tokens of one message, or of the opening.
func (v *renderView) message(spans []encoding.Span) {
	v.s.WriteString("\n")
	cost := painted{faint, plural(spans[len(spans)-1].End-spans[0].Start, "token")}
	var content ink
	if i := spans[0].Message; i >= 0 {
		v.s.headline(v.title(i), cost)
		content = contentInk(&v.msgs[i])
	} else {
		v.s.headline([]painted{{bold, "the model goes on from here"}}, cost)
	}
	b := v.s.newBlock(messageMargin)
	for _, s := range spans {
		i := content
		if s.Part != encoding.PartContent {
			i = inkHeader
		}
		b.tokens(i, v.toks[s.Start:s.End])
	}
	b.end()
}

// title names message i: its number, what it is, and whom a call or a result is about. The rest stands in its header.
func (v *renderView) title(i int) []painted {
	m := &v.msgs[i]
	t := []painted{
		{bold, fmt.Sprintf("%*d", len(strconv.Itoa(len(v.msgs))), i+1)},
		{purposeInk(m), purposeWords(m)},
	}
	switch m.Purpose() {
	case harmony.FunctionCall, harmony.BuiltinCall:
		t = append(t, painted{plain, "to " + printable(m.Recipient)})
	case harmony.ToolResult:
		t = append(t, painted{plain, "from " + printable(m.Name)})
	case harmony.Instruction, harmony.Other:
		t = append(t, painted{plain, authorText(m)})
	}
	return t
}

// tokens shows the text of toks: special tokens in their own ink, the rest in ink.
func (b *block) tokens(i ink, toks []encoding.Token) {
	tok := encoding.GPTOSS().Tokenizer()
	from := 0
	for n := 0; n <= len(toks); n++ {
		if n < len(toks) && !tok.IsSpecial(toks[n]) {
			continue
		}
		if text, err := tok.Decode(toks[from:n]); err == nil && text != "" {
			b.write(i, text)
		}
		if n < len(toks) {
			spelling, _ := tok.TokenString(toks[n])
			b.write(inkSpecial, spelling)
		}
		from = n + 1
	}
}

// messageFields names a message: its number, what it is, and its header fields.
func messageFields(n int, m *harmony.Message) []painted {
	fields := []painted{
		{bold, strconv.Itoa(n)},
		{purposeInk(m), purposeWords(m)},
		{plain, authorText(m)},
	}
	if m.Channel != "" {
		fields = append(fields, painted{plain, "on " + printable(string(m.Channel))})
	}
	if m.Recipient != "" || m.Empty.Has(harmony.FieldRecipient) {
		fields = append(fields, painted{plain, "to " + printable(m.Recipient)})
	}
	if m.ContentType != "" {
		fields = append(fields, painted{plain, "as " + printable(m.ContentType)})
	}
	return fields
}

// authorText names the author of a message.
func authorText(m *harmony.Message) string {
	text := "by " + printable(string(m.Role))
	if m.Name != "" {
		text += " " + printable(m.Name)
	}
	return text
}

// purposeWords says what a message is.
func purposeWords(m *harmony.Message) string {
	return m.Purpose().String()
}

// purposeInk is the ink for a message's purpose.
func purposeInk(m *harmony.Message) ink {
	switch m.Purpose() {
	case harmony.Answer:
		return inkAnswer
	case harmony.FunctionCall, harmony.BuiltinCall:
		return inkCall
	}
	return bold
}

// contentInk is the ink for a message's content.
func contentInk(m *harmony.Message) ink {
	if m.Purpose() == harmony.Reasoning {
		return inkThinking
	}
	return plain
}

// plural writes a number and the word it counts.
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return grouped(n) + " " + word + "s"
}

// grouped writes n with commas between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// totals shows what the tokens are spent on.
func (v *renderView) totals() {
	var t totals
	for _, s := range v.spans {
		n := s.End - s.Start
		if s.Message < 0 {
			t.add("opening of the next message", n, false)
			continue
		}
		m := &v.msgs[s.Message]
		t.add(kindWords(m), n, s.Part == encoding.PartHeader)
	}
	t.print(v.s)
}

// kindWords says what a message is and where it stands, for the table of totals.
func kindWords(m *harmony.Message) string {
	switch {
	case m.Channel != "":
		return purposeWords(m) + ", " + printable(string(m.Channel))
	case m.Purpose() == harmony.Instruction:
		return purposeWords(m) + ", " + string(m.Role)
	}
	return purposeWords(m)
}

// totals counts tokens and messages by what they are.
type totals struct {
	rows []totalsRow
}

type totalsRow struct {
	name             string
	tokens, messages int
}

// add counts n tokens; message says that they begin another message.
func (t *totals) add(name string, n int, message bool) {
	i := 0
	for i < len(t.rows) && t.rows[i].name != name {
		i++
	}
	if i == len(t.rows) {
		t.rows = append(t.rows, totalsRow{name: name})
	}
	t.rows[i].tokens += n
	if message {
		t.rows[i].messages++
	}
}

// print shows the table.
func (t *totals) print(s *screen) {
	sum := totalsRow{name: "in all"}
	for _, r := range t.rows {
		sum.tokens += r.tokens
		sum.messages += r.messages
	}
	narrow := s.width > 0 && s.width < 64
	if !narrow {
		s.WriteString(s.paint(faint, fmt.Sprintf("%9s %6s %9s", "tokens", "share", "messages")) + "\n")
	}
	for _, r := range append(t.rows, sum) {
		share := 0
		if sum.tokens > 0 {
			share = (100*r.tokens + sum.tokens/2) / sum.tokens
		}
		if narrow {
			s.printf("%7s  %s\n", grouped(r.tokens), r.name)
		} else {
			s.printf("%9s %5d%% %9s  %s\n", grouped(r.tokens), share, grouped(r.messages), r.name)
		}
	}
}

// spelling returns the spelling of a special token.
func spelling(t encoding.Token) string {
	s, _ := tokenizer.O200kHarmony().TokenString(t)
	return s
}
