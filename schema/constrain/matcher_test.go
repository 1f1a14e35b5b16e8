package constrain_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Going back, and setting out twice from one place, is the same as reading the text anew.
func TestRollbackIsReplay(t *testing.T) {
	for i, doc := range documents(t) {
		g := compile(t, doc, nil)
		r := rand.New(rand.NewPCG(uint64(i), campaign()))
		toks := tokenizer.O200kHarmony().Encode(newSampler(t, g, doc, r.Uint64()).run(20))
		for range scaled(8) {
			m := g.NewMatcher()
			var said []tokenizer.Token
			for range 3 {
				for range r.IntN(len(toks) + 1) {
					if len(said) == len(toks) {
						break
					}
					require.NoError(t, m.Accept(toks[len(said)]))
					said = append(said, toks[len(said)])
				}
				clone := m.Clone()
				back := r.IntN(len(said) + 1)
				m.Rollback(back)
				said = said[:len(said)-back]
				same(t, g, m, said, doc)
				same(t, g, clone, toks[:len(said)+back], doc)
				clone.Rollback(back)
				same(t, g, clone, said, doc)
			}
			m.Reset()
			same(t, g, m, nil, doc)
		}
	}
}

// same compares a matcher with one that reads tokens from the beginning.
func same(t testing.TB, g *constrain.Grammar, m *constrain.Matcher, said []tokenizer.Token, doc string) {
	t.Helper()
	fresh := g.NewMatcher()
	for _, tok := range said {
		require.NoError(t, fresh.Accept(tok))
	}
	require.Equal(t, fresh.Offset(), m.Offset())
	require.Equal(t, fresh.Steps(), m.Steps())
	require.Equal(t, fresh.Accepting(), m.Accepting())
	require.Equal(t, fresh.Forced(nil), m.Forced(nil))
	require.True(t, slices.Equal(masked(fresh), masked(m)), "behind %q for %s", text(said), doc)
}

func masked(m *constrain.Matcher) []uint64 {
	mask := make([]uint64, constrain.MaskWords)
	m.Mask(mask)
	return mask
}

// What a grammar remembers does not change its masks.
func TestMasksDoNotDependOnThePast(t *testing.T) {
	for i, doc := range documents(t) {
		used := compile(t, doc, nil)
		for seed := range uint64(scaled(6)) {
			newSampler(t, used, doc, seed).run(20)
		}
		toks := tokenizer.O200kHarmony().Encode(newSampler(t, used, doc, 77+uint64(i)).run(12))
		m, fresh := used.NewMatcher(), compile(t, doc, nil).NewMatcher()
		for _, tok := range toks {
			require.True(t, slices.Equal(masked(fresh), masked(m)), "before %d for %s", tok, doc)
			require.NoError(t, m.Accept(tok))
			require.NoError(t, fresh.Accept(tok))
		}
	}
}

// A call that fails changes nothing.
func TestFailuresChangeNothing(t *testing.T) {
	doc := `{"type":"array","uniqueItems":true,"items":{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"string"}}}`
	g := compile(t, doc, nil)
	m := g.NewMatcher()
	said := tokenizer.O200kHarmony().Encode(`[{"a":1,"b":"x"},{"a`)
	for _, tok := range said {
		require.NoError(t, m.Accept(tok))
	}
	var e *constrain.TokenError
	require.ErrorAs(t, m.AcceptBytes([]byte(`":1,"b":"x"}`)), &e)
	assert.Equal(t, 20+11, e.Offset, "the second item would equal the first")
	assert.Equal(t, "}", e.Text)
	for _, tok := range []tokenizer.Token{200002, 1 << 30, byteTokens()['\n']} {
		require.ErrorAs(t, m.Accept(tok), &e)
		assert.Equal(t, tok, e.Token)
		assert.Equal(t, 20, e.Offset)
	}
	same(t, g, m, said, doc)
}

// Once everything has grown, a matcher allocates nothing.
func TestNoAllocation(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	text := `{"name": "A name", "tags": ["a", "bc", "bc"], "n": -12.5, "kind": "two", "more": {"x": [1, 2, {"y": null}]}}`
	doc := `{"type":"object","properties":{"name":{"type":"string","maxLength":20},"tags":{"type":"array","items":{"type":"string","pattern":"^[a-z]+$"}},` +
		`"n":{"type":"number","minimum":-100},"kind":{"enum":["one","two"]},"more":{}},"required":["name","n"]}`
	m := compile(t, doc, nil).NewMatcher()
	toks := tokenizer.O200kHarmony().Encode(text)
	mask := make([]uint64, constrain.MaskWords)
	run := func() {
		m.Reset()
		for _, tok := range toks {
			m.Mask(mask)
			if !m.Allowed(tok) || m.Accept(tok) != nil {
				t.Fatal("not allowed")
			}
		}
		m.Rollback(len(toks) / 2)
	}
	run()
	assert.Zero(t, testing.AllocsPerRun(20, run))
	assert.True(t, m.Steps() > 0)
}

// Any number of matchers of one grammar, and of grammars that share machines, can run at once.
func TestConcurrentMatchers(t *testing.T) {
	docs := documents(t)
	var wait sync.WaitGroup
	for i, doc := range docs {
		g := compile(t, doc, nil)
		toks := tokenizer.O200kHarmony().Encode(newSampler(t, compile(t, doc, nil), doc, uint64(i)).run(10))
		for range 3 {
			wait.Go(func() {
				m := g.NewMatcher()
				mask := make([]uint64, constrain.MaskWords)
				for _, tok := range toks {
					m.Mask(mask)
					if mask[tok/64]>>(tok%64)&1 == 0 || m.Accept(tok) != nil {
						t.Errorf("token %d of %q is not allowed for %s", tok, text(toks), doc)
						return
					}
				}
			})
		}
		if i%4 == 3 {
			wait.Wait()
		}
	}
	wait.Wait()
}

func TestSpecialTokensAreNeverAllowed(t *testing.T) {
	m := compile(t, `true`, nil).NewMatcher()
	mask := masked(m)
	tk := tokenizer.O200kHarmony()
	for tok := range tokenizer.Token(64 * constrain.MaskWords) {
		if tk.IsSpecial(tok) {
			require.False(t, mask[tok/64]>>(tok%64)&1 != 0 || m.Allowed(tok), "%d", tok)
		}
	}
	_, err := constrain.Compile(schema.MustParse(`{"allOf":[{"type":"string"},{"type":"null"}]}`), nil)
	assert.ErrorIs(t, err, constrain.ErrNoInstance)
}
