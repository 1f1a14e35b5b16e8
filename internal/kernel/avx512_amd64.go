//go:build !purego

package kernel

// avx512Brain needs AVX-512 F, BW, VL, DQ, VBMI, VNNI and BF16 (AMD Zen 4, Intel Cooper Lake and Sapphire Rapids); avx512 all but the
// last (Intel Ice Lake).
var avx512Brain, avx512 = variant{name: "AVX-512 BF16"}, variant{name: "AVX-512"}
