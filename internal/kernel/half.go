package kernel

import (
	"encoding/binary"
	"math"
)

// fromBF16 returns the number whose upper 16 bits are given: exact.
func fromBF16(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }

// fromF16 returns the value of an IEEE 754 binary16: exact, subnormals, infinities and NaN included.
func fromF16(h uint16) float32 {
	sign, exp, frac := uint32(h&0x8000)<<16, uint32(h>>10&31), uint32(h&0x3ff)
	switch exp {
	case 0: // zero or subnormal: frac * 2^-24
		return math.Float32frombits(math.Float32bits(float32(frac)*0x1p-24) | sign)
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

// fromE8M0 returns 2^(e-127), and NaN for e = 255: the scale of OCP Microscaling, where 255 is NaN by definition.
func fromE8M0(e uint8) float32 {
	switch e {
	case 0:
		return 0x1p-127
	case 255:
		return float32(math.NaN())
	}
	return math.Float32frombits(uint32(e) << 23)
}

func le16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
