package encoding

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
)

// grammarToolset has names of which one begins with another, tools without parameters, and all sorts of namespaces.
func grammarToolset() []harmony.Namespace {
	functions := harmony.Namespace{Name: harmony.FunctionsNamespace, Tools: []harmony.Tool{
		{Name: "get", Description: "Gets.", Parameters: schema.MustParse(`{"properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}`)},
		{Name: "get_weather", Description: "Weather.", Parameters: schema.MustParse(`{"type":"object","properties":{"city":{"type":"string","maxLength":12},"unit":{"enum":["celsius","fahrenheit"]}},"required":["city"],"additionalProperties":false}`)},
		{Name: "now", Description: "The time."},
	}}
	files := harmony.Namespace{Name: "files", Tools: []harmony.Tool{{Name: "list", Parameters: schema.MustParse(`{"type":"object","properties":{"all":{"type":"boolean"}},"additionalProperties":false}`)}}}
	return []harmony.Namespace{functions, closedBrowser(), harmony.Python(), files}
}

// closedBrowser is the browser without unknown parameters: random walks would make up new ones for ever.
func closedBrowser() harmony.Namespace {
	b := harmony.Browser()
	for i := range b.Tools {
		doc := b.Tools[i].Parameters.JSON()
		b.Tools[i].Parameters = schema.MustParse(string(doc[:len(doc)-1]) + `,"additionalProperties":false}`)
	}
	return b
}

var grammarResponse = schema.MustParse(`{"type":"object","properties":{"items":{"type":"array","items":{"enum":["a","b"]},"maxItems":3}},"required":["items"],"additionalProperties":false}`)

func newGrammar(t testing.TB, o *GrammarOptions) *Grammar {
	t.Helper()
	g, err := GPTOSS().Grammar(o)
	require.NoError(t, err)
	return g
}

// accept feeds tokens to a new matcher and returns the index of the one that is refused, or -1; and whether the turn has ended then.
func accept(g *Grammar, toks []Token) (refused int, ended bool) {
	m := g.NewMatcher()
	for i, t := range toks {
		if m.Accept(t) != nil {
			return i, false
		}
	}
	return -1, m.Accepting()
}

// special encodes text in which control tokens are spelled out.
func special(text string) []Token { return GPTOSS().tok.EncodeSpecial(text) }

// chop encodes text, with control tokens, in random tokens: some of the words in pieces, some in single bytes.
func chop(r *rand.Rand, text []Token) []Token {
	tok := GPTOSS().tok
	var out []Token
	for _, t := range text {
		if s, _ := tok.TokenString(t); !tok.IsSpecial(t) && len(s) > 1 && r.IntN(3) == 0 {
			k := 1 + r.IntN(len(s)-1)
			out = append(tok.AppendEncode(out, s[:k]), tok.Encode(s[k:])...)
		} else {
			out = append(out, t)
		}
	}
	return out
}

func isSet(mask []uint64, t Token) bool { return mask[t/64]>>(t%64)&1 != 0 }

// anyOf returns one of the tokens of a mask, each as likely.
func anyOf(t testing.TB, r *rand.Rand, mask []uint64) Token {
	n := 0
	for _, w := range mask {
		n += bits.OnesCount64(w)
	}
	require.Positive(t, n, "no token may come next")
	k := r.IntN(n)
	for i, w := range mask {
		c := bits.OnesCount64(w)
		if k >= c {
			k -= c
			continue
		}
		for ; k > 0; k-- {
			w &= w - 1
		}
		return Token(64*i + bits.TrailingZeros64(w))
	}
	panic("not reached")
}

// closers are the tokens that come to an end soonest.
var closers = func() []Token {
	toks := []Token{tokenizer.Return, tokenizer.Call, tokenizer.End}
	for _, s := range []string{`"`, `}`, `]`, `"}`, `":`, `true`, `0`, `a`, `"items`, `,`} {
		toks = append(toks, GPTOSS().tok.Encode(s)[0])
	}
	return toks
}()

// walker draws tokens under a mask: any of those allowed, but often one that comes to an end, and only those once it has taken many.
type walker struct {
	r    *rand.Rand
	mask [constrain.MaskWords]uint64
	n    int
}

func (w *walker) next(t testing.TB, m *GrammarMatcher) Token {
	m.Mask(w.mask[:])
	w.n++
	if m.at.node < 0 && (w.n > 150 || w.r.IntN(4) == 0) {
		for _, c := range closers {
			if isSet(w.mask[:], c) {
				return c
			}
		}
	}
	return anyOf(t, w.r, w.mask[:])
}

// walk returns a turn drawn at random.
func walk(t testing.TB, r *rand.Rand, m *GrammarMatcher) []Token {
	w := &walker{r: r}
	var toks []Token
	for !m.Accepting() {
		require.Less(t, len(toks), 5000, "the walk does not end")
		tok := w.next(t, m)
		require.NoError(t, m.Accept(tok))
		toks = append(toks, tok)
	}
	return toks
}
