package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
)

var background = context.Background()

func TestTurnWithTools(t *testing.T) {
	preamble := "<|channel|>commentary<|message|>Let me look twice.<|end|><|start|>assistant"
	again := preamble + `<|channel|>analysis to=functions.get_weather<|message|>{"city":"Porto","unit":"celsius"}<|call|>`
	g := script(callsIt, again, answers, plainly)
	a := newAgent(t, g, Options{Tools: []*Function{weatherTool()}, Instructions: "Be brief.", Date: "2025-11-24", Effort: harmony.EffortLow})
	s := a.NewSession()
	lines, visible, err := play(s.Run(background, "How is the weather?"))
	require.NoError(t, err)
	require.Equal(t, []string{
		"step of all reused", "reasoning: Ask the tool.", `function call: {"city":"Lisbon"}`, "stats tool_call",
		`call functions.get_weather {"city":"Lisbon"}`, `result {"sky":"sunny & <warm> in Lisbon","celsius":21}`,
		"step of all reused", "preamble: Let me look twice.", `function call: {"city":"Porto","unit":"celsius"}`, "stats tool_call",
		`call functions.get_weather {"city":"Porto","unit":"celsius"}`, `result {"sky":"sunny & <warm> in Porto","celsius":21}`,
		"step of all reused", "reasoning: Sunny, then.", "answer: It is sunny in Lisbon.", "stats final",
	}, lines)
	require.Equal(t, "Let me look twice.It is sunny in Lisbon.", visible)
	turn := s.Turn()
	require.Equal(t, "It is sunny in Lisbon.", turn.Answer)
	require.Equal(t, "Ask the tool.\n\nSunny, then.", turn.Reasoning)
	require.NoError(t, turn.Err)
	require.Len(t, turn.Steps, 3)
	require.Len(t, turn.Calls, 2)
	require.Equal(t, "functions.get_weather", turn.Calls[1].Tool)
	require.Positive(t, turn.Elapsed)

	// Prefix reuse over the whole turn, by tokens, and as the engine counts it: all but the last token sampled.
	checkPrefixes(t, g, s)
	for i, step := range turn.Steps[1:] {
		require.Equal(t, turn.Steps[i].Prompt+len(turn.Steps[i].Sampled)-1, step.Stats.Cached)
	}
	require.Equal(t, turn.Usage.Total(), len(turn.Steps[0].Sampled)+len(turn.Steps[1].Sampled)+len(turn.Steps[2].Sampled))

	// The results: author, recipient, and the channel of the call.
	prompt := text(t, g.Prompts()[2])
	require.Contains(t, prompt, `<|call|><|start|>functions.get_weather to=assistant<|channel|>commentary<|message|>{"sky":"sunny & <warm> in Lisbon","celsius":21}<|end|><|start|>assistant`)
	require.True(t, strings.HasSuffix(prompt, `<|call|><|start|>functions.get_weather to=assistant<|channel|>analysis<|message|>{"sky":"sunny & <warm> in Porto","celsius":21}<|end|><|start|>assistant`), prompt)
	require.Contains(t, prompt, "Reasoning: low")
	require.Contains(t, prompt, "Current date: 2025-11-24")
	require.Contains(t, prompt, "Calls to these tools must go to the commentary channel: 'functions'.")
	require.Contains(t, prompt, "type get_weather = (_: {\ncity: string,\nunit?: string,\n}) => any;")

	// The next turn: reasoning of the last one is gone, and so is <|return|>; calls on commentary are still there.
	answer, err := s.Ask(background, "Thanks!")
	require.NoError(t, err)
	require.Equal(t, "Hello.", answer)
	prompt = text(t, g.Prompts()[3])
	require.NotContains(t, prompt, "analysis<|message|>")
	require.NotContains(t, prompt, "<|return|>")
	require.Contains(t, prompt, `to=functions.get_weather <|constrain|>json<|message|>{"city":"Lisbon"}<|call|>`)
	require.True(t, strings.HasSuffix(prompt, "It is sunny in Lisbon.<|end|><|start|>user<|message|>Thanks!<|end|><|start|>assistant"))
	require.Equal(t, encoding.ReuseRetention, s.Turn().Steps[0].Reuse.Reason)
	wellFormed(t, s)
}

// TestPrompt: what a session renders is what RenderForCompletion renders.
func TestPrompt(t *testing.T) {
	a := newAgent(t, script(), Options{Tools: []*Function{weatherTool()}, Instructions: "Be brief."})
	s := a.NewSession()
	got, err := s.Prompt()
	require.NoError(t, err)
	require.Empty(t, s.Messages(), "it changes nothing")
	system := harmony.NewSystemContent()
	want, err := encoding.GPTOSS().RenderForCompletion([]harmony.Message{
		harmony.NewSystem(system), harmony.NewDeveloper(harmony.NewDeveloperContent("Be brief.", weatherTool().tool)),
	}, harmony.RoleAssistant, nil)
	require.NoError(t, err)
	require.Equal(t, want, got)

	bare, err := newAgent(t, script(), Options{}).NewSession().Prompt()
	require.NoError(t, err)
	want, err = encoding.GPTOSS().RenderForCompletion([]harmony.Message{harmony.NewSystem(system)}, harmony.RoleAssistant, nil)
	require.NoError(t, err)
	require.Equal(t, want, bare, "no empty developer message")
}

func TestParallelConversations(t *testing.T) {
	// The generator sees only the prompt: what it says depends on the city in it.
	g := generator(func(_ context.Context, r engine.Request, yield func(encoding.Token, error) bool) {
		prompt, _ := encoding.GPTOSS().Tokenizer().Decode(r.Prompt)
		_, after, _ := strings.Cut(prompt, "city ")
		city, _, _ := strings.Cut(after, "?")
		say := strings.ReplaceAll(callsIt, "Lisbon", city)
		if strings.Contains(prompt, "sunny & <warm> in "+city) {
			say = "<|channel|>final<|message|>Sunny in " + city + "<|return|>"
		}
		for _, t := range tokens(say) {
			if !yield(t, nil) {
				return
			}
		}
	})
	a := newAgent(t, g, Options{Tools: []*Function{weatherTool()}})
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			s := a.NewSession()
			for turn := range 3 {
				city := fmt.Sprintf("Town%d", i*10+turn)
				s = s.Clone()
				c := a.NewSession()
				if turn == 0 {
					c = s
				}
				got, err := c.Ask(background, "And the city "+city+"?")
				assert.NoError(t, err)
				assert.Equal(t, "Sunny in "+city, got)
			}
		})
	}
	wg.Wait()
}

func TestRunning(t *testing.T) {
	s := newAgent(t, script(plainly, plainly), Options{}).NewSession()
	n := 0
	for _, err := range s.Run(background, "Hi") {
		require.NoError(t, err)
		if n++; n > 1 {
			continue
		}
		_, err := s.Ask(background, "inside")
		require.ErrorIs(t, err, ErrRunning)
		require.ErrorIs(t, s.Append(harmony.NewUser("x")), ErrRunning)
		require.ErrorIs(t, s.Save(nil), ErrRunning)
	}
	_, err := s.Ask(background, "afterwards")
	require.NoError(t, err)
	require.Len(t, s.Messages(), 5)
}

func TestRunningIsResetByPanic(t *testing.T) {
	s := newAgent(t, script(plainly, plainly), Options{}).NewSession()
	require.Panics(t, func() {
		for range s.Run(background, "Hi") {
			panic("in the loop")
		}
	})
	_, err := s.Ask(background, "afterwards")
	require.NoError(t, err)
}

// TestStopsAnywhere leaves the loop, or cancels the context, at every event of a turn with tools: what was said stays, every call has its
// result, and the session can be used on.
func TestStopsAnywhere(t *testing.T) {
	newSession := func() *Session {
		return newAgent(t, script(callsIt, answers), Options{Tools: []*Function{weatherTool()}}).NewSession()
	}
	total := 0
	for range newSession().Run(background, "Hi") {
		total++
	}
	for at := range total {
		for _, leave := range []bool{true, false} {
			s := newSession()
			said, last := stopAt(s, at, leave)
			turn := s.Turn()
			wellFormed(t, s)
			n := 0
			for _, toks := range s.Sampled() {
				n += len(toks)
			}
			require.GreaterOrEqual(t, n, said, "tokens are kept")
			if at < total-2 { // the end of the answer, and the statistics
				require.Empty(t, turn.Answer)
				var run *RunError
				require.ErrorAs(t, turn.Err, &run)
			}
			switch {
			case turn.Err == nil:
				require.Equal(t, "It is sunny in Lisbon.", turn.Answer)
			case leave:
				require.NoError(t, last)
				require.ErrorIs(t, turn.Err, ErrStopped)
			default:
				require.Equal(t, last, turn.Err)
				require.ErrorIs(t, last, context.Canceled)
			}
			s.Use(newAgent(t, script(plainly), Options{Tools: []*Function{weatherTool()}}))
			answer, err := s.Ask(background, "Go on")
			require.NoError(t, err, "at event %d", at)
			require.Equal(t, "Hello.", answer)
			wellFormed(t, s)
		}
	}
}

// stopAt leaves a turn at an event, or cancels it there. It returns how many tokens were sampled until then, and the last error.
func stopAt(s *Session, at int, leave bool) (said int, last error) {
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	n := 0
	for _, err := range s.Run(ctx, "Hi") {
		last = err
		if n++; n == at+1 {
			for _, step := range s.Turn().Steps {
				said += len(step.Sampled)
			}
			if leave {
				return said, last
			}
			cancel()
		}
	}
	return said, last
}

// TestCancelledTextStays: half an answer is in the next prompt, token for token, and closed.
func TestCancelledTextStays(t *testing.T) {
	g := script("<|channel|>final<|message|>One two three four five<|return|>", "<|channel|>final<|message|> six<|return|>")
	s := newAgent(t, g, Options{}).NewSession()
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	var got error
	for ev, err := range s.Run(ctx, "Count") {
		if ev.Text == " three" {
			cancel()
		}
		got = err
	}
	require.ErrorIs(t, got, context.Canceled)
	require.EqualError(t, got, "agent: step 0, after 6 tokens of output: context canceled")
	answer, err := func() (string, error) {
		for _, err := range s.Continue(background) {
			if err != nil {
				return "", err
			}
		}
		return s.Turn().Answer, nil
	}()
	require.NoError(t, err)
	require.Equal(t, " six", answer)
	require.True(t, strings.HasSuffix(text(t, g.Prompts()[1]), "<|start|>assistant<|channel|>final<|message|>One two three<|end|><|start|>assistant"))
	checkPrefixes(t, g, s)
}

func TestAppendOwnHistory(t *testing.T) {
	g := script(plainly)
	a := newAgent(t, g, Options{Instructions: "Be brief.", Tools: []*Function{weatherTool()}})
	s := a.NewSession()
	require.NoError(t, s.Append())
	require.NoError(t, s.Append(harmony.NewUser("Before"), harmony.NewAssistant(harmony.ChannelFinal, "Yes \xff?")))
	require.Error(t, s.Append(harmony.NewUser("x"), harmony.Message{Role: "nobody"}))
	_, err := s.Ask(background, "After")
	require.NoError(t, err)
	prompt := text(t, g.Prompts()[0])
	require.True(t, strings.HasPrefix(prompt, "<|start|>system<|message|>"))
	require.True(t, strings.HasSuffix(prompt, "} // namespace functions<|end|><|start|>user<|message|>Before<|end|><|start|>assistant<|channel|>final<|message|>Yes \uFFFD?<|end|><|start|>user<|message|>After<|end|><|start|>assistant"))

	// A conversation with a system message of its own is taken as it is.
	g = script(plainly)
	s = newAgent(t, g, Options{Instructions: "Be brief."}).NewSession()
	require.NoError(t, s.Append(harmony.NewSystem(&harmony.SystemContent{ModelIdentity: "You are a test."})))
	_, err = s.Ask(background, "Hi")
	require.NoError(t, err)
	require.Equal(t, "<|start|>system<|message|>You are a test.<|end|><|start|>user<|message|>Hi<|end|><|start|>assistant", text(t, g.Prompts()[0]))

	failing := a.NewSession()
	require.Error(t, failing.Append(harmony.Message{Role: "nobody"}))
	require.Empty(t, failing.Messages(), "a failing Append changes nothing")
}

func TestUse(t *testing.T) {
	g := script(plainly, plainly, plainly, plainly)
	s := newAgent(t, g, Options{}).NewSession()
	ask := func(o Options, want encoding.ReuseReason, has, hasNot string) {
		t.Helper()
		s.Use(newAgent(t, g, o))
		_, err := s.Ask(background, "Hi")
		require.NoError(t, err)
		require.Equal(t, want, s.Turn().Steps[0].Reuse.Reason)
		prompts := g.Prompts()
		prompt := text(t, prompts[len(prompts)-1])
		require.Contains(t, prompt, has)
		require.NotContains(t, prompt, hasNot)
	}
	ask(Options{}, encoding.ReuseAll, "Reasoning: medium", "developer")
	ask(Options{Instructions: "Be kind."}, encoding.ReuseReturn, "<|return|>"[:2]+"end|><|start|>developer<|message|># Instructions\n\nBe kind.<|end|><|start|>user", "functions")
	ask(Options{Instructions: "Be brief.", Tools: []*Function{weatherTool()}, Effort: harmony.EffortHigh}, encoding.ReuseReplaced, "Be brief.\n\n# Tools", "Be kind.")
	ask(Options{}, encoding.ReuseReplaced, "<|start|>developer<|message|><|end|>", "functions")
}

func TestHooks(t *testing.T) {
	opening := encoding.GPTOSS().OpenTool("functions.get_weather")
	var seen []Generation
	g := script(`{"city":"Lisbon"}<|call|>`, "It is sunny.<|return|>")
	a := newAgent(t, g, Options{
		Tools: []*Function{weatherTool()},
		Open: func(g Generation) []encoding.Token {
			require.Empty(t, g.Opening)
			if g.Step == 0 {
				return opening
			}
			return encoding.GPTOSS().OpenFinal()
		},
		Mask: func(g Generation) (engine.Mask, error) { seen = append(seen, g); return nil, nil },
	})
	s := a.NewSession()
	lines, visible, err := play(s.Run(background, "Weather?"))
	require.NoError(t, err)
	require.Equal(t, "It is sunny.", visible)
	require.Equal(t, `function call: {"city":"Lisbon"}`, lines[1])
	require.Len(t, seen, 2)
	require.Equal(t, opening, seen[0].Opening)
	require.Equal(t, "functions", seen[0].Tools[0].Name)
	require.Equal(t, "get_weather", seen[0].Tools[0].Tools[0].Name)
	require.Equal(t, 1, seen[1].Step)
	require.Equal(t, "It is sunny.", s.Turn().Answer)
	checkPrefixes(t, g, s)

	failing := errors.New("no grammar")
	s = newAgent(t, script(plainly), Options{Mask: func(Generation) (engine.Mask, error) { return nil, failing }}).NewSession()
	_, err = s.Ask(background, "Hi")
	require.ErrorIs(t, err, failing)
	require.EqualError(t, err, "agent: step 0, after 0 tokens of output: no grammar")

	// A mask that forbids all: the engine's error, and where.
	s = newAgent(t, script(plainly), Options{Mask: func(Generation) (engine.Mask, error) { return nothing{}, nil }}).NewSession()
	_, err = s.Ask(background, "Hi")
	var mask *engine.MaskError
	require.ErrorAs(t, err, &mask)
}

// nothing allows no token.
type nothing struct{}

func (nothing) Mask(allowed []uint64)       { clear(allowed) }
func (nothing) Accept(encoding.Token) error { return nil }

func TestAllow(t *testing.T) {
	refused := errors.New("the user does not want that")
	var asked []harmony.Message
	a := newAgent(t, script(callsIt, answers), Options{Tools: []*Function{weatherTool()}, Allow: func(_ context.Context, call harmony.Message) error {
		asked = append(asked, call)
		return refused
	}})
	s := a.NewSession()
	_, err := s.Ask(background, "Hi")
	require.NoError(t, err)
	require.Len(t, asked, 1)
	require.Equal(t, `{"city":"Lisbon"}`, asked[0].Text())
	require.Equal(t, `{"error":"the user does not want that"}`, s.Turn().Calls[0].Result)
	require.ErrorIs(t, s.Turn().Calls[0].Err, refused)
}
