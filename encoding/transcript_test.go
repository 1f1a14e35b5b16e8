package encoding

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

func system(date string) harmony.Message {
	return harmony.Message{Role: harmony.RoleSystem, Content: []harmony.Content{&harmony.SystemContent{
		ModelIdentity: "You are ChatGPT, a large language model trained by OpenAI.", ConversationStartDate: date, ReasoningEffort: harmony.EffortLow,
		ChannelConfig: &harmony.ChannelConfig{ValidChannels: []string{"analysis", "commentary", "final"}, ChannelRequired: true},
	}}}
}

func developer(tools bool) harmony.Message {
	d := &harmony.DeveloperContent{Instructions: "Be brief."}
	if tools {
		d.Tools = map[string]harmony.Namespace{"functions": {Name: "functions", Tools: []harmony.Tool{{Name: "f", Description: "Does f."}}}}
	}
	return harmony.Message{Role: harmony.RoleDeveloper, Content: []harmony.Content{d}}
}

func user(text string) harmony.Message {
	return harmony.Message{Role: harmony.RoleUser, Content: []harmony.Content{harmony.Text(text)}}
}

func result(text string) harmony.Message {
	return harmony.Message{Role: harmony.RoleTool, Name: "functions.f", Recipient: "assistant", Channel: harmony.ChannelCommentary, Content: []harmony.Content{harmony.Text(text)}}
}

// engine plays the engine: it remembers what it has seen and checks every Reuse against it.
type engine struct {
	t    *testing.T
	tr   *Transcript
	seen []Token
}

func (g *engine) prompt() ([]Token, Reuse) {
	g.t.Helper()
	prompt, reuse, err := g.tr.Prompt(harmony.RoleAssistant)
	require.NoError(g.t, err)
	n := 0
	for n < len(prompt) && n < len(g.seen) && prompt[n] == g.seen[n] {
		n++
	}
	require.Equal(g.t, n, reuse.Tokens, "common prefix")
	require.Equal(g.t, len(g.seen), reuse.Of)
	require.Equal(g.t, n == len(g.seen), reuse.Reason == ReuseAll, reuse.Reason)
	require.Equal(g.t, n == len(g.seen), reuse.Message == -1)
	require.Equal(g.t, n == len(g.seen), reuse.Detail == "")
	g.seen = slices.Clone(prompt)
	return prompt, reuse
}

func (g *engine) sample(text string, reason StopReason) Result {
	toks := GPTOSS().tok.EncodeSpecial(text)
	g.seen = append(g.seen, toks...)
	return g.tr.AppendSampled(toks, reason)
}

func (g *engine) append(msgs ...harmony.Message) {
	g.t.Helper()
	require.NoError(g.t, g.tr.Append(msgs...))
}

func newEngine(t *testing.T, opts *RenderOptions) *engine {
	return &engine{t: t, tr: GPTOSS().NewTranscript(opts)}
}

func decode(t *testing.T, toks []Token) string {
	t.Helper()
	s, err := GPTOSS().tok.Decode(toks)
	require.NoError(t, err)
	return s
}

const sampledCall = "<|channel|>analysis<|message|>I call f.<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\":1}<|call|>"

func TestTranscriptToolConversation(t *testing.T) {
	g := newEngine(t, nil)
	g.append(system("2025-06-28"), developer(true), user("Hi"))
	first, r := g.prompt()
	require.Equal(t, Reuse{Tokens: 0, Of: 0, Message: -1}, r)
	want, err := GPTOSS().RenderForCompletion(g.tr.Messages(), harmony.RoleAssistant, nil)
	require.NoError(t, err)
	require.Equal(t, want, first, "what the caller appended is rendered as RenderForCompletion does")

	// Two rounds of tools: every prompt begins with everything seen, and what was sampled stands in it as it was.
	for range 2 {
		before := len(g.seen)
		res := g.sample(sampledCall, StopToken)
		require.Equal(t, VerdictToolCall, res.Verdict)
		require.Empty(t, res.Diagnostics)
		g.append(result(`{"ok":true}`))
		prompt, r := g.prompt()
		require.Equal(t, ReuseAll, r.Reason)
		require.Equal(t, sampledCall, decode(t, prompt[before:before+len(GPTOSS().tok.EncodeSpecial(sampledCall))]))
	}

	// The answer ends with <|return|>: the next prompt writes <|end|>, and the reference's retention leaves analysis out.
	res := g.sample("<|channel|>analysis<|message|>Done.<|end|><|start|>assistant<|channel|>final<|message|>Fine.<|return|>", StopToken)
	require.Equal(t, VerdictFinal, res.Verdict)
	g.append(user("And now?"))
	prompt, r := g.prompt()
	require.Equal(t, ReuseRetention, r.Reason)
	require.Equal(t, 3, r.Message, "the first analysis")
	require.NotContains(t, prompt, tokenizer.Return)
	require.NotContains(t, decode(t, prompt), "analysis<|message|>")
	require.Contains(t, decode(t, prompt), "<|start|>assistant<|channel|>final<|message|>Fine.<|end|><|start|>user<|message|>And now?<|end|><|start|>assistant")
	back, err := GPTOSS().Parse(prompt[:len(prompt)-2], "", &ParseOptions{Strict: true})
	require.NoError(t, err)
	require.Len(t, back.Messages, 9)
}

func TestTranscriptReasons(t *testing.T) {
	all := &RenderOptions{Retention: RetainAll}
	answer := "<|channel|>final<|message|>Fine.<|return|>"
	for _, c := range []struct {
		name   string
		opts   *RenderOptions
		do     func(g *engine)
		reason ReuseReason
		index  int
		tail   string // how the prompt ends
	}{
		{"return", all, func(g *engine) { g.sample(answer, StopToken); g.append(user("x")) }, ReuseReturn, 3, "Fine.<|end|><|start|>user<|message|>x<|end|><|start|>assistant"},
		{"engine keeps the terminator", all, func(g *engine) { g.sample("<|channel|>final<|message|>Fine.", StopToken); g.append(user("x")) }, ReuseAll, -1, "Fine.<|end|><|start|>user<|message|>x<|end|><|start|>assistant"},
		{"truncated answer", all, func(g *engine) { g.sample("<|channel|>final<|message|>Fi", StopLength); g.append(user("x")) }, ReuseAll, -1, "Fi<|end|><|start|>user<|message|>x<|end|><|start|>assistant"},
		{"truncated call", all, func(g *engine) { g.sample("<|channel|>commentary to=functions.f<|message|>{\"a", StopLength) }, ReuseAll, -1, "{\"a<|call|><|start|>assistant"},
		{"cut in header", all, func(g *engine) { g.sample("<|channel|>commentary to=functions.f", StopLength) }, ReuseCut, 3, "Hi<|end|><|start|>assistant"},
		{"cut in header with text", all, func(g *engine) { g.sample("<|channel|>final Hello", StopLength) }, ReuseCut, 3, "<|channel|>final<|message|>Hello<|end|><|start|>assistant"},
		{"tools", all, func(g *engine) { g.append(developer(true)) }, ReuseTools, 0, "<|start|>assistant"},
		{"date", all, func(g *engine) { require.NoError(g.t, g.tr.Replace(0, system("2025-06-29"))) }, ReuseDate, 0, "<|start|>assistant"},
		{"replaced", all, func(g *engine) { require.NoError(g.t, g.tr.Replace(2, user("Ho"))) }, ReuseReplaced, 2, "Ho<|end|><|start|>assistant"},
		{"next", all, func(g *engine) { g.append(user("more")) }, ReuseNext, 3, "more<|end|><|start|>assistant"},
		{"retention", nil, func(g *engine) {
			g.sample("<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant"+answer, StopToken)
		}, ReuseRetention, 3, "<|start|>assistant<|channel|>final<|message|>Fine.<|end|><|start|>assistant"},
		{"no end before start", all, func(g *engine) {
			g.sample("<|channel|>analysis<|message|>Hm.<|start|>assistant<|channel|>final<|message|>F.<|end|>", StopToken)
		}, ReuseAll, -1, "<|message|>Hm.<|start|>assistant<|channel|>final<|message|>F.<|end|><|start|>assistant"},
		{"dropped before <|channel|>", nil, func(g *engine) {
			g.sample("<|channel|>analysis<|message|>Hm.<|channel|>final<|message|>F.<|end|>", StopToken)
		}, ReuseRetention, 3, "Hi<|end|><|start|>assistant<|channel|>final<|message|>F.<|end|><|start|>assistant"},
		{"white space between", all, func(g *engine) {
			g.sample("<|channel|>analysis<|message|>Hm.<|end|>\n<|start|>assistant<|channel|>final<|message|>F.<|end|>", StopToken)
		}, ReuseAll, -1, "Hm.<|end|>\n<|start|>assistant<|channel|>final<|message|>F.<|end|><|start|>assistant"},
		{"nothing sampled", all, func(g *engine) {}, ReuseAll, -1, "Hi<|end|><|start|>assistant"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newEngine(t, c.opts)
			g.append(system("2025-06-28"), developer(false), user("Hi"))
			g.prompt()
			c.do(g)
			prompt, r := g.prompt()
			require.Equal(t, c.reason, r.Reason, r.Detail)
			require.Equal(t, c.index, r.Message)
			s := decode(t, prompt)
			require.Equal(t, c.tail, s[len(s)-len(c.tail):])
		})
	}
}

// TestTranscriptRandom plays random conversations, malformed and cut samples included; the engine checks that Reuse
// tells the truth, and that a prompt of good samples parses strictly.
func TestTranscriptRandom(t *testing.T) {
	samples := []string{
		sampledCall, "<|channel|>final<|message|>Fine.<|return|>", "<|channel|>analysis<|message|>Hm", "<|channel|>final", "text only<|return|>", "",
		"<|channel|>analysis<|message|>a<|start|>assistant<|channel|>final<|message|>b<|return|>", "<|channel|>analysis<|message|>a<|channel|>final<|message|>b",
		"<|channel|>final hello<|return|>", "<|start|>assistant<|channel|>final<|message|>x<|end|>\n", "<|channel|>analysis<|message|>x<|end|>assistant<|channel|>final<|message|>y<|return|>", "<|end|>",
	}
	x := uint32(7)
	rnd := func(n int) int { x = x*1664525 + 1013904223; return int(x>>16) % n }
	for range 400 {
		opts := &RenderOptions{Retention: []Retention{nil, RetainAll, RetainCookbook}[rnd(3)]}
		g := newEngine(t, opts)
		g.append(system("2025-06-28"), user("Hi"))
		for range 1 + rnd(6) {
			g.prompt()
			g.sample(samples[rnd(len(samples))], StopReason(rnd(3)))
			switch rnd(4) {
			case 0:
				g.append(user("more"))
			case 1:
				g.append(result("{}"))
			case 2:
				g.append(developer(rnd(2) == 0))
			}
			if rnd(8) == 0 {
				c := &engine{t: t, tr: g.tr.Clone(), seen: slices.Clone(g.seen)}
				before := slices.Clone(g.tr.Messages())
				c.append(user("branch"))
				c.prompt()
				require.Equal(t, before, g.tr.Messages())
			}
		}
		g.prompt()
	}
}

func TestTranscriptErrors(t *testing.T) {
	tr := GPTOSS().NewTranscript(nil)
	_, _, err := tr.Prompt("nobody")
	require.Error(t, err)
	require.Error(t, tr.Append(user("ok"), harmony.Message{Role: "nobody"}))
	require.Empty(t, tr.Messages(), "a failing Append adds nothing")
	require.Error(t, tr.Replace(0, user("x")))
}
