//go:build !purego

package kernel

var vectorAVX512, vectorAVX2 = portableVector, portableVector
