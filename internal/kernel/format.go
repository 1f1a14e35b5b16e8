package kernel

import (
	"math"
	"strconv"
)

// A Format says how the numbers of a tensor are stored.
type Format uint8

// The formats. A block format stores the elements of a row in blocks, each with scales of its own.
const (
	F32  Format = iota + 1 // IEEE 754 binary32
	F16                    // IEEE 754 binary16
	BF16                   // the upper half of a binary32
	U8                     // bytes: the blocks or scales of MXFP4Pairs. Not numbers by themselves.
	Q4_0                   // ggml: 32 elements, f16 scale, 4 bits
	Q5_0                   // ggml: 32 elements, f16 scale, 5 bits
	Q8_0                   // ggml: 32 elements, f16 scale, 8 bits
	Q4_K                   // ggml: 256 elements in 8 groups, f16 scale and minimum, 6-bit scales and minima, 4 bits
	Q5_K                   // ggml: the same with 5 bits
	Q6_K                   // ggml: 256 elements in 16 groups, f16 scale, 8-bit scales, 6 bits
	// MXFP4 is the OCP Microscaling format FP4 (E2M1) with an E8M0 scale for each 32 elements, as ggml stores it.
	MXFP4
	// MXFP4Pairs is the same as OpenAI and Hugging Face store it: 16 bytes of codes in one tensor, the scales in another.
	MXFP4Pairs
)

// formats tells of each format its name, the elements of a block and the bytes of a block.
// Source of the ggml sizes: ggml-org/llama.cpp, ggml/src/ggml-common.h, the block_* structures.
var formats = [...]struct {
	name            string
	elements, bytes int
}{
	F32: {"F32", 1, 4}, F16: {"F16", 1, 2}, BF16: {"BF16", 1, 2}, U8: {"U8", 1, 1},
	Q4_0: {"Q4_0", 32, 18}, Q5_0: {"Q5_0", 32, 22}, Q8_0: {"Q8_0", 32, 34},
	Q4_K: {"Q4_K", 256, 144}, Q5_K: {"Q5_K", 256, 176}, Q6_K: {"Q6_K", 256, 210},
	MXFP4: {"MXFP4", 32, 17}, MXFP4Pairs: {"MXFP4", 32, 16},
}

// String returns the name of the format, as the files spell it.
func (f Format) String() string {
	if f == 0 || int(f) >= len(formats) {
		return "format " + strconv.Itoa(int(f))
	}
	return formats[f].name
}

// Block returns how many elements a block has and how many bytes. A format without blocks has blocks of one element.
func (f Format) Block() (elements, bytes int) { return formats[f].elements, formats[f].bytes }

// halves says where a block of a format has the binary16 numbers that its elements are multiples of.
var halves = [...][]int{F16: {0}, Q4_0: {0}, Q5_0: {0}, Q8_0: {0}, Q4_K: {0, 2}, Q5_K: {0, 2}, Q6_K: {208}}

// NotFinite returns the index of the first block that holds what is infinite or no number, or -1. It looks at the scales alone
// where a format has some: codes are always finite. MXFP4Pairs and U8 have no numbers to look at.
func (f Format) NotFinite(data []byte) int {
	_, size := f.Block()
	for i := range len(data) / size {
		block := data[i*size:][:size]
		bad := false
		switch f {
		case F32:
			bad = !Finite(math.Float32frombits(le32(block)))
		case BF16:
			bad = block[1]&0x7f == 0x7f && block[0]&0x80 != 0
		case MXFP4:
			bad = block[0] == 255
		case MXFP4Pairs, U8:
			return -1
		default:
			for _, at := range halves[f] {
				bad = bad || block[at+1]&0x7c == 0x7c
			}
		}
		if bad {
			return i
		}
	}
	return -1
}
