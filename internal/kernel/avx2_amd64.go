//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// avx2 needs AVX2, FMA and F16C (Intel Haswell, AMD Zen). It has no kernels for bfloat16, for which these processors have no
// instructions: rounded activations meet the float32 kernel.
var avx2 = variant{
	name: "AVX2", ok: cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasF16C,
	float:  floatAVX2,
	whole8: whole8AVX2, whole4: whole4AVX2,
	expand16: expand16AVX2, expand8: expand8AVX2, expand4: expand4AVX2,
	pack4: pack4AVX2, pack8: pack8AVX2, pack16: pack16AVX2,
	vector: vectorAVX2,
}

//go:noescape
func whole4AVX2(c *call)

//go:noescape
func whole8AVX2(c *call)

//go:noescape
func floatAVX2(c *call)

//go:noescape
func expand16AVX2(dst *float32, codes *byte, blocks int)

//go:noescape
func expand8AVX2(dst *float32, scales, codes *byte, blocks int)

func expand4AVX2(dst *float32, scales, codes *byte, blocks int) {
	if !expand4Below(dst, scales, codes, blocks) {
		portableExpand4(dst, scales, codes, blocks)
	}
}

// expand4Below does what expand4 does, or nothing at all if a scale is 253 (2^126) or more: 12 times its half would overflow on the
// way.
//
//go:noescape
func expand4Below(dst *float32, scales, codes *byte, blocks int) bool
