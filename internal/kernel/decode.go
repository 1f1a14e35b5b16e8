package kernel

import "math"

// fp4 holds the values of FP4 (E2M1): bit 3 is the sign. Source: OCP Microscaling Formats specification 1.0, 5.3.3.
var fp4 = [16]float32{0, .5, 1, 1.5, 2, 3, 4, 6, float32(math.Copysign(0, -1)), -.5, -1, -1.5, -2, -3, -4, -6}

// Decode writes the elements of src, whole blocks one after the other, to dst. len(dst) elements are decoded; src must hold
// as many. U8 and MXFP4Pairs have no value by themselves: DecodePairs.
func (f Format) Decode(dst []float32, src []byte) {
	elements, bytes := f.Block()
	decode := decoders[f]
	for len(dst) > 0 {
		n := min(len(dst)/elements, decodeRun)
		decode(dst[:n*elements], src[:n*bytes])
		dst, src = dst[n*elements:], src[n*bytes:]
	}
}

// decodeRun is how many blocks one call decodes: any number serves, it only keeps slices short.
const decodeRun = 1 << 16

var decoders = [...]func(dst []float32, src []byte){
	F32: decodeF32, F16: decodeF16, BF16: decodeBF16, Q4_0: decodeQ4_0, Q5_0: decodeQ5_0, Q8_0: decodeQ8_0,
	Q4_K: decodeQ4_K, Q5_K: decodeQ5_K, Q6_K: decodeQ6_K, MXFP4: decodeMXFP4, MXFP4Pairs: nil,
}

func decodeF32(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(le32(src[4*i:]))
	}
}

func decodeF16(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = fromF16(le16(src[2*i:]))
	}
}

func decodeBF16(dst []float32, src []byte) {
	src = src[:2*len(dst)]
	for i := range dst {
		dst[i] = fromBF16(uint16(src[2*i]) | uint16(src[2*i+1])<<8)
	}
}

// decodeQ8_0: f16 d, 32 int8 q; the element is d*q. ggml-org/llama.cpp, ggml-quants.c, dequantize_row_q8_0.
func decodeQ8_0(dst []float32, src []byte) {
	for ; len(dst) >= 32; dst, src = dst[32:], src[34:] {
		d, q, y := fromF16(le16(src)), src[2:34], dst[:32]
		for i := range y {
			y[i] = d * float32(int8(q[i]))
		}
	}
}

// decodeQ4_0: f16 d, 16 bytes; the low nibble of byte j is element j, the high one element j+16; the element is
// d*(nibble-8). ggml-org/llama.cpp, ggml-quants.c, dequantize_row_q4_0.
func decodeQ4_0(dst []float32, src []byte) {
	for ; len(dst) >= 32; dst, src = dst[32:], src[18:] {
		d, q, y := fromF16(le16(src)), src[2:18], dst[:32]
		for j, b := range q {
			y[j], y[j+16] = d*float32(int(b&15)-8), d*float32(int(b>>4)-8)
		}
	}
}

// decodeQ5_0: f16 d, 32 high bits, 16 bytes as in Q4_0; the element is d*(5 bits-16).
// ggml-org/llama.cpp, ggml-quants.c, dequantize_row_q5_0.
func decodeQ5_0(dst []float32, src []byte) {
	for ; len(dst) >= 32; dst, src = dst[32:], src[22:] {
		d, high, q, y := fromF16(le16(src)), le32(src[2:]), src[6:22], dst[:32]
		for j, b := range q {
			lo, hi := uint32(b&15)|high>>j&1<<4, uint32(b>>4)|high>>(j+16)&1<<4
			y[j], y[j+16] = d*float32(int(lo)-16), d*float32(int(hi)-16)
		}
	}
}

// decodeMXFP4: one E8M0 scale, 16 bytes; the low nibble of byte j is element j, the high one element j+16.
// ggml-org/llama.cpp, ggml-quants.c, dequantize_row_mxfp4. The product is exact.
func decodeMXFP4(dst []float32, src []byte) {
	for ; len(dst) >= 32; dst, src = dst[32:], src[17:] {
		d, q, y := fromE8M0(src[0]), src[1:17], dst[:32]
		for j, b := range q {
			y[j], y[j+16] = d*fp4[b&15], d*fp4[b>>4]
		}
	}
}

// DecodePairs decodes MXFP4Pairs: src holds 16 bytes and scales one byte for each 32 elements of dst; the low nibble of byte
// j is element 2j, the high one element 2j+1. openai/gpt-oss, gpt_oss/torch/weights.py, _get_mxfp4_tensor.
func DecodePairs(dst []float32, src, scales []byte) {
	for ; len(dst) >= 32; dst, src, scales = dst[32:], src[16:], scales[1:] {
		d, q, y := fromE8M0(scales[0]), src[:16], dst[:32]
		for j, b := range q {
			y[2*j], y[2*j+1] = d*fp4[b&15], d*fp4[b>>4]
		}
	}
}
