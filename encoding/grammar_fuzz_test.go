package encoding

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/schema/constrain"
)

// FuzzGrammar takes tokens of the format and tokens that are allowed, in any order. Mask, Allowed and Accept agree on every one, steps back lead
// back, and whatever was accepted can be brought to an end that the parser reads without an error.
func FuzzGrammar(f *testing.F) {
	var grammars []*Grammar
	for _, o := range grammarVariants() {
		grammars = append(grammars, newGrammar(f, o))
	}
	f.Add([]byte{1, 1, 3, 5, 7, 9, 11, 0, 2, 4, 6, 8, 200, 201, 203})
	f.Add([]byte{2, 255, 254, 253, 3, 3, 3, 3, 3, 3, 3, 3})
	f.Add([]byte{3, 2, 17, 4, 33, 8, 21, 77, 78, 80, 82, 84})
	f.Add([]byte{5, 129, 131, 133, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		which := int(data[0]) % len(grammars)
		g := grammars[which]
		m := g.NewMatcher()
		r := rand.New(rand.NewPCG(1, uint64(len(data))))
		var mask [constrain.MaskWords]uint64
		var toks []Token
		for _, b := range data[1:min(len(data), 64)] {
			if m.Accepting() {
				break
			}
			m.Mask(mask[:])
			word := fuzzWords[int(b/2)%len(fuzzWords)][0]
			if b%2 == 0 {
				word = anyOf(t, r, mask[:])
			}
			allowed := int64(word) < 64*constrain.MaskWords && isSet(mask[:], word)
			require.Equal(t, allowed, m.Allowed(word), "token %d", word)
			at := m.at
			require.Equal(t, allowed, m.Accept(word) == nil, "token %d", word)
			if !allowed {
				require.Equal(t, at, m.at)
				continue
			}
			toks = append(toks, word)
			if b%16 == 0 {
				m.Rollback(1)
				require.Equal(t, at, m.at)
				require.NoError(t, m.Accept(word))
			}
		}
		same(t, g, m, toks)
		checkTurn(t, grammarVariants()[which], append(toks, walk(t, r, m)...))
	})
}
