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

// What is accepted is within the limits of schema.Validate: here, of how deep values nest. Close to them no way leads to a dead end.
func TestDepth(t *testing.T) {
	tree := `{"$ref":"#/$defs/t","$defs":{"t":{"type":"object","properties":{"a":{"type":"array","items":{"$ref":"#/$defs/t"}},"v":{"type":"integer"}},"required":["v"],"additionalProperties":false}}}`
	for _, c := range []struct{ doc, open, in, shut string }{
		{`true`, `[`, `1`, `]`},
		{`{}`, `{"a":`, `1`, `}`},
		{tree, `{"v":1,"a":[`, ``, `]}`},
		{`{"type":"array","minItems":1,"items":{"anyOf":[{"type":"null"},{"$ref":"#"}]}}`, `[`, `null`, `]`},
		{`{"type":"object","minProperties":1,"additionalProperties":{"anyOf":[{"type":"null"},{"$ref":"#"}]}}`, `{"k":`, `null`, `}`},
		{`{"type":"object","patternProperties":{"^a":{"$ref":"#"},"^b":{"type":"null"}},"additionalProperties":false}`, `{"a":`, `{}`, `}`},
		{`{"type":"array","contains":{"type":"integer"},"items":{"anyOf":[{"type":"integer"},{"$ref":"#"}]}}`, `[1,`, `[1]`, `]`},
	} {
		s := schema.MustParse(c.doc)
		g := compile(t, c.doc, nil)
		deepest := 0
		for n := 1; n < 140; n++ {
			if n > 5 && n < 120 && n%30 > 6 || raced && n%4 > 0 {
				continue
			}
			text := strings.Repeat(c.open, n) + c.in + strings.Repeat(c.shut, n)
			want := s.Validate([]byte(text)) == nil
			m := g.NewMatcher()
			got := m.AcceptBytes([]byte(text)) == nil && m.Accepting()
			require.Equal(t, want, got, "%d times %s for %s", n, c.open, c.doc)
			if want {
				deepest = n
			}
		}
		assert.GreaterOrEqual(t, deepest, 60, c.doc)
		for seed := range uint64(scaled(12)) {
			m := g.NewMatcher()
			require.NoError(t, m.AcceptBytes([]byte(strings.Repeat(c.open, deepest-1))))
			w := newSampler(t, g, c.doc, seed)
			w.m, w.text = m, []byte(strings.Repeat(c.open, deepest-1))
			text := w.run(40)
			assert.NoError(t, s.Validate([]byte(text)), "%s for %s", text, c.doc)
		}
	}
}

// Masks deep inside say what is allowed there: they are not those of less deep places.
func TestMaskDeepInside(t *testing.T) {
	g := compile(t, `true`, nil)
	m := g.NewMatcher()
	mask := make([]uint64, constrain.MaskWords)
	open := byteTokens()['[']
	for range 127 {
		m.Mask(mask)
		require.True(t, mask[open/64]>>(open%64)&1 != 0)
		require.NoError(t, m.Accept(open))
	}
	m.Mask(mask)
	assert.False(t, mask[open/64]>>(open%64)&1 != 0)
	assert.Error(t, m.Accept(open))
	requireExact(t, m, "127 deep")
	m.Rollback(2)
	requireExact(t, m, "125 deep")
}

// requireExact compares a mask with every token.
func requireExact(t testing.TB, m *constrain.Matcher, what string) {
	t.Helper()
	mask := make([]uint64, constrain.MaskWords)
	m.Mask(mask)
	for tok := range tokenizer.Token(tokenizer.O200kHarmony().Size()) {
		in := int(tok) < 64*len(mask) && mask[tok/64]>>(tok%64)&1 != 0
		if in != m.Allowed(tok) {
			s, _ := tokenizer.O200kHarmony().TokenString(tok)
			t.Fatalf("token %d %q, %s: in the mask %v", tok, s, what, in)
		}
	}
}

// A text is no longer than what schema.Validate reads.
func TestLongestText(t *testing.T) {
	m := compile(t, `{"type":"string"}`, nil).NewMatcher()
	require.NoError(t, m.AcceptBytes([]byte(`"`+strings.Repeat("x", schema.MaxInstance-3))))
	requireExact(t, m, "two bytes from the end")
	assert.Error(t, m.AcceptBytes([]byte(`xx"`)))
	assert.Error(t, m.AcceptBytes([]byte(`"  `)))
	require.NoError(t, m.AcceptBytes([]byte(`x"`)))
	assert.True(t, m.Accepting())
	requireExact(t, m, "at the end")
}

func TestLongNumbers(t *testing.T) {
	for _, doc := range []string{`{"type":"number"}`, `{"type":"integer"}`, `{"type":"number","minimum":0}`, `{"type":"number","multipleOf":0.1}`} {
		s := schema.MustParse(doc)
		for _, text := range []string{"1" + strings.Repeat("0", 308), "1" + strings.Repeat("0", 309), "1." + strings.Repeat("0", 900), "0." + strings.Repeat("0", 190) + "1",
			"1e308", "1e309", "1E0000000000000000000000000001", "1e-999", "-0", "-0.0", "1." + strings.Repeat("0", 1200)} {
			m := compile(t, doc, nil).NewMatcher()
			if m.AcceptBytes([]byte(text)) == nil && m.Accepting() {
				assert.NoError(t, s.Validate([]byte(text)), "%.60s for %s", text, doc)
			}
		}
	}
}
