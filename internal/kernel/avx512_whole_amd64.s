//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "avx512_amd64.h"

// Products of int8 activations with sixteen rows of weights. VPDPBUSD multiplies unsigned codes of four columns with the activations
// of one row there, which an embedded broadcast puts into all lanes. A block gives whole sums, which no order can change, once they
// begin with xOffset. Then
//
//	sum += float32(whole sum) * (weight scale * activation scale)
//
// with one rounding for the product of the scales and one for the rest: the same in all tiles.
//
//	R10  xScale of the first row     R11  xOffset of the first row     R12, R13, R14, AX  1, 3, 5 and 7 strides of both
//	Z0-Z3, Z4-Z7  scratch            Z8-Z15  sums      Z16-Z23  whole sums
//	Z24  table of codes of 4 bits    Z26  ones in bytes

#define WHOLE_TILE \
	TILE                         \
	MOVQ  call_xsStride(DI), R12 \
	IMULQ R12, AX                \
	MOVQ  call_xScale(DI), R10   \
	ADDQ  AX, R10                \
	MOVQ  call_xOffset(DI), R11  \
	ADDQ  AX, R11                \
	LEAQ  (R12)(R12*2), R13      \
	LEAQ  (R12)(R12*4), R14      \
	LEAQ  (R13)(R12*4), AX       \
	MOVQ  call_blocks(DI), DI

// BEGIN starts the whole sums of a block.
#define BEGIN1 VPBROADCASTD (R11), Z16
#define BEGIN2 BEGIN1 \
	VPBROADCASTD (R11)(R12*1), Z17
#define BEGIN4 BEGIN2 \
	VPBROADCASTD (R11)(R12*2), Z18 \
	VPBROADCASTD (R11)(R13*1), Z19
#define BEGIN8 BEGIN4 \
	VPBROADCASTD (R11)(R12*4), Z20 \
	VPBROADCASTD (R11)(R14*1), Z21 \
	VPBROADCASTD (R11)(R13*2), Z22 \
	VPBROADCASTD (R11)(AX*1), Z23

// DOT adds the products of four columns of weights w with the activations at byte o of the block.
#define DOT1(o, w) VPDPBUSD.BCST o(R9), w, Z16
#define DOT2(o, w) DOT1(o, w) \
	VPDPBUSD.BCST o(R9)(BX*1), w, Z17
#define DOT4(o, w) DOT2(o, w) \
	VPDPBUSD.BCST o(R9)(BX*2), w, Z18 \
	VPDPBUSD.BCST o(R9)(CX*1), w, Z19
#define DOT8(o, w) DOT4(o, w) \
	VPDPBUSD.BCST o(R9)(BX*4), w, Z20 \
	VPDPBUSD.BCST o(R9)(DX*1), w, Z21 \
	VPDPBUSD.BCST o(R9)(CX*2), w, Z22 \
	VPDPBUSD.BCST o(R9)(R15*1), w, Z23

// END adds the whole sums, times the scales of the weights in Z2 and of the activations, to the sums, and goes to the next block of
// activations.
#define SCALED(xscale, whole, product, sum) \
	VCVTDQ2PS    whole, whole        \
	VMULPS.BCST  xscale, Z2, product \
	VFMADD231PS  product, whole, sum
#define END1 SCALED((R10), Z16, Z4, Z8)
#define END2 END1 \
	SCALED((R10)(R12*1), Z17, Z5, Z9)
#define END4 END2 \
	SCALED((R10)(R12*2), Z18, Z6, Z10) \
	SCALED((R10)(R13*1), Z19, Z7, Z11)
#define END8 END4 \
	SCALED((R10)(R12*4), Z20, Z4, Z12) \
	SCALED((R10)(R14*1), Z21, Z5, Z13) \
	SCALED((R10)(R13*2), Z22, Z6, Z14) \
	SCALED((R10)(AX*1), Z23, Z7, Z15)
#define NEXT \
	ADDQ $32, R9 \
	ADDQ $4, R10 \
	ADDQ $4, R11

// CHUNK4 is a chunk c of Panel4: codes of columns 4c to 4c+3 in the low halves of bytes, of 16+4c to 16+4c+3 in the high ones. VPERMB
// looks at the low six bits of a byte; the table has the sixteen entries four times, so that the two bits above a code do not matter.
#define CHUNK4(c, DOT) \
	VMOVDQU32 (64*c)(SI), Z0 \
	VPERMB    Z24, Z0, Z1    \
	VPSRLW    $4, Z0, Z0     \
	VPERMB    Z24, Z0, Z3    \
	DOT(4*c, Z1)             \
	DOT(16+4*c, Z3)

#define BLOCK4(BEGIN, DOT, END) \
	BEGIN                  \
	HALFSCALE(Z2, X2, X26) \
	CHUNK4(0, DOT)         \
	CHUNK4(1, DOT)         \
	CHUNK4(2, DOT)         \
	CHUNK4(3, DOT)         \
	END                    \
	NEXT                   \
	ADDQ $16, R8           \
	ADDQ $256, SI

#define CONSTANTS4 \
	VBROADCASTI32X4 fp4Bytes<>(SB), Z24 \
	VPBROADCASTD    fp4Bytes<>+16(SB), X26

#define WHOLE4(ZERO, BEGIN, DOT, END, STORE) \
	CONSTANTS4              \
	WHOLE_TILE              \
	ZERO                    \
	STREAM(NEAR)            \
loop:                       \
	AHEAD4(PREFETCHT0)      \
	BLOCK4(BEGIN, DOT, END) \
	DECQ DI                 \
	JNE  loop               \
	RESULT                  \
	STORE                   \
	VZEROUPPER

// func whole4x1AVX512(c *call, t int)
TEXT ·whole4x1AVX512(SB), NOSPLIT, $8-16
	WHOLE4(ZERO1, BEGIN1, DOT1, END1, STORE1)
	RET

// func whole4x2AVX512(c *call, t int)
TEXT ·whole4x2AVX512(SB), NOSPLIT, $8-16
	WHOLE4(ZERO2, BEGIN2, DOT2, END2, STORE2)
	RET

// func whole4x4AVX512(c *call, t int)
TEXT ·whole4x4AVX512(SB), NOSPLIT, $8-16
	WHOLE4(ZERO4, BEGIN4, DOT4, END4, STORE4)
	RET

// func whole4x8AVX512(c *call, t int)
TEXT ·whole4x8AVX512(SB), NOSPLIT, $8-16
	WHOLE4(ZERO8, BEGIN8, DOT8, END8, STORE8)
	RET

// CHUNK8 is four columns of Panel8.
#define CHUNK8(c, DOT) \
	VMOVDQU32 (64*c)(SI), Z0 \
	DOT(4*c, Z0)
#define BLOCK8(BEGIN, DOT, END) \
	BEGIN              \
	VCVTPH2PS (R8), Z2 \
	CHUNK8(0, DOT)     \
	CHUNK8(1, DOT)     \
	CHUNK8(2, DOT)     \
	CHUNK8(3, DOT)     \
	CHUNK8(4, DOT)     \
	CHUNK8(5, DOT)     \
	CHUNK8(6, DOT)     \
	CHUNK8(7, DOT)     \
	END                \
	NEXT               \
	ADDQ      $32, R8  \
	ADDQ      $512, SI

#define WHOLE8(ahead, PREFETCH, ZERO, BEGIN, DOT, END, STORE) \
	WHOLE_TILE              \
	ZERO                    \
	STREAM(ahead)           \
loop:                       \
	AHEAD8(PREFETCH)        \
	BLOCK8(BEGIN, DOT, END) \
	DECQ DI                 \
	JNE  loop               \
	RESULT                  \
	STORE                   \
	VZEROUPPER

// func whole8x1AVX512(c *call, t int)
TEXT ·whole8x1AVX512(SB), NOSPLIT, $8-16
	WHOLE8(NEAR, PREFETCHT0, ZERO1, BEGIN1, DOT1, END1, STORE1)
	RET

// func whole8x2AVX512(c *call, t int)
TEXT ·whole8x2AVX512(SB), NOSPLIT, $8-16
	WHOLE8(NEAR, PREFETCHT0, ZERO2, BEGIN2, DOT2, END2, STORE2)
	RET

// func whole8x4AVX512(c *call, t int)
TEXT ·whole8x4AVX512(SB), NOSPLIT, $8-16
	WHOLE8(FAR, PREFETCHT1, ZERO4, BEGIN4, DOT4, END4, STORE4)
	RET

// func whole8x8AVX512(c *call, t int)
TEXT ·whole8x8AVX512(SB), NOSPLIT, $8-16
	WHOLE8(FAR, PREFETCHT1, ZERO8, BEGIN8, DOT8, END8, STORE8)
	RET

// Twelve more than twice the values of FP4, so that they are unsigned; then ones in four bytes.
DATA fp4Bytes<>+0(SB)/8, $0x181412100f0e0d0c
DATA fp4Bytes<>+8(SB)/8, $0x00040608090a0b0c
DATA fp4Bytes<>+16(SB)/4, $0x01010101
GLOBL fp4Bytes<>(SB), RODATA|NOPTR, $20
