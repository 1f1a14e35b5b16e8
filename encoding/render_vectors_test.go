package encoding

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
)

// renderVector is a line of conformance/testdata/vectors/render.jsonl: a conversation and the tokens
// that openai-harmony 0.0.8 made of it.
type renderVector struct {
	Kind            string          `json:"kind"`
	Conversation    json.RawMessage `json:"conversation"`
	ConversationRaw *string         `json:"conversation_raw"`
	Mode            string          `json:"mode"`
	NextRole        string          `json:"next_role"`
	AutoDrop        bool            `json:"auto_drop_analysis"`
	Tokens          []Token         `json:"tokens"`
	Text            string          `json:"text"`
	Error           string          `json:"error"`
	Profile         string          `json:"profile"` // only in our own goldens
}

func (v *renderVector) document() []byte {
	if v.ConversationRaw != nil {
		return []byte(*v.ConversationRaw)
	}
	return v.Conversation
}

func (v *renderVector) options(t testing.TB) *RenderOptions {
	p, err := ParseProfile(v.Profile)
	require.NoError(t, err)
	opts := &RenderOptions{Profile: p}
	if !v.AutoDrop {
		opts.Retention = RetainAll
	}
	return opts
}

// render renders the vector's conversation as its mode says.
func (v *renderVector) render(msgs []harmony.Message, opts *RenderOptions) ([]Token, []Span, error) {
	e := GPTOSS()
	switch v.Mode {
	case "completion":
		return e.RenderForCompletionSpans(msgs, harmony.Role(v.NextRole), opts)
	case "training":
		return e.RenderForTrainingSpans(msgs, opts)
	case "conversation":
		return e.RenderSpans(msgs, opts)
	}
	return nil, nil, errors.New("unknown mode " + v.Mode)
}

func readRenderVectors(t testing.TB, path string) []renderVector {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	var out []renderVector
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var v renderVector
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.UseNumber()
		require.NoError(t, d.Decode(&v))
		out = append(out, v)
	}
	require.NoError(t, lines.Err())
	return out
}

var referenceVectors = filepath.Join("..", "conformance", "testdata", "vectors", "render.jsonl")

// TestRenderVectors checks every recorded rendering of openai-harmony 0.0.8, its refusals included.
func TestRenderVectors(t *testing.T) {
	vectors := readRenderVectors(t, referenceVectors)
	require.GreaterOrEqual(t, len(vectors), 422)
	checkRenderVectors(t, vectors)
}

func checkRenderVectors(t *testing.T, vectors []renderVector) {
	for i, v := range vectors {
		conv, err := harmony.ParseConversation(v.document())
		var toks []Token
		var spans []Span
		if err == nil {
			toks, spans, err = v.render(conv.Messages, v.options(t))
		}
		if v.Error != "" {
			require.Error(t, err, "line %d (%s): the reference says %s", i+1, v.Kind, v.Error)
			continue
		}
		require.NoError(t, err, "line %d (%s)", i+1, v.Kind)
		require.Equal(t, v.Tokens, toks, "line %d (%s): %s", i+1, v.Kind, v.Text)
		checkSpans(t, conv.Messages, toks, spans)
		checkCounts(t, &v, conv.Messages, len(toks))
	}
}
