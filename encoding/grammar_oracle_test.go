package encoding

import (
	"bufio"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
)

var (
	writeWalks = flag.String("grammar.write", "", "write new walks to this file, without a verdict, for testdata/grammar.py")
	countWalks = flag.Int("grammar.walks", 12, "how many, for each set of options")
	readWalks  = flag.String("grammar.read", "testdata/grammar-walks.jsonl", "the walks with openai-harmony's verdict")
)

// grammarWalk is a turn that was drawn at random under a mask, and what openai-harmony 0.0.8 reads in it.
type grammarWalk struct {
	Options  int     `json:"options"` // index into grammarVariants
	Tokens   []Token `json:"tokens"`
	Messages []struct {
		Role        string `json:"role"`
		Recipient   string `json:"recipient"`
		Channel     string `json:"channel"`
		ContentType string `json:"content_type"`
		Text        string `json:"text"`
	} `json:"messages"`
	Error string `json:"error"`
}

// TestGrammarOracle: openai-harmony reads every recorded walk without an error, and reads the same messages as the parser of this package.
// The one difference is known: a content type on final, which it takes for a recipient (conformance, differences.txt).
func TestGrammarOracle(t *testing.T) {
	if *writeWalks != "" {
		recordWalks(t)
		return
	}
	f, err := os.Open(*readWalks)
	require.NoError(t, err)
	defer f.Close()
	var grammars []*Grammar
	for _, o := range grammarVariants() {
		grammars = append(grammars, newGrammar(t, o))
	}
	lines, typed := 0, 0
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<22)
	for ; s.Scan(); lines++ {
		var w grammarWalk
		require.NoError(t, json.Unmarshal(s.Bytes(), &w))
		require.Empty(t, w.Error, "line %d", lines)
		refused, ended := accept(grammars[w.Options], w.Tokens)
		require.True(t, refused < 0 && ended, "line %d, refused at token %d", lines, refused)
		res, err := GPTOSS().Parse(w.Tokens, harmony.RoleAssistant, &ParseOptions{Strict: true, Stop: StopToken})
		require.NoError(t, err)
		require.Len(t, res.Messages, len(w.Messages), "line %d", lines)
		for i, m := range w.Messages {
			got := &res.Messages[i]
			if m.Channel == "final" && got.ContentType != "" {
				typed++
				require.Equal(t, strings.TrimSpace(got.ContentType), m.Recipient)
				m.Recipient, m.ContentType = "", got.ContentType
			}
			require.Equal(t, m.Role, string(got.Role))
			require.Equal(t, m.Recipient, got.Recipient, "line %d", lines)
			require.Equal(t, m.Channel, string(got.Channel))
			require.Equal(t, m.ContentType, got.ContentType, "line %d", lines)
			require.Equal(t, m.Text, got.Text(), "line %d", lines)
		}
	}
	require.NoError(t, s.Err())
	require.GreaterOrEqual(t, lines, len(grammars)*10)
	require.Positive(t, typed)
}

// recordWalks draws walks and writes them down.
func recordWalks(t *testing.T) {
	f, err := os.Create(*writeWalks)
	require.NoError(t, err)
	e := json.NewEncoder(f)
	for i, o := range grammarVariants() {
		m := newGrammar(t, o).NewMatcher()
		for n := range *countWalks {
			m.Reset()
			toks := walk(t, rand.New(rand.NewPCG(uint64(n), uint64(i)+100)), m)
			require.NoError(t, e.Encode(struct {
				Options int     `json:"options"`
				Tokens  []Token `json:"tokens"`
			}{i, toks}))
		}
	}
	require.NoError(t, f.Close())
}
