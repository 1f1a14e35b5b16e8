package agent

import (
	"context"
	"errors"
	"iter"
	"math/bits"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// monkey is a model that knows nothing: it takes any token that the mask allows, each as likely, but often one that comes to
// an end, and only such once it has said enough. Without a mask it takes any at all.
type monkey struct {
	r    *rand.Rand
	free bool
	said int
}

// ends are the tokens that come to an end soonest: the end of a message, of a string, of an object, of an array.
var ends = tokens(`<|return|><|call|><|end|>"}]"}`)

func (m *monkey) Generate(_ context.Context, r engine.Request) iter.Seq2[encoding.Token, error] {
	return func(yield func(encoding.Token, error) bool) {
		var mask [(201088 + 63) / 64]uint64
		for n := 0; ; n++ {
			for i := range mask {
				mask[i] = ^uint64(0)
			}
			if !m.free {
				r.Mask.Mask(mask[:])
			}
			t := m.choose(mask[:], n)
			if !m.free {
				if err := r.Mask.Accept(t); err != nil {
					yield(0, err)
					return
				}
			}
			m.said++
			if !yield(t, nil) || t == ends[0] || t == ends[1] || n == 3000 {
				return
			}
		}
	}
}

func (m *monkey) choose(mask []uint64, n int) encoding.Token {
	if n > 100 || m.r.IntN(5) == 0 {
		for _, t := range ends {
			if mask[t/64]>>(t%64)&1 != 0 && !m.free {
				return t
			}
		}
	}
	all := 0
	for _, w := range mask {
		all += bits.OnesCount64(w)
	}
	k := m.r.IntN(all)
	for i, w := range mask {
		if c := bits.OnesCount64(w); k >= c {
			k -= c
			continue
		}
		for ; k > 0; k-- {
			w &= w - 1
		}
		return encoding.Token(64*i + bits.TrailingZeros64(w))
	}
	panic("not reached")
}

type order struct {
	Item  string `json:"item" jsonschema:"enum=tea,enum=coffee"`
	Count int    `json:"count,omitempty" jsonschema:"minimum=1,maximum=9"`
}

// constrainedTools are tools that fail on nothing.
func constrainedTools(ran map[string]int) []*Function {
	count := func(name string) func(context.Context, harmony.Message) (string, error) {
		return func(context.Context, harmony.Message) (string, error) { ran[name]++; return "done", nil }
	}
	return []*Function{
		Tool("order", "Orders.", func(context.Context, order) (string, error) { ran["order"]++; return "ok", nil }),
		RawTool("pick", "Picks.", schema.MustParse(`{"type":"object","properties":{"n":{"enum":[1,2,null]},"all":{"type":"boolean"}},"required":["n"],"additionalProperties":false}`), count("pick")),
		Tool("now", "The time.", func(context.Context, struct{}) (string, error) { ran["now"]++; return "noon", nil }),
		Builtin(harmony.Python(), count("python")),
	}
}

// TestConstrainedMonkey: whatever is drawn under the masks, there is no unknown tool, no call that fails, no repair, no step in vain,
// and the answer fits.
func TestConstrainedMonkey(t *testing.T) {
	format := &Format{Name: "verdict", Schema: schema.MustParse(`{"type":"object","properties":{"yes":{"type":"boolean"},"why":{"enum":["a","b"]}},"required":["yes"],"additionalProperties":false}`)}
	n := 40
	if raced {
		n = 5
	}
	ran := map[string]int{}
	hook := Constrained(&encoding.GrammarOptions{MaxReasoning: 30, Choice: encoding.ChoiceRequired})
	answers := 0
	for seed := range uint64(n) {
		g := &monkey{r: rand.New(rand.NewPCG(seed, 1))}
		a := newAgent(t, g, Options{Tools: constrainedTools(ran), Format: format, Mask: hook, Limits: Limits{Steps: 12, Repairs: -1}})
		s := a.NewSession()
		_, _, err := play(s.Run(context.Background(), "Well?"))
		turn := s.Turn()
		require.NotEmpty(t, turn.Calls, "the first generation has to call")
		for _, c := range turn.Calls {
			require.NoError(t, c.Err)
		}
		for i, step := range turn.Steps {
			require.Contains(t, []encoding.Verdict{encoding.VerdictToolCall, encoding.VerdictFinal}, step.Verdict)
			require.Equal(t, i < len(turn.Calls), step.Verdict == encoding.VerdictToolCall)
			for _, d := range step.Diagnostics {
				require.Less(t, d.Severity, encoding.Error)
			}
		}
		wellFormed(t, s)
		if err != nil { // it has called a tool in every step
			limited(t, err, LimitSteps)
			continue
		}
		answers++
		require.NoError(t, format.Schema.Validate([]byte(turn.Answer)))
	}
	require.Positive(t, answers)
	for _, name := range []string{"order", "pick", "now", "python"} {
		require.Positive(t, ran[name], name)
	}
}

// TestUnconstrainedMonkey is the same without a mask: the test above can fail.
func TestUnconstrainedMonkey(t *testing.T) {
	a := newAgent(t, &monkey{r: rand.New(rand.NewPCG(1, 1)), free: true}, Options{Tools: constrainedTools(map[string]int{}), Limits: Limits{Steps: 3, Tokens: 500}})
	_, _, err := play(a.NewSession().Run(context.Background(), "Well?"))
	require.Error(t, err)
}

// TestConstrained: the hook by itself, with openings and choices.
func TestConstrained(t *testing.T) {
	enc := encoding.GPTOSS()
	hook := Constrained(&encoding.GrammarOptions{Choice: encoding.ChoiceRequired, Preambles: encoding.Forbid, Opening: tokens("not looked at")})
	tools := []harmony.Namespace{{Name: "functions", Tools: []harmony.Tool{{Name: "f"}, {Name: "g"}}}}
	says := func(g Generation, text string) bool {
		m, err := hook(g)
		require.NoError(t, err)
		for _, tok := range tokens(text) {
			if m.Accept(tok) != nil {
				return false
			}
		}
		return m.(*encoding.GrammarMatcher).Accepting()
	}
	const answer, call = "<|channel|>final<|message|>No.<|return|>", "<|channel|>commentary to=functions.f<|message|>{}<|call|>"
	first, second := Generation{Tools: tools}, Generation{Tools: tools, Step: 1}
	require.False(t, says(first, answer))
	require.True(t, says(first, call))
	require.True(t, says(second, answer))
	require.True(t, says(second, call))
	require.False(t, says(second, "<|channel|>commentary<|message|>I look.<|end|><|start|>assistant"+call))
	require.True(t, says(Generation{Tools: tools, Opening: enc.OpenTool("functions.g")}, "{}<|call|>"))
	require.True(t, says(Generation{Tools: tools, Step: 2, Opening: enc.OpenFinal()}, "No.<|return|>"))
	format := &Format{Name: "n", Schema: schema.MustParse(`{"type":"integer"}`)}
	require.False(t, says(Generation{Tools: tools, Step: 2, Opening: enc.OpenFinal(), Format: format}, "No.<|return|>"))
	require.True(t, says(Generation{Tools: tools, Step: 2, Opening: enc.OpenFinal(), Format: format}, "12<|return|>"))

	_, err := hook(Generation{Tools: tools, Opening: enc.OpenFinal()})
	var e *encoding.GrammarError
	require.ErrorAs(t, err, &e)
	require.Equal(t, "opening", e.Where)
	require.Equal(t, 1, e.Token)
	_, err = hook(Generation{})
	require.ErrorAs(t, err, &e)
	_, err = hook(Generation{Tools: []harmony.Namespace{{Name: "functions", Tools: []harmony.Tool{{Name: "f", Parameters: schema.MustParse(`{"properties":{"a":{"$dynamicRef":"#x"}}}`)}}}}})
	require.ErrorAs(t, err, &e)
	require.Equal(t, "functions.f", e.Tool)

	never := Constrained(&encoding.GrammarOptions{Choice: encoding.ChoiceNone})
	m, err := never(Generation{Tools: tools, Step: 3})
	require.NoError(t, err)
	for _, tok := range tokens("<|channel|>commentary") {
		require.NoError(t, m.Accept(tok))
	}
	require.Error(t, m.Accept(tokens(" to")[0]))
}

// TestConstrainedGrammars: a grammar is made once, by goroutines too, and few are remembered.
func TestConstrainedGrammars(t *testing.T) {
	c := &constrainer{}
	tools := []harmony.Namespace{{Name: "functions", Tools: []harmony.Tool{{Name: "f"}}}}
	one, err := c.grammar(Generation{Tools: tools})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			g, err := c.grammar(Generation{Tools: tools, Step: 1})
			if err != nil || g != one {
				t.Error("another grammar", err)
			}
		})
	}
	wg.Wait()
	for range 3 * maxConstrained {
		_, err := c.grammar(Generation{Tools: []harmony.Namespace{{Name: "functions", Tools: []harmony.Tool{{Name: "f"}}}}})
		require.NoError(t, err)
	}
	require.Len(t, c.known, maxConstrained)
}

// TestConstrainedReplay: a model that says what the grammar does not allow is stopped at the token, and the turn says so.
func TestConstrainedReplay(t *testing.T) {
	for text, bad := range map[string]bool{
		`<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Rome"}<|call|>`:     false,
		`<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"town":"Rome"}<|call|>`:     true,
		`<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Rome"}}<|call|>`:    true,
		`<|channel|>commentary to=functions.get_wether <|constrain|>json<|message|>{"city":"Rome"}<|call|>`:      true,
		`<|channel|>analysis<|message|>Hm.<|end|><|start|>user<|message|>Well?<|end|>`:                           true,
		`<|channel|>analysis<|message|>Hm.<|start|>assistant<|channel|>final<|message|>It is warm.<|return|>`:    true,
		`<|channel|>analysis to=functions.get_weather code<|message|>{"city":"Rome"}<|call|>`:                    true,
		`<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>final<|message|>1<|return|>`: false,
	} {
		a := newAgent(t, script(text, "<|channel|>final<|message|>It is warm.<|return|>"), Options{Tools: []*Function{weatherTool()}, Mask: Constrained(nil)})
		s := a.NewSession()
		_, _, err := play(s.Run(context.Background(), "How is Rome?"))
		var mask *engine.MaskError
		require.Equal(t, bad, errors.As(err, &mask), "%s: %v", text, err)
		wellFormed(t, s)
		if !bad {
			require.NoError(t, err)
			require.False(t, strings.Contains(s.Turn().Answer, "error"))
		}
	}
}
