//go:build purego || !(amd64 || arm64)

package kernel

// machineVariants returns nothing: portable Go is all.
func machineVariants() []variant { return nil }
