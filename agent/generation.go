package agent

import (
	"context"
	"slices"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
)

// generation is one generation and what came of it.
type generation struct {
	r      *run
	ctx    context.Context
	step   *Step
	parser *encoding.Parser
	most   int         // tokens of output; 0 for any number
	limit  *LimitError // why there may be no more than most

	cut      bool // it was ended by us, in the middle: a call of no tool, or words of somebody else
	ended    bool // by the model
	err      error
	reason   encoding.StopReason
	messages []encoding.Parsed // what stays in the conversation
}

// complete reports whether message i was not cut off.
func (g *generation) complete(i int) bool {
	return i < len(g.messages)-1 || g.messages[i].Stop != 0 || g.reason == encoding.StopToken
}

// generate asks the model once. What goes wrong before is an error; what goes wrong in the middle is in the generation.
func (r *run) generate() (*generation, error) {
	g := &generation{r: r, step: &Step{}}
	req, err := g.request()
	if err != nil {
		return nil, err
	}
	r.turn.Steps = append(r.turn.Steps, g.step)
	r.emit(Event{Kind: KindStep, Step: g.step})
	var cancel context.CancelFunc
	g.ctx, cancel = context.WithCancel(r.ctx)
	defer cancel()
	req.Progress = func(done, total int) {
		if r.emit(Event{Kind: KindPrompt, Step: g.step, Done: done, Total: total}); r.left {
			cancel()
		}
	}
	if !r.left {
		for tok, err := range r.a.generator.Generate(g.ctx, req) {
			if err != nil {
				g.err = err
				break
			}
			if !g.take(tok) {
				break
			}
		}
	}
	g.finish(req.Prompt[:len(req.Prompt)-len(g.step.Opening)])
	return g, nil
}

// request renders the prompt and asks the hooks.
func (g *generation) request() (engine.Request, error) {
	r := g.r
	prompt, reuse, err := r.s.t.Prompt(harmony.RoleAssistant)
	if err != nil {
		return engine.Request{}, err
	}
	about := Generation{Step: len(r.turn.Steps), Tools: r.a.tools.namespaces, Format: r.format}
	switch {
	case r.idle > 1:
		about.Opening = r.a.enc.OpenFinal()
	case r.a.opts.Open != nil:
		about.Opening = r.a.opts.Open(about)
	}
	prompt = append(prompt, about.Opening...)
	req := engine.Request{Prompt: prompt, Sampling: r.a.opts.Sampling, Stats: &g.step.Stats}
	if req.MaxTokens, err = g.room(len(prompt)); err != nil {
		return engine.Request{}, err
	}
	if r.a.opts.Mask != nil {
		if req.Mask, err = r.a.opts.Mask(about); err != nil {
			return engine.Request{}, err
		}
	}
	g.most = req.MaxTokens
	g.step.Prompt, g.step.Reuse, g.step.Opening = len(prompt), reuse, about.Opening
	g.parser = r.a.enc.NewParser(harmony.RoleAssistant, &encoding.ParseOptions{Prefill: about.Opening})
	return req, nil
}

// room returns how many tokens may be sampled on a prompt, 0 for any number, and notes which limit that is.
func (g *generation) room(prompt int) (int, error) {
	l := &g.r.a.limits
	g.limit = &LimitError{Limit: LimitContext}
	room := 0
	if l.Tokens > 0 {
		room = l.Tokens - g.r.output
		g.limit = &LimitError{Limit: LimitTokens, Max: l.Tokens}
		if room <= 0 {
			return 0, g.limit
		}
	}
	if l.Context > 0 {
		left := l.Context - prompt
		if left <= 0 {
			return 0, &LimitError{Limit: LimitContext, Max: l.Context, Found: prompt}
		}
		if room == 0 || left < room {
			room = left
			g.limit = &LimitError{Limit: LimitContext, Max: l.Context}
		}
	}
	return room, nil
}

// take reads one token and reports whether the generation goes on. Generators keep limits and stop tokens themselves;
// one that does not is stopped here.
func (g *generation) take(tok encoding.Token) bool {
	g.step.Sampled = append(g.step.Sampled, tok)
	g.r.output++
	g.ended = slices.Contains(g.r.a.stops, tok)
	if tok == g.r.a.endOfText { // it ends an output, and is no part of the format
		return false
	}
	events, _ := g.parser.Push(tok) // it fails in strict mode only
	g.pass(events)
	if g.cut || g.ended || g.r.left || g.ctx.Err() != nil {
		return false
	}
	return g.most == 0 || len(g.step.Sampled) < g.most
}

// full says which limit an output has come to that was too long.
func (g *generation) full() *LimitError {
	if g.most > 0 && len(g.step.Sampled) >= g.most {
		return g.limit
	}
	return &LimitError{Limit: LimitContext} // the generator's own
}

// pass hands out the parser's events, and sees what they mean for the generation.
func (g *generation) pass(events []encoding.Event) {
	for _, ev := range events {
		m := ev.Message
		out := Event{Message: m, Text: ev.Text, Diagnostics: ev.Diagnostics, Step: g.step}
		call := m.Purpose() == harmony.FunctionCall || m.Purpose() == harmony.BuiltinCall
		switch ev.Kind {
		case encoding.KindHeader:
			out.Kind = KindHeader
			_, err := g.r.a.tools.find(m.Recipient)
			g.cut = g.cut || m.Role != harmony.RoleAssistant || call && err != nil
		case encoding.KindDelta:
			out.Kind = KindDelta
		case encoding.KindEnd:
			out.Kind = KindEnd
			g.ended = g.ended || call && ev.Stop != 0 // the result comes next, even if the model has not written <|call|>
		}
		g.r.emit(out)
	}
}

// finish puts what was sampled on a prompt into the conversation.
func (g *generation) finish(prompt []encoding.Token) {
	r, step := g.r, g.step
	if g.err == nil && !g.ended {
		g.err = g.ctx.Err() // it was seen between two tokens
	}
	g.reason = step.Stats.Stop
	switch {
	case g.err != nil && g.ctx.Err() == nil:
		g.reason = encoding.StopError
	case g.ended:
		g.reason = encoding.StopToken
	case g.err != nil, r.left, g.cut:
		g.reason = encoding.StopCancelled
	case g.most > 0 && len(step.Sampled) >= g.most:
		g.reason = encoding.StopLength
	}
	events, verdict, _ := g.parser.Close(g.reason)
	g.pass(events)
	step.Verdict, step.Usage, step.Diagnostics = verdict, g.parser.Usage(), g.parser.Diagnostics()
	addUsage(&r.turn.Usage, step.Usage)
	g.keep(prompt)
	r.emit(Event{Kind: KindStats, Step: step})
}

// keep adds to the transcript what can stay there.
func (g *generation) keep(prompt []encoding.Token) {
	step, s := g.step, g.r.s
	kept, whole := g.kept()
	record := &generationEntry{Prompt: len(prompt), Sum: sum(prompt), Opening: step.Opening, Sampled: step.Sampled, Kept: kept, Stop: g.reason.String()}
	if !whole {
		record.Stop = encoding.StopUnknown.String() // what is kept is complete
	}
	s.log = append(s.log, entry{Generation: record})
	g.messages = record.apply(s.t)
}

// kept returns how many of the sampled tokens stay in the conversation, -1 if not even the opening does; and whether that is all of
// them. Left out is what no prompt can have: the end of the text, a header that was cut off, and what the
// model has said as somebody else.
func (g *generation) kept() (n int, whole bool) {
	all := g.parser.Messages()
	n = len(g.step.Sampled)
	if n > 0 && g.step.Sampled[n-1] == g.r.a.endOfText {
		n--
	}
	for i := range all {
		if all[i].Role != harmony.RoleAssistant {
			return max(all[i].Start, -1), false
		}
	}
	if g.step.Verdict != encoding.VerdictTruncatedHeader {
		return n, true
	}
	end := -1
	if len(g.step.Opening) == 0 {
		end = 0
	}
	for i := range all {
		if i < len(all)-1 || all[i].Stop != 0 || all[i].Text() != "" {
			end = all[i].End
		}
	}
	return end, false
}
