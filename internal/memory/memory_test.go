package memory

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAlloc: memory is there to its last byte, is zero, and can be given back twice.
func TestAlloc(t *testing.T) {
	for _, n := range []int{0, 1, 4096, 5<<20 + 3} {
		r, err := Alloc(n)
		require.NoError(t, err)
		require.Len(t, r.Data, n)
		for i := range r.Data {
			require.Zero(t, r.Data[i])
			r.Data[i] = byte(i)
		}
		require.NoError(t, r.Free())
		require.NoError(t, r.Free())
	}
	_, err := Alloc(1 << 60)
	require.Error(t, err, "more than an address space")
}

func TestAvailable(t *testing.T) {
	n, ok := Available()
	if !ok {
		t.Skip("this system does not tell")
	}
	require.Greater(t, n, int64(1<<20))
	require.Less(t, n, int64(1<<50))
}
