package constrain_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An acceptanceLine is a line of testdata/acceptance.jsonl: a schema, an instance in one spelling, and whether it is valid.
type acceptanceLine struct {
	ID       string          `json:"id"`
	Feature  string          `json:"feature"`
	Schema   json.RawMessage `json:"schema"`
	Instance string          `json:"instance"`
	Valid    bool            `json:"valid"`

	LLGuidance bool `json:"accepted_by_llguidance"`
	XGrammar   bool `json:"accepted_by_xgrammar"`
	GLRMask    bool `json:"accepted_by_glrmask"`
}

func readLines[T any](t testing.TB, path string) []T {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var lines []T
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<26)
	for sc.Scan() {
		var l T
		require.NoError(t, json.Unmarshal(sc.Bytes(), &l))
		lines = append(lines, l)
	}
	return lines
}

func compile(t testing.TB, doc string, opts *constrain.Options) *constrain.Grammar {
	g, err := constrain.Compile(schema.MustParse(doc), opts)
	require.NoError(t, err, doc)
	return g
}

// walk accepts tokens one by one, each of which must be in the mask exactly if it is accepted, and reports whether the text may
// end behind them.
func walk(t testing.TB, g *constrain.Grammar, toks []tokenizer.Token) bool {
	m := g.NewMatcher()
	mask := make([]uint64, constrain.MaskWords)
	for _, tok := range toks {
		m.Mask(mask)
		allowed := mask[tok/64]>>(tok%64)&1 != 0
		require.Equal(t, allowed, m.Allowed(tok), "token %d %q at byte %d of %q", tok, text([]tokenizer.Token{tok}), m.Offset(), text(toks))
		if err := m.Accept(tok); err != nil {
			require.False(t, allowed, "token %d", tok)
			return false
		}
		require.True(t, allowed, "token %d", tok)
	}
	return m.Accepting()
}

// byByte returns the tokens of single bytes.
func byByte(text string) []tokenizer.Token {
	var toks []tokenizer.Token
	for i := range len(text) {
		toks = append(toks, byteTokens()[text[i]])
	}
	return toks
}

func TestAcceptanceSet(t *testing.T) {
	tk := tokenizer.O200kHarmony()
	lines := readLines[acceptanceLine](t, "testdata/acceptance.jsonl")
	assert.Len(t, lines, 60)
	for _, l := range lines {
		t.Run(l.ID, func(t *testing.T) {
			g := compile(t, string(l.Schema), nil)
			assert.Equal(t, l.Valid, walk(t, g, tk.Encode(l.Instance)), "%s of %s", l.Instance, l.Schema)
			assert.Equal(t, l.Valid, walk(t, g, byByte(l.Instance)), "%s of %s, by bytes", l.Instance, l.Schema)
		})
	}
}

// The table of what others decide otherwise names every such line, and no other.
func TestDisagreements(t *testing.T) {
	data, err := os.ReadFile("testdata/disagreements.txt")
	require.NoError(t, err)
	listed := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if columns := strings.Split(strings.TrimSpace(line), "\t"); !strings.HasPrefix(line, "#") {
			require.Len(t, columns, 4)
			listed[columns[0]] = columns[1] + " " + columns[2]
			assert.NotEmpty(t, columns[3])
		}
	}
	found := map[string]string{}
	for _, l := range readLines[acceptanceLine](t, "testdata/acceptance.jsonl") {
		var who []string
		for _, c := range []struct {
			name     string
			accepted bool
		}{{"llguidance", l.LLGuidance}, {"xgrammar", l.XGrammar}, {"glrmask", l.GLRMask}} {
			if c.accepted != l.Valid {
				who = append(who, c.name)
			}
		}
		if what := "refused"; who != nil {
			if !l.Valid {
				what = "accepted"
			}
			found[l.ID] = strings.Join(who, ",") + " " + what
		}
	}
	assert.Equal(t, found, listed)
}
