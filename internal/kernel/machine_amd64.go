//go:build !purego

package kernel

// machineVariants returns the variants for amd64, the best first.
func machineVariants() []variant { return []variant{avx512Brain, avx512, avx2} }
