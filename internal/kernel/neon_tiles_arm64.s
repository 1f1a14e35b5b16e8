//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "neon_arm64.h"

// What neon_whole_arm64.s does for several rows of activations, with the instruction that multiplies tiles: two rows of activations and
// two rows of weights, eight columns each, give four whole sums. It does twice as much as a dot product does. The float32 operations
// and their order are the same, and so are the results.

// func tiles8(scales *float32, codes *int8, c *call) and func tiles4(scales *float32, codes *int8, c *call) prepare a panel as signed8
// and signed4 do, but with codes in tiles: [blocks][4][8] of two rows of eight columns.

// TILES writes the tiles of two chunks, V12-V15 and V4-V7, at R.
#define TILES(R) \
	VZIP1  V4.S4, V12.S4, V16.S4 \
	VZIP2  V4.S4, V12.S4, V17.S4 \
	VZIP1  V5.S4, V13.S4, V18.S4 \
	VZIP2  V5.S4, V13.S4, V19.S4 \
	VST1.P [V16.B16, V17.B16, V18.B16, V19.B16], 64(R) \
	VZIP1  V6.S4, V14.S4, V16.S4 \
	VZIP2  V6.S4, V14.S4, V17.S4 \
	VZIP1  V7.S4, V15.S4, V18.S4 \
	VZIP2  V7.S4, V15.S4, V19.S4 \
	VST1.P [V16.B16, V17.B16, V18.B16, V19.B16], 64(R)

TEXT ·tiles8(SB), NOSPLIT, $0-24
	MOVD scales+0(FP), R4
	MOVD codes+8(FP), R5
	MOVD c+16(FP), R0
	MOVD call_codes(R0), R2
	MOVD call_scales(R0), R3
	MOVD call_blocks(R0), R6
	CONSTANTS8

loop:
	SCALES8
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R4)
	MOVD   $4, R7

codes:
	CODES8(V12, V13, V14, V15)
	CODES8(V4, V5, V6, V7)
	TILES(R5)
	SUBS $1, R7
	BNE  codes
	SUBS $1, R6
	BNE  loop
	RET

// Columns 16 to 31 of a block come from the high halves: R7 is half a block beyond R5.
TEXT ·tiles4(SB), NOSPLIT, $0-24
	MOVD scales+0(FP), R4
	MOVD codes+8(FP), R5
	MOVD c+16(FP), R0
	MOVD call_codes(R0), R2
	MOVD call_scales(R0), R3
	MOVD call_blocks(R0), R6
	CONSTANTS4(·fp4Doubled)

loop:
	SCALES4
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R4)
	ADD    $256, R5, R7
	MOVD   $2, R8

codes:
	VLD1.P 64(R2), [V20.B16, V21.B16, V22.B16, V23.B16]
	VLD1.P 64(R2), [V24.B16, V25.B16, V26.B16, V27.B16]
	LOW(V20, V12)
	LOW(V21, V13)
	LOW(V22, V14)
	LOW(V23, V15)
	LOW(V24, V4)
	LOW(V25, V5)
	LOW(V26, V6)
	LOW(V27, V7)
	TILES(R5)
	HIGH(V20, V12)
	HIGH(V21, V13)
	HIGH(V22, V14)
	HIGH(V23, V15)
	HIGH(V24, V4)
	HIGH(V25, V5)
	HIGH(V26, V6)
	HIGH(V27, V7)
	TILES(R7)
	SUBS   $1, R8
	BNE    codes
	MOVD   R7, R5
	SUBS   $1, R6
	BNE    loop
	RET

// func wholeTiles(c *call): scales and codes are what tiles8 or tiles4 wrote. Four rows of activations share the weights, with their sums
// in dst; then two, or one that takes the place of both, with sums in registers.
//
//	R1 n left   R2 codes   R3 scales   R4 the next x   R5 xStride   R6 blocks   R7 dst   R8 dstStride   R9 bias   R10 biasStride
//	R11-R14 four rows x   R15 R16 codes and scales of the block   R17 count of blocks   R19 the next xScale   R20 xsStride
//	R21-R24 four rows of xScale   R0 the row of dst
//	V0-V3 V4-V7 tiles of x, four for each two rows, then scratch   V8-V15 tiles of weights, then V8-V11 scales and V12-V15 xScale
//	V16-V23 V24-V31 whole sums of two rows of x each; of two rows only: V24-V27 V28-V31 sums

// PRODUCTS adds the products of eight columns of two rows of x with sixteen rows of weights to the whole sums s to s+7.
#define PRODUCTS(x, s) \
	VSMMLA(v8, x, s+0)  \
	VSMMLA(v9, x, s+1)  \
	VSMMLA(v10, x, s+2) \
	VSMMLA(v11, x, s+3) \
	VSMMLA(v12, x, s+4) \
	VSMMLA(v13, x, s+5) \
	VSMMLA(v14, x, s+6) \
	VSMMLA(v15, x, s+7)

#define WEIGHTS \
	VLD1.P 64(R15), [V8.B16, V9.B16, V10.B16, V11.B16] \
	VLD1.P 64(R15), [V12.B16, V13.B16, V14.B16, V15.B16]

// X reads a block of two rows of x and makes the tiles a, b, c and d. V8-V11 are scratch.
#define X(first, second, a, b, c, d) \
	VLD1.P 32(first), [V8.B16, V9.B16]   \
	VLD1.P 32(second), [V10.B16, V11.B16] \
	VTRN1  V10.D2, V8.D2, a.D2 \
	VTRN2  V10.D2, V8.D2, b.D2 \
	VTRN1  V11.D2, V9.D2, c.D2 \
	VTRN2  V11.D2, V9.D2, d.D2

// APART takes two tiles of whole sums apart: four of the first row of x, as float32, in the first register, four of the second row in the
// second.
#define APART(A, B, a, b) \
	VTRN2 B.D2, A.D2, V0.D2 \
	VTRN1 B.D2, A.D2, A.D2  \
	VSCVTF(v0, b)           \
	VSCVTF(a, a)

// SCALED adds a row of sums of a block, times the scales, to the sums s to s+3. It changes V4-V7.
#define SCALED(x, a, b, c, d, s) \
	VFMUL_LANE(x, 0, v8, v4)  \
	VFMUL_LANE(x, 0, v9, v5)  \
	VFMUL_LANE(x, 0, v10, v6) \
	VFMUL_LANE(x, 0, v11, v7) \
	VFMLA(v4, a, s+0)         \
	VFMLA(v5, b, s+1)         \
	VFMLA(v6, c, s+2)         \
	VFMLA(v7, d, s+3)

// ADDED does it for the row of dst at R0, and goes to the next.
#define ADDED(x, a, b, c, d) \
	VLD1 (R0), [V0.S4, V1.S4, V2.S4, V3.S4] \
	SCALED(x, a, b, c, d, v0)               \
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R0) \
	ADD  R8, R0

// BIAS copies a row of the bias to a row of dst, and goes to the next.
#define BIAS \
	VLD1 (R9), [V0.S4, V1.S4, V2.S4, V3.S4] \
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R0) \
	ADD  R10, R9                            \
	ADD  R8, R0

TEXT ·wholeTiles(SB), NOSPLIT, $0-8
	MOVD c+0(FP), R0
	MOVD call_n(R0), R1
	MOVD call_codes(R0), R2
	MOVD call_scales(R0), R3
	MOVD call_x(R0), R4
	MOVD call_xStride(R0), R5
	MOVD call_blocks(R0), R6
	MOVD call_dst(R0), R7
	MOVD call_dstStride(R0), R8
	MOVD call_bias(R0), R9
	MOVD call_biasStride(R0), R10
	MOVD call_xScale(R0), R19
	MOVD call_xsStride(R0), R20

fours:
	SUBS $4, R1
	BLT  rest
	MOVD R4, R11
	ADD  R5, R11, R12
	ADD  R5, R12, R13
	ADD  R5, R13, R14
	ADD  R5, R14, R4
	MOVD R19, R21
	ADD  R20, R21, R22
	ADD  R20, R22, R23
	ADD  R20, R23, R24
	ADD  R20, R24, R19
	MOVD R2, R15
	MOVD R3, R16
	MOVD R6, R17
	MOVD R7, R0
	BIAS
	BIAS
	BIAS
	BIAS

foursBlock:
	X(R11, R12, V0, V1, V2, V3)
	X(R13, R14, V4, V5, V6, V7)
	CLEAR4(v16, v17, v18, v19)
	CLEAR4(v20, v21, v22, v23)
	CLEAR4(v24, v25, v26, v27)
	CLEAR4(v28, v29, v30, v31)
	WEIGHTS
	PRODUCTS(v0, v16)
	PRODUCTS(v4, v24)
	WEIGHTS
	PRODUCTS(v1, v16)
	PRODUCTS(v5, v24)
	WEIGHTS
	PRODUCTS(v2, v16)
	PRODUCTS(v6, v24)
	WEIGHTS
	PRODUCTS(v3, v16)
	PRODUCTS(v7, v24)
	APART(V16, V17, v16, v17)
	APART(V18, V19, v18, v19)
	APART(V20, V21, v20, v21)
	APART(V22, V23, v22, v23)
	APART(V24, V25, v24, v25)
	APART(V26, V27, v26, v27)
	APART(V28, V29, v28, v29)
	APART(V30, V31, v30, v31)
	VLD1.P  64(R16), [V8.S4, V9.S4, V10.S4, V11.S4]
	FMOVS.P 4(R21), F12
	FMOVS.P 4(R22), F13
	FMOVS.P 4(R23), F14
	FMOVS.P 4(R24), F15
	MOVD    R7, R0
	ADDED(v12, v16, v18, v20, v22)
	ADDED(v13, v17, v19, v21, v23)
	ADDED(v14, v24, v26, v28, v30)
	ADDED(v15, v25, v27, v29, v31)
	SUBS    $1, R17
	BNE     foursBlock
	MOVD    R0, R7
	B       fours

rest:
	ADDS $4, R1
	BEQ  done

twos:
	VLD1 (R9), [V24.S4, V25.S4, V26.S4, V27.S4]
	MOVD R4, R11
	MOVD R4, R12
	MOVD R19, R21
	MOVD R19, R22
	MOVD R2, R15
	MOVD R3, R16
	MOVD R6, R17
	CMP  $1, R1
	BEQ  twosBlock
	ADD  R10, R9
	VLD1 (R9), [V28.S4, V29.S4, V30.S4, V31.S4]
	ADD  R10, R9
	ADD  R5, R12
	ADD  R5, R12, R4
	ADD  R20, R22
	ADD  R20, R22, R19

twosBlock:
	X(R11, R12, V0, V1, V2, V3)
	CLEAR4(v16, v17, v18, v19)
	CLEAR4(v20, v21, v22, v23)
	WEIGHTS
	PRODUCTS(v0, v16)
	WEIGHTS
	PRODUCTS(v1, v16)
	WEIGHTS
	PRODUCTS(v2, v16)
	WEIGHTS
	PRODUCTS(v3, v16)
	APART(V16, V17, v16, v17)
	APART(V18, V19, v18, v19)
	APART(V20, V21, v20, v21)
	APART(V22, V23, v22, v23)
	VLD1.P  64(R16), [V8.S4, V9.S4, V10.S4, V11.S4]
	FMOVS.P 4(R21), F12
	FMOVS.P 4(R22), F13
	SCALED(v12, v16, v18, v20, v22, v24)
	SCALED(v13, v17, v19, v21, v23, v28)
	SUBS    $1, R17
	BNE     twosBlock
	VST1    [V24.S4, V25.S4, V26.S4, V27.S4], (R7)
	SUBS    $1, R1
	BEQ     done
	ADD     R8, R7
	VST1    [V28.S4, V29.S4, V30.S4, V31.S4], (R7)
	ADD     R8, R7
	SUBS    $1, R1
	BNE     twos

done:
	RET
