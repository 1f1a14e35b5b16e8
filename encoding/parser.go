package encoding

import (
	"errors"
	"iter"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// Errors of misuse. They change nothing: the parser can be used on in the right way.
var (
	ErrMixedInput = errors.New("encoding: a parser takes either tokens or text, not both")
	ErrClosed     = errors.New("encoding: parser is closed")
)

// ParseOptions chooses how a stream is parsed. nil is the zero value.
type ParseOptions struct {
	// Strict makes the first error-level diagnostic an error: a *ParseError, which every later call
	// returns again. What was read before it stays readable.
	Strict bool

	// Prefill holds tokens that the caller has put behind the prompt's <|start|> and role, which the
	// model has continued: a part of a header, or a header and the beginning of the content. They
	// are read as if they stood in front of the stream, at negative offsets: the message has the
	// prefilled text in its Content, the Header event comes with the first call, but Deltas hold
	// only what is new. They are not counted in Usage.
	Prefill []Token

	// Canonical also compares the tokens of each complete content with those that its text encodes to (STR-14,
	// Info). Tokens that differ are what a model was free to sample, but they come back otherwise when the
	// text is rendered again, which breaks prefix caches and trains on other tokens. It costs an encoding
	// of all text, and a copy of the tokens of one message.
	Canonical bool

	// Stop is why the stream ended, for Parse, ParseText and Events, which call Close themselves.
	Stop StopReason
}

// Parser turns a stream of tokens, or of text in which the control tokens are spelled out, into
// messages. It is total: it accepts every stream, and nothing that was written is dropped. What is
// wrong is told in diagnostics; see the package comment for how streams are repaired.
//
// A Parser holds the messages it has read. It belongs to one goroutine.
type Parser struct {
	fast    bool // the next token, if ordinary and whole, is a delta and nothing else
	state   state
	unit    unit
	muted   bool // reading the prefill: no deltas
	carry   bool // events of the prefill are waiting for the first call
	quiet   bool // no events at all: Parse
	closed  bool
	badUTF8 bool // the current message has had its STR-10
	altered bool // its text is not only that of ordinary tokens one after the other

	pos     int     // place of the next input
	tallied int     // the last token that was counted in usage
	count   *int    // usage counter of the current content
	delta   []Event // one Event, prepared for the fast path
	text    []byte  // of the current message; see grow
	tok     *tokenizer.Tokenizer

	pending    [3]byte // the beginning of a character, its end yet to come
	npending   int
	pendingOff int

	held held   // what cannot be decided yet: header, text between messages, <|channel|> in a content
	tail string // PushText: what may become a marker

	role     harmony.Role // as given to NewParser
	hint     harmony.Role // role of the current header, if it is known beforehand
	hintName string       // and name
	fallback harmony.Role // role of messages that do not say
	first    bool         // nothing of the stream's first header has come
	start    int          // place of the current message's first token
	body     int          // place of its content's first token
	sampled  []Token      // those of its content, where opts.Canonical asks for them
	lastStop Token        // how the last message ended, until something follows

	cur      *cell
	done     []Parsed
	diags    []Diagnostic
	diagSent int // diags that were handed out with events
	more     folded
	events   []Event
	header   header
	memo     *headerMemo
	usage    Usage
	verdict  Verdict
	err      error

	e    *Encoding
	opts ParseOptions
}

// state says what the next input is read as.
type state uint8

const (
	inGap     state = iota // between messages: held is text that should not be there
	inHeader               // held is the header
	inContent              // held is empty
	inReopen               // in a content after <|channel|>: held is what may be a header, marker included
)

// unit is what offsets count.
type unit uint8

const (
	unitNone unit = iota // no input yet
	unitToken
	unitByte
)

func (u unit) String() string {
	if u == unitByte {
		return "byte"
	}
	return "token"
}

// NewParser returns a parser. role is the role that the prompt has opened with <|start|>role, as
// RenderForCompletion does: the stream begins behind it, in the header. With role "" the stream
// begins with <|start|>.
func (e *Encoding) NewParser(role harmony.Role, opts *ParseOptions) *Parser {
	p := &Parser{e: e, tok: e.tok}
	p.Reset(role, opts)
	return p
}

// Reset makes p as NewParser would, keeping its memory. What it has handed out stays valid.
func (p *Parser) Reset(role harmony.Role, opts *ParseOptions) {
	old := *p
	old.held.reset()
	*p = Parser{
		e: p.e, tok: p.tok, events: old.events[:0], delta: old.delta, held: old.held, header: old.header, memo: old.memo, text: old.text,
		role: role, hint: role, fallback: role, first: true, tallied: -1,
	}
	if opts != nil {
		p.opts = *opts
	}
	if p.delta == nil {
		p.delta = []Event{{Kind: KindDelta}}
	}
	if role != "" {
		p.state = inHeader
	} else {
		p.fallback = harmony.RoleAssistant
	}
	p.prefill()
}

// prefill reads the prefilled tokens.
func (p *Parser) prefill() {
	if len(p.opts.Prefill) == 0 {
		return
	}
	p.unit, p.muted = unitToken, true
	p.pos = -len(p.opts.Prefill)
	p.start = p.pos
	for _, t := range p.opts.Prefill {
		p.token(t)
	}
	p.unit, p.muted, p.pos, p.carry, p.first = unitNone, false, 0, true, false
}

// Push takes the next token and returns what it makes known, often one Delta, and nothing where the
// token belongs to a header. The slice is the parser's own and valid until the next call. The error is
// nil but for Strict (*ParseError), ErrMixedInput and ErrClosed. While content streams nothing is
// allocated but what the message's text needs to grow.
func (p *Parser) Push(t Token) ([]Event, error) {
	if p.fast && t < tokenizer.StartOfText {
		if s, _ := p.tok.TokenString(t); whole(s) {
			if len(s) > cap(p.text)-len(p.text) {
				p.grow(len(s))
			}
			p.text = append(p.text, s...)
			ev := &p.delta[0]
			ev.Offset, ev.Text = p.pos, s
			p.tallied = p.pos
			p.pos++
			*p.count++
			return p.delta, nil
		}
	}
	return p.push(t)
}

// push is Push without the short cut.
func (p *Parser) push(t Token) ([]Event, error) {
	if err := p.begin(unitToken); err != nil {
		return nil, err
	}
	p.token(t)
	return p.finish()
}

// begin prepares a call that takes input.
func (p *Parser) begin(u unit) error {
	switch {
	case p.closed:
		return ErrClosed
	case p.unit == unitNone:
		p.unit = u
	case p.unit != u:
		return ErrMixedInput
	}
	if !p.carry {
		p.events = p.events[:0]
	} else {
		p.carry = false
		return nil // an error of the prefill comes with its events
	}
	return p.err
}

// finish ends a call: it hands out the events.
func (p *Parser) finish() ([]Event, error) {
	p.fast = p.state == inContent && !p.opts.Canonical && p.npending == 0 && p.err == nil && p.unit == unitToken && p.diagSent == len(p.diags)
	if p.fast {
		p.delta[0].Message = &p.cur.Message
	}
	return p.events, p.err
}

// token reads one token.
func (p *Parser) token(t Token) {
	if p.err != nil {
		return
	}
	off := p.pos
	p.pos++
	s, ok := p.tok.TokenString(t)
	switch {
	case !ok:
		p.unknown(t, off)
	case t >= tokenizer.StartOfText:
		p.special(t, off)
	default:
		if p.opts.Canonical && p.state == inContent {
			p.sampled = append(p.sampled, t)
		}
		p.ordinary(s, off)
	}
}

// Close ends the stream: it returns what was in flight and how the turn ended. Content that had not ended
// becomes a message without a terminator, header text is read as far as it is a header. A stream
// that stops inside a content is truncated, not malformed, so Strict accepts it; one that stops
// inside a header is an error to Strict. After an error of Strict, Close returns that error again,
// the verdict is VerdictMalformed, and the message in flight is ended with what it had. A second
// Close returns the same verdict and no events.
func (p *Parser) Close(reason StopReason) ([]Event, Verdict, error) {
	if p.closed {
		return nil, p.verdict, p.err
	}
	if !p.carry {
		p.events = p.events[:0]
	}
	p.closed, p.fast = true, false
	if p.tail != "" && p.err == nil {
		p.ordinary(p.tail, p.pos-len(p.tail))
	}
	if p.err == nil {
		p.verdict = p.conclude(reason)
	}
	if p.err != nil {
		p.verdict = VerdictMalformed
		p.abandon()
	}
	return p.events, p.verdict, p.err
}

// Messages returns the messages read so far, in order. The caller must not change them.
func (p *Parser) Messages() []Parsed { return p.done[:len(p.done):len(p.done)] }

// Diagnostics returns the diagnostics found so far, in the order of the stream. There are at most a
// few thousand: the rest is folded into one of rule LIM-01. The caller must not change them.
func (p *Parser) Diagnostics() []Diagnostic {
	d := p.diags[:len(p.diags):len(p.diags)]
	if p.more.count > 0 {
		d = append(d, p.more.diagnostic())
	}
	return d
}

// Usage returns what the tokens so far were spent on. Tokens whose meaning is still open, as those of
// an unfinished header, are counted when it is known. Text is not counted in tokens: under PushText it is zero.
func (p *Parser) Usage() Usage { return p.usage }

// Verdict returns what Close returned; VerdictNone before.
func (p *Parser) Verdict() Verdict { return p.verdict }

// Result returns all that is known of the stream.
func (p *Parser) Result() Result {
	return Result{Messages: p.Messages(), Diagnostics: p.Diagnostics(), Verdict: p.verdict, Usage: p.usage}
}

// Parse reads a whole stream. The error is nil but for opts.Strict (*ParseError); the Result then
// holds what was read before it.
func (e *Encoding) Parse(toks []Token, role harmony.Role, opts *ParseOptions) (Result, error) {
	p := e.NewParser(role, opts)
	p.quiet = true
	err := p.begin(unitToken)
	if err == nil && p.err == nil {
		p.tokens(toks)
	}
	_, _, err = p.Close(p.opts.Stop)
	return p.Result(), err
}

// tokens reads many tokens, without events.
func (p *Parser) tokens(toks []Token) {
	for i := 0; i < len(toks) && p.err == nil; i++ {
		if p.state == inContent && p.npending == 0 && !p.opts.Canonical {
			if i += p.run(toks[i:]); i == len(toks) {
				return
			}
		}
		p.token(toks[i])
	}
}

// run takes the leading tokens that are nothing but content, and returns how many.
func (p *Parser) run(toks []Token) int {
	n, text := 0, p.text
	for _, t := range toks {
		if t >= tokenizer.StartOfText {
			break
		}
		s, _ := p.tok.TokenString(t)
		if !whole(s) {
			break
		}
		if len(s) > cap(text)-len(text) {
			p.text = text
			p.grow(len(s))
			text = p.text
		}
		text = append(text, s...)
		n++
	}
	p.text = text
	p.pos += n
	if n > 0 {
		p.tallied = p.pos - 1
		*p.count += n
	}
	return n
}

// ParseText is Parse for text in which control tokens are spelled out; see PushText.
func (e *Encoding) ParseText(text string, role harmony.Role, opts *ParseOptions) (Result, error) {
	p := e.NewParser(role, opts)
	p.quiet = true
	_, err := p.PushText(text)
	if err == nil {
		_, _, err = p.Close(p.opts.Stop)
	} else {
		p.Close(p.opts.Stop)
	}
	return p.Result(), err
}

// Events parses a sequence of tokens: it yields the events of every Push and, at the end, of Close
// with the reason of ParseOptions.Stop. An error of the sequence closes the parser as StopError and
// comes last; so does an error of Strict. Afterwards Verdict, Messages and the rest can be asked; they
// can also be asked, and the parser continued, after the loop was left early.
func (p *Parser) Events(toks iter.Seq2[Token, error]) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		reason := p.opts.Stop
		var failed error
		for t, err := range toks {
			if err != nil {
				reason, failed = StopError, err
				break
			}
			events, err := p.Push(t)
			for _, ev := range events {
				if !yield(ev, nil) {
					return
				}
			}
			if err != nil {
				failed = err
				break
			}
		}
		events, _, err := p.Close(reason)
		for _, ev := range events {
			if !yield(ev, nil) {
				return
			}
		}
		if failed == nil {
			failed = err
		}
		if failed != nil {
			yield(Event{}, failed)
		}
	}
}
