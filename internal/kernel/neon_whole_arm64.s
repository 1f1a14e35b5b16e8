//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "neon_arm64.h"

// Products of int8 activations with sixteen rows of weights. A block gives whole sums, which no order can change; then
//
//	sum += float32(whole sum) * (weight scale * activation scale)
//
// with one rounding for the product of the scales, one for the conversion (which is exact below 2^24: all sums are) and one for the
// rest. Sums begin with the bias. All of these functions do it in this order, so that a row has the same bits in all.
//
// Weights are signed here, so that xOffset is not needed.

// DOT adds the products of four columns, which w to w+3 have for sixteen rows, with a lane of x to four whole sums.
#define DOT(x, lane, w, a, b, c, d) \
	VSDOT_LANE(x, lane, w+0, a) \
	VSDOT_LANE(x, lane, w+1, b) \
	VSDOT_LANE(x, lane, w+2, c) \
	VSDOT_LANE(x, lane, w+3, d)

// SCALED adds four whole sums to the float32 sums s to s+3, by the scales of weights in V8-V11 and that of activations in a lane 0.
// It changes V4-V7 and the whole sums.
#define SCALED(x, a, b, c, d, s) \
	VFMUL_LANE(x, 0, v8, v4)  \
	VFMUL_LANE(x, 0, v9, v5)  \
	VFMUL_LANE(x, 0, v10, v6) \
	VFMUL_LANE(x, 0, v11, v7) \
	VSCVTF(a, a)              \
	VSCVTF(b, b)              \
	VSCVTF(c, c)              \
	VSCVTF(d, d)              \
	VFMLA(v4, a, s+0)         \
	VFMLA(v5, b, s+1)         \
	VFMLA(v6, c, s+2)         \
	VFMLA(v7, d, s+3)

// func wholeBlocks(c *call): codes are [blocks][8][16] of four int8, scales [blocks][16] float32. Four rows of activations share the
// weights; their sums stay in dst, because whole sums and weights need the registers.
//
//	R1 n left   R2 codes   R3 scales   R4 the next x   R5 xStride   R6 blocks   R7 dst   R8 dstStride   R9 bias   R10 biasStride
//	R11-R14 four rows x   R15 R16 codes and scales of the block   R17 count of blocks   R19 the next xScale   R20 xsStride
//	R21-R24 four rows of xScale   R0 the row of dst
//	V0-V7 x, two registers a row, then scratch   V8-V11 weights of four columns, then their scales   V12-V15 xScale
//	V16-V31 whole sums, four registers a row

#define DOT4(half, lane) \
	VLD1.P 64(R15), [V8.B16, V9.B16, V10.B16, V11.B16] \
	DOT(half+0, lane, v8, v16, v17, v18, v19) \
	DOT(half+2, lane, v8, v20, v21, v22, v23) \
	DOT(half+4, lane, v8, v24, v25, v26, v27) \
	DOT(half+6, lane, v8, v28, v29, v30, v31)

// ADDED adds a block to the sums of the row of dst at R0 and goes to the next.
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

TEXT ·wholeBlocks(SB), NOSPLIT, $0-8
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
	VLD1.P  32(R11), [V0.B16, V1.B16]
	VLD1.P  32(R12), [V2.B16, V3.B16]
	VLD1.P  32(R13), [V4.B16, V5.B16]
	VLD1.P  32(R14), [V6.B16, V7.B16]
	CLEAR4(v16, v17, v18, v19)
	CLEAR4(v20, v21, v22, v23)
	CLEAR4(v24, v25, v26, v27)
	CLEAR4(v28, v29, v30, v31)
	DOT4(v0, 0)
	DOT4(v0, 1)
	DOT4(v0, 2)
	DOT4(v0, 3)
	DOT4(v1, 0)
	DOT4(v1, 1)
	DOT4(v1, 2)
	DOT4(v1, 3)
	VLD1.P  64(R16), [V8.S4, V9.S4, V10.S4, V11.S4]
	FMOVS.P 4(R21), F12
	FMOVS.P 4(R22), F13
	FMOVS.P 4(R23), F14
	FMOVS.P 4(R24), F15
	MOVD    R7, R0
	ADDED(v12, v16, v17, v18, v19)
	ADDED(v13, v20, v21, v22, v23)
	ADDED(v14, v24, v25, v26, v27)
	ADDED(v15, v28, v29, v30, v31)
	SUBS    $1, R17
	BNE     foursBlock
	MOVD    R0, R7
	B       fours

rest:
	ADDS $4, R1
	BEQ  done

ones:
	MOVD R4, R11
	ADD  R5, R4
	MOVD R19, R21
	ADD  R20, R19
	MOVD R2, R15
	MOVD R3, R16
	MOVD R6, R17
	VLD1 (R9), [V20.S4, V21.S4, V22.S4, V23.S4]
	ADD  R10, R9

onesBlock:
	VLD1.P  32(R11), [V0.B16, V1.B16]
	CLEAR4(v16, v17, v18, v19)
	VLD1.P  64(R15), [V24.B16, V25.B16, V26.B16, V27.B16]
	DOT(v0, 0, v24, v16, v17, v18, v19)
	VLD1.P  64(R15), [V28.B16, V29.B16, V30.B16, V31.B16]
	DOT(v0, 1, v28, v16, v17, v18, v19)
	VLD1.P  64(R15), [V24.B16, V25.B16, V26.B16, V27.B16]
	DOT(v0, 2, v24, v16, v17, v18, v19)
	VLD1.P  64(R15), [V28.B16, V29.B16, V30.B16, V31.B16]
	DOT(v0, 3, v28, v16, v17, v18, v19)
	VLD1.P  64(R15), [V24.B16, V25.B16, V26.B16, V27.B16]
	DOT(v1, 0, v24, v16, v17, v18, v19)
	VLD1.P  64(R15), [V28.B16, V29.B16, V30.B16, V31.B16]
	DOT(v1, 1, v28, v16, v17, v18, v19)
	VLD1.P  64(R15), [V24.B16, V25.B16, V26.B16, V27.B16]
	DOT(v1, 2, v24, v16, v17, v18, v19)
	VLD1.P  64(R15), [V28.B16, V29.B16, V30.B16, V31.B16]
	DOT(v1, 3, v28, v16, v17, v18, v19)
	VLD1.P  64(R16), [V8.S4, V9.S4, V10.S4, V11.S4]
	FMOVS.P 4(R21), F12
	SCALED(v12, v16, v17, v18, v19, v20)
	SUBS    $1, R17
	BNE     onesBlock
	VST1    [V20.S4, V21.S4, V22.S4, V23.S4], (R7)
	ADD     R8, R7
	SUBS    $1, R1
	BNE     ones

done:
	RET

// func signed8(scales *float32, codes *int8, c *call): the form that wholeBlocks reads, of a Panel8.
TEXT ·signed8(SB), NOSPLIT, $0-24
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
	CODES8(V16, V17, V18, V19)
	VST1.P [V16.B16, V17.B16, V18.B16, V19.B16], 64(R5)
	CODES8(V20, V21, V22, V23)
	VST1.P [V20.B16, V21.B16, V22.B16, V23.B16], 64(R5)
	SUBS   $1, R7
	BNE    codes
	SUBS   $1, R6
	BNE    loop
	RET

// LOW4 reads a chunk of codes to V24-V27 and makes the weights of the low halves in V12-V15; HIGH4 makes those of the high halves in
// place.
#define LOW4 \
	VLD1.P 64(R2), [V24.B16, V25.B16, V26.B16, V27.B16] \
	LOW(V24, V12) \
	LOW(V25, V13) \
	LOW(V26, V14) \
	LOW(V27, V15)

#define HIGH4 \
	HIGH(V24, V24) \
	HIGH(V25, V25) \
	HIGH(V26, V26) \
	HIGH(V27, V27)

// func signed4(scales *float32, codes *int8, c *call): the form that wholeBlocks reads, of a Panel4. Columns 16 to 31 of a block
// come from the high halves: R7 is 256 bytes beyond R5.
TEXT ·signed4(SB), NOSPLIT, $0-24
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
	MOVD   $4, R8

codes:
	LOW4
	VST1.P [V12.B16, V13.B16, V14.B16, V15.B16], 64(R5)
	HIGH4
	VST1.P [V24.B16, V25.B16, V26.B16, V27.B16], 64(R7)
	SUBS   $1, R8
	BNE    codes
	MOVD   R7, R5
	SUBS   $1, R6
	BNE    loop
	RET

// func wholeRow8(c *call) and func wholeRow4(c *call) compute one row of activations, with panels as they are: what they read is read
// once.
//
//	R2 codes   R3 scales   R4 x   R6 count of blocks   R19 xScale
//	V0 V1 x   V2 V3 V29 V30 constants   V4-V7 V12-V15 V24-V28 scratch   V8-V11 scales   V16-V19 whole sums   V20-V23 sums

#define ROW_BEGIN \
	MOVD call_bias(R0), R9      \
	MOVD call_codes(R0), R2     \
	MOVD call_scales(R0), R3    \
	MOVD call_x(R0), R4         \
	MOVD call_blocks(R0), R6    \
	MOVD call_dst(R0), R7       \
	MOVD call_xScale(R0), R19   \
	VLD1 (R9), [V20.S4, V21.S4, V22.S4, V23.S4]

#define ROW_BLOCK \
	VLD1.P  32(R4), [V0.B16, V1.B16] \
	FMOVS.P 4(R19), F28              \
	CLEAR4(v16, v17, v18, v19)

#define ROW_END \
	VST1 [V20.S4, V21.S4, V22.S4, V23.S4], (R7)

TEXT ·wholeRow8(SB), NOSPLIT, $0-8
	MOVD c+0(FP), R0
	ROW_BEGIN
	CONSTANTS8

block:
	ROW_BLOCK
	CODES8(V24, V25, V26, V27)
	DOT(v0, 0, v24, v16, v17, v18, v19)
	CODES8(V12, V13, V14, V15)
	DOT(v0, 1, v12, v16, v17, v18, v19)
	CODES8(V24, V25, V26, V27)
	DOT(v0, 2, v24, v16, v17, v18, v19)
	CODES8(V12, V13, V14, V15)
	DOT(v0, 3, v12, v16, v17, v18, v19)
	CODES8(V24, V25, V26, V27)
	DOT(v1, 0, v24, v16, v17, v18, v19)
	CODES8(V12, V13, V14, V15)
	DOT(v1, 1, v12, v16, v17, v18, v19)
	CODES8(V24, V25, V26, V27)
	DOT(v1, 2, v24, v16, v17, v18, v19)
	CODES8(V12, V13, V14, V15)
	DOT(v1, 3, v12, v16, v17, v18, v19)
	SCALES8
	SCALED(v28, v16, v17, v18, v19, v20)
	SUBS $1, R6
	BNE  block
	ROW_END
	RET

TEXT ·wholeRow4(SB), NOSPLIT, $0-8
	MOVD c+0(FP), R0
	ROW_BEGIN
	CONSTANTS4(·fp4Doubled)

block:
	ROW_BLOCK
	LOW4
	DOT(v0, 0, v12, v16, v17, v18, v19)
	HIGH4
	DOT(v1, 0, v24, v16, v17, v18, v19)
	LOW4
	DOT(v0, 1, v12, v16, v17, v18, v19)
	HIGH4
	DOT(v1, 1, v24, v16, v17, v18, v19)
	LOW4
	DOT(v0, 2, v12, v16, v17, v18, v19)
	HIGH4
	DOT(v1, 2, v24, v16, v17, v18, v19)
	LOW4
	DOT(v0, 3, v12, v16, v17, v18, v19)
	HIGH4
	DOT(v1, 3, v24, v16, v17, v18, v19)
	SCALES4
	SCALED(v28, v16, v17, v18, v19, v20)
	SUBS $1, R6
	BNE  block
	ROW_END
	RET
