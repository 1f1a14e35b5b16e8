package main

import (
	"encoding/binary"
	"fmt"
	"math"
)

const (
	blockSize  = 32        // elements; of MXFP4 and of Q8_0
	poolBlocks = 1<<19 - 1 // a prime: a matrix of fewer rows repeats no row
)

// A pool is poolBlocks blocks of random weights in one format, from which matrices are cut.
type pool struct {
	block int // bytes of a block
	data  []byte
}

// append appends n blocks, from the first again after the last.
func (p *pool) append(dst []byte, from, n int) []byte {
	for n > 0 {
		from %= poolBlocks
		count := min(n, poolBlocks-from)
		dst = append(dst, p.data[from*p.block:(from+count)*p.block]...)
		from, n = from+count, n-count
	}
	return dst
}

// pools makes pools when they are first asked for. Those of one kind of weights hold the same values in each format.
type pools struct {
	seed  uint64
	known map[string]*pool
}

func newPools(seed uint64) *pools { return &pools{seed: seed, known: map[string]*pool{}} }

// get returns the pool of weights in a format. fill writes block i.
func (p *pools) get(kind, format string, block int, fill func(s stream, i int, dst []byte)) *pool {
	key := kind + " " + format
	if p.known[key] == nil {
		made := &pool{block, make([]byte, poolBlocks*block)}
		s := newStream(p.seed, kind)
		for i := range poolBlocks {
			fill(s, i, made.data[i*block:(i+1)*block])
		}
		p.known[key] = made
	}
	return p.known[key]
}

// The kinds of weights; each has a stream of random numbers.
func kindOfNormal(deviation float64) string { return fmt.Sprintf("normal %.6g", deviation) }
func kindOfFP4(exponent int) string         { return fmt.Sprintf("fp4 %d", exponent) }

// normal returns the pool of bell-shaped weights of a deviation, as bfloat16 holds them.
func (p *pools) normal(deviation float64, format string) *pool {
	kind := kindOfNormal(deviation)
	value := func(s stream, i int) uint16 { return bfloat16(float32(deviation) * s.normal(i)) }
	switch format {
	case "BF16":
		return p.get(kind, format, 2*blockSize, func(s stream, i int, dst []byte) {
			for j := range blockSize {
				binary.LittleEndian.PutUint16(dst[2*j:], value(s, i*blockSize+j))
			}
		})
	case "F32":
		return p.get(kind, format, 4*blockSize, func(s stream, i int, dst []byte) {
			for j := range blockSize {
				binary.LittleEndian.PutUint32(dst[4*j:], uint32(value(s, i*blockSize+j))<<16)
			}
		})
	case "Q8_0":
		return p.get(kind, format, 2+blockSize, func(s stream, i int, dst []byte) {
			var x [blockSize]float32
			for j := range x {
				x[j] = fromBFloat16(value(s, i*blockSize+j))
			}
			putQ8(dst, &x)
		})
	}
	panic("synthetic: no pool of format " + format)
}

// putQ8 writes a block of Q8_0: a scale in float16, and 32 numbers of 8 bits.
// Source of the rounding: ggml-org/ggml, src/ggml-quants.c, quantize_row_q8_0_ref.
func putQ8(dst []byte, x *[blockSize]float32) {
	largest := float32(0)
	for _, v := range x {
		largest = max(largest, float32(math.Abs(float64(v))))
	}
	scale := largest / 127
	inverse := float32(0)
	if scale != 0 {
		inverse = 1 / scale
	}
	binary.LittleEndian.PutUint16(dst, float16(scale))
	for j, v := range x {
		dst[2+j] = byte(int8(math.Round(float64(v * inverse))))
	}
}

// float16 rounds a number from 0 to 65504 to the nearest, ties to even.
func float16(x float32) uint16 {
	if x < 1.0/(1<<14) { // what float16 holds without an exponent: multiples of 2^-24
		return uint16(math.RoundToEven(float64(x) * (1 << 24)))
	}
	b := math.Float32bits(x) - (127-15)<<23
	return uint16((b + 0xfff + b>>13&1) >> 13)
}

// fp4 returns the pool of MXFP4 blocks with the scale 2^exponent or twice that, in one of these formats: "MXFP4" is GGUF's,
// "codes" and "scales" are the two tensors of the safetensors layouts, and "BF16" and "F32" are decoded.
func (p *pools) fp4(exponent int, format string) *pool {
	kind := kindOfFP4(exponent)
	block := map[string]int{"MXFP4": 17, "codes": 16, "scales": 1, "BF16": 2 * blockSize, "F32": 4 * blockSize}[format]
	if block == 0 {
		panic("synthetic: no pool of format " + format)
	}
	return p.get(kind, format, block, func(s stream, i int, dst []byte) {
		// Two random words give the codes, a third the scale.
		var pairs [16]byte
		binary.LittleEndian.PutUint64(pairs[:], s.at(3*i))
		binary.LittleEndian.PutUint64(pairs[8:], s.at(3*i+1))
		scale := byte(127 + exponent + int(s.at(3*i+2)>>63))
		switch format {
		case "codes":
			copy(dst, pairs[:])
		case "scales":
			dst[0] = scale
		case "MXFP4":
			dst[0] = scale
			putHalves(dst[1:], &pairs)
		default:
			putDecoded(dst, &pairs, scale, format)
		}
	})
}

// putHalves turns codes of neighbours in a byte into GGUF's order, where a byte holds elements j and j+16.
func putHalves(dst []byte, pairs *[16]byte) {
	code := func(i int) byte { return pairs[i/2] >> (i % 2 * 4) & 15 }
	for j := range 16 {
		dst[j] = code(j) | code(j+16)<<4
	}
}

// fp4Values are the values of the codes. Source: OCP Microscaling Formats Specification 1.0, 5.3.3.
var fp4Values = [16]float32{0, 0.5, 1, 1.5, 2, 3, 4, 6, float32(math.Copysign(0, -1)), -0.5, -1, -1.5, -2, -3, -4, -6}

func putDecoded(dst []byte, pairs *[16]byte, scale byte, format string) {
	factor := math.Float32frombits(uint32(scale) << 23)
	for i := range blockSize {
		bits := math.Float32bits(factor * fp4Values[pairs[i/2]>>(i%2*4)&15])
		if format == "F32" {
			binary.LittleEndian.PutUint32(dst[4*i:], bits)
		} else {
			binary.LittleEndian.PutUint16(dst[2*i:], uint16(bits>>16)) // exact: two bits of mantissa
		}
	}
}
