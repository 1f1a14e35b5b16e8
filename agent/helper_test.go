package agent

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
)

// What models write.
const (
	thinks  = "<|channel|>analysis<|message|>Ask the tool.<|end|><|start|>assistant"
	callsIt = thinks + `<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Lisbon"}<|call|>`
	answers = "<|channel|>analysis<|message|>Sunny, then.<|end|><|start|>assistant<|channel|>final<|message|>It is sunny in Lisbon.<|return|>"
	plainly = "<|channel|>final<|message|>Hello.<|return|>"
)

type query struct {
	City string `json:"city"`
	Unit string `json:"unit,omitempty"`
}

type weather struct {
	Sky     string `json:"sky"`
	Celsius int    `json:"celsius"`
}

func getWeather(_ context.Context, q query) (weather, error) {
	if q.City == "Atlantis" {
		return weather{}, errors.New("no such city")
	}
	return weather{"sunny & <warm> in " + q.City, 21}, nil
}

func weatherTool() *Function {
	return Tool("get_weather", "The weather in a city.", getWeather)
}

// tokens encodes text with control tokens.
func tokens(text string) []encoding.Token {
	return encoding.GPTOSS().Tokenizer().EncodeSpecial(text)
}

func text(t testing.TB, toks []encoding.Token) string {
	t.Helper()
	s, err := encoding.GPTOSS().Tokenizer().Decode(toks)
	require.NoError(t, err)
	return s
}

// script is a generator that says one text after the other.
func script(texts ...string) *engine.ReplayEngine {
	turns := make([][]encoding.Token, len(texts))
	for i, text := range texts {
		turns[i] = tokens(text)
	}
	return engine.Replay(turns...)
}

// generator is a function that generates.
type generator func(ctx context.Context, r engine.Request, yield func(encoding.Token, error) bool)

func (g generator) Generate(ctx context.Context, r engine.Request) iter.Seq2[encoding.Token, error] {
	return func(yield func(encoding.Token, error) bool) { g(ctx, r, yield) }
}

// babbler never stops, and keeps no limit.
func babbler(opening string) generator {
	return func(_ context.Context, _ engine.Request, yield func(encoding.Token, error) bool) {
		for _, t := range tokens(opening) {
			if !yield(t, nil) {
				return
			}
		}
		word := tokens(" and")[0]
		for yield(word, nil) {
		}
	}
}

func newAgent(t testing.TB, g engine.Generator, o Options) *Agent {
	t.Helper()
	a, err := New(g, &o)
	require.NoError(t, err)
	return a
}

// play ranges over a turn and returns what it has shown of each event.
func play(events iter.Seq2[Event, error]) (lines []string, visible string, err error) {
	for ev, e := range events {
		if e != nil {
			return lines, visible, e
		}
		if ev.Visible() {
			visible += ev.Text
		}
		switch ev.Kind {
		case KindDelta, KindPrompt:
		case KindStep:
			lines = append(lines, fmt.Sprintf("step of %s", shareOf(ev.Step)))
		case KindStats:
			lines = append(lines, "stats "+ev.Step.Verdict.String())
		case KindCall:
			lines = append(lines, "call "+ev.Call.Message.Recipient+" "+ev.Call.Message.Text())
		case KindResult:
			lines = append(lines, "result "+ev.Call.Result)
		case KindEnd:
			lines = append(lines, fmt.Sprintf("%s: %s", ev.Purpose(), ev.Message.Text()))
		}
	}
	return lines, visible, nil
}

func shareOf(s *Step) string {
	if s.Reuse.Tokens == s.Reuse.Of {
		return "all reused"
	}
	return string(s.Reuse.Reason)
}

// checkPrefixes wants every prompt within a turn to begin with the prompt before and what was sampled on it.
func checkPrefixes(t testing.TB, g *engine.ReplayEngine, s *Session) {
	t.Helper()
	prompts, sampled := g.Prompts(), s.Sampled()
	for i := 1; i < len(prompts); i++ {
		before := append(append([]encoding.Token{}, prompts[i-1]...), sampled[i-1]...)
		require.Greater(t, len(prompts[i]), len(before))
		require.Equal(t, before, prompts[i][:len(before)], "prompt %d", i)
	}
}

// wellFormed wants every call in a conversation to have its result, directly behind what was generated with it.
func wellFormed(t testing.TB, s *Session) {
	t.Helper()
	var open []string
	for _, m := range s.Messages() {
		switch p := m.Purpose(); {
		case p == harmony.FunctionCall || p == harmony.BuiltinCall:
			open = append(open, m.Recipient)
		case p == harmony.ToolResult:
			require.NotEmpty(t, open, "a result without a call")
			want := open[0]
			if want == "" {
				want = harmony.FunctionsNamespace
			}
			require.Equal(t, want, m.Name)
			require.Equal(t, "assistant", m.Recipient)
			open = open[1:]
		case m.Role == harmony.RoleUser:
			require.Empty(t, open, "calls without results")
		}
	}
	require.Empty(t, open, "calls without results")
}

func limited(t testing.TB, err error, limit string) *LimitError {
	t.Helper()
	var run *RunError
	var e *LimitError
	require.ErrorAs(t, err, &run)
	require.ErrorAs(t, err, &e)
	require.Equal(t, limit, e.Limit)
	return e
}

// soon fails a test that hangs.
func soon(t testing.TB, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it hangs")
	}
}
