//go:build !purego

package kernel

import (
	"runtime"

	"golang.org/x/sys/cpu"
)

// neonMatrix needs the dot product instructions of ARMv8.2 (optional there, always from ARMv8.4 on) and those of ARMv8.6 for bfloat16 and
// int8 matrices (FEAT_BF16, FEAT_I8MM: Apple M2, Neoverse V1 and N2, and later); neonDot the former; neon runs on every arm64.
//
// Without the former, whole numbers would gain little over float32; without the latter, activations that are rounded to bfloat16 meet
// the weights as float32.
var (
	neonMatrix = withMatrix(neonVariant("NEON BF16 I8MM", hasDot && hasBrain && cpu.ARM64.HasI8MM))
	neonDot    = withDot(neonVariant("NEON dot product", hasDot))
	neon       = neonVariant("NEON", true)
)

// hasDot: every Mac with arm64 has the instructions, but its older systems do not say so.
var hasDot = cpu.ARM64.HasASIMDDP || runtime.GOOS == "darwin"

func neonVariant(name string, ok bool) variant {
	return variant{
		name: name, ok: ok, float: neonFloat,
		expand16: expand16NEON, expand8: expand8NEON, expand4: expand4NEON,
		pack16: neonPack16, pack8: neonPack8, pack4: neonPack4,
		vector: vectorNEON,
	}
}

func withDot(v variant) variant {
	v.whole8, v.whole4 = neonWhole8, neonWhole4
	return v
}

func withMatrix(v variant) variant {
	v.whole8, v.whole4 = tileWhole8, tileWhole4
	v.brain16, v.brain8, v.brain4 = neonBrain16, neonBrain8, neonBrain4
	return v
}

//go:noescape
func expand16NEON(dst *float32, codes *byte, blocks int)

//go:noescape
func expand8NEON(dst *float32, scales, codes *byte, blocks int)

//go:noescape
func expand4NEON(dst *float32, scales, codes *byte, blocks int)
