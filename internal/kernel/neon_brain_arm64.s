//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "neon_arm64.h"

// Products of bfloat16 activations with sixteen rows of weights in blocks that have scales. The weights become pairs of bfloat16, which
// holds every code; a block is added up in the order of its pairs, scaled and added:
//
//	sum += block * weight scale
//
// Sums begin with the bias. All of these functions do it in this order, so that a row has the same bits in all.

// func brainBlocks(c *call): codes are [blocks][16][16] of pairs, scales [blocks][16] float32. Four rows of activations share the
// weights; their sums stay in dst.
//
//	R1 n left   R2 codes   R3 scales   R4 the next x   R5 xStride   R6 blocks   R7 dst   R8 dstStride   R9 bias   R10 biasStride
//	R11-R14 four rows x   R15 R16 codes and scales of the block   R17 count of blocks   R19 count of quarters   R0 the row of dst
//	V0-V3 x, eight columns of a row each   V4-V7 weights of two columns   V8-V11 scales   V16-V31 sums of blocks, four registers a row

#define PAIR(x, lane, a, b, c, d) \
	VBFDOT_LANE(x, lane, v4, a) \
	VBFDOT_LANE(x, lane, v5, b) \
	VBFDOT_LANE(x, lane, v6, c) \
	VBFDOT_LANE(x, lane, v7, d)

#define PAIR4(lane) \
	VLD1.P 64(R15), [V4.S4, V5.S4, V6.S4, V7.S4] \
	PAIR(v0, lane, v16, v17, v18, v19) \
	PAIR(v1, lane, v20, v21, v22, v23) \
	PAIR(v2, lane, v24, v25, v26, v27) \
	PAIR(v3, lane, v28, v29, v30, v31)

#define PAIR1(lane) \
	VLD1.P 64(R15), [V4.S4, V5.S4, V6.S4, V7.S4] \
	PAIR(v0, lane, v16, v17, v18, v19)

// SCALED adds the sums of a block times the scales in V8-V11 to the sums s to s+3.
#define SCALED(a, b, c, d, s) \
	VFMLA(v8, a, s+0)  \
	VFMLA(v9, b, s+1)  \
	VFMLA(v10, c, s+2) \
	VFMLA(v11, d, s+3)

// ADDED does it for the row of dst at R0, and goes to the next.
#define ADDED(a, b, c, d) \
	VLD1 (R0), [V0.S4, V1.S4, V2.S4, V3.S4] \
	SCALED(a, b, c, d, v0)                  \
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R0) \
	ADD  R8, R0

// BIAS copies a row of the bias to a row of dst, and goes to the next.
#define BIAS \
	VLD1 (R9), [V0.S4, V1.S4, V2.S4, V3.S4] \
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R0) \
	ADD  R10, R9                            \
	ADD  R8, R0

TEXT ·brainBlocks(SB), NOSPLIT, $0-8
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

fours:
	SUBS $4, R1
	BLT  rest
	MOVD R4, R11
	ADD  R5, R11, R12
	ADD  R5, R12, R13
	ADD  R5, R13, R14
	ADD  R5, R14, R4
	MOVD R2, R15
	MOVD R3, R16
	MOVD R6, R17
	MOVD R7, R0
	BIAS
	BIAS
	BIAS
	BIAS

foursBlock:
	CLEAR4(v16, v17, v18, v19)
	CLEAR4(v20, v21, v22, v23)
	CLEAR4(v24, v25, v26, v27)
	CLEAR4(v28, v29, v30, v31)
	MOVD $4, R19

foursQuarter:
	VLD1.P 16(R11), [V0.S4]
	VLD1.P 16(R12), [V1.S4]
	VLD1.P 16(R13), [V2.S4]
	VLD1.P 16(R14), [V3.S4]
	PAIR4(0)
	PAIR4(1)
	PAIR4(2)
	PAIR4(3)
	SUBS   $1, R19
	BNE    foursQuarter
	VLD1.P 64(R16), [V8.S4, V9.S4, V10.S4, V11.S4]
	MOVD   R7, R0
	ADDED(v16, v17, v18, v19)
	ADDED(v20, v21, v22, v23)
	ADDED(v24, v25, v26, v27)
	ADDED(v28, v29, v30, v31)
	SUBS   $1, R17
	BNE    foursBlock
	MOVD   R0, R7
	B      fours

rest:
	ADDS $4, R1
	BEQ  done

ones:
	MOVD R4, R11
	ADD  R5, R4
	MOVD R2, R15
	MOVD R3, R16
	MOVD R6, R17
	VLD1 (R9), [V20.S4, V21.S4, V22.S4, V23.S4]
	ADD  R10, R9

onesBlock:
	CLEAR4(v16, v17, v18, v19)
	MOVD $4, R19

onesQuarter:
	VLD1.P 16(R11), [V0.S4]
	PAIR1(0)
	PAIR1(1)
	PAIR1(2)
	PAIR1(3)
	SUBS   $1, R19
	BNE    onesQuarter
	VLD1.P 64(R16), [V8.S4, V9.S4, V10.S4, V11.S4]
	SCALED(v16, v17, v18, v19, v20)
	SUBS   $1, R17
	BNE    onesBlock
	VST1   [V20.S4, V21.S4, V22.S4, V23.S4], (R7)
	ADD    R8, R7
	SUBS   $1, R1
	BNE    ones

done:
	RET

// PAIRS8 makes of the four columns of a chunk in one register of codes two registers of pairs, V6 and V7: each column becomes float32, of
// which eight bits are enough, and the upper half of one goes below the upper half of the other. next holds 0x4b.
#define PAIRS8(code, next) \
	VTBL V24.B16, [code.B16, next.B16], V4.B16 \
	VTBL V25.B16, [code.B16, next.B16], V5.B16 \
	VTBL V26.B16, [code.B16, next.B16], V6.B16 \
	VTBL V27.B16, [code.B16, next.B16], V7.B16 \
	VFSUB(v28, v4, v4)       \
	VFSUB(v28, v5, v5)       \
	VFSUB(v28, v6, v6)       \
	VFSUB(v28, v7, v7)       \
	VSRI $16, V4.S4, V6.S4   \
	VSRI $16, V5.S4, V7.S4

// CHUNK8 reads a chunk.
#define CHUNK8 \
	FLDPQ.P 32(R2), (F16, F18) \
	FLDPQ.P 32(R2), (F20, F22)

// PAIRS4 makes of sixteen halves of codes, 0 to 15, two registers of pairs: a table for the lower bytes and one for the upper ones, V31 and
// V30, whose results are then brought together. V4 and V5 are scratch.
#define PAIRS4(code, even, odd) \
	VTBL  code.B16, [V31.B16], V4.B16  \
	VTBL  code.B16, [V30.B16], V5.B16  \
	VTRN1 V5.B16, V4.B16, even.B16     \
	VTRN2 V5.B16, V4.B16, odd.B16

#define CHUNK4 \
	VLD1.P 64(R2), [V24.B16, V25.B16, V26.B16, V27.B16]

#define LOW4 \
	VAND V29.B16, V24.B16, V24.B16 \
	VAND V29.B16, V25.B16, V25.B16 \
	VAND V29.B16, V26.B16, V26.B16 \
	VAND V29.B16, V27.B16, V27.B16

#define HIGH4 \
	VUSHR $4, V24.B16, V24.B16 \
	VUSHR $4, V25.B16, V25.B16 \
	VUSHR $4, V26.B16, V26.B16 \
	VUSHR $4, V27.B16, V27.B16

// Twice the values of FP4 as bfloat16: the upper bytes of the sixteen, then the lower ones.
DATA fp4Brains<>+0(SB)/8, $0x4141404040403f00
DATA fp4Brains<>+8(SB)/8, $0xc1c1c0c0c0c0bf80
DATA fp4Brains<>+16(SB)/8, $0x4000c08040008000
DATA fp4Brains<>+24(SB)/8, $0x4000c08040008000
GLOBL fp4Brains<>(SB), RODATA|NOPTR, $32

#define BRAINS4 \
	CONSTANTS4(fp4Brains<>) \
	VLD1 (R0), [V30.B16, V31.B16]

// func pairs8(scales *float32, codes *uint32, c *call): the form that brainBlocks reads, of a Panel8. Columns k and k+2 are a pair, then
// k+1 and k+3.
TEXT ·pairs8(SB), NOSPLIT, $0-24
	MOVD scales+0(FP), R4
	MOVD codes+8(FP), R5
	MOVD c+16(FP), R0
	MOVD call_codes(R0), R2
	MOVD call_scales(R0), R3
	MOVD call_blocks(R0), R6
	FLOATS(128)

block:
	SCALES8
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R4)
	MOVD   $8, R7

chunk:
	CHUNK8
	PAIRS8(V16, V17)
	FMOVQ F6, (R5)
	FMOVQ F7, 64(R5)
	PAIRS8(V18, V19)
	FMOVQ F6, 16(R5)
	FMOVQ F7, 80(R5)
	PAIRS8(V20, V21)
	FMOVQ F6, 32(R5)
	FMOVQ F7, 96(R5)
	PAIRS8(V22, V23)
	FMOVQ F6, 48(R5)
	FMOVQ F7, 112(R5)
	ADD   $128, R5
	SUBS  $1, R7
	BNE   chunk
	SUBS  $1, R6
	BNE   block
	RET

// HALF4 writes the pairs of half a chunk at R.
#define HALF4(R) \
	PAIRS4(V24, V16, V20) \
	PAIRS4(V25, V17, V21) \
	PAIRS4(V26, V18, V22) \
	PAIRS4(V27, V19, V23) \
	VST1.P [V16.S4, V17.S4, V18.S4, V19.S4], 64(R) \
	VST1.P [V20.S4, V21.S4, V22.S4, V23.S4], 64(R)

// func pairs4(scales *float32, codes *uint32, c *call): the same of a Panel4. Columns 16 to 31 of a block come from the high halves: R7
// is half a block beyond R5.
TEXT ·pairs4(SB), NOSPLIT, $0-24
	MOVD scales+0(FP), R4
	MOVD codes+8(FP), R5
	MOVD c+16(FP), R0
	MOVD call_codes(R0), R2
	MOVD call_scales(R0), R3
	MOVD call_blocks(R0), R6
	BRAINS4

block:
	SCALES4
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R4)
	ADD    $512, R5, R7
	MOVD   $4, R8

chunk:
	CHUNK4
	LOW4
	HALF4(R5)
	SUB  $64, R2
	CHUNK4
	HIGH4
	HALF4(R7)
	SUBS $1, R8
	BNE  chunk
	MOVD R7, R5
	SUBS $1, R6
	BNE  block
	RET

// func brainRow8(c *call) and func brainRow4(c *call) compute one row of activations, with panels as they are.
//
//	R2 codes   R3 scales   R4 x   R6 count of blocks   R7 dst
//	brainRow8: V0-V3 sums   V4-V7 columns, pairs   V8-V11 scales   V12-V15 sums of the block   V16-V28 see FLOATS   V29 x
//	brainRow4: V0 V1 x   V2 V3 V29-V31 constants   V4-V7 pairs   V8-V11 scales   V16-V19 sums of the block   V20-V23 sums   V24-V27 codes

#define ROW_BEGIN \
	MOVD call_bias(R0), R9      \
	MOVD call_codes(R0), R2     \
	MOVD call_scales(R0), R3    \
	MOVD call_x(R0), R4         \
	MOVD call_blocks(R0), R6    \
	MOVD call_dst(R0), R7

// ROW8 adds the two pairs of a chunk, whose activations are in V29 from a lane on.
#define ROW8(lane) \
	CHUNK8                           \
	PAIRS8(V16, V17)                 \
	VBFDOT_LANE(v29, lane+0, v6, v12) \
	VBFDOT_LANE(v29, lane+1, v7, v12) \
	PAIRS8(V18, V19)                 \
	VBFDOT_LANE(v29, lane+0, v6, v13) \
	VBFDOT_LANE(v29, lane+1, v7, v13) \
	PAIRS8(V20, V21)                 \
	VBFDOT_LANE(v29, lane+0, v6, v14) \
	VBFDOT_LANE(v29, lane+1, v7, v14) \
	PAIRS8(V22, V23)                 \
	VBFDOT_LANE(v29, lane+0, v6, v15) \
	VBFDOT_LANE(v29, lane+1, v7, v15)

TEXT ·brainRow8(SB), NOSPLIT, $0-8
	MOVD c+0(FP), R0
	ROW_BEGIN
	FLOATS(128)
	VLD1 (R9), [V0.S4, V1.S4, V2.S4, V3.S4]

block:
	SCALES8
	CLEAR4(v12, v13, v14, v15)
	MOVD $4, R10

quarter:
	VLD1.P 16(R4), [V29.S4]
	ROW8(0)
	ROW8(2)
	SUBS $1, R10
	BNE  quarter
	SCALED(v12, v13, v14, v15, v0)
	SUBS $1, R6
	BNE  block
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R7)
	RET

// ROW4 adds the two pairs of half a chunk.
#define ROW4(x, lane) \
	PAIRS4(V24, V6, V7)              \
	VBFDOT_LANE(x, lane+0, v6, v16)  \
	VBFDOT_LANE(x, lane+1, v7, v16)  \
	PAIRS4(V25, V6, V7)              \
	VBFDOT_LANE(x, lane+0, v6, v17)  \
	VBFDOT_LANE(x, lane+1, v7, v17)  \
	PAIRS4(V26, V6, V7)              \
	VBFDOT_LANE(x, lane+0, v6, v18)  \
	VBFDOT_LANE(x, lane+1, v7, v18)  \
	PAIRS4(V27, V6, V7)              \
	VBFDOT_LANE(x, lane+0, v6, v19)  \
	VBFDOT_LANE(x, lane+1, v7, v19)

#define ROW4_LOW(x, lane) \
	CHUNK4 \
	LOW4   \
	ROW4(x, lane)

#define ROW4_HIGH(x, lane) \
	CHUNK4 \
	HIGH4  \
	ROW4(x, lane)

// The codes of a block are read twice, because the order of pairs wants all low halves first.
TEXT ·brainRow4(SB), NOSPLIT, $0-8
	MOVD c+0(FP), R0
	ROW_BEGIN
	BRAINS4
	VLD1 (R9), [V20.S4, V21.S4, V22.S4, V23.S4]

block:
	CLEAR4(v16, v17, v18, v19)
	VLD1.P 32(R4), [V0.S4, V1.S4]
	ROW4_LOW(v0, 0)
	ROW4_LOW(v0, 2)
	ROW4_LOW(v1, 0)
	ROW4_LOW(v1, 2)
	SUB    $256, R2
	VLD1.P 32(R4), [V0.S4, V1.S4]
	ROW4_HIGH(v0, 0)
	ROW4_HIGH(v0, 2)
	ROW4_HIGH(v1, 0)
	ROW4_HIGH(v1, 2)
	SCALES4
	SCALED(v16, v17, v18, v19, v20)
	SUBS   $1, R6
	BNE    block
	VST1   [V20.S4, V21.S4, V22.S4, V23.S4], (R7)
	RET
