package decoder

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
)

// TestScan: everything is read, once, however many threads there are, of the weights themselves or of other memory.
func TestScan(t *testing.T) {
	path := writeOriginal(t, "a")
	for _, c := range []struct {
		hold  Hold
		least int
	}{{Packed, 1}, {Packed, 64 << 20}, {Mapped, 1}, {Mapped, 8*scanPart + 12}, {Mapped, 5*8*scanPart + 8*11}} {
		for _, threads := range []int{1, 3} {
			t.Run(fmt.Sprint(c.hold, c.least, threads), func(t *testing.T) {
				m := open(t, path, &Options{Hold: c.hold, Threads: threads})
				s, err := m.NewScan(int64(c.least))
				require.NoError(t, err)
				own := m.region != nil && c.least <= len(m.region.Data)
				require.Equal(t, own, s.region == nil)
				data := []byte(nil)
				if own {
					data = m.region.Data
				} else {
					data = s.region.Data
					require.GreaterOrEqual(t, len(data), c.least)
				}
				want, n := uint64(0), len(data)/8*8
				for i := 0; i < n; i += 8 {
					want += binary.LittleEndian.Uint64(data[i:])
				}
				for range 2 {
					bytes, sum := s.Read()
					require.EqualValues(t, n, bytes)
					require.Equal(t, want, sum)
				}
				require.NoError(t, s.Close())
				require.NoError(t, s.Close())
			})
		}
	}
}

// TestScanErrors: more memory than there is, and a model that is closed.
func TestScanErrors(t *testing.T) {
	m, err := Open(writeOriginal(t, "a"), nil)
	require.NoError(t, err)
	_, err = m.NewScan(1 << 60)
	require.ErrorAs(t, err, new(*MemoryError))
	require.NoError(t, m.Close())
	_, err = m.NewScan(1)
	require.ErrorIs(t, err, ErrClosed)
}

// writeOriginal writes a recipe's model.
func writeOriginal(t testing.TB, name string) string {
	t.Helper()
	dir, r := t.TempDir(), checkpointtest.Recipes[name]
	require.NoError(t, r.WriteOriginal(dir))
	return dir
}
