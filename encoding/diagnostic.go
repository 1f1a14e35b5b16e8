package encoding

import (
	"fmt"
	"strings"
)

// Severity says how sure the parser is of what it read.
type Severity uint8

const (
	Info    Severity = iota // worth knowing
	Warning                 // off the rules of the format, but read with certainty
	Error                   // the structure was damaged and had to be repaired, or the meaning is uncertain
)

// String returns "info", "warning" or "error".
func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	}
	return "error"
}

// Rule is the id of a rule of the format. Ids are stable. The parser reports the rules below, which
// are those that can be seen in a single stream; package conformance checks whole transcripts.
type Rule string

const (
	RuleBetween     Rule = "STR-01" // a message starts with <|start|>; nothing stands between messages
	RuleContent     Rule = "STR-02" // content holds no structural token
	RuleMessage     Rule = "STR-03" // a header is ended by <|message|>
	RuleOneChannel  Rule = "STR-04" // at most one <|channel|> in a header
	RuleOneStart    Rule = "STR-05" // no doubled <|start|>
	RuleChannelName Rule = "STR-06" // <|channel|> and the channel's name go together
	RuleSpelled     Rule = "STR-07" // a marker is a control token, not its spelling in ordinary text
	RuleMarkerText  Rule = "STR-08" // content does not spell control tokens in ordinary text
	RuleReserved    Rule = "STR-09" // no reserved or legacy control tokens
	RuleUTF8        Rule = "STR-10" // text is valid UTF-8, and every id is in the vocabulary
	RuleHeaderWords Rule = "STR-11" // header words are role, recipient, channel, content type: no remainder
	RuleSpacing     Rule = "STR-12" // canonical spacing of the header
	RuleConstrain   Rule = "STR-13" // <|constrain|> and the format's name go together
	RuleCanonical   Rule = "STR-14" // content is the tokens its text encodes to; see ParseOptions.Canonical

	RuleReturnInside Rule = "END-01" // <|return|> ends a completion, and stands nowhere in a prompt
	RuleReturnEnd    Rule = "END-02" // the answer that ends a completion ends with <|return|>
	RuleCallEnd      Rule = "END-03" // a call ends with <|call|>
	RuleCallOnly     Rule = "END-04" // <|call|> only ends an assistant's message with a recipient
	RuleOneEnd       Rule = "END-05" // no second terminator
	RuleTruncated    Rule = "END-06" // a completion ends with a terminator
	RuleOutcome      Rule = "END-07" // a completion has an answer or a call
	RuleAfterStop    Rule = "END-08" // nothing follows <|call|> or <|return|> in a completion

	RuleRole       Rule = "ROL-01" // the role is system, developer, user, assistant or a tool's name
	RuleNoChannel  Rule = "ROL-12" // system, developer and user messages have no channel and no recipient
	RuleAuthorName Rule = "ROL-13" // a name after the role is read by this package, not by openai-harmony

	RuleChannelMissing  Rule = "CHN-01" // every assistant message has a channel
	RuleChannelKnown    Rule = "CHN-02" // the channel is analysis, commentary or final
	RuleFunctionChannel Rule = "CHN-03" // function calls go to commentary
	RuleBuiltinChannel  Rule = "CHN-04" // browser and python calls go to analysis
	RuleFinalRecipient  Rule = "CHN-05" // no recipient on the final channel
	RuleNamespace       Rule = "CAL-02" // a function's namespace is present, once
	RuleRecipient       Rule = "CAL-04" // a recipient is written to=NAME; NAME is not empty, not a role, without spaces
	RulePromptTail      Rule = "PRM-02" // a completion does not begin with the prompt's last tokens
	RuleManyDiagnostics Rule = "LIM-01" // further diagnostics are counted, not listed
	maxDiagnostics           = 4096     // then they are folded into one LIM-01: bounded memory on any input
	maxQuoted                = 40       // bytes of input quoted in a message
)

// Diagnostic is something wrong in a stream.
type Diagnostic struct {
	Rule     Rule
	Severity Severity
	Offset   int    // where; counts as Event.Offset does
	Message  string // what was found, and what would be right

	// Text is the input's text that this diagnostic takes out of the stream: it stands in no
	// message. Empty where nothing was taken out.
	Text string
}

// String returns the diagnostic as one line, without its Text.
func (d Diagnostic) String() string {
	return fmt.Sprintf("%s %s at %d: %s", d.Severity, d.Rule, d.Offset, d.Message)
}

// ParseError is the first error-level diagnostic of a stream that is parsed strictly.
type ParseError struct {
	Diagnostic
	Unit string // what Offset counts: "token" or "byte"
}

// Error says where the fault is, what was expected and what was found.
func (e *ParseError) Error() string {
	return fmt.Sprintf("encoding: %s at %s %d: %s", e.Rule, e.Unit, e.Offset, e.Message)
}

// diag records a diagnostic. text is the input it takes out of the stream.
func (p *Parser) diag(r Rule, s Severity, off int, text, format string, args ...any) {
	if p.err != nil {
		return
	}
	strict := p.opts.Strict && s == Error
	if len(p.diags) >= maxDiagnostics && !strict {
		p.fold(s, off, text)
		return
	}
	d := Diagnostic{Rule: r, Severity: s, Offset: off, Message: fmt.Sprintf(format, args...), Text: text}
	p.diags = append(p.diags, d)
	if strict {
		p.err = &ParseError{Diagnostic: d, Unit: p.unit.String()}
	}
}

// folded is the sum of the diagnostics beyond maxDiagnostics.
type folded struct {
	count    int
	first    int
	severity Severity
	text     []byte
}

func (p *Parser) fold(s Severity, off int, text string) {
	if p.more.count == 0 {
		p.more.first = off
	}
	p.more.count++
	p.more.severity = max(p.more.severity, s)
	p.more.text = append(p.more.text, text...)
}

func (f *folded) diagnostic() Diagnostic {
	return Diagnostic{
		Rule: RuleManyDiagnostics, Severity: f.severity, Offset: f.first, Text: string(f.text),
		Message: fmt.Sprintf("%d more diagnostics from here on", f.count),
	}
}

// quote quotes input for a message, shortened.
func quote(s string) string {
	if len(s) <= maxQuoted {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q… (%d bytes)", strings.ToValidUTF8(s[:maxQuoted], ""), len(s))
}
