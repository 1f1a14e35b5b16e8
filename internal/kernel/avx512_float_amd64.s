//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "avx512_amd64.h"

// Products of float32 activations, which an embedded broadcast puts into all lanes, with sixteen rows of weights, which become float32 on
// the way: exactly. Each product and sum is rounded once. The order is the same in all tiles.

// Panel32 and Panel16: column k goes to chain k mod 4, to the end; then (0+1)+(2+3). More than four rows at a time would gain nothing, as
// then every cycle has its product.
//
//	Z0-Z3  weights    Z16-Z31  chains, four for each row

#define FMA1(o, w, a, b, c, d) VFMADD231PS.BCST o(R9), w, a
#define FMA2(o, w, a, b, c, d) FMA1(o, w, a, b, c, d) \
	VFMADD231PS.BCST o(R9)(BX*1), w, b
#define FMA4(o, w, a, b, c, d) FMA2(o, w, a, b, c, d) \
	VFMADD231PS.BCST o(R9)(BX*2), w, c \
	VFMADD231PS.BCST o(R9)(CX*1), w, d

#define COLUMNS(k, FMA) \
	VMOVUPS (64*k)(SI), Z0             \
	VMOVUPS (64*k+64)(SI), Z1          \
	VMOVUPS (64*k+128)(SI), Z2         \
	VMOVUPS (64*k+192)(SI), Z3         \
	FMA(4*k, Z0, Z16, Z20, Z24, Z28)   \
	FMA(4*k+4, Z1, Z17, Z21, Z25, Z29) \
	FMA(4*k+8, Z2, Z18, Z22, Z26, Z30) \
	FMA(4*k+12, Z3, Z19, Z23, Z27, Z31)

#define BLOCK32(FMA) \
	COLUMNS(0, FMA)  \
	COLUMNS(4, FMA)  \
	COLUMNS(8, FMA)  \
	COLUMNS(12, FMA) \
	COLUMNS(16, FMA) \
	COLUMNS(20, FMA) \
	COLUMNS(24, FMA) \
	COLUMNS(28, FMA) \
	ADDQ $128, R9    \
	ADDQ $2048, SI

#define START(a, b, c, d) \
	VPXORD a, a, a \
	VPXORD b, b, b \
	VPXORD c, c, c \
	VPXORD d, d, d
#define START1 START(Z16, Z17, Z18, Z19)
#define START2 START1 \
	START(Z20, Z21, Z22, Z23)
#define START4 START2 \
	START(Z24, Z25, Z26, Z27) \
	START(Z28, Z29, Z30, Z31)

#define JOIN(a, b, c, d, sum) \
	VADDPS b, a, a \
	VADDPS d, c, c \
	VADDPS c, a, sum
#define JOIN1 JOIN(Z16, Z17, Z18, Z19, Z8)
#define JOIN2 JOIN1 \
	JOIN(Z20, Z21, Z22, Z23, Z9)
#define JOIN4 JOIN2 \
	JOIN(Z24, Z25, Z26, Z27, Z10) \
	JOIN(Z28, Z29, Z30, Z31, Z11)

// COLUMNS16 is the same for four columns of Panel16, whose upper halves are in two vectors: 0 and 2 in the first, 1 and 3 in the second.
//
//	Z8  upper halves
#define COLUMNS16(k, FMA) \
	VMOVDQU32 (32*k)(SI), Z2           \
	VMOVDQU32 (32*k+64)(SI), Z3        \
	VPSLLD    $16, Z2, Z0              \
	VPSLLD    $16, Z3, Z1              \
	VPANDD    Z8, Z2, Z2               \
	VPANDD    Z8, Z3, Z3               \
	FMA(4*k, Z0, Z16, Z20, Z24, Z28)   \
	FMA(4*k+4, Z1, Z17, Z21, Z25, Z29) \
	FMA(4*k+8, Z2, Z18, Z22, Z26, Z30) \
	FMA(4*k+12, Z3, Z19, Z23, Z27, Z31)
#define BLOCK16(FMA) \
	COLUMNS16(0, FMA)  \
	COLUMNS16(4, FMA)  \
	COLUMNS16(8, FMA)  \
	COLUMNS16(12, FMA) \
	COLUMNS16(16, FMA) \
	COLUMNS16(20, FMA) \
	COLUMNS16(24, FMA) \
	COLUMNS16(28, FMA) \
	ADDQ $128, R9      \
	ADDQ $1024, SI

#define FAR16(FMA) \
	AHEAD16 \
	BLOCK16(FMA)

#define FLOAT(BLOCK, START, FMA, JOIN, STORE) \
	TILE                                \
	MOVQ call_blocks(DI), DI            \
	START                               \
	VPBROADCASTD floatMasks<>+0(SB), Z8 \
loop:                                   \
	BLOCK(FMA)                          \
	DECQ DI                             \
	JNE  loop                           \
	JOIN                                \
	RESULT                              \
	STORE                               \
	VZEROUPPER

// func floatx1AVX512(c *call, t int)
TEXT ·floatx1AVX512(SB), NOSPLIT, $0-16
	FLOAT(BLOCK32, START1, FMA1, JOIN1, STORE1)
	RET

// func floatx2AVX512(c *call, t int)
TEXT ·floatx2AVX512(SB), NOSPLIT, $0-16
	FLOAT(BLOCK32, START2, FMA2, JOIN2, STORE2)
	RET

// func floatx4AVX512(c *call, t int)
TEXT ·floatx4AVX512(SB), NOSPLIT, $0-16
	FLOAT(BLOCK32, START4, FMA4, JOIN4, STORE4)
	RET

// func float16x1AVX512(c *call, t int)
TEXT ·float16x1AVX512(SB), NOSPLIT, $0-16
	FLOAT(BLOCK16, START1, FMA1, JOIN1, STORE1)
	RET

// func float16x2AVX512(c *call, t int)
TEXT ·float16x2AVX512(SB), NOSPLIT, $0-16
	FLOAT(BLOCK16, START2, FMA2, JOIN2, STORE2)
	RET

// func float16x4AVX512(c *call, t int)
TEXT ·float16x4AVX512(SB), NOSPLIT, $0-16
	FLOAT(FAR16, START4, FMA4, JOIN4, STORE4)
	RET

// Panel8 and Panel4: two chains add up a block, and the scales come last.

// LOW and HIGH add the products of a column of weights w with the activations at byte o of the block to one chain or the other.
#define LOW1(o, w) VFMADD231PS.BCST o(R9), w, Z16
#define LOW2(o, w) LOW1(o, w) \
	VFMADD231PS.BCST o(R9)(BX*1), w, Z17
#define LOW4(o, w) LOW2(o, w) \
	VFMADD231PS.BCST o(R9)(BX*2), w, Z18 \
	VFMADD231PS.BCST o(R9)(CX*1), w, Z19
#define LOW8(o, w) LOW4(o, w) \
	VFMADD231PS.BCST o(R9)(BX*4), w, Z20 \
	VFMADD231PS.BCST o(R9)(DX*1), w, Z21 \
	VFMADD231PS.BCST o(R9)(CX*2), w, Z22 \
	VFMADD231PS.BCST o(R9)(R15*1), w, Z23
#define HIGH1(o, w) VFMADD231PS.BCST o(R9), w, Z0
#define HIGH2(o, w) HIGH1(o, w) \
	VFMADD231PS.BCST o(R9)(BX*1), w, Z1
#define HIGH4(o, w) HIGH2(o, w) \
	VFMADD231PS.BCST o(R9)(BX*2), w, Z2 \
	VFMADD231PS.BCST o(R9)(CX*1), w, Z3
#define HIGH8(o, w) HIGH4(o, w) \
	VFMADD231PS.BCST o(R9)(BX*4), w, Z4 \
	VFMADD231PS.BCST o(R9)(DX*1), w, Z5 \
	VFMADD231PS.BCST o(R9)(CX*2), w, Z6 \
	VFMADD231PS.BCST o(R9)(R15*1), w, Z7

// CHUNK8 is four columns of Panel8. The lowest byte c of the float32 2^23 makes it 2^23+c, the one above in 2^15 makes that 2^15+c.
// Subtracting 128 more than the power gives c-128. Columns 0 and 2 go to the first chain.
//
//	Z24, Z25  2^23 and 2^15    Z26, Z27  128 more    Z28  columns 2 and 3    Z30, Z31  weights
//	K1, K2  the first and the second byte of each four
#define BYTE8(codes, byte, zero, less, z) \
	VMOVDQA32 zero, z        \
	VMOVDQU8  codes, byte, z \
	VSUBPS    less, z, z
#define CHUNK8(c, LOW, HIGH) \
	VPSRLD $16, (64*c)(SI), Z28          \
	BYTE8((64*c)(SI), K1, Z24, Z26, Z30) \
	BYTE8((64*c)(SI), K2, Z25, Z27, Z31) \
	LOW(16*c, Z30)                       \
	HIGH(16*c+4, Z31)                    \
	BYTE8(Z28, K1, Z24, Z26, Z30)        \
	BYTE8(Z28, K2, Z25, Z27, Z31)        \
	LOW(16*c+8, Z30)                     \
	HIGH(16*c+12, Z31)
#define BLOCK8(CLEAR, LOW, HIGH, SCALE) \
	CLEAR                \
	CHUNK8(0, LOW, HIGH) \
	CHUNK8(1, LOW, HIGH) \
	CHUNK8(2, LOW, HIGH) \
	CHUNK8(3, LOW, HIGH) \
	CHUNK8(4, LOW, HIGH) \
	CHUNK8(5, LOW, HIGH) \
	CHUNK8(6, LOW, HIGH) \
	CHUNK8(7, LOW, HIGH) \
	VCVTPH2PS (R8), Z30  \
	SCALE(Z30)           \
	ADDQ $128, R9        \
	ADDQ $32, R8         \
	ADDQ $512, SI
#define CONSTANTS8 \
	VPBROADCASTD floatMasks<>+8(SB), Z24  \
	VPBROADCASTD floatMasks<>+12(SB), Z25 \
	VPBROADCASTD floatMasks<>+16(SB), Z26 \
	VPBROADCASTD floatMasks<>+20(SB), Z27 \
	KMOVQ        floatMasks<>+24(SB), K1  \
	KMOVQ        floatMasks<>+32(SB), K2

// CHUNK4 is a chunk c of Panel4. VPERMPS looks at the low four bits of four bytes: shifting is all that it takes to look a code up. The
// columns from 16 on go to the second chain.
//
//	Z24  twice the values of FP4    X26  ones in bytes    Z28  scales    Z29  codes    Z30, Z31  weights
#define COLUMNS4(c, i, LOW, HIGH) \
	VPSRLD  $(8*i), Z29, Z30   \
	VPERMPS Z24, Z30, Z30      \
	VPSRLD  $(8*i+4), Z29, Z31 \
	VPERMPS Z24, Z31, Z31      \
	LOW(16*c+4*i, Z30)         \
	HIGH(64+16*c+4*i, Z31)
#define CHUNK4(c, LOW, HIGH) \
	VMOVDQU32 (64*c)(SI), Z29 \
	VPERMPS   Z24, Z29, Z30   \
	VPSRLD    $4, Z29, Z31    \
	VPERMPS   Z24, Z31, Z31   \
	LOW(16*c, Z30)            \
	HIGH(64+16*c, Z31)        \
	COLUMNS4(c, 1, LOW, HIGH) \
	COLUMNS4(c, 2, LOW, HIGH) \
	COLUMNS4(c, 3, LOW, HIGH)
#define BLOCK4(CLEAR, LOW, HIGH, SCALE) \
	CLEAR                    \
	CHUNK4(0, LOW, HIGH)     \
	CHUNK4(1, LOW, HIGH)     \
	CHUNK4(2, LOW, HIGH)     \
	CHUNK4(3, LOW, HIGH)     \
	HALFSCALE(Z28, X28, X26) \
	SCALE(Z28)               \
	ADDQ $128, R9            \
	ADDQ $16, R8             \
	ADDQ $256, SI
#define CONSTANTS4 \
	VMOVUPS      fp4Floats<>(SB), Z24 \
	VPBROADCASTD floatMasks<>+4(SB), X26

#define FLOAT8(ZERO, CLEAR, LOW, HIGH, SCALE, STORE) \
	CONSTANTS8                      \
	TILE                            \
	MOVQ call_blocks(DI), DI        \
	ZERO                            \
	STREAM(FAR)                     \
loop:                               \
	AHEAD8(PREFETCHT1)              \
	BLOCK8(CLEAR, LOW, HIGH, SCALE) \
	DECQ DI                         \
	JNE  loop                       \
	RESULT                          \
	STORE                           \
	VZEROUPPER

// func float8x1AVX512(c *call, t int)
TEXT ·float8x1AVX512(SB), NOSPLIT, $8-16
	FLOAT8(ZERO1, CLEAR1, LOW1, HIGH1, SCALE1, STORE1)
	RET

// func float8x2AVX512(c *call, t int)
TEXT ·float8x2AVX512(SB), NOSPLIT, $8-16
	FLOAT8(ZERO2, CLEAR2, LOW2, HIGH2, SCALE2, STORE2)
	RET

// func float8x4AVX512(c *call, t int)
TEXT ·float8x4AVX512(SB), NOSPLIT, $8-16
	FLOAT8(ZERO4, CLEAR4, LOW4, HIGH4, SCALE4, STORE4)
	RET

// func float8x8AVX512(c *call, t int)
TEXT ·float8x8AVX512(SB), NOSPLIT, $8-16
	FLOAT8(ZERO8, CLEAR8, LOW8, HIGH8, SCALE8, STORE8)
	RET

#define FLOAT4(ZERO, CLEAR, LOW, HIGH, SCALE, STORE) \
	CONSTANTS4                      \
	TILE                            \
	MOVQ call_blocks(DI), DI        \
	ZERO                            \
	STREAM(FAR)                     \
loop:                               \
	AHEAD4(PREFETCHT1)              \
	BLOCK4(CLEAR, LOW, HIGH, SCALE) \
	DECQ DI                         \
	JNE  loop                       \
	RESULT                          \
	STORE                           \
	VZEROUPPER

// func float4x1AVX512(c *call, t int)
TEXT ·float4x1AVX512(SB), NOSPLIT, $8-16
	FLOAT4(ZERO1, CLEAR1, LOW1, HIGH1, SCALE1, STORE1)
	RET

// func float4x2AVX512(c *call, t int)
TEXT ·float4x2AVX512(SB), NOSPLIT, $8-16
	FLOAT4(ZERO2, CLEAR2, LOW2, HIGH2, SCALE2, STORE2)
	RET

// func float4x4AVX512(c *call, t int)
TEXT ·float4x4AVX512(SB), NOSPLIT, $8-16
	FLOAT4(ZERO4, CLEAR4, LOW4, HIGH4, SCALE4, STORE4)
	RET

// func float4x8AVX512(c *call, t int)
TEXT ·float4x8AVX512(SB), NOSPLIT, $8-16
	FLOAT4(ZERO8, CLEAR8, LOW8, HIGH8, SCALE8, STORE8)
	RET

// The upper half of four bytes; ones in four bytes; 2^23, 2^15, 2^23+128, 2^15+128; the masks.
DATA floatMasks<>+0(SB)/4, $0xffff0000
DATA floatMasks<>+4(SB)/4, $0x01010101
DATA floatMasks<>+8(SB)/4, $0x4b000000
DATA floatMasks<>+12(SB)/4, $0x47000000
DATA floatMasks<>+16(SB)/4, $0x4b000080
DATA floatMasks<>+20(SB)/4, $0x47008000
DATA floatMasks<>+24(SB)/8, $0x1111111111111111
DATA floatMasks<>+32(SB)/8, $0x2222222222222222
GLOBL floatMasks<>(SB), RODATA|NOPTR, $40

// Twice the values of FP4.
DATA fp4Floats<>+0(SB)/4, $0x00000000 // 0
DATA fp4Floats<>+4(SB)/4, $0x3f800000 // 1
DATA fp4Floats<>+8(SB)/4, $0x40000000 // 2
DATA fp4Floats<>+12(SB)/4, $0x40400000 // 3
DATA fp4Floats<>+16(SB)/4, $0x40800000 // 4
DATA fp4Floats<>+20(SB)/4, $0x40c00000 // 6
DATA fp4Floats<>+24(SB)/4, $0x41000000 // 8
DATA fp4Floats<>+28(SB)/4, $0x41400000 // 12
DATA fp4Floats<>+32(SB)/4, $0x80000000 // -0
DATA fp4Floats<>+36(SB)/4, $0xbf800000 // -1
DATA fp4Floats<>+40(SB)/4, $0xc0000000 // -2
DATA fp4Floats<>+44(SB)/4, $0xc0400000 // -3
DATA fp4Floats<>+48(SB)/4, $0xc0800000 // -4
DATA fp4Floats<>+52(SB)/4, $0xc0c00000 // -6
DATA fp4Floats<>+56(SB)/4, $0xc1000000 // -8
DATA fp4Floats<>+60(SB)/4, $0xc1400000 // -12
GLOBL fp4Floats<>(SB), RODATA|NOPTR, $64
