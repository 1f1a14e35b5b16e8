//go:build !purego

package kernel

// machineVariants returns the variants for arm64, the best first.
func machineVariants() []variant { return []variant{neonMatrix, neonDot, neon} }
