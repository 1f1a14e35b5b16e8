//go:build !purego && !linux && !darwin

package kernel

// hasBrain: this system is not asked for FEAT_BF16.
const hasBrain = false
