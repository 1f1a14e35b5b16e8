package encoding

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

// grammarVariants are options that walks are drawn under.
func grammarVariants() []*GrammarOptions {
	tools := grammarToolset()
	return []*GrammarOptions{
		nil,
		{Tools: tools},
		{Tools: tools, Choice: ChoiceRequired, MaxReasoning: 5},
		{Tools: tools, Choice: ChoiceNone, Response: grammarResponse, Preambles: Forbid},
		{Tools: tools, Choice: ChoiceOf("functions.get_weather"), Reasoning: Require, Preambles: Require},
		{Tools: tools, AnyChannel: true, Reasoning: Forbid, Constrain: &constrain.Options{Compact: true, PlainStrings: true}},
		{Tools: tools, Response: grammarResponse, MaxReasoning: 1},
	}
}

// checkTurn reads a turn with the parser, and wants it to be what the options ask for.
func checkTurn(t testing.TB, o *GrammarOptions, toks []Token) {
	t.Helper()
	if o == nil {
		o = &GrammarOptions{}
	}
	stream := append(append([]Token{}, o.Opening...), toks...)
	res, err := GPTOSS().Parse(stream, harmony.RoleAssistant, &ParseOptions{Strict: true, Stop: StopToken})
	require.NoError(t, err)
	for _, d := range res.Diagnostics {
		require.Less(t, d.Severity, Error)
		if !o.AnyChannel { // of the warnings these may come, all of them about the text
			require.Contains(t, []Rule{RuleUTF8, RuleMarkerText, RuleSpacing}, d.Rule, d.Message)
		}
	}
	calls := 0
	spent := res.Usage.Analysis
	for i, m := range res.Messages {
		last := i == len(res.Messages)-1
		switch p := m.Purpose(); p {
		case harmony.FunctionCall, harmony.BuiltinCall:
			calls++
			require.True(t, last)
			for _, ns := range o.Tools {
				for _, f := range ns.Tools {
					if m.Recipient == ns.Name+"."+f.Name {
						parameters := f.Parameters
						if parameters == nil {
							parameters = schema.MustParse(`{"type":"object","maxProperties":0}`)
						}
						require.NoError(t, parameters.Validate([]byte(m.Text())), m.Text())
					}
				}
			}
		case harmony.Answer:
			require.True(t, last)
			if o.Response != nil {
				require.NoError(t, o.Response.Validate([]byte(m.Text())))
			}
		case harmony.Reasoning, harmony.Preamble:
			require.False(t, last)
		default:
			require.Fail(t, "a message of no purpose", "%v", p)
		}
	}
	if o.MaxReasoning > 0 {
		require.LessOrEqual(t, spent, o.MaxReasoning+3)
	}
	switch o.Choice {
	case ChoiceAuto:
	case ChoiceNone:
		require.Zero(t, calls)
	case ChoiceRequired:
		require.Equal(t, 1, calls)
	default:
		require.Equal(t, string(o.Choice), res.Messages[len(res.Messages)-1].Recipient)
	}
}

// TestGrammarWalks: whatever is drawn under the mask ends, parses without errors, and is what the options ask for.
func TestGrammarWalks(t *testing.T) {
	n := 60
	if raceEnabled {
		n = 6
	}
	for i, o := range grammarVariants() {
		g := newGrammar(t, o)
		m := g.NewMatcher()
		for seed := range n {
			m.Reset()
			checkTurn(t, o, walk(t, rand.New(rand.NewPCG(uint64(seed), uint64(i))), m))
		}
	}
}

// bruteForce compares the mask with what is accepted, over all ids. Of an open place, in which nearly everything is allowed,
// a part is looked at.
func bruteForce(t testing.TB, m *GrammarMatcher, sample bool) {
	t.Helper()
	var mask, again [constrain.MaskWords + 3]uint64
	mask[constrain.MaskWords+1] = 7
	m.Mask(mask[:])
	step := Token(1)
	if sample || raceEnabled {
		step = 37
	}
	for tok := Token(0); tok < 201089+64; tok++ {
		if tok%step != 0 && tok < 199990 {
			continue
		}
		want := isSet(mask[:], tok)
		if m.Allowed(tok) != want || (m.Accept(tok) == nil) != want {
			require.Fail(t, "the mask is wrong", "token %d, allowed %v", tok, want)
		}
		if want {
			m.Rollback(1)
		}
	}
	m.Mask(again[:])
	require.Equal(t, mask, again)
	short := make([]uint64, 100)
	m.Mask(short)
	require.Equal(t, mask[:100], short)
}

// TestGrammarMask compares masks with brute force along walks.
func TestGrammarMask(t *testing.T) {
	for i, o := range grammarVariants() {
		r := rand.New(rand.NewPCG(uint64(i), 3))
		m := newGrammar(t, o).NewMatcher()
		w := &walker{r: r, n: 100}
		for n := 0; !m.Accepting(); n++ {
			if n < 4 || r.IntN(40) == 0 {
				bruteForce(t, m, n >= 4)
			}
			require.NoError(t, m.Accept(w.next(t, m)))
		}
		bruteForce(t, m, true)
	}
}

// TestGrammarRollback: steps back, clones and resets lead to where a replay leads.
func TestGrammarRollback(t *testing.T) {
	n := uint64(6)
	if raceEnabled {
		n = 1
	}
	for i, o := range grammarVariants() {
		g := newGrammar(t, o)
		for seed := range n {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			m := g.NewMatcher()
			toks := walk(t, r, m)
			for range 6 {
				keep := r.IntN(len(toks) + 1)
				c := m.Clone()
				c.Rollback(len(toks) - keep)
				same(t, g, c, toks[:keep])
				more := walk(t, r, c)
				same(t, g, c, append(append([]Token{}, toks[:keep]...), more...))
				same(t, g, m, toks)
				c.Rollback(len(more))
				same(t, g, c, toks[:keep])
			}
			m.Rollback(len(toks) + 5)
			same(t, g, m, nil)
			m.Reset()
			same(t, g, m, nil)
		}
	}
}

// same wants m to stand where the tokens lead.
func same(t testing.TB, g *Grammar, m *GrammarMatcher, toks []Token) {
	t.Helper()
	want := g.NewMatcher()
	for _, tok := range toks {
		require.NoError(t, want.Accept(tok))
	}
	require.Equal(t, want.at, m.at)
	require.Equal(t, len(toks), m.Steps())
	var a, b [constrain.MaskWords]uint64
	m.Mask(a[:])
	want.Mask(b[:])
	require.Equal(t, b, a)
}

// TestGrammarForced: what is forced is the only text possible, in the renderer's tokens.
func TestGrammarForced(t *testing.T) {
	tools := grammarToolset()
	forced := func(o GrammarOptions, before string) string {
		m := newGrammar(t, &o).NewMatcher()
		for _, tok := range special(before) {
			require.NoError(t, m.Accept(tok))
		}
		at, steps := m.at, m.Steps()
		toks := m.Forced(nil)
		require.Equal(t, at, m.at)
		require.Equal(t, steps, m.Steps())
		s, err := GPTOSS().tok.Decode(toks)
		require.NoError(t, err)
		return s
	}
	answer := GrammarOptions{Choice: ChoiceNone, Reasoning: Forbid, Preambles: Forbid}
	require.Equal(t, "<|channel|>final<|message|>", forced(answer, ""))
	require.Empty(t, forced(answer, "<|channel|>f"), "it could be spelled another way")
	require.Equal(t, "<|start|>assistant", forced(GrammarOptions{Tools: tools}, "<|channel|>analysis<|message|>x<|end|>"))
	require.Equal(t, "<|start|>assistant<|channel|>", forced(GrammarOptions{}, "<|channel|>analysis<|message|>x<|end|>"))
	require.Equal(t, "<|end|><|start|>assistant<|channel|>", forced(GrammarOptions{MaxReasoning: 1}, "<|channel|>analysis<|message|>x"))
	require.Empty(t, forced(GrammarOptions{Tools: tools}, ""))
	require.Empty(t, forced(GrammarOptions{Tools: tools}, "<|channel|>final<|message|>"))

	named := GrammarOptions{Tools: tools, Choice: ChoiceOf("functions.get_weather"), Reasoning: Forbid, Preambles: Forbid}
	require.Equal(t, "commentary to=functions.get_weather", forced(named, "<|channel|>"))
	require.Equal(t, "commentary", forced(named, " to=functions.get_weather<|channel|>"))
	require.Equal(t, "json<|message|>", forced(named, " to=functions.get_weather<|channel|>commentary <|constrain|>")[:len("json<|message|>")])
	m := newGrammar(t, &named).NewMatcher()
	require.NoError(t, m.Accept(special("<|channel|>")[0]))
	open := GPTOSS().OpenTool("functions.get_weather")
	require.Equal(t, open[1:len(open)-4], m.Forced(nil), "the tokens of the renderer")

	// Of two names that begin alike, the tokens are forced that both begin with.
	two := GrammarOptions{Choice: ChoiceRequired, Reasoning: Forbid, Preambles: Forbid, Tools: []harmony.Namespace{{Name: "functions", Tools: []harmony.Tool{{Name: "get_time"}, {Name: "get_weather"}}}}}
	require.Equal(t, "commentary to=functions.get", forced(two, "<|channel|>"))

	compact := GrammarOptions{Tools: tools, Choice: ChoiceOf("functions.now"), Constrain: &constrain.Options{Compact: true}}
	require.Contains(t, []string{"{}<|call|>", ""}, forced(compact, "<|channel|>commentary to=functions.now json<|message|>"))
	require.Equal(t, "<|call|>", forced(compact, "<|channel|>commentary to=functions.now json<|message|>{}"))
}

// TestGrammarForcedWalks: along walks, forced tokens are accepted, and at each no other text may come.
func TestGrammarForcedWalks(t *testing.T) {
	tok := GPTOSS().tok
	for i, o := range grammarVariants() {
		g := newGrammar(t, o)
		for seed := range uint64(4) {
			w := &walker{r: rand.New(rand.NewPCG(seed, uint64(i))), n: 50}
			for m := g.NewMatcher(); !m.Accepting(); {
				c := m.Clone()
				for _, f := range m.Forced(nil) {
					want, _ := tok.TokenString(f)
					var mask [constrain.MaskWords]uint64
					c.Mask(mask[:])
					other := anyOf(t, w.r, mask[:])
					got, _ := tok.TokenString(other)
					k := min(len(want), len(got))
					require.Equal(t, want[:k], got[:k], "forced %q", want)
					require.NoError(t, c.Accept(f))
				}
				require.NoError(t, m.Accept(w.next(t, m)))
			}
		}
	}
}

// TestGrammarShared: one grammar, many goroutines.
func TestGrammarShared(t *testing.T) {
	o := &GrammarOptions{Tools: grammarToolset(), MaxReasoning: 4, Response: grammarResponse}
	g := newGrammar(t, o)
	var wg sync.WaitGroup
	for i := range uint64(4) {
		wg.Go(func() {
			for seed := range uint64(3) {
				m := g.NewMatcher()
				toks := walk(t, rand.New(rand.NewPCG(seed, i)), m)
				m.Forced(nil)
				checkTurn(t, o, toks)
			}
		})
	}
	wg.Wait()
}

// TestGrammarAllocs: a turn that a matcher has seen before costs no memory.
func TestGrammarAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	m := newGrammar(t, &GrammarOptions{Tools: grammarToolset(), Reasoning: Require}).NewMatcher()
	toks := special(`<|channel|>analysis<|message|>They want the weather.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Oslo"}<|call|>`)
	var mask [constrain.MaskWords]uint64
	turn := func() {
		m.Reset()
		for _, tok := range toks {
			m.Mask(mask[:])
			if !isSet(mask[:], tok) || m.Accept(tok) != nil {
				t.Fatal(tok)
			}
		}
	}
	turn()
	require.Zero(t, testing.AllocsPerRun(20, turn))
}

// TestGrammarCache: the grammar of a schema is made once for what the schema says.
func TestGrammarCache(t *testing.T) {
	a, err := grammarOf(schema.MustParse(`{"type": "object"}`), true, nil)
	require.NoError(t, err)
	b, err := grammarOf(schema.MustParse(`{"type":"object"}`), true, &constrain.Options{})
	require.NoError(t, err)
	require.Same(t, a, b)
	c, err := grammarOf(schema.MustParse(`{"type":"object"}`), true, &constrain.Options{Compact: true})
	require.NoError(t, err)
	require.NotSame(t, a, c)
	for i := range 3 * maxCachedGrammars {
		_, err := grammarOf(schema.MustParse(fmt.Sprintf(`{"maxProperties":%d}`, i)), true, nil)
		require.NoError(t, err)
	}
	require.LessOrEqual(t, len(schemaGrammars.entries), maxCachedGrammars)
	sum := 0
	for k := range schemaGrammars.entries {
		sum += len(k.schema)
	}
	require.Equal(t, sum, schemaGrammars.bytes)
}

// TestObjectSchema: arguments are objects, even where the parameters do not say so.
func TestObjectSchema(t *testing.T) {
	for in, want := range map[string]string{
		`{}`:                      `{"type":"object"}`,
		`true`:                    `{"type":"object"}`,
		`null`:                    `null`,
		`false`:                   `false`,
		`{"$ref":"#/$defs/a"}`:    `{"type":"object","$ref":"#/$defs/a"}`,
		`{"type":["object"]}`:     `{"type":["object"]}`,
		`{"a":{"type":"string"}}`: `{"type":"object","a":{"type":"string"}}`,
	} {
		require.Equal(t, want, objectSchema(in))
	}
}
