package checkpoint_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
	"github.com/harmony-go/sdk/internal/kernel"
)

func TestOpenMemory(t *testing.T) {
	data := checkpointtest.Safetensors([]checkpointtest.Tensor{{Name: "a", Format: kernel.U8, Shape: []int{3}, Data: []byte{1, 2, 3}}})
	files := map[string][]byte{"config.json": []byte(`{"x":1}`), "model.safetensors": data, "README.md": []byte("not read")}
	c, err := checkpoint.OpenMemory("here", files)
	require.NoError(t, err)
	require.Equal(t, checkpoint.Original, c.Layout)
	require.Equal(t, int64(len(data)), c.Size())
	b, err := c.Tensor("a").Bytes()
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3}, b)
	read := make([]byte, 3)
	require.NoError(t, c.Read(read, b))
	require.Equal(t, b, read)
	require.NoError(t, c.Resized())
	require.NoError(t, c.Close())
	require.Equal(t, []byte{1, 2, 3}, b, "the bytes are the caller's")

	for _, c := range []struct {
		want  string
		files map[string][]byte
	}{
		{"here: expected config.json, found no such file", map[string][]byte{"model.safetensors": data}},
		{"here: expected *.safetensors, found none", map[string][]byte{"config.json": []byte(`{}`)}},
		{"here/model.safetensors: ", map[string][]byte{"config.json": []byte(`{}`), "model.safetensors": data[:len(data)-1]}},
		{"here/config.json: ", map[string][]byte{"config.json": []byte(`{`), "model.safetensors": data}},
		{`here/b.safetensors: tensor "a": appears twice`, map[string][]byte{"config.json": []byte(`{}`), "a.safetensors": data, "b.safetensors": data}},
	} {
		_, err := checkpoint.OpenMemory("here", c.files)
		var e *checkpoint.Error
		require.True(t, errors.As(err, &e), "%v", err)
		require.Contains(t, err.Error(), c.want)
	}
}
