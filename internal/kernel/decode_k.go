package kernel

// The K formats: 256 elements a block, in groups of 32 or 16 whose scales are themselves quantised.

// scaleMin returns the 6-bit scale and minimum of group j (of 8): 12 bytes hold 16 numbers. The first four of each lie in the
// low 6 bits of bytes 0..3 and 4..7; the others have their low 4 bits in bytes 8..11 and their high 2 bits on top of the
// first four. ggml-org/llama.cpp, ggml-quants.c, get_scale_min_k4.
func scaleMin(q []byte, j int) (scale, minimum float32) {
	if j < 4 {
		return float32(q[j] & 63), float32(q[j+4] & 63)
	}
	return float32(q[j+4]&15 | q[j-4]>>6<<4), float32(q[j+4]>>4 | q[j]>>6<<4)
}

// decodeQ4_K: f16 d, f16 dmin, 12 bytes of scales and minima, 128 bytes of nibbles. Each 32 bytes hold two groups: the low
// nibbles the even one, the high nibbles the odd one; the element is (d*scale)*q - dmin*minimum.
// ggml-org/llama.cpp, ggml-quants.c, dequantize_row_q4_K.
func decodeQ4_K(dst []float32, src []byte) {
	for ; len(dst) >= 256; dst, src = dst[256:], src[144:] {
		d, dmin, scales, q := fromF16(le16(src)), fromF16(le16(src[2:])), src[4:16], src[16:144]
		for j := range 8 {
			sc, mn := scaleMin(scales, j)
			dl, ml := float32(d*sc), float32(dmin*mn)
			shift, from := uint(j&1*4), q[j/2*32:][:32]
			for i, y := 0, dst[j*32:][:32]; i < 32; i++ {
				y[i] = float32(dl*float32(from[i]>>shift&15)) - ml
			}
		}
	}
}

// decodeQ5_K: as Q4_K with 32 bytes of fifth bits before the nibbles: bit j of byte i belongs to element i of group j.
// ggml-org/llama.cpp, ggml-quants.c, dequantize_row_q5_K.
func decodeQ5_K(dst []float32, src []byte) {
	for ; len(dst) >= 256; dst, src = dst[256:], src[176:] {
		d, dmin, scales := fromF16(le16(src)), fromF16(le16(src[2:])), src[4:16]
		high, q := src[16:48], src[48:176]
		for j := range 8 {
			sc, mn := scaleMin(scales, j)
			dl, ml := float32(d*sc), float32(dmin*mn)
			shift, from := uint(j&1*4), q[j/2*32:][:32]
			for i, y := 0, dst[j*32:][:32]; i < 32; i++ {
				y[i] = float32(dl*float32(from[i]>>shift&15|high[i]>>uint(j)&1<<4)) - ml
			}
		}
	}
}

// decodeQ6_K: 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 int8 scales (one for 16 elements), f16 d. The block is
// two halves of 128 elements; in a half, group g of 32 elements takes nibble g/2 of byte (g mod 2)*32+i and bit pair g of
// byte i; the element is d*scale*(6 bits-32). ggml-org/llama.cpp, ggml-quants.c, dequantize_row_q6_K.
func decodeQ6_K(dst []float32, src []byte) {
	for ; len(dst) >= 256; dst, src = dst[256:], src[210:] {
		d := fromF16(le16(src[208:]))
		for half := range 2 {
			low, high, scales := src[half*64:][:64], src[128+half*32:][:32], src[192+half*8:][:8]
			for g := range 4 {
				y := dst[half*128+g*32:][:32]
				for i := range y {
					q := low[g%2*32+i]>>(g/2*4)&15 | high[i]>>(2*g)&3<<4
					y[i] = float32(d*float32(int8(scales[2*g+i/16]))) * float32(int(q)-32)
				}
			}
		}
	}
}
