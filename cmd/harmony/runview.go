package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

// turnView shows a turn while it happens.
type turnView struct {
	r     *runFlags
	show  turnOutput
	log   *screen // standard error; nil: nothing goes there
	meter *meter
	begun bool // something was shown
}

// turnOutput is one of the ways to show a turn.
type turnOutput interface {
	event(e *encoding.Event)
	result(c *agent.Call)
	flush() error
}

func newTurnView(x *session, r *runFlags) *turnView {
	v := &turnView{r: r, meter: x.runMeter(r, "reading the prompt")}
	if !r.quiet {
		v.log = newScreen(bufio.NewWriter(x.stderr), x.stderr, r.options)
	}
	out := bufio.NewWriter(x.stdout)
	switch {
	case r.json:
		v.show = &jsonOutput{w: out}
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

// event shows what has happened.
func (v *turnView) event(ev *agent.Event) error {
	j, isJSON := v.show.(*jsonOutput)
	switch ev.Kind {
	case agent.KindPrompt:
		v.meter.tokens(ev.Done, ev.Total)
		return nil
	case agent.KindStep:
		v.meter.what = "reading the prompt"
	case agent.KindHeader, agent.KindDelta, agent.KindEnd:
		v.meter.clear()
		v.begun = true
		v.show.event(streamEvent(ev))
	case agent.KindResult:
		v.meter.clear()
		v.show.result(ev.Call)
	}
	if isJSON {
		j.further(ev)
	}
	if err := v.show.flush(); err != nil {
		return &writeError{err}
	}
	if ev.Kind == agent.KindCall && ev.Call != nil {
		v.meter.begin("running " + printable(ev.Call.Message.Recipient))
	}
	return nil
}

// streamEvent returns an agent's event as the parser's that it was.
func streamEvent(ev *agent.Event) *encoding.Event {
	e := &encoding.Event{Message: ev.Message, Text: ev.Text, Offset: len(ev.Step.Sampled) - 1, Kind: encoding.KindDelta}
	switch ev.Kind {
	case agent.KindHeader:
		e.Kind = encoding.KindHeader
	case agent.KindEnd:
		e.Kind = encoding.KindEnd
		if n := len(ev.Step.Sampled); n > 0 && endsMessage(ev.Step.Sampled[n-1]) {
			e.Stop = ev.Step.Sampled[n-1]
		}
	}
	return e
}

// close shows the figures of a turn, which has ended with failure or an answer.
func (v *turnView) close(turn *agent.Turn, failure error) error {
	f := figuresOf(turn, failure)
	if j, ok := v.show.(*jsonOutput); ok {
		return j.done(v.r, turn, f, failure)
	}
	if f.steps == 0 {
		return nil // it did not begin
	}
	return v.statistics(f)
}

// screenOutput shows each message with what it is.
type screenOutput struct {
	s     *screen
	n     int
	block *block
	held  string // the beginning of a word, which is not shown in one line and go on in the next
	long  bool   // the word has become too long to wait for its end
}

// head begins a message.
func (o *screenOutput) head(margin string, fields ...painted) {
	if o.n++; o.n > 1 {
		o.s.WriteString("\n")
	}
	o.s.headline(fields, painted{})
	o.block = o.s.newBlock(margin)
}

func (o *screenOutput) event(e *encoding.Event) {
	switch e.Kind {
	case encoding.KindHeader:
		margin := messageMargin
		if e.Message.Purpose() == harmony.Answer {
			margin = "" // it can be copied
		}
		o.head(margin, turnFields(e.Message)...)
	case encoding.KindDelta:
		o.write(contentInk(e.Message), e.Text)
	case encoding.KindEnd:
		o.block.write(contentInk(e.Message), o.held)
		o.held, o.long = "", false
		o.block.end()
	}
}

// longWord is how many bytes of a word are waited for. JSON without spaces is shown as it comes.
const longWord = 24

// write shows text, but for a word that may go on.
func (o *screenOutput) write(i ink, text string) {
	text = o.held + text
	o.held = ""
	if o.s.width > 0 {
		cut := strings.LastIndexAny(text, " \n") + 1
		o.long = cut == 0 && o.long || len(text)-cut > longWord
		if !o.long {
			text, o.held = text[:cut], text[cut:]
		}
	}
	o.block.write(i, text)
}

// shownResult is how many bytes of a result people are shown.
const shownResult = 2000

// result shows what a tool has said.
func (o *screenOutput) result(c *agent.Call) {
	what := painted{bold, "tool result"}
	if c.Err != nil {
		what = painted{inkError, "tool error"}
	}
	o.head(messageMargin, what, painted{plain, "by " + printable(callName(c))}, painted{faint, seconds(c.Elapsed)})
	text := strings.TrimRight(cutBytes(c.Result, shownResult), "\n")
	o.block.write(plain, text)
	if n := len(c.Result) - len(text); n > 1 {
		o.block.write(faint, fmt.Sprintf("\n… and %s more, which the model is told", plural(n, "byte")))
	}
	o.block.end()
}

// callName names the tool of a call: as it was found, or as it was called.
func callName(c *agent.Call) string {
	if c.Tool != "" {
		return c.Tool
	}
	return c.Message.Recipient
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

func (o *pipeOutput) result(c *agent.Call) {
	if o.rest != nil {
		o.rest.result(c)
	}
}

func (o *pipeOutput) flush() error {
	if o.rest != nil {
		o.rest.flush() // who does not read it misses nothing of the answer
	}
	return o.w.Flush()
}
