//go:build !purego

package kernel

// avx2 needs AVX2, FMA and F16C (Intel Haswell, AMD Zen).
var avx2 = variant{name: "AVX2"}
