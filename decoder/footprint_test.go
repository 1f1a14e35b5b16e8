package decoder

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/kernel"
)

// TestFootprint: what a model says of another hold and precision is what one that is opened so takes.
func TestFootprint(t *testing.T) {
	for _, form := range forms {
		f := fixtures["k"]
		path := form.write(t, &f)
		mapped := open(t, path, &Options{Hold: Mapped})
		for p := Float32; p <= Int8; p++ {
			for _, hold := range []Hold{Mapped, Packed} {
				m := open(t, path, &Options{Hold: hold, Precision: p})
				for _, n := range []int{1, 7, 100, 4096} {
					require.Equal(t, Footprint{m.WeightBytes(), m.CacheBytes(n), m.BytesPerToken(n)}, mapped.Footprint(hold, p, n), form.name)
				}
				if hold == Packed {
					e := &m.weights.embedding
					require.EqualValues(t, len(m.region.Data)+e.Rows*e.Stride, m.WeightBytes(), form.name)
				}
			}
		}
		require.Equal(t, mapped.Footprint(Packed, Int8, 9), mapped.Footprint(HoldAuto, Int8, 9), "there is memory for a tiny model")
	}
}

// TestBytesPerToken counts what a step reads, for a shape whose panels are all full.
func TestBytesPerToken(t *testing.T) {
	f := fixture{layers: 2, experts: 4, active: 2, vocabulary: 320, hidden: 128, inner: 256, head: 32, heads: 4, kvHeads: 2, window: 8, yarn: 4096, betaFast: 32, betaSlow: 1}
	m := open(t, ggufForm(kernel.MXFP4, kernel.BF16)(t, &f), &Options{Hold: Mapped, Precision: Int8})
	layer := 2*(128*(128+2*64)+128*128) + 4*4*128 + // q, k, v, out in BF16; the router [4,128] in F32
		2*3*256*128*17/32 // two experts in MXFP4
	cache := func(positions int) int { return 2 * positions * 2 * 32 * 2 } // keys and values of 2 heads of 32 in float16
	require.EqualValues(t, 2*320*128+2*layer, m.BytesPerToken(0))
	require.EqualValues(t, 2*320*128+2*layer+2*cache(5), m.BytesPerToken(5))
	require.EqualValues(t, 2*320*128+2*layer+cache(8)+cache(100), m.BytesPerToken(100), "a sliding layer sees its window alone")
	router := 4*16*128 - 4*4*128 // four rows fill up a panel of sixteen
	require.EqualValues(t, m.BytesPerToken(100)+2*int64(router), m.Footprint(Packed, Int8, 100).PerToken)
	require.EqualValues(t, m.BytesPerToken(0)+2*int64(cache(8)+cache(100)), m.Footprint(Mapped, Float32, 100).PerToken)
}

// TestHoldFor: the weights and a GiB must be free.
func TestHoldFor(t *testing.T) {
	m := open(t, writeOriginal(t, "a"), &Options{Hold: Packed})
	n := int64(len(m.region.Data)) + 1<<30
	require.Equal(t, Packed, m.HoldFor(n))
	require.Equal(t, Mapped, m.HoldFor(n-1))
	require.Equal(t, Mapped, m.HoldFor(0))
}

// TestParameters holds the count against the one that OpenAI publishes, and against the tensors of a model.
// Source: OpenAI, gpt-oss-120b and gpt-oss-20b model card, table 1: 116.83B and 5.13B active, 20.91B and 3.61B active.
func TestParameters(t *testing.T) {
	c := Config{Layers: 36, Hidden: 2880, Heads: 64, KVHeads: 8, HeadSize: 64, Vocabulary: 201088, Experts: 128, ActiveExperts: 4, ExpertSize: 2880}
	total, active := c.Parameters()
	require.InDelta(t, 116.83e9, total, 5e6)
	require.InDelta(t, 5.13e9, active, 5e6)
	c.Layers, c.Experts = 24, 32
	total, active = c.Parameters()
	require.InDelta(t, 20.91e9, total, 5e6)
	require.InDelta(t, 3.61e9, active, 5e6)

	f := fixtures["b"]
	m := open(t, ggufForm(kernel.F32, kernel.F32)(t, &f), nil)
	count := 0
	for tensor := range m.Tensors() {
		count += volume(tensor.Shape)
	}
	c = m.Config()
	total, _ = c.Parameters()
	require.EqualValues(t, count, total)
}
