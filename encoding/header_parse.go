package encoding

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// header is the reading of one header. Words are judged one by one and marked used; what is used by
// nobody is a remainder. It works on the held bytes in place, so what is kept must be copied: see keep.
type header struct {
	p     *Parser
	m     harmony.Message
	words []word
	segs  []segment
	diags []Diagnostic

	channelAt int  // index of the first <|channel|>, len(words) if there is none
	toAt      int  // index of the recipient's word, -1 if there is none
	typeAt    int  // index of the content type's word
	msgOff    int  // place of <|message|>
	plain     bool // all text is ASCII, and white space is what separates words
}

// word is a run of text without white space, or a control token.
type word struct {
	text  string // of text; "" for a control token
	tok   Token  // of a control token
	space string // white space in front of it
	off   int
	used  bool
}

// readHeader reads the held header, which <|message|> at off has completed, and opens its content.
func (p *Parser) readHeader(off int) {
	m, ok := p.recall()
	if !ok {
		h := &p.header
		h.read(p, off)
		if m = h.m; len(h.diags) > 0 {
			p.report(h.diags)
		} else {
			p.remember(m)
		}
	}
	if p.unit == unitToken {
		for _, it := range p.held.items {
			p.tally(it.off, &p.usage.Framing)
		}
	}
	p.open(m, off)
}

// read reads the header that p holds.
func (h *header) read(p *Parser, off int) {
	h.p, h.msgOff = p, off
	h.words, h.segs, h.diags = h.words[:0], h.segs[:0], h.diags[:0]
	h.m, h.toAt, h.typeAt = harmony.Message{}, -1, -1
	h.split()
	h.controls()
	h.channel()
	h.constrain()
	h.author()
	h.recipient()
	h.bare()
	h.remainder()
	h.rules()
}

// report records what was found in a header, in the order of the stream.
func (p *Parser) report(diags []Diagnostic) {
	slices.SortStableFunc(diags, func(a, b Diagnostic) int { return a.Offset - b.Offset })
	for _, d := range diags {
		p.diag(d.Rule, d.Severity, d.Offset, d.Text, "%s", d.Message)
	}
}

func (h *header) diag(r Rule, s Severity, off int, text, message string) {
	h.diags = append(h.diags, Diagnostic{Rule: r, Severity: s, Offset: off, Message: message, Text: strings.Clone(text)})
}

// split cuts what is held into words: at control tokens, at ASCII white space, and at the end of a
// channel's name at any white space, as the reference does. It checks the spacing on the way.
func (h *header) split() {
	p := h.p
	src := unsafe.String(unsafe.SliceData(p.held.buf), len(p.held.buf))
	h.segs = p.held.segments(h.segs)
	h.plain = plain(src)
	space := ""
	for _, s := range h.segs {
		if s.tok != 0 {
			h.words = append(h.words, word{tok: s.tok, off: s.off, space: space})
			space = ""
			continue
		}
		for i := s.start; i < s.end; {
			from := i
			for i < s.end && isASCIISpace(src[i]) {
				i++
			}
			if n := len(h.words); !h.plain && n > 0 && h.words[n-1].tok == tokenizer.Channel {
				i = s.end - len(strings.TrimLeftFunc(src[i:s.end], unicode.IsSpace))
			}
			if i > from {
				space = src[from:i]
			}
			if from = i; from == s.end {
				break
			}
			for i < s.end && !isASCIISpace(src[i]) {
				i++
			}
			if n := h.wordEnd(src[from:i]); n < i-from {
				h.diag(RuleSpacing, Error, p.held.place(from+n, p.unit), "", "expected a space after "+quote(src[from:from+n])+", found white space that is not ASCII")
				i = from + n
			}
			h.words = append(h.words, word{text: src[from:i], off: p.held.place(from, p.unit), space: space})
			space = ""
		}
	}
	if !h.plain {
		h.trim()
	}
	for i := range h.words {
		if w := &h.words[i]; !h.plain && !utf8.ValidString(w.text) {
			w.text = lossyString(w.text)
			h.diag(RuleUTF8, Error, w.off, "", "header is not valid UTF-8 here: U+FFFD stands for the bytes")
		}
	}
	if len(h.words) > 0 {
		h.spacing(space)
	}
}

// plain reports whether s is ASCII without a vertical tab, the one white space that separates no words.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] == '\v' {
			return false
		}
	}
	return true
}

// wordEnd returns where a word ends. Only behind <|channel|> does white space beyond ASCII matter.
func (h *header) wordEnd(w string) int {
	n := len(h.words)
	if h.plain || n == 0 || h.words[n-1].tok != tokenizer.Channel {
		return len(w)
	}
	if i := strings.IndexFunc(w, unicode.IsSpace); i > 0 {
		return i
	}
	return len(w)
}

// trim takes white space beyond ASCII from both ends of the header.
func (h *header) trim() {
	if n := len(h.words); n > 0 {
		w := &h.words[0]
		w.text = strings.TrimLeftFunc(w.text, unicode.IsSpace)
		w = &h.words[n-1]
		w.text = strings.TrimRightFunc(w.text, unicode.IsSpace)
	}
	for i := range h.words {
		if i > 0 && h.words[i-1].text != "" {
			w := &h.words[i]
			w.text = strings.TrimLeftFunc(w.text, func(r rune) bool { return i > 1 && h.words[i-2].tok == tokenizer.Channel && unicode.IsSpace(r) })
		}
	}
	h.words = slices.DeleteFunc(h.words, func(w word) bool { return w.tok == 0 && w.text == "" })
}

// spacing compares the white space with the canonical form: one space before a word, none around
// control tokens, but one before <|constrain|>. One diagnostic a header is enough.
func (h *header) spacing(last string) {
	for i, w := range h.words {
		want := " "
		switch {
		case i == 0:
			if want = ""; h.p.hint != "" && w.tok != tokenizer.Channel && w.space == " " {
				want = " "
			}
		case w.tok == 0 && h.words[i-1].tok != 0, w.tok != 0 && w.tok != tokenizer.Constrain:
			want = ""
		}
		if i > 0 && w.tok == 0 && (h.words[i-1].tok == tokenizer.Channel || h.words[i-1].tok == tokenizer.Constrain) {
			continue // STR-06, STR-13
		}
		if w.space != want {
			h.diag(RuleSpacing, Warning, w.off, "", "expected "+quote(want)+" before "+quote(h.spelled(w))+", found "+quote(w.space))
			return
		}
	}
	if last != "" {
		h.diag(RuleSpacing, Warning, h.msgOff, "", "expected no white space before <|message|>, found "+quote(last))
	}
}

func (h *header) spelled(w word) string {
	if w.tok != 0 {
		return h.p.spelling(w.tok)
	}
	return w.text
}

// controls takes out control tokens that have no place in a header and ids outside the vocabulary, so that
// the words beside them are read as if they were not there, and reports look-alikes.
func (h *header) controls() {
	h.channelAt = -1
	kept := h.words[:0]
	for _, w := range h.words {
		switch s := h.spelled(w); {
		case w.tok == 0:
			if a := strings.Index(w.text, "<|"); a >= 0 && strings.Contains(w.text[a:], "|>") {
				h.diag(RuleSpelled, Error, w.off, "", "expected a control token, found ordinary text that spells one: "+quote(w.text))
			}
		case w.tok == tokenizer.Channel:
			if h.channelAt < 0 {
				h.channelAt = len(kept)
			}
		case w.tok == tokenizer.Constrain:
		case s == replacement:
			h.diag(RuleUTF8, Error, w.off, s, fmt.Sprintf("expected a header word, found id %d, which is not in the vocabulary", w.tok))
			continue
		default:
			h.diag(RuleReserved, Error, w.off, s, "expected a header word, found "+s)
			continue
		}
		kept = append(kept, w)
	}
	h.words = kept
	if h.channelAt < 0 {
		h.channelAt = len(kept)
	}
}

// keep copies a word out of the held bytes.
func keep(s string) string {
	switch s {
	case "json":
		return "json"
	case "code":
		return "code"
	case "assistant":
		return "assistant"
	}
	return strings.Clone(s)
}

func keepChannel(s string) harmony.Channel {
	switch c := harmony.Channel(s); c {
	case harmony.ChannelAnalysis:
		return harmony.ChannelAnalysis
	case harmony.ChannelCommentary:
		return harmony.ChannelCommentary
	case harmony.ChannelFinal:
		return harmony.ChannelFinal
	}
	return harmony.Channel(strings.Clone(s))
}

// channel reads <|channel|>NAME. Of several the last known name counts, because that is what the
// model corrected itself to; a second marker before any other word is only noise.
func (h *header) channel() {
	named := false
	for i := range h.words {
		if h.words[i].tok != tokenizer.Channel {
			continue
		}
		marker := &h.words[i]
		marker.used = true
		var name *word
		if i+1 < len(h.words) && h.words[i+1].tok == 0 && !strings.HasPrefix(h.words[i+1].text, "to=") {
			name = &h.words[i+1]
		}
		if i > h.channelAt {
			h.secondChannel(marker, name, named)
			named = named || h.m.Channel != ""
			continue
		}
		switch {
		case name == nil && i+1 < len(h.words) && h.words[i+1].tok == tokenizer.Channel: // STR-04 tells
		case name == nil:
			h.diag(RuleChannelName, Error, marker.off, "", "expected a channel's name after <|channel|>, found "+h.after(i))
		case name.space != "":
			h.diag(RuleChannelName, Error, marker.off, "", "expected a channel's name directly after <|channel|>, found white space before "+quote(name.text))
			fallthrough
		default:
			h.m.Channel, name.used, named = keepChannel(name.text), true, true
		}
	}
	if h.channelAt < len(h.words) && h.m.Channel == "" {
		h.m.Empty |= harmony.FieldChannel
	}
}

// secondChannel reads another <|channel|>.
func (h *header) secondChannel(marker, name *word, named bool) {
	switch {
	case name != nil && (!named || knownChannel(name.text)):
		old := string(h.m.Channel)
		h.m.Channel, name.used = keepChannel(name.text), true
		if named {
			h.diag(RuleOneChannel, Error, marker.off, old, "expected <|message|>, found a second <|channel|>: "+quote(name.text)+" replaces "+quote(old))
			return
		}
		fallthrough
	case name == nil:
		h.diag(RuleOneChannel, Error, marker.off, "", "expected a channel's name, found a second <|channel|>")
	default:
		h.diag(RuleOneChannel, Error, marker.off, "", "expected a content type or <|message|>, found a second <|channel|> before "+quote(name.text))
	}
}

// after describes what follows word i.
func (h *header) after(i int) string {
	if i+1 < len(h.words) {
		return quote(h.spelled(h.words[i+1]))
	}
	return "<|message|>"
}

// constrain reads <|constrain|>FORMAT, the content type.
func (h *header) constrain() {
	for i := range h.words {
		marker := &h.words[i]
		if marker.tok != tokenizer.Constrain {
			continue
		}
		marker.used = true
		name := ""
		if i+1 < len(h.words) {
			if next := &h.words[i+1]; next.tok == 0 && !next.used && !strings.HasPrefix(next.text, "to=") {
				name, next.used = next.text, true
				if next.space != "" {
					h.diag(RuleConstrain, Warning, next.off, "", "expected the format directly after <|constrain|>, found white space before "+quote(name))
				}
			}
		}
		switch {
		case h.typeAt >= 0:
			h.diag(RuleHeaderWords, Error, marker.off, constrainMarker+name, "expected one content type, found another: "+quote(constrainMarker+name))
			continue
		case name == "":
			h.diag(RuleConstrain, Warning, marker.off, "", "expected a format after <|constrain|>, found "+h.after(i))
		}
		h.typeAt = i
		if h.m.ContentType = constrainMarker + name; name == "json" {
			h.m.ContentType = constrainMarker + "json"
		}
	}
}

// next returns the index of the first text word that nobody has used, len(h.words) if there is none.
func (h *header) next() int {
	for i := range h.words {
		if w := &h.words[i]; w.tok == 0 && !w.used {
			return i
		}
	}
	return len(h.words)
}
