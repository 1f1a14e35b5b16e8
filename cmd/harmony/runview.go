package main

import (
	"bufio"
	"strings"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// turnView shows a turn while it is generated.
type turnView struct {
	r    *runFlags
	p    *encoding.Parser
	show turnOutput
	log  *screen // standard error; nil: nothing goes there
	raw  *rawOutput
}

// turnOutput is one of the ways to show a turn.
type turnOutput interface {
	event(e *encoding.Event)
	flush() error
}

func newTurnView(x *session, r *runFlags) *turnView {
	v := &turnView{r: r, p: encoding.GPTOSS().NewParser(harmony.RoleAssistant, nil)}
	if !r.quiet {
		v.log = newScreen(bufio.NewWriter(x.stderr), x.stderr, r.options)
	}
	out := bufio.NewWriter(x.stdout)
	switch {
	case r.raw:
		v.raw = &rawOutput{w: out, text: tokenizer.O200kHarmony().NewStreamDecoder(), clean: isTerminal(x.stdout)}
	case r.json:
		v.show = &jsonOutput{out}
	case isTerminal(x.stdout):
		v.show = &screenOutput{s: newScreen(out, x.stdout, r.options)}
	default:
		p := &pipeOutput{w: out}
		if v.log != nil {
			p.rest = &screenOutput{s: v.log}
		}
		v.show = p
	}
	return v
}

// push shows what a token makes known.
func (v *turnView) push(t encoding.Token) error {
	if v.raw != nil {
		return v.raw.push(t)
	}
	events, err := v.p.Push(t)
	if err != nil {
		return err
	}
	return v.events(events)
}

func (v *turnView) events(events []encoding.Event) error {
	if len(events) == 0 {
		return nil
	}
	for i := range events {
		v.show.event(&events[i])
	}
	if err := v.show.flush(); err != nil {
		return &writeError{err}
	}
	return nil
}

// close shows what is left, and the statistics.
func (v *turnView) close(stats *engine.Stats) error {
	if v.raw != nil {
		if err := v.raw.close(); err != nil {
			return &writeError{err}
		}
		return v.statistics(stats)
	}
	events, _, err := v.p.Close(stats.Stop)
	if err != nil {
		return err
	}
	if err := v.events(events); err != nil {
		return err
	}
	if j, ok := v.show.(*jsonOutput); ok {
		return j.done(v, stats)
	}
	return v.statistics(stats)
}

// whole reports whether the turn came to its end.
func (v *turnView) whole(stats *engine.Stats) bool {
	if v.raw != nil {
		return stats.Stop == encoding.StopToken
	}
	return v.p.Verdict() == encoding.VerdictFinal || v.p.Verdict() == encoding.VerdictToolCall
}

// screenOutput shows each message with what it is.
type screenOutput struct {
	s     *screen
	n     int
	block *block
}

func (o *screenOutput) event(e *encoding.Event) {
	switch e.Kind {
	case encoding.KindHeader:
		if o.n++; o.n > 1 {
			o.s.WriteString("\n")
		}
		o.s.headline(turnFields(e.Message), painted{})
		margin := "  │ "
		if e.Message.Purpose() == harmony.Answer {
			margin = "" // it can be copied
		}
		o.block = o.s.newBlock(margin)
	case encoding.KindDelta:
		o.block.write(contentInk(e.Message), e.Text)
	case encoding.KindEnd:
		o.block.end()
	}
}

func (o *screenOutput) flush() error { return o.s.Flush() }

// turnFields names a message of the assistant: what it is, and what of its header that does not say.
func turnFields(m *harmony.Message) []painted {
	i := purposeInk(m)
	if m.Purpose() == harmony.Reasoning {
		i = inkThinking
	}
	fields := []painted{{i, purposeWords(m)}}
	if m.Role != harmony.RoleAssistant {
		fields = append(fields, painted{plain, authorText(m)})
	}
	switch m.Purpose() {
	case harmony.FunctionCall, harmony.BuiltinCall:
		fields = append(fields, painted{plain, "to " + printable(m.Recipient)})
	case harmony.Other:
		fields = append(fields, painted{plain, "on " + printable(string(m.Channel))})
	}
	return fields
}

// pipeOutput writes the answer as it is, and all else to rest. Several answers have a line break between them.
type pipeOutput struct {
	w    *bufio.Writer
	rest *screenOutput // nil: nowhere
	open bool          // the last line has no end yet
}

func (o *pipeOutput) event(e *encoding.Event) {
	if e.Message.Purpose() != harmony.Answer {
		if o.rest != nil {
			o.rest.event(e)
		}
		return
	}
	switch {
	case e.Kind == encoding.KindDelta:
		o.w.WriteString(e.Text)
		o.open = !strings.HasSuffix(e.Text, "\n")
	case e.Kind == encoding.KindEnd && o.open:
		o.w.WriteString("\n")
		o.open = false
	}
}

func (o *pipeOutput) flush() error {
	if o.rest != nil {
		o.rest.flush() // who does not read it misses nothing of the answer
	}
	return o.w.Flush()
}

// rawOutput writes what the tokens spell.
type rawOutput struct {
	w     *bufio.Writer
	text  *tokenizer.StreamDecoder
	clean bool // for a terminal, which the model must not drive
	open  bool
}

func (o *rawOutput) push(t encoding.Token) error {
	text, err := o.text.Push(t)
	if err != nil {
		return err
	}
	return o.write(text)
}

func (o *rawOutput) write(text string) error {
	if text == "" {
		return nil
	}
	o.open = !strings.HasSuffix(text, "\n")
	if o.clean {
		lines := strings.Split(text, "\n")
		for i := range lines {
			lines[i] = printable(lines[i])
		}
		text = strings.Join(lines, "\n")
	}
	o.w.WriteString(text)
	if err := o.w.Flush(); err != nil {
		return &writeError{err}
	}
	return nil
}

// close writes what is left; on a terminal it ends the line.
func (o *rawOutput) close() error {
	if err := o.write(o.text.Close()); err != nil {
		return err
	}
	if o.clean && o.open {
		return o.write("\n")
	}
	return nil
}
