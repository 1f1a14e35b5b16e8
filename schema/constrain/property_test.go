package constrain_test

import (
	"encoding/json"
	"math/bits"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// documents returns the schemas of testdata/schemas.txt; some of them where time is short.
func documents(t testing.TB) []string {
	data, err := os.ReadFile("testdata/schemas.txt")
	require.NoError(t, err)
	var docs []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			docs = append(docs, line)
		}
	}
	if raced || testing.Short() {
		var some []string
		for i := int(campaign() % 6); i < len(docs); i += 6 {
			some = append(some, docs[i])
		}
		return some
	}
	return docs
}

// pick returns one of the ids of a mask, and whether there is one.
func pick(r *rand.Rand, mask []uint64) (tokenizer.Token, bool) {
	n := 0
	for _, w := range mask {
		n += bits.OnesCount64(w)
	}
	if n == 0 {
		return 0, false
	}
	n = r.IntN(n)
	for i, w := range mask {
		if k := bits.OnesCount64(w); n >= k {
			n -= k
			continue
		}
		for ; n > 0; n-- {
			w &= w - 1
		}
		return tokenizer.Token(64*i + bits.TrailingZeros64(w)), true
	}
	panic("the mask has changed")
}

// A sampler writes texts by choosing among the tokens that a matcher allows.
type sampler struct {
	t     testing.TB
	rand  *rand.Rand
	m     *constrain.Matcher
	mask  []uint64
	text  []byte
	doc   string
	soft  bool     // to be asked for a text that has no end is no failure
	names []string // texts to try where it is time to end: keys that may be required
}

func newSampler(t testing.TB, g *constrain.Grammar, doc string, seed uint64) *sampler {
	s := &sampler{t: t, doc: doc, rand: rand.New(rand.NewPCG(seed, 1)), m: g.NewMatcher(), mask: make([]uint64, constrain.MaskWords)}
	var v any
	require.NoError(t, json.Unmarshal([]byte(doc), &v))
	s.names = []string{"null", "true"}
	s.collect(v)
	slices.Sort(s.names) // maps have no order
	return s
}

func (s *sampler) collect(v any) {
	switch v := v.(type) {
	case float64:
		number, _ := json.Marshal(v)
		s.names = append(s.names, string(number))
	case map[string]any:
		for k, x := range v {
			quoted, _ := json.Marshal(k)
			s.names = append(s.names, string(quoted))
			s.collect(x)
		}
	case []any:
		for _, x := range v {
			if k, ok := x.(string); ok {
				quoted, _ := json.Marshal(k)
				s.names = append(s.names, string(quoted))
			}
			s.collect(x)
		}
	}
}

// run writes a text of about n tokens and reports it. Wherever it stands it must have something to go on with.
func (s *sampler) run(n int) string {
	for step := 0; ; step++ {
		s.m.Mask(s.mask)
		tok, ok := pick(s.rand, s.mask)
		if s.m.Accepting() && (step >= n || !ok || s.rand.IntN(20) == 0) {
			return string(s.text)
		}
		require.True(s.t, ok, "dead end for %s behind %q", s.doc, s.text)
		if step > n && s.end() {
			continue
		}
		if step > 40*n+2000 && s.soft {
			return ""
		}
		if step > 40*n+2000 {
			s.t.Fatalf("no end in sight for %s behind %q of %d bytes", s.doc, s.text[max(0, len(s.text)-300):], len(s.text))
		}
		s.accept(tok)
	}
}

func (s *sampler) accept(tok tokenizer.Token) {
	require.NoError(s.t, s.m.Accept(tok), "behind %q", s.text)
	text, _ := tokenizer.O200kHarmony().TokenString(tok)
	s.text = append(s.text, text...)
}

// end takes a step towards the end of the text, if it sees one.
func (s *sampler) end() bool {
	inside := insideString(s.text)
	if inside && s.rand.IntN(3) == 0 || !inside && len(s.text) > 0 && strings.IndexByte("{[,:", s.text[len(s.text)-1]) >= 0 && s.rand.IntN(4) > 0 {
		for range s.names {
			name := s.names[s.rand.IntN(len(s.names))]
			if inside {
				name = strings.TrimPrefix(name, `"`)
			}
			if s.m.AcceptBytes([]byte(name)) == nil {
				s.text = append(s.text, name...)
				return true
			}
		}
	}
	if inside && s.rand.IntN(4) == 0 { // a pattern may ask for a letter behind digits, or for a colon
		const tries = "ABCDEFGHIJKLMNOPQRSTUVWXYZ:::@.-/"
		for range 40 {
			if tok := byteTokens()[tries[s.rand.IntN(len(tries))]]; s.m.Allowed(tok) {
				s.accept(tok)
				return true
			}
		}
	}
	closers := `}],:`
	if inside {
		closers = `"`
	}
	for _, c := range []byte(closers) {
		if (c != ',' || s.rand.IntN(2) == 0) && s.m.Allowed(byteTokens()[c]) && s.rand.IntN(8) > 0 {
			s.accept(byteTokens()[c])
			return true
		}
	}
	return false
}

// insideString reports whether a JSON text stops inside a string.
func insideString(text []byte) bool {
	inside := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			inside = !inside
		case inside && text[i] == '\\':
			i++
		}
	}
	return inside
}

// Whatever is written by choosing among the allowed tokens comes to an end, and is an instance.
func TestSampledTextsAreInstances(t *testing.T) {
	walks := scaled(6)
	for _, doc := range documents(t) {
		s := schema.MustParse(doc)
		g, err := constrain.Compile(s, nil)
		if !assert.NoError(t, err, doc) {
			continue
		}
		for seed := range uint64(walks) {
			text := newSampler(t, g, doc, seed).run(5 + 10*int(seed))
			assert.True(t, json.Valid([]byte(text)), "%s for %s", text, doc)
			assert.NoError(t, s.Validate([]byte(text)), "%s for %s", text, doc)
		}
	}
}

// A mask holds exactly the tokens that are allowed one by one.
func TestMaskIsWhatIsAllowed(t *testing.T) {
	docs := documents(t)
	for i, doc := range docs {
		g := compile(t, doc, nil)
		s := newSampler(t, g, doc, uint64(i))
		for range scaled(2) {
			s.m.Mask(s.mask)
			for tok := range tokenizer.Token(tokenizer.O200kHarmony().Size()) {
				in := int(tok) < 64*len(s.mask) && s.mask[tok/64]>>(tok%64)&1 != 0
				if in != s.m.Allowed(tok) {
					text, _ := tokenizer.O200kHarmony().TokenString(tok)
					t.Fatalf("token %d %q behind %q: in the mask %v; %s", tok, text, s.text, in, doc)
				}
			}
			for range 1 + s.rand.IntN(6) {
				s.m.Mask(s.mask)
				if tok, ok := pick(s.rand, s.mask); ok {
					s.accept(tok)
				}
			}
		}
	}
}
