package encoding

import (
	"slices"

	"strconv"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// Bounds of what is held back, in bytes of text plus one for each control token. They count
// bytes, not tokens or chunks, so that the same stream reads the same however it is cut up.
const (
	maxHeader = 16 << 10 // a header: some thousand tokens; a longer one is content that lost its <|message|>
	maxGap    = 256      // text between messages that may be a header without <|start|>
	maxReopen = 128      // what follows <|channel|> in a content and may be a header
)

func isStop(t Token) bool {
	return t == tokenizer.Return || t == tokenizer.End || t == tokenizer.Call
}

// spelling returns how a special token is written as text; U+FFFD for an id outside the vocabulary.
func (p *Parser) spelling(t Token) string {
	if s, ok := p.tok.TokenString(t); ok {
		return s
	}
	return replacement
}

// width returns how much of the input a special token takes.
func (p *Parser) width(t Token) int {
	if p.unit == unitByte {
		return len(p.spelling(t))
	}
	return 1
}

// emit hands out an event, with the diagnostics since the last one.
func (p *Parser) emit(ev Event) {
	if p.quiet || p.err != nil && !p.closed {
		return
	}
	if n := len(p.diags); n > p.diagSent {
		ev.Diagnostics = p.diags[p.diagSent:n:n]
		p.diagSent = n
	}
	p.events = append(p.events, ev)
}

// tally counts the token at off in counter, once.
func (p *Parser) tally(off int, counter *int) {
	if p.unit == unitToken && off > p.tallied {
		p.tallied = off
		*counter++
	}
}

// ordinary reads text.
func (p *Parser) ordinary(s string, off int) {
	for s != "" && p.err == nil {
		if p.state == inContent {
			p.tally(off, p.count)
			p.content(s, off)
			return
		}
		n := p.held.text(s, off, p.limit(), p.unit == unitByte)
		s = s[n:]
		if p.unit == unitByte {
			off += n
		}
		if s != "" || p.state != inHeader && p.held.cannotBeHeader() {
			p.give(off)
		}
	}
}

// unknown reads an id that is not in the vocabulary. It stands for one U+FFFD.
func (p *Parser) unknown(t Token, off int) {
	if p.state != inContent && p.held.size() >= p.limit() {
		p.give(off)
	}
	if p.state != inContent {
		p.held.bad(t, off)
		if p.state != inHeader {
			p.give(off)
		}
		return
	}
	p.badToken(t, off)
}

// limit returns how much may be held in the current state.
func (p *Parser) limit() int {
	switch p.state {
	case inHeader:
		return maxHeader
	case inGap:
		return maxGap
	}
	return maxReopen
}

// give ends holding: what is held is no header, or too long for one, and is read as what it is then. off is
// where the reason stands. The state is inContent or inGap afterwards.
func (p *Parser) give(off int) {
	switch p.state {
	case inGap:
		p.gapText(off)
	case inHeader:
		p.repair(off, "the header does not end within "+strconv.Itoa(maxHeader)+" bytes")
	case inReopen:
		p.giveBack()
	}
}

// special reads a control token.
func (p *Parser) special(t Token, off int) {
	switch p.state {
	case inGap:
		p.specialInGap(t, off)
	case inHeader:
		p.specialInHeader(t, off)
	case inContent:
		p.specialInContent(t, off)
	case inReopen:
		p.specialInReopen(t, off)
	}
}

// cell is a message and the room for its content, in one piece of memory.
type cell struct {
	Parsed
	content [1]harmony.Content
}

// open begins the content of a message whose header is complete at off.
func (p *Parser) open(m harmony.Message, off int) {
	if p.err != nil {
		p.state = inGap
		return
	}
	p.cur = &cell{Parsed: Parsed{Message: m, Start: p.start}}
	p.count = p.usage.of(&p.cur.Message)
	p.state, p.badUTF8, p.altered = inContent, false, false
	p.body, p.sampled = p.pos, p.sampled[:0]
	p.text = p.text[len(p.text):]
	p.held.reset()
	p.first = false
	p.emit(Event{Kind: KindHeader, Offset: off, Message: &p.cur.Message})
}

// end completes the current message. stop is 0 where there is no terminator at off.
func (p *Parser) end(stop Token, off int) {
	p.flush()
	if p.err == nil && !p.altered {
		p.checkContent(stop)
	}
	if p.err == nil {
		p.checkEnd(stop, off)
	}
	p.complete(stop, off)
	if stop != 0 {
		p.tally(off, &p.usage.Framing)
	}
}

// complete hands out the current message.
func (p *Parser) complete(stop Token, off int) {
	c := p.cur
	c.content[0] = harmony.Text(p.since(0))
	c.Content = c.content[:]
	c.Stop, c.End = stop, off
	if stop != 0 {
		c.End += p.width(stop)
	}
	p.done = append(p.done, c.Parsed)
	p.emit(Event{Kind: KindEnd, Offset: off, Message: &c.Message, Stop: stop})
	p.cur, p.count, p.lastStop, p.state = nil, nil, stop, inGap
	p.held.reset()
}

// startHeader begins a header at its <|start|>.
func (p *Parser) startHeader(off int) {
	p.follow(off)
	p.tally(off, &p.usage.Framing)
	p.held.reset()
	p.state, p.start, p.hint, p.hintName = inHeader, off, "", ""
}

// follow notes that something follows the last message.
func (p *Parser) follow(off int) {
	stop := p.lastStop
	p.lastStop = 0
	p.first = false
	switch {
	case stop == tokenizer.Return && p.role == "":
		p.diag(RuleReturnInside, Warning, off, "", "a message follows <|return|>, which only ends a completion: in a prompt it is written <|end|>")
	case (stop == tokenizer.Return || stop == tokenizer.Call) && p.role != "":
		p.diag(RuleAfterStop, Warning, off, "", "the model went on after %s, where generating should have stopped", p.spelling(stop))
	}
}

// specialInGap reads a control token between messages.
func (p *Parser) specialInGap(t Token, off int) {
	if t == tokenizer.Channel || t == tokenizer.Message || t == tokenizer.Constrain {
		if p.held.headerWords() {
			p.headerWithoutStart(off)
			p.specialInHeader(t, off)
			return
		}
	}
	if p.held.size() > 0 {
		p.gapText(off)
		if p.state == inContent && p.err == nil {
			p.specialInContent(t, off)
			return
		}
	}
	if p.err != nil {
		return
	}
	switch {
	case t == tokenizer.Start:
		p.startHeader(off)
		return
	case !isStop(t):
		p.diag(RuleReserved, Error, off, p.spelling(t), "expected <|start|>, found %s between messages", p.spelling(t))
	case len(p.done) > 0:
		p.diag(RuleOneEnd, Error, off, p.spelling(t), "expected <|start|> or the end, found a second terminator, %s", p.spelling(t))
	default:
		p.diag(RuleBetween, Error, off, p.spelling(t), "expected <|start|>, found the terminator %s before any message", p.spelling(t))
	}
	p.tally(off, &p.usage.Framing)
}

// headerWithoutStart goes on to a header: its <|start|> is missing before what is held.
func (p *Parser) headerWithoutStart(off int) {
	at := p.held.begin(off)
	p.follow(at)
	p.diag(RuleBetween, Error, at, "", "expected <|start|>, found the rest of a header")
	p.state, p.start, p.hint, p.hintName = inHeader, at, p.fallback, ""
	if p.held.beginsWithRole() {
		p.hint = ""
	}
}

// gapText reads what stands between messages: white space is dropped into a diagnostic, anything else
// is a message without a header.
func (p *Parser) gapText(off int) {
	at := p.held.begin(off)
	if p.held.blank() {
		text := p.held.string()
		p.diag(RuleBetween, Error, at, text, "expected <|start|>, found white space %s between messages", quote(text))
		for _, it := range p.held.items {
			p.tally(it.off, &p.usage.Framing)
		}
		p.held.reset()
		return
	}
	p.follow(at)
	p.diag(RuleBetween, Error, at, "", "expected <|start|>, found text without a header: read as content of %s", p.fallback)
	if p.err != nil {
		return
	}
	p.start = at
	items := p.held.take()
	p.open(harmony.Message{Role: p.fallback}, at)
	p.replay(items, 0, 0)
}

// specialInHeader reads a control token in a header.
func (p *Parser) specialInHeader(t Token, off int) {
	switch {
	case t == tokenizer.Message:
		p.readHeader(off)
		p.tally(off, &p.usage.Framing)
	case t == tokenizer.Start:
		p.startInHeader(off)
	case isStop(t):
		p.stopInHeader(t, off)
	case p.held.size() >= p.limit():
		p.give(off)
		if p.err == nil {
			p.specialInContent(t, off)
		}
	default:
		p.held.special(t, off)
	}
}

// startInHeader reads a <|start|> where a header's <|message|> should have come first.
func (p *Parser) startInHeader(off int) {
	switch {
	case p.held.size() == 0 && p.first:
		p.diag(RulePromptTail, Error, off, "", "the stream repeats the prompt's <|start|>, although the parser was given the role %s", p.role)
	case p.held.size() == 0:
		p.diag(RuleOneStart, Error, off, "", "expected a role, found a second <|start|>")
	case p.held.onlyRole():
		text := p.held.string()
		p.diag(RuleOneStart, Error, off, text, "expected the rest of the header after %s, found a second <|start|>", quote(text))
		for _, it := range p.held.items {
			p.tally(it.off, &p.usage.Framing)
		}
	default:
		p.repair(off, "expected <|message|>, found <|start|>")
		if p.err == nil {
			p.end(0, off)
		}
	}
	if p.err == nil {
		p.startHeader(off)
	}
}

// stopInHeader reads a terminator where a header's <|message|> should have come first.
func (p *Parser) stopInHeader(t Token, off int) {
	if p.held.size() == 0 {
		p.diag(RuleMessage, Error, off, p.spelling(t), "expected a header and <|message|>, found %s", p.spelling(t))
		p.tally(off, &p.usage.Framing)
		p.state, p.lastStop, p.first = inGap, 0, false
		return
	}
	p.repair(off, "expected <|message|>, found "+p.spelling(t))
	if p.err == nil {
		p.end(t, off)
	}
}

// specialInContent reads a control token in a content.
func (p *Parser) specialInContent(t Token, off int) {
	p.flush()
	switch {
	case isStop(t):
		p.end(t, off)
	case t == tokenizer.Start:
		if p.diag(RuleContent, Error, off, "", "expected a terminator before <|start|>: the message ends here without one"); p.err == nil {
			p.end(0, off)
			p.startHeader(off)
		}
	case t == tokenizer.Channel:
		p.state = inReopen
		p.held.special(t, off)
	default:
		p.spell(t, off)
	}
}

// spell reads a control token that has no meaning in a content: as its spelling.
func (p *Parser) spell(t Token, off int) {
	rule := RuleContent
	if !slices.Contains(structural, t) {
		rule = RuleReserved
	}
	s := p.spelling(t)
	p.diag(rule, Error, off, "", "expected text, found %s: read as its spelling", s)
	if p.err != nil {
		return
	}
	p.altered = true
	p.tally(off, p.count)
	p.content(s, off)
}

// structural are the control tokens that make up the format.
var structural = []Token{
	tokenizer.Return, tokenizer.Constrain, tokenizer.Channel, tokenizer.Start, tokenizer.End, tokenizer.Message, tokenizer.Call,
}

// specialInReopen reads a control token behind a <|channel|> that stands in a content.
func (p *Parser) specialInReopen(t Token, off int) {
	switch fits := p.held.size() < p.limit() && p.held.headerWords(); {
	case t == tokenizer.Message && fits:
		at := p.held.begin(off)
		p.diag(RuleContent, Error, at, "", "expected a terminator and <|start|> before <|channel|>: a new message begins here without them")
		if p.err != nil {
			return
		}
		items := p.held.take()
		p.hint, p.hintName = p.cur.Role, p.cur.Name
		p.end(0, at)
		p.follow(at)
		p.held.restore(items)
		p.state, p.start = inHeader, at
		p.specialInHeader(t, off)
	case (t == tokenizer.Channel || t == tokenizer.Constrain) && fits:
		p.held.special(t, off)
	default:
		if p.giveBack(); p.err == nil {
			p.specialInContent(t, off)
		}
	}
}

// giveBack reads what is held as content: it was no header.
func (p *Parser) giveBack() {
	items := p.held.take()
	p.state = inContent
	p.replay(items, 0, 0)
}
