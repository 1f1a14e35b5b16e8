package encoding

import (
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// conclude reads the end of the stream.
func (p *Parser) conclude(reason StopReason) Verdict {
	off := p.pos
	if p.state == inReopen {
		p.giveBack()
	}
	if p.state == inGap && p.held.size() > 0 {
		p.gapText(off)
	}
	v := VerdictEmpty
	switch {
	case p.err != nil:
		return VerdictMalformed
	case p.state == inHeader:
		v = p.concludeHeader(off)
	case p.state == inContent && reason == StopToken:
		m := &p.cur.Message
		v = endedWith(m)
		p.end(0, off)
	case p.state == inContent:
		m := &p.cur.Message
		v = truncatedIn(m)
		p.flush()
		p.diag(RuleTruncated, Warning, off, "", "expected a terminator, found the end of the stream: the message is cut off")
		p.end(0, off)
	case len(p.done) > 0:
		v = endedWith(&p.done[len(p.done)-1].Message)
	}
	if n := len(p.done); p.err == nil && p.role == harmony.RoleAssistant && v == VerdictFinal && p.done[n-1].Stop == tokenizer.End {
		p.diag(RuleReturnEnd, Warning, p.done[n-1].End-p.width(tokenizer.End), "", "the answer ends a completion with <|return|>, found <|end|>")
	}
	if v == VerdictNoFinal && p.role == harmony.RoleAssistant {
		p.diag(RuleOutcome, Warning, off, "", "expected an answer or a call, found the end of the stream")
	}
	return v
}

// concludeHeader reads the end of the stream in a header.
func (p *Parser) concludeHeader(off int) Verdict {
	text := ""
	switch {
	case p.held.size() == 0 && p.first:
		p.diag(RuleMessage, Error, off, "", "expected a header, found the end of the stream: it is empty")
		return VerdictEmpty
	case p.held.size() == 0, p.held.onlyRole():
		text = p.held.string()
		p.diag(RuleMessage, Error, off, text, "expected <|message|>, found the end of the stream in a header, after %s", quote("<|start|>"+text))
		for _, it := range p.held.items {
			p.tally(it.off, &p.usage.Framing)
		}
	default:
		p.repair(off, "expected <|message|>, found the end of the stream in a header")
		if p.err == nil {
			p.end(0, off)
		}
	}
	return VerdictTruncatedHeader
}

// abandon ends the message in flight after an error of Strict.
func (p *Parser) abandon() {
	if p.cur == nil {
		return
	}
	if p.npending > 0 {
		p.npending = 0
		p.write(replacement)
	}
	p.complete(0, min(p.pos, p.err.(*ParseError).Offset))
}
