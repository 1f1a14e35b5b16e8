package encoding

import (
	"strings"
	"unicode"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// repair reads a header that no <|message|> has ended, and opens its content: the leading part that
// is header for certain (role, channel, to=RECIPIENT, content type) is read as such, all the rest is
// content byte for byte. A single space between the two is the header's.
func (p *Parser) repair(off int, why string) {
	r := reader{p: p, h: p.held.take()}
	r.segs = r.h.segments(nil)
	r.m.Role, r.m.Name = p.hint, p.hintName
	r.read()
	r.valid()
	p.diag(RuleMessage, Error, off, "", "%s: what is no header word is read as content", why)
	p.report(append(r.diags, fieldRules(&r.m, p.start, p.start)...))
	if p.err != nil {
		return
	}
	items := r.h
	i, pos := r.rest()
	if i < len(items.items) {
		if off = items.items[i].off; p.unit == unitByte {
			off += max(pos-items.items[i].start, 0)
		}
	}
	p.open(r.m, off)
	for _, it := range items.items[:i] {
		p.tally(it.off, &p.usage.Framing)
	}
	p.replay(items, i, pos)
}

// reader reads the leading header words of held input.
type reader struct {
	p     *Parser
	h     held
	segs  []segment
	i     int // segment
	pos   int // byte of it
	any   bool
	m     harmony.Message
	diags []Diagnostic
}

// text returns the rest of the current segment, "" at its end or for a control token.
func (r *reader) text() string {
	if r.i == len(r.segs) || r.segs[r.i].tok != 0 {
		return ""
	}
	return string(r.h.buf[r.pos:r.segs[r.i].end])
}

// advance goes n bytes on; at the end of a segment, to the next.
func (r *reader) advance(n int) {
	r.pos += n
	r.any = true
	if r.i < len(r.segs) && r.pos >= r.segs[r.i].end {
		r.i++
		if r.i < len(r.segs) {
			r.pos = r.segs[r.i].start
		}
	}
}

// read goes on while there are header words.
func (r *reader) read() {
	if len(r.segs) > 0 {
		r.pos = r.segs[0].start
	}
	r.author()
	for r.i < len(r.segs) {
		var ok bool
		if t := r.segs[r.i].tok; t != 0 {
			ok = r.marker(t)
		} else {
			ok = r.word()
		}
		if !ok {
			break
		}
	}
	if r.any && strings.HasPrefix(r.text(), " ") {
		r.advance(1)
	}
}

// valid puts U+FFFD for what is not UTF-8 in the fields, as in a header that is whole.
func (r *reader) valid() {
	m := &r.m
	name, channel, recipient, format := lossyString(m.Name), harmony.Channel(lossyString(string(m.Channel))), lossyString(m.Recipient), lossyString(m.ContentType)
	if name != m.Name || channel != m.Channel || recipient != m.Recipient || format != m.ContentType {
		r.diags = append(r.diags, Diagnostic{Rule: RuleUTF8, Severity: Error, Offset: r.segs[0].off,
			Message: "header is not valid UTF-8: U+FFFD stands for the bytes"})
		m.Name, m.Channel, m.Recipient, m.ContentType = name, channel, recipient, format
	}
}

// rest returns where the content begins: item and byte.
func (r *reader) rest() (int, int) {
	if r.i == len(r.segs) {
		return len(r.h.items), 0
	}
	s := r.segs[r.i]
	for k, it := range r.h.items {
		if s.tok != 0 && it.off == s.off && it.kind != itemText || s.tok == 0 && it.kind == itemText && r.pos < it.end {
			return k, max(r.pos, it.start)
		}
	}
	return len(r.h.items), 0
}

// first returns the first word of the current text, and how many bytes it takes with the white space before it.
func (r *reader) first() (w string, n int) {
	s := r.text()
	t := strings.TrimLeftFunc(s, isASCIISpaceRune)
	end := strings.IndexFunc(t, isASCIISpaceRune)
	if end < 0 {
		end = len(t)
	}
	return t[:end], len(s) - len(t) + end
}

// author reads the role, where it is not known, or a repetition of it.
func (r *reader) author() {
	w, n := r.first()
	role, name, named := strings.Cut(w, ":")
	switch {
	case r.m.Role != "" && role != string(r.m.Role):
		return
	case knownRole(harmony.Role(role)):
		r.m.Role = harmony.Role(role)
		if named {
			r.m.Name = name
			if name == "" {
				r.m.Empty |= harmony.FieldName
			}
		} else if r.m.Role == harmony.RoleTool && r.p.hint == "" {
			r.m.Name = string(harmony.RoleTool)
		}
		r.advance(n)
	case toolName(w):
		r.m.Role, r.m.Name = harmony.RoleTool, w
		r.advance(n)
	case w != "" && n == len(strings.TrimRightFunc(r.text(), isASCIISpaceRune)) && len(r.segs) > 1 && r.segs[1].tok == tokenizer.Channel:
		r.m.Role, r.m.Name = harmony.RoleTool, w
		r.diags = append(r.diags, Diagnostic{Rule: RuleRole, Severity: Error, Offset: r.p.start,
			Message: "expected a role, found " + quote(w) + ": read as a tool's name"})
		r.advance(len(r.text()))
	case strings.HasPrefix(w, "role:"):
		r.m.Role = r.p.fallback
		r.diags = append(r.diags, Diagnostic{Rule: RuleRole, Severity: Error, Offset: r.p.start, Message: spelledRole(w)})
	default:
		r.m.Role = r.p.fallback
		r.diags = append(r.diags, Diagnostic{Rule: RuleRole, Severity: Error, Offset: r.p.start,
			Message: "expected a role, found none: read as " + string(r.p.fallback)})
	}
}

// marker reads a control token and the name behind it.
func (r *reader) marker(t Token) bool {
	at := *r
	r.advance(0)
	s := r.text()
	switch t {
	case tokenizer.Channel:
		name := s
		if k := strings.IndexFunc(s, unicode.IsSpace); k >= 0 {
			name = s[:k]
		}
		for _, c := range []harmony.Channel{harmony.ChannelAnalysis, harmony.ChannelCommentary, harmony.ChannelFinal} {
			if strings.HasPrefix(name, string(c)) {
				name = string(c) // what is glued to it is content
			}
		}
		if r.m.Channel != "" && !knownChannel(name) || strings.HasPrefix(name, "to=") && r.m.Channel != "" {
			*r = at
			return false
		}
		if name == "" || strings.HasPrefix(name, "to=") {
			r.diags = append(r.diags, Diagnostic{Rule: RuleChannelName, Severity: Error, Offset: at.segs[at.i].off,
				Message: "expected a channel's name after <|channel|>"})
			r.m.Empty |= harmony.FieldChannel
			return true
		}
		if r.m.Channel != "" {
			r.diags = append(r.diags, Diagnostic{Rule: RuleOneChannel, Severity: Error, Offset: at.segs[at.i].off,
				Text: string(r.m.Channel), Message: "a second <|channel|>: " + quote(name) + " replaces " + quote(string(r.m.Channel))})
		}
		r.m.Channel = harmony.Channel(name)
		r.m.Empty &^= harmony.FieldChannel
		r.advance(len(name))
		return true
	case tokenizer.Constrain:
		n := nameLen(s)
		if n == 0 || r.m.ContentType != "" {
			*r = at
			return false
		}
		r.m.ContentType = constrainMarker + s[:n]
		r.advance(n)
		return true
	}
	*r = at
	return false
}

// word reads to=RECIPIENT, or behind it a content type.
func (r *reader) word() bool {
	w, n := r.first()
	space := n - len(w)
	if w == "" {
		if n > 0 && r.i+1 < len(r.segs) && r.follows(r.segs[r.i+1].tok) {
			r.advance(n)
			return true
		}
		return false
	}
	if name, ok := strings.CutPrefix(w, "to="); ok && r.m.Recipient == "" {
		k := nameLen(name)
		if k == 0 {
			return false
		}
		r.m.Recipient = name[:k]
		r.advance(space + len("to=") + k)
		return true
	}
	if k := nameLen(w); r.m.Recipient != "" && r.m.ContentType == "" && knownFormat(w[:k]) {
		r.m.ContentType = w[:k]
		r.advance(space + k)
		return true
	}
	return false
}

// follows reports whether header words may go on with t.
func (r *reader) follows(t Token) bool {
	return t == tokenizer.Channel && r.m.Channel == "" || t == tokenizer.Constrain && r.m.ContentType == ""
}
