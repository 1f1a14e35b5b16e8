package disk

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFree: a path that is not there yet has as much room as the directory above it; writing takes some.
func TestFree(t *testing.T) {
	dir := t.TempDir()
	n, ok := Free(dir)
	if !ok {
		require.NotContains(t, []string{"linux", "darwin", "windows"}, runtime.GOOS)
		t.Skip("this system does not tell")
	}
	require.Positive(t, n)
	other, ok := Free(filepath.Join(dir, "not", "there", "yet"))
	require.True(t, ok)
	require.InDelta(t, n, other, 64<<30, "asked within the same moment") // others write to this disk, too
	_, ok = Free(filepath.Join(dir, "file", "below"))
	require.True(t, ok)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	_, ok = Free(filepath.Join(dir, "file"))
	require.True(t, ok)
}
