package memory

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGroupLeft reads control groups of both versions, where the tightest limit on the way up counts.
func TestGroupLeft(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
	write("a/memory.max", "1000\n")
	write("a/memory.current", "900\n")
	write("a/memory.stat", "anon 5\ninactive_file 300\n")
	write("a/b/memory.max", "max\n")
	write("a/b/memory.current", "10\n")
	require.EqualValues(t, 400, groupLeft(root, []byte("0::/a/b\n")))
	require.EqualValues(t, math.MaxInt64, groupLeft(root, []byte("0::/c\nnonsense\n")))
	write("memory/d/memory.limit_in_bytes", "9223372036854771712\n")
	write("memory/d/memory.usage_in_bytes", "10\n")
	require.EqualValues(t, math.MaxInt64, groupLeft(root, []byte("3:memory:/d\n")))
	write("memory/d/memory.limit_in_bytes", "50\n")
	require.EqualValues(t, 40, groupLeft(root, []byte("4:cpu:/x\n3:memory:/d\n")))
}
