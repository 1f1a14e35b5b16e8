package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/harmony-go/sdk/tokenizer"
)

// figures are what a turn has cost, over all of its generations.
type figures struct {
	steps, prompt, cached, output int
	usage                         *encoding.Usage // nil: the output was not parsed
	first                         time.Duration   // to the first token of the turn
	computed, decoded             int             // tokens of prompts, and tokens behind the first ones
	prefill, decode               time.Duration
	calls                         int
	stop                          encoding.StopReason // of the last generation
	stopToken                     encoding.Token
	diagnostics                   []encoding.Diagnostic
}

// add adds a generation.
func (f *figures) add(s *engine.Stats, prompt, output int) {
	if f.output == 0 {
		f.first += s.FirstToken
	}
	f.prompt, f.cached, f.output = f.prompt+prompt, f.cached+s.Cached, f.output+output
	f.computed, f.prefill = f.computed+max(prompt-s.Cached, 0), f.prefill+s.Prefill
	f.decoded, f.decode = f.decoded+max(output-1, 0), f.decode+s.Decode
	f.stop, f.stopToken = s.Stop, s.StopToken
}

// figuresOf adds up a turn that has ended with failure or an answer.
func figuresOf(turn *agent.Turn, failure error) *figures {
	f := &figures{usage: &encoding.Usage{}}
	if turn == nil {
		return f
	}
	f.steps, f.calls, f.usage = len(turn.Steps), len(turn.Calls), &turn.Usage
	for _, s := range turn.Steps {
		f.add(&s.Stats, s.Prompt, len(s.Sampled))
		f.diagnostics = append(f.diagnostics, s.Diagnostics...)
	}
	var limit *agent.LimitError
	switch {
	case failure == nil:
		f.stop = encoding.StopToken
	case errors.Is(failure, context.Canceled):
		f.stop = encoding.StopCancelled
	case errors.As(failure, &limit) && limit.Found == 0 && (limit.Limit == agent.LimitTokens || limit.Limit == agent.LimitContext):
		f.stop = encoding.StopLength
	default:
		f.stop = encoding.StopError
	}
	return f
}

// statistics shows figures in one line, and before it what was wrong with the output.
func (v *turnView) statistics(f *figures) error {
	if v.log == nil {
		return nil
	}
	if v.begun || f.output > 0 {
		v.log.WriteString("\n")
	}
	v.faults(f.diagnostics)
	var fields []painted
	add := func(format string, args ...any) {
		fields = append(fields, painted{faint, fmt.Sprintf(format, args...)})
	}
	if f.steps > 1 {
		add("%d generations", f.steps)
	}
	add("prompt %s, %s cached", plural(f.prompt, "token"), grouped(f.cached))
	add("output %s%s", plural(f.output, "token"), f.byChannel())
	if f.output > 0 {
		add("first token %s", seconds(f.first))
	}
	if speed := perSecond(f.decoded, f.decode); speed > 0 {
		add("%.1f tokens/s", speed)
	}
	fields = append(fields, v.stopped(f))
	if v.r.sampling.Temperature > 0 {
		add("seed %s", v.r.seed.String())
	}
	v.footer(fields)
	return v.log.Flush()
}

// footer shows fields in a line; where columns are so few that one of them has no room, it breaks them like text.
func (v *turnView) footer(fields []painted) {
	widest := 0
	for _, f := range fields {
		widest = max(widest, textWidth(f.text))
	}
	if v.log.width == 0 || widest+4 <= v.log.width {
		v.log.headline(fields, painted{})
		return
	}
	b := v.log.newBlock("")
	for i, f := range fields {
		if i > 0 {
			b.write(plain, "  ")
		}
		b.write(f.ink, f.text)
	}
	b.end()
}

func perSecond(n int, d time.Duration) float64 {
	if n <= 0 || d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}

// faults shows the first errors of the stream.
func (v *turnView) faults(diagnostics []encoding.Diagnostic) {
	const most = 3
	n := 0
	for _, d := range diagnostics {
		if d.Severity != encoding.Error {
			continue
		}
		if n++; n <= most {
			v.log.line("", inkError, fmt.Sprintf("%s %s at token %d: %s", d.Severity, d.Rule, d.Offset, d.Message))
		}
	}
	if n > most {
		v.log.printf("%s\n", v.log.paint(inkError, "and "+grouped(n-most)+" more: the model does not keep to the format"))
	}
}

// byChannel says what the tokens were spent on.
func (f *figures) byChannel() string {
	if f.usage == nil {
		return ""
	}
	var parts []string
	for _, u := range usageFields(*f.usage) {
		if u.n > 0 {
			parts = append(parts, grouped(u.n)+" "+u.name)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

type usageField struct {
	name string
	n    int
}

// usageFields are the fields of a usage that a model's output can have.
func usageFields(u encoding.Usage) []usageField {
	return []usageField{{"analysis", u.Analysis}, {"commentary", u.Commentary}, {"arguments", u.Arguments}, {"final", u.Final},
		{"other", u.Other + u.System + u.Developer + u.User + u.Tool}, {"framing", u.Framing}}
}

// stopped says why the output ended.
func (v *turnView) stopped(f *figures) painted {
	switch {
	case f.stop == encoding.StopToken && f.stopToken != 0:
		return painted{faint, "stopped by " + spelling(f.stopToken)}
	case f.stop == encoding.StopToken:
		return painted{faint, "answered"}
	case f.stop == encoding.StopLength && v.r.maxTokens > 0 && f.output == v.r.maxTokens:
		return painted{inkWarning, "cut off by --max-tokens " + grouped(v.r.maxTokens)}
	case f.stop == encoding.StopLength:
		return painted{inkWarning, "cut off: no room for more"}
	case f.stop == encoding.StopCancelled:
		return painted{inkWarning, "cancelled"}
	}
	return painted{inkError, "failed"}
}

// seconds writes a time as people say it.
func seconds(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// endsMessage reports whether t is one of the tokens that end a message.
func endsMessage(t encoding.Token) bool {
	return t == tokenizer.Return || t == tokenizer.End || t == tokenizer.Call
}

// jsonOutput writes a JSON object a line.
type jsonOutput struct {
	w    *bufio.Writer
	step int // generations that have begun
}

func (o *jsonOutput) event(e *encoding.Event) { o.w.Write(append(appendEvent(nil, e), '\n')) }

func (o *jsonOutput) flush() error { return o.w.Flush() }

// further writes the events that no parser has.
func (o *jsonOutput) further(ev *agent.Event) {
	switch ev.Kind {
	case agent.KindStep:
		o.step++
		o.line("step", func(b []byte) []byte { return fmt.Appendf(b, `,"prompt_tokens":%d`, ev.Step.Prompt) })
	case agent.KindStats:
		o.line("stats", func(b []byte) []byte {
			f := figures{usage: &ev.Step.Usage}
			f.add(&ev.Step.Stats, ev.Step.Prompt, len(ev.Step.Sampled))
			return f.append(appendVerdict(b, ev.Step))
		})
	case agent.KindCall:
		o.line("call", func(b []byte) []byte {
			b = appendField(b, "recipient", ev.Call.Message.Recipient, true)
			return appendField(b, "arguments", ev.Call.Message.Text(), true)
		})
	}
}

// line writes an object of a kind.
func (o *jsonOutput) line(kind string, rest func(b []byte) []byte) {
	o.w.Write(append(rest(fmt.Appendf(nil, `{"kind":"%s","step":%d`, kind, o.step-1)), "}\n"...))
}

// result writes what a tool has said.
func (o *jsonOutput) result(c *agent.Call) {
	b := appendField([]byte(`{"kind":"result"`), "name", callName(c), true)
	b = appendField(b, "text", c.Result, true)
	if c.Err != nil {
		b = appendField(b, "error", strings.ToValidUTF8(c.Err.Error(), "\uFFFD"), true)
	}
	o.w.Write(fmt.Appendf(b, `,"seconds":%.4f}`+"\n", c.Elapsed.Seconds()))
}

// done writes the last line of a turn.
func (o *jsonOutput) done(r *runFlags, turn *agent.Turn, f *figures, failure error) error {
	b := []byte(`{"kind":"done"`)
	if turn != nil && len(turn.Steps) > 0 {
		b = appendVerdict(b, turn.Steps[len(turn.Steps)-1])
	}
	if failure == nil && turn != nil {
		b = appendField(b, "answer", turn.Answer, true)
	}
	if failure != nil {
		b = appendField(b, "error", strings.ToValidUTF8(failure.Error(), "\uFFFD"), true)
	}
	b = f.append(fmt.Appendf(b, `,"generations":%d,"calls":%d`, f.steps, f.calls))
	o.w.Write(fmt.Appendf(b, `,"seed":%d}`+"\n", r.seed.value))
	return o.w.Flush()
}

// appendVerdict appends what the parser found in a generation.
func appendVerdict(b []byte, s *agent.Step) []byte {
	b = appendField(b, "verdict", s.Verdict.String(), false)
	b = append(b, `,"diagnostics":[`...)
	for i, d := range s.Diagnostics {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendDiagnostic(b, &d)
	}
	return append(b, ']')
}

// append appends the figures as members of an object.
func (f *figures) append(b []byte) []byte {
	b = appendField(b, "stop_reason", f.stop.String(), false)
	if f.stopToken != 0 {
		b = append(b, `,"stop":`...)
		b = ojson.AppendString(b, spelling(f.stopToken))
	}
	b = fmt.Appendf(b, `,"prompt_tokens":%d,"cached_tokens":%d,"output_tokens":%d,"usage":{`, f.prompt, f.cached, f.output)
	for i, u := range usageFields(*f.usage) {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `"%s":%d`, u.name, u.n)
	}
	return fmt.Appendf(b, `},"first_token_seconds":%.4f,"prefill_tokens_per_second":%.2f,"tokens_per_second":%.2f`,
		f.first.Seconds(), perSecond(f.computed, f.prefill), perSecond(f.decoded, f.decode))
}
