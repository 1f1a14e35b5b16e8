package encoding

import (
	"strings"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// rules reports what a single header shows to be off the rules, though it can be read.
func (h *header) rules() {
	at, to := h.place(), h.place()
	if h.channelAt < len(h.words) {
		at = h.words[h.channelAt].off
	}
	if h.toAt >= 0 {
		to = h.words[h.toAt].off
	}
	h.diags = append(h.diags, fieldRules(&h.m, at, to)...)
}

// fieldRules checks the fields of m against each other. at and to are the places of channel and recipient.
func fieldRules(m *harmony.Message, at, to int) (diags []Diagnostic) {
	warn := func(r Rule, off int, message string) {
		diags = append(diags, Diagnostic{Rule: r, Severity: Warning, Offset: off, Message: message})
	}
	recipient, channel := m.Recipient, string(m.Channel)
	function := strings.HasPrefix(recipient, "functions.")
	builtin := m.Purpose() == harmony.BuiltinCall
	switch {
	case m.Role == harmony.RoleTool:
	case m.Role != harmony.RoleAssistant:
		if hasChannel(m) || hasRecipient(m) {
			warn(RuleNoChannel, at, "a message of "+string(m.Role)+" has no channel and no recipient")
		}
		return diags
	case !hasChannel(m):
		warn(RuleChannelMissing, at, "expected <|channel|>analysis, commentary or final in the assistant's header, found none")
	case channel != "" && !knownChannel(channel):
		warn(RuleChannelKnown, at, "expected the channel analysis, commentary or final, found "+quote(channel))
	case channel == "final" && hasRecipient(m):
		warn(RuleFinalRecipient, to, "a message on the final channel has no recipient, found "+quote(recipient))
	case function && channel == "analysis":
		warn(RuleFunctionChannel, at, "a function is called on commentary, found analysis")
	case builtin && channel == "commentary":
		warn(RuleBuiltinChannel, at, quote(recipient)+" is called on analysis, found commentary")
	}
	if m.Role == harmony.RoleAssistant && recipient != "" {
		switch {
		case knownRole(harmony.Role(recipient)):
			warn(RuleRecipient, to, "the recipient of a call is a tool, found the role "+quote(recipient))
		case strings.HasPrefix(recipient, "functions.functions."):
			warn(RuleNamespace, to, "expected the namespace once, found "+quote(recipient))
		case !builtin && !strings.Contains(recipient, "."):
			warn(RuleNamespace, to, "expected a full name as functions.NAME, found "+quote(recipient))
		}
		if strings.IndexFunc(recipient, func(r rune) bool { return r <= ' ' || r == 0x7F || r > 0x7E }) >= 0 {
			warn(RuleRecipient, to, "a tool's name has only ASCII letters, digits and punctuation, found "+quote(recipient))
		}
	}
	return diags
}

// checkContent reports what a complete content, read without repairs, holds that it should not. A content has one
// diagnostic of each rule at most.
func (p *Parser) checkContent(stop Token) {
	text := p.since(0)
	if i := strings.Index(text, "<|"); i >= 0 {
		p.checkMarkers(text, i)
	}
	if !p.opts.Canonical || stop == 0 || p.unit != unitToken {
		return
	}
	for i, t := range p.tok.Encode(text) {
		if i == len(p.sampled) || p.sampled[i] != t {
			p.diag(RuleCanonical, Info, p.body+i, "", "the text from here on encodes to other tokens, beginning with %d", t)
			return
		}
	}
}

// checkMarkers looks for spelled-out control tokens in text from byte i on. Where the input is text, there are none:
// they are control tokens.
func (p *Parser) checkMarkers(text string, i int) {
	for n := 0; n >= 0; n = strings.Index(text[i:], "<|") {
		i += n
		for _, t := range structural {
			if m := p.spelling(t); strings.HasPrefix(text[i:], m) {
				p.diag(RuleMarkerText, Warning, p.body, "", "the content that begins here spells %s in ordinary text, at its byte %d: it has no meaning there", m, i)
				return
			}
		}
		i += len("<|")
	}
}

// checkEnd reports a terminator that does not fit the message.
func (p *Parser) checkEnd(stop Token, off int) {
	m := &p.cur.Message
	call := isCall(m)
	switch {
	case stop == 0:
	case stop == tokenizer.Call && !call:
		p.diag(RuleCallOnly, Warning, off, "", "<|call|> only ends an assistant's message with a recipient, which this is not")
	case stop != tokenizer.Call && call:
		p.diag(RuleCallEnd, Warning, off, "", "a call ends with <|call|>, found %s", p.spelling(stop))
	}
}
