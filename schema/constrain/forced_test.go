package constrain_test

import (
	"strings"
	"testing"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Forced tokens are those that the tokenizer gives for the whole text, wherever in it they are asked for.
func TestForcedIsCanonical(t *testing.T) {
	forced, all := 0, 0
	for name, opts := range narrow {
		for i, doc := range documents(t) {
			g, err := constrain.Compile(schema.MustParse(doc), &opts)
			if err != nil {
				continue
			}
			for seed := range uint64(scaled(3)) {
				text := newSampler(t, g, doc, 1000*seed+uint64(i)).run(15)
				toks := tokenizer.O200kHarmony().Encode(text)
				m := g.NewMatcher()
				for at, tok := range toks {
					f := m.Forced(nil)
					require.LessOrEqual(t, len(f), len(toks)-at, "%s for %s", text, doc)
					require.Equal(t, toks[at:][:len(f)], append([]tokenizer.Token{}, f...), "%s: token %d of %s for %s", name, at, text, doc)
					if len(f) > 0 {
						forced++
					}
					require.NoError(t, m.Accept(tok))
				}
				all += len(toks)
			}
		}
	}
	assert.Greater(t, forced, all/300, "of %d tokens", all)
}

// Asking what is forced changes nothing, and what is forced can be accepted.
func TestForcedSkeleton(t *testing.T) {
	doc := `{"type":"object","properties":{"temperature":{"type":"integer"},"unit":{"const":"celsius"},"ok":{"const":true}},"required":["temperature","unit","ok"],"additionalProperties":false}`
	g := compile(t, doc, &constrain.Options{Compact: true, SchemaOrder: true, PlainStrings: true, CanonicalNumbers: true})
	m := g.NewMatcher()
	var written []string
	accept := func(toks []tokenizer.Token) {
		for _, tok := range toks {
			require.NoError(t, m.Accept(tok))
		}
	}
	for _, model := range []string{``, `":`, `21`, `,"`} {
		accept(tokenizer.O200kHarmony().Encode(model))
		before := m.Offset()
		f := m.Forced(nil)
		assert.Equal(t, before, m.Offset())
		accept(f)
		written = append(written, model+"|"+text(f))
	}
	assert.Equal(t, `|{"temperature · ":| · 21| · ,"|unit":"celsius","ok":true}`, strings.Join(written, " · "))
	assert.True(t, m.Accepting())
}

func TestNothingIsForcedWhereTextsDiffer(t *testing.T) {
	m := compile(t, `{"const":{"a":true}}`, nil).NewMatcher()
	assert.Empty(t, m.Forced(nil), "white space, and escapes, are possible")
	require.NoError(t, m.AcceptBytes([]byte(`{"a":t`)))
	assert.Empty(t, m.Forced(nil), "the tokenizer does not cut between t and rue")
	m = compile(t, `{"const":"x"}`, &constrain.Options{Compact: true}).NewMatcher()
	require.NoError(t, m.AcceptBytes([]byte(`"x"`)))
	assert.Empty(t, m.Forced(nil), "the text is complete")
}
