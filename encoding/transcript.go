package encoding

import (
	"fmt"
	"slices"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// Transcript is a conversation as tokens, which only grows: messages of the caller are rendered once, and
// what a model has sampled stays as the very tokens it was, so that an engine's prefix cache holds.
// In every turn, ask it for the Prompt, let the engine go on from there, hand the sampled tokens to AppendSampled,
// and Append the tool's result or the user's next message.
//
// A prompt is the messages that the retention policy keeps, one after the other. Sampled tokens change in
// three cases only, which Reuse names: a message is left out, a terminator <|return|> is written
// <|end|> as prompts want it, a message that was cut off is closed.
//
// A Transcript belongs to one goroutine. Clone makes an independent one.
type Transcript struct {
	e      *Encoding
	opts   RenderOptions
	items  []turn
	msgs   []harmony.Message // of items
	next   harmony.Role      // whose message the last prompt has opened
	batch  int
	seen   []Token // what the engine has read and written: the last prompt and what was sampled on it
	layout []place // of seen
	known  int     // how many messages there were at the last prompt
}

// turn is a message and its tokens.
type turn struct {
	tokens    []Token
	functions bool // rendered with HasFunctionTools
	sampled   bool
	closing   []Token     // behind tokens, if the next message does not follow directly: what closes it
	opening   []Token     // in front of tokens, if the last message does not precede directly
	batch     int         // sampled in the same call, one after the other: these precede directly
	again     bool        // the tokens are not the sampled ones, which do not stand in a prompt
	note      ReuseReason // why tokens changed since the last prompt
}

// place says where a message stands in a prompt.
type place struct{ start, item int }

// NewTranscript returns an empty transcript. opts, which may be nil, says how messages are rendered and
// which are retained.
func (e *Encoding) NewTranscript(opts *RenderOptions) *Transcript {
	t := &Transcript{e: e, next: harmony.RoleAssistant}
	if opts != nil {
		t.opts = *opts
	}
	return t
}

// Messages returns the messages, those left out of prompts included. The caller must not change them.
func (t *Transcript) Messages() []harmony.Message { return t.msgs[:len(t.msgs):len(t.msgs)] }

// Clone returns an independent copy, for a branch.
func (t *Transcript) Clone() *Transcript {
	c := *t
	c.items = slices.Clone(t.items)
	c.msgs = slices.Clone(t.msgs)
	c.seen = slices.Clone(t.seen)
	c.layout = slices.Clone(t.layout)
	return &c
}

// Append adds messages of the caller's. The error is a *RenderError with the message's index in
// msgs; then nothing was added. The messages must not be changed afterwards: use Replace.
func (t *Transcript) Append(msgs ...harmony.Message) error {
	items := make([]turn, len(msgs))
	for i := range msgs {
		toks, err := t.render(&msgs[i], false)
		if err != nil {
			if re, ok := err.(*RenderError); ok {
				re.Message = i
			}
			return err
		}
		items[i] = turn{tokens: toks}
	}
	t.items = append(t.items, items...)
	t.msgs = append(t.msgs, msgs...)
	return nil
}

func (t *Transcript) render(m *harmony.Message, functions bool) ([]Token, error) {
	opts := t.opts
	opts.HasFunctionTools = functions
	return t.e.RenderMessage(m, &opts)
}

// Replace puts m in the place of message i, which the prompts so far may have in them: the next
// prompt reuses nothing from there on. It is for what cannot stay, as a date that is over.
func (t *Transcript) Replace(i int, m harmony.Message) error {
	if i < 0 || i >= len(t.items) {
		return fmt.Errorf("encoding: transcript has %d messages, no message %d", len(t.items), i)
	}
	toks, err := t.render(&m, false)
	if err != nil {
		return err
	}
	note := ReuseReplaced
	if was, is := startDate(&t.msgs[i]), startDate(&m); was != is {
		note = ReuseDate
	}
	t.items[i] = turn{tokens: toks, note: note}
	t.msgs = slices.Clone(t.msgs)
	t.msgs[i] = m
	return nil
}

// AppendSampled adds what an engine has sampled on the last prompt, and why it stopped. It returns the
// reading of the tokens; diagnostics are in the result, never an error. A message without a terminator
// at the end is closed in later prompts, by <|call|> if it is a call and by <|end|> otherwise; one that was cut off in its header
// and has no content is left out of them. A terminator that the engine has kept to itself (reason StopToken) is put
// back like that.
func (t *Transcript) AppendSampled(toks []Token, reason StopReason) Result {
	r, _ := t.e.Parse(toks, t.next, &ParseOptions{Stop: reason})
	base := len(t.seen)
	t.seen = append(t.seen, toks...)
	t.batch++
	for i := range r.Messages {
		from, to := 0, len(toks) // what stands between two messages goes with the first
		if i > 0 {
			from = r.Messages[i].Start
			t.layout = append(t.layout, place{base + from, len(t.items)})
		}
		if i+1 < len(r.Messages) {
			to = r.Messages[i+1].Start
		}
		m := &r.Messages[i]
		it := turn{tokens: slices.Clone(toks[from:to]), sampled: true, batch: t.batch}
		if i == 0 {
			it.tokens = append(t.head(t.next), it.tokens...)
		}
		t.finishTurn(&it, m)
		t.items = append(t.items, it)
		t.msgs = append(t.msgs, m.Message)
	}
	return r
}

// finishTurn decides how a sampled message begins and ends in a prompt.
func (t *Transcript) finishTurn(it *turn, m *Parsed) {
	for k, tok := range it.tokens {
		if tok == tokenizer.Return {
			it.tokens[k] = tokenizer.End
		}
	}
	ended := slices.Contains(it.tokens, tokenizer.Message)
	if m.Stop == 0 {
		it.closing = []Token{tokenizer.End}
		if isCall(&m.Message) {
			it.closing[0] = tokenizer.Call
		}
		if !ended { // its header would swallow what follows
			it.again, it.closing, it.tokens = true, nil, nil
			if m.Text() != "" {
				it.tokens, _ = t.render(&m.Message, false)
			}
			return
		}
	}
	switch first, _ := t.e.tok.TokenString(it.tokens[0]); {
	case it.tokens[0] == tokenizer.Start:
	case first == string(m.Role):
		it.opening = []Token{tokenizer.Start}
	case ended:
		it.opening = t.head(m.Role)
	default:
		it.opening = append(t.head(m.Role), tokenizer.Message)
	}
}

// head returns the tokens that open a message of role.
func (t *Transcript) head(role harmony.Role) []Token {
	return append([]Token{tokenizer.Start}, t.e.tok.Encode(string(role))...)
}

// Prompt returns the whole prompt for a message of role next, and how much of it the engine has seen.
// The caller owns the slice. The error is a *RenderError: an unknown next role.
func (t *Transcript) Prompt(next harmony.Role) ([]Token, Reuse, error) {
	if !knownRole(next) {
		_, err := t.e.RenderForCompletion(nil, next, &t.opts)
		return nil, Reuse{}, err
	}
	keep := t.keep()
	if err := t.refresh(); err != nil {
		return nil, Reuse{}, err
	}
	var prompt []Token
	var layout []place
	before := -1
	for i := range t.items {
		it := &t.items[i]
		if !keep[i] || len(it.tokens) == 0 {
			continue
		}
		if before >= 0 && !t.adjoining(before, i) {
			prompt = append(prompt, t.items[before].closing...)
		}
		layout = append(layout, place{len(prompt), i})
		if before < 0 || !t.adjoining(before, i) {
			prompt = append(prompt, it.opening...)
		}
		prompt = append(prompt, it.tokens...)
		before = i
	}
	if before >= 0 {
		prompt = append(prompt, t.items[before].closing...)
	}
	layout = append(layout, place{len(prompt), len(t.items)})
	prompt = append(prompt, t.head(next)...)
	reuse := t.reuse(prompt, layout)
	t.seen, t.layout, t.next, t.known = slices.Clone(prompt), layout, next, len(t.items)
	for i := range t.items {
		t.items[i].note = ReuseAll
	}
	return prompt, reuse, nil
}

// keep applies the retention policy.
func (t *Transcript) keep() []bool {
	keep := make([]bool, len(t.msgs))
	for i := range keep {
		keep[i] = true
	}
	if t.opts.Retention != nil {
		t.opts.Retention(t.msgs, keep)
	} else {
		RetainReference(t.msgs, keep)
	}
	return keep
}

// refresh renders system messages anew if function tools have come or gone: their text says so.
func (t *Transcript) refresh() error {
	functions := hasFunctionTools(t.msgs)
	for i := range t.items {
		it := &t.items[i]
		if it.sampled || it.functions == functions || t.msgs[i].Role != harmony.RoleSystem {
			continue
		}
		toks, err := t.render(&t.msgs[i], functions)
		if err != nil {
			return err
		}
		it.tokens, it.functions = toks, functions
		if it.note == ReuseAll {
			it.note = ReuseTools
		}
	}
	return nil
}

// adjoining reports whether message b follows a directly in what was sampled.
func (t *Transcript) adjoining(a, b int) bool {
	x, y := &t.items[a], &t.items[b]
	return b == a+1 && x.sampled && y.sampled && x.batch == y.batch && !x.again && !y.again
}
