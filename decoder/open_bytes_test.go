package decoder

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
)

// A checkpoint in memory gives the logits of the same in files, wherever its weights are held.
func TestOpenBytes(t *testing.T) {
	f := fixtures["a"]
	config, err := json.Marshal(f.originalConfig())
	require.NoError(t, err)
	data := checkpointtest.Safetensors(f.original())
	toks := prompt(40, f.config().Vocabulary)
	want := compute(t, open(t, writeDirectory(t, f.originalConfig(), files{"a.safetensors": f.original()}), &Options{}), toks, 1)
	for _, hold := range []Hold{Mapped, Packed} {
		m, err := OpenBytes("here", map[string][]byte{"config.json": config, "model.safetensors": data}, &Options{Hold: hold})
		require.NoError(t, err)
		require.Equal(t, want, compute(t, m, toks, 1))
		require.NoError(t, m.Check(nil))
		require.NoError(t, m.Close())
	}
	_, err = OpenBytes("here", map[string][]byte{"config.json": config, "model.safetensors": data[:100]}, nil)
	var e *FileError
	require.ErrorAs(t, err, &e)
	require.Contains(t, err.Error(), "decoder: here/model.safetensors: ")
}
