package encoding

import "strings"

// PushText takes the next piece of text in which control tokens are spelled out, as engines send it that
// have no tokens to give: "<|channel|>final<|message|>Hi<|return|>". Every spelling of a control token
// counts as one, since text has no other way to say it. The text may be cut anywhere, also within a
// marker or a character: the events are the same but for how deltas are cut. Text is handed on at once; only the
// beginning of what may become a marker waits. Returns are as for Push, offsets are bytes of the text.
func (p *Parser) PushText(text string) ([]Event, error) {
	if err := p.begin(unitByte); err != nil {
		return nil, err
	}
	base := p.pos - len(p.tail) // place of s[0]
	s := text
	if p.tail != "" {
		s = p.tail + text
		p.tail = ""
	}
	p.pos += len(text)
	from := 0
	for i := 0; p.err == nil; {
		k := strings.IndexByte(s[i:], '<')
		if k < 0 {
			p.ordinary(s[from:], base+from)
			break
		}
		i += k
		t, n, more := p.marker(s[i:])
		switch {
		case more:
			p.ordinary(s[from:i], base+from)
			p.tail = strings.Clone(s[i:])
			return p.finish()
		case n > 0:
			p.ordinary(s[from:i], base+from)
			if p.err == nil {
				p.special(t, base+i)
			}
			i += n
			from = i
		default:
			i++
		}
	}
	return p.finish()
}

// markerNames are the control tokens' names but for the reserved ones.
var markerNames = [...]string{"return|>", "end|>", "call|>", "start|>", "channel|>", "message|>", "constrain|>", "startoftext|>", "endoftext|>"}

const (
	reservedName = "reserved_"
	maxMarker    = len("<|" + reservedName + "201088|>")
)

// marker looks for a control token at the beginning of s, which begins with "<". It returns the
// token and its length, or more if s ends before that can be told.
func (p *Parser) marker(s string) (t Token, n int, more bool) {
	if len(s) == 1 {
		return 0, 0, true
	}
	if s[1] != '|' {
		return 0, 0, false
	}
	rest := s[2:min(len(s), maxMarker)]
	for _, name := range markerNames {
		if strings.HasPrefix(rest, name) {
			n = 2 + len(name)
			t, _ = p.tok.Special(s[:n])
			return t, n, false
		}
		if strings.HasPrefix(name, rest) {
			return 0, 0, true
		}
	}
	digits, ok := strings.CutPrefix(rest, reservedName)
	if !ok {
		return 0, 0, strings.HasPrefix(reservedName, rest)
	}
	k := 0
	for k < len(digits) && k < 6 && digits[k] >= '0' && digits[k] <= '9' {
		k++
	}
	switch end := digits[k:]; {
	case strings.HasPrefix(end, "|>"):
		n = 2 + len(reservedName) + k + 2
		if t, ok := p.tok.Special(s[:n]); ok {
			return t, n, false
		}
		return 0, 0, false
	case end == "", end == "|":
		return 0, 0, strings.HasPrefix("20", digits[:min(k, 2)]) && (end == "" || k == 6)
	}
	return 0, 0, false
}
