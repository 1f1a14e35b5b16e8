//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "avx512_amd64.h"

// Products of float32 activations with sixteen rows of float32 weights, and how other weights become float32.
//
// Column k of a row goes to chain k mod 4, with one rounding for product and sum; then (0+1)+(2+3).
//
//	Z0-Z3  weights    Z16-Z31  chains, four for each row

#define FMA1(o, w, a, b, c, d) VFMADD231PS.BCST o(R9), w, a
#define FMA2(o, w, a, b, c, d) FMA1(o, w, a, b, c, d) \
	VFMADD231PS.BCST o(R9)(BX*1), w, b
#define FMA4(o, w, a, b, c, d) FMA2(o, w, a, b, c, d) \
	VFMADD231PS.BCST o(R9)(BX*2), w, c \
	VFMADD231PS.BCST o(R9)(CX*1), w, d

#define COLUMNS(k, FMA) \
	VMOVUPS (64*k)(SI), Z0           \
	VMOVUPS (64*k+64)(SI), Z1        \
	VMOVUPS (64*k+128)(SI), Z2       \
	VMOVUPS (64*k+192)(SI), Z3       \
	FMA(4*k, Z0, Z16, Z20, Z24, Z28) \
	FMA(4*k+4, Z1, Z17, Z21, Z25, Z29) \
	FMA(4*k+8, Z2, Z18, Z22, Z26, Z30) \
	FMA(4*k+12, Z3, Z19, Z23, Z27, Z31)

#define BLOCK(FMA) \
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

#define CLEAR(a, b, c, d) \
	VPXORD a, a, a \
	VPXORD b, b, b \
	VPXORD c, c, c \
	VPXORD d, d, d
#define CLEAR1 CLEAR(Z16, Z17, Z18, Z19)
#define CLEAR2 CLEAR1 \
	CLEAR(Z20, Z21, Z22, Z23)
#define CLEAR4 CLEAR2 \
	CLEAR(Z24, Z25, Z26, Z27) \
	CLEAR(Z28, Z29, Z30, Z31)

#define SUM(a, b, c, d, sum) \
	VADDPS b, a, a \
	VADDPS d, c, c \
	VADDPS c, a, sum
#define SUM1 SUM(Z16, Z17, Z18, Z19, Z8)
#define SUM2 SUM1 \
	SUM(Z20, Z21, Z22, Z23, Z9)
#define SUM4 SUM2 \
	SUM(Z24, Z25, Z26, Z27, Z10) \
	SUM(Z28, Z29, Z30, Z31, Z11)

// func floatx1AVX512(c *call, t int)
TEXT ·floatx1AVX512(SB), NOSPLIT, $0-16
	TILE
	MOVQ call_blocks(DI), DI
	CLEAR1

loop:
	BLOCK(FMA1)
	DECQ DI
	JNE  loop
	SUM1
	RESULT
	STORE1
	VZEROUPPER
	RET

// func floatx2AVX512(c *call, t int)
TEXT ·floatx2AVX512(SB), NOSPLIT, $0-16
	TILE
	MOVQ call_blocks(DI), DI
	CLEAR2

loop:
	BLOCK(FMA2)
	DECQ DI
	JNE  loop
	SUM2
	RESULT
	STORE2
	VZEROUPPER
	RET

// func floatx4AVX512(c *call, t int)
TEXT ·floatx4AVX512(SB), NOSPLIT, $0-16
	TILE
	MOVQ call_blocks(DI), DI
	CLEAR4

loop:
	BLOCK(FMA4)
	DECQ DI
	JNE  loop
	SUM4
	RESULT
	STORE4
	VZEROUPPER
	RET
