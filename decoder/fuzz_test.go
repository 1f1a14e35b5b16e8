package decoder

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/tokenizer"
)

// tiny is a model of a few kilobytes, for mutations.
var tiny = fixture{layers: 2, experts: 2, active: 1, vocabulary: 8, hidden: 32, inner: 32, head: 2, heads: 2, kvHeads: 1, window: 2, yarn: 64, betaFast: 32, betaSlow: 1}

// FuzzOpen opens damaged GGUF files and damaged configurations, and computes with what opens: no damage may do more than cause
// an error.
func FuzzOpen(f *testing.F) {
	gguf := checkpointtest.GGUF(tiny.ggufMeta(), tiny.gguf(kernel.MXFP4, kernel.Q8_0))
	weights := checkpointtest.Safetensors(tiny.huggingFace(true))
	f.Add(gguf, true)
	for _, config := range []map[string]any{tiny.hfConfig(true), tiny.originalConfig()} {
		text, err := json.Marshal(config)
		require.NoError(f, err)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, data []byte, isGGUF bool) {
		path := t.TempDir()
		if isGGUF {
			path = filepath.Join(path, "m.gguf")
			require.NoError(t, os.WriteFile(path, data, 0o600))
		} else {
			require.NoError(t, os.WriteFile(filepath.Join(path, "config.json"), data, 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(path, "model.safetensors"), weights, 0o600))
		}
		m, err := Open(path, &Options{Threads: 1})
		if err != nil {
			require.ErrorAs(t, err, new(*FileError))
			return
		}
		defer m.Close()
		s, err := m.NewSequence(min(8, m.cfg.Context))
		require.NoError(t, err)
		toks, logits := []tokenizer.Token{0, 0, 0}, make([]float32, m.cfg.Vocabulary)
		if err := s.Forward(toks[:min(3, s.Capacity())], logits); err != nil {
			require.Zero(t, s.Len())
		}
	})
}
