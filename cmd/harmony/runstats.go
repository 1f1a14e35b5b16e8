package main

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
)

// statistics shows what a turn cost, in one line, and before it what was wrong with the output.
func (v *turnView) statistics(stats *engine.Stats) error {
	if v.log == nil {
		return nil
	}
	if stats.Output > 0 {
		v.log.WriteString("\n")
	}
	if v.raw == nil {
		v.faults()
	}
	fields := []painted{
		{faint, fmt.Sprintf("prompt %s, %s cached", plural(stats.Prompt, "token"), grouped(stats.Cached))},
		{faint, "output " + plural(stats.Output, "token") + v.byChannel()},
	}
	if stats.Output > 0 {
		fields = append(fields, painted{faint, "first token " + seconds(stats.FirstToken)})
	}
	if speed := stats.DecodeSpeed(); speed > 0 {
		fields = append(fields, painted{faint, fmt.Sprintf("%.1f tokens/s", speed)})
	}
	fields = append(fields, v.stopped(stats))
	if v.r.sampling.Temperature > 0 {
		fields = append(fields, painted{faint, "seed " + v.r.seed.String()})
	}
	v.log.headline(fields, painted{})
	return v.log.Flush()
}

// faults shows the first errors of the stream.
func (v *turnView) faults() {
	const most = 3
	n := 0
	for _, d := range v.p.Diagnostics() {
		if d.Severity != encoding.Error {
			continue
		}
		if n++; n <= most {
			b := v.log.newBlock("")
			b.write(inkError, fmt.Sprintf("%s %s at token %d: %s", d.Severity, d.Rule, d.Offset, d.Message))
			b.end()
		}
	}
	if n > most {
		v.log.printf("%s\n", v.log.paint(inkError, "and "+grouped(n-most)+" more: the model does not keep to the format"))
	}
}

// byChannel says what the tokens were spent on.
func (v *turnView) byChannel() string {
	if v.raw != nil {
		return ""
	}
	var parts []string
	for _, f := range usageFields(v.p.Usage()) {
		if f.n > 0 {
			parts = append(parts, grouped(f.n)+" "+f.name)
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
func (v *turnView) stopped(stats *engine.Stats) painted {
	switch {
	case stats.Stop == encoding.StopToken:
		return painted{faint, "stopped by " + spelling(stats.StopToken)}
	case stats.Stop == encoding.StopLength && stats.Output == v.r.maxTokens:
		return painted{inkWarning, "cut off by --max-tokens " + grouped(v.r.maxTokens)}
	case stats.Stop == encoding.StopLength:
		return painted{inkWarning, "cut off: no room for more"}
	case stats.Stop == encoding.StopCancelled:
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

// jsonOutput writes a JSON object a line.
type jsonOutput struct{ w *bufio.Writer }

func (o *jsonOutput) event(e *encoding.Event) { o.w.Write(append(appendEvent(nil, e), '\n')) }

func (o *jsonOutput) flush() error { return o.w.Flush() }

// done writes the last line.
func (o *jsonOutput) done(v *turnView, stats *engine.Stats) error {
	b := appendResultFields([]byte(`{"kind":"done"`), v.p)
	b = appendField(b, "stop_reason", stats.Stop.String(), false)
	if stats.StopToken != 0 {
		b = appendField(b, "stop", spelling(stats.StopToken), false)
	}
	b = fmt.Appendf(b, `,"prompt_tokens":%d,"cached_tokens":%d,"output_tokens":%d,"usage":{`, stats.Prompt, stats.Cached, stats.Output)
	for i, f := range usageFields(v.p.Usage()) {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `"%s":%d`, f.name, f.n)
	}
	b = fmt.Appendf(b, `},"first_token_seconds":%.4f,"prefill_tokens_per_second":%.2f,"tokens_per_second":%.2f,"seed":%d}`+"\n",
		stats.FirstToken.Seconds(), stats.PrefillSpeed(), stats.DecodeSpeed(), v.r.seed.value)
	o.w.Write(b)
	return o.w.Flush()
}

// appendResultFields appends what the parser found: the verdict and the diagnostics.
func appendResultFields(b []byte, p *encoding.Parser) []byte {
	b = appendField(b, "verdict", p.Verdict().String(), false)
	b = append(b, `,"diagnostics":[`...)
	for i, d := range p.Diagnostics() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendDiagnostic(b, &d)
	}
	return append(b, ']')
}
