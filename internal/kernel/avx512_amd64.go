//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// avx512Brain needs AVX-512 F, BW, VL, DQ, VBMI, VNNI and BF16 (AMD Zen 4, Intel Cooper Lake and Sapphire Rapids); avx512 all but the
// last (Intel Ice Lake).
var avx512Brain, avx512 = func() (brain, rest variant) {
	rest = variant{
		name: "AVX-512", ok: hasAVX512,
		float:    tiles{floatx1AVX512, floatx2AVX512, floatx4AVX512}.run,
		float16:  tiles{float16x1AVX512, float16x2AVX512, float16x4AVX512}.run,
		float8:   tiles{float8x1AVX512, float8x2AVX512, float8x4AVX512, float8x8AVX512}.run,
		float4:   tiles{float4x1AVX512, float4x2AVX512, float4x4AVX512, float4x8AVX512}.run,
		whole8:   tiles{whole8x1AVX512, whole8x2AVX512, whole8x4AVX512, whole8x8AVX512}.run,
		whole4:   tiles{whole4x1AVX512, whole4x2AVX512, whole4x4AVX512, whole4x8AVX512}.run,
		expand16: portableExpand16, expand8: portableExpand8, expand4: portableExpand4, // float* do without
		pack16: pack16AVX512, pack8: pack8AVX512, pack4: pack4AVX512,
		vector: vectorAVX512,
	}
	brain = rest
	brain.name, brain.ok = "AVX-512 BF16", hasAVX512 && cpu.X86.HasAVX512BF16
	brain.brain16 = tiles{brain16x1AVX512, brain16x2AVX512, brain16x4AVX512, brain16x8AVX512}.run
	brain.brain8 = tiles{brain8x1AVX512, brain8x2AVX512, brain8x4AVX512, brain8x8AVX512}.run
	brain.brain4 = tiles{brain4x1AVX512, brain4x2AVX512, brain4x4AVX512, brain4x8AVX512}.run
	return brain, rest
}()

// hasAVX512 says what processor and system can run together: package cpu asks both.
var hasAVX512 = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ &&
	cpu.X86.HasAVX512VBMI && cpu.X86.HasAVX512VNNI

// tiles are the kernels that compute 1, 2, 4 and so on rows of activations of a call, from row t on. A row has the same bits in all.
type tiles []func(c *call, t int)

// run computes a call.
func (k tiles) run(c *call) {
	t, last := 0, len(k)-1
	for ; (c.n-t)>>last > 0; t += 1 << last {
		k[last](c, t)
	}
	for i := last - 1; i >= 0; i-- {
		if (c.n-t)>>i > 0 {
			k[i](c, t)
			t += 1 << i
		}
	}
}

//go:noescape
func whole8x1AVX512(c *call, t int)

//go:noescape
func whole8x2AVX512(c *call, t int)

//go:noescape
func whole8x4AVX512(c *call, t int)

//go:noescape
func whole8x8AVX512(c *call, t int)

//go:noescape
func whole4x1AVX512(c *call, t int)

//go:noescape
func whole4x2AVX512(c *call, t int)

//go:noescape
func whole4x4AVX512(c *call, t int)

//go:noescape
func whole4x8AVX512(c *call, t int)

//go:noescape
func brain16x1AVX512(c *call, t int)

//go:noescape
func brain16x2AVX512(c *call, t int)

//go:noescape
func brain16x4AVX512(c *call, t int)

//go:noescape
func brain16x8AVX512(c *call, t int)

//go:noescape
func brain8x1AVX512(c *call, t int)

//go:noescape
func brain8x2AVX512(c *call, t int)

//go:noescape
func brain8x4AVX512(c *call, t int)

//go:noescape
func brain8x8AVX512(c *call, t int)

//go:noescape
func brain4x1AVX512(c *call, t int)

//go:noescape
func brain4x2AVX512(c *call, t int)

//go:noescape
func brain4x4AVX512(c *call, t int)

//go:noescape
func brain4x8AVX512(c *call, t int)

//go:noescape
func floatx1AVX512(c *call, t int)

//go:noescape
func floatx2AVX512(c *call, t int)

//go:noescape
func floatx4AVX512(c *call, t int)

//go:noescape
func float16x1AVX512(c *call, t int)

//go:noescape
func float16x2AVX512(c *call, t int)

//go:noescape
func float16x4AVX512(c *call, t int)

//go:noescape
func float8x1AVX512(c *call, t int)

//go:noescape
func float8x2AVX512(c *call, t int)

//go:noescape
func float8x4AVX512(c *call, t int)

//go:noescape
func float8x8AVX512(c *call, t int)

//go:noescape
func float4x1AVX512(c *call, t int)

//go:noescape
func float4x2AVX512(c *call, t int)

//go:noescape
func float4x4AVX512(c *call, t int)

//go:noescape
func float4x8AVX512(c *call, t int)
