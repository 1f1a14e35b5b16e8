//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "neon_arm64.h"

// Sixteen rows become a panel, four rows of a block at a time: each gives 16 bytes to a register, and a transposition of lanes of 32
// bits brings the same columns of the four rows together.
//
//	R1 codes of the panel   R2 its scales   R3 the block's codes in the first row   R4 bytes to the next row   R5 to the next block
//	R6 the block's scale in the first row   R7 bytes to the next row   R8 to the next block   R9 count of blocks
//	R10 count of fours   R11-R14 codes of four rows   R15 scale   R16 scratch   R17 codes of the next row

#define BEGIN \
	MOVD packing_codes(R0), R1       \
	MOVD packing_scales(R0), R2      \
	MOVD packing_from(R0), R3        \
	MOVD packing_stride(R0), R4      \
	MOVD packing_step(R0), R5        \
	MOVD packing_fromScales(R0), R6  \
	MOVD packing_scaleStride(R0), R7 \
	MOVD packing_scaleStep(R0), R8   \
	MOVD packing_blocks(R0), R9

#define BLOCK \
	MOVD R3, R17  \
	MOVD R6, R15  \
	ADD  R5, R3   \
	ADD  R8, R6   \
	MOVD $4, R10

#define FOUR \
	MOVD R17, R11      \
	ADD  R4, R11, R12  \
	ADD  R4, R12, R13  \
	ADD  R4, R13, R14  \
	ADD  R4, R14, R17

#define SCALE1 \
	MOVBU  (R15), R16   \
	MOVB.P R16, 1(R2)   \
	ADD    R7, R15

#define SCALE2 \
	MOVHU  (R15), R16   \
	MOVH.P R16, 2(R2)   \
	ADD    R7, R15

// TRANSPOSE makes of a, b, c and d, whose lanes are rows 0 to 3, their columns. V24-V27 are scratch.
#define TRANSPOSE(a, b, c, d) \
	VZIP1 c.S4, a.S4, V24.S4   \
	VZIP2 c.S4, a.S4, V25.S4   \
	VZIP1 d.S4, b.S4, V26.S4   \
	VZIP2 d.S4, b.S4, V27.S4   \
	VZIP1 V26.S4, V24.S4, a.S4 \
	VZIP2 V26.S4, V24.S4, b.S4 \
	VZIP1 V27.S4, V25.S4, c.S4 \
	VZIP2 V27.S4, V25.S4, d.S4

// STORE writes four registers, 64 bytes apart.
#define STORE(a, b, c, d, at) \
	FMOVQ a, (at+0)(R1)   \
	FMOVQ b, (at+64)(R1)  \
	FMOVQ c, (at+128)(R1) \
	FMOVQ d, (at+192)(R1)

// func packMX(p *packing): blocks of MXFP4.
TEXT ·packMX(SB), NOSPLIT, $0-8
	MOVD p+0(FP), R0
	BEGIN

block:
	BLOCK

four:
	FOUR
	SCALE1
	SCALE1
	SCALE1
	SCALE1
	VLD1 (R11), [V0.B16]
	VLD1 (R12), [V1.B16]
	VLD1 (R13), [V2.B16]
	VLD1 (R14), [V3.B16]
	TRANSPOSE(V0, V1, V2, V3)
	STORE(F0, F1, F2, F3, 0)
	ADD  $16, R1
	SUBS $1, R10
	BNE  four
	ADD  $(256-64), R1
	SUBS $1, R9
	BNE  block
	RET

// HALVES arranges pairs of elements 2j and 2j+1 as pairs of j and j+16: it brings the halves of all bytes in order, 16 to each register,
// and puts the second register into the upper halves of the first. V31 holds 0x0f.
#define HALVES(a) \
	VAND  V31.B16, a.B16, V24.B16   \
	VUSHR $4, a.B16, V25.B16        \
	VZIP1 V25.B16, V24.B16, a.B16   \
	VZIP2 V25.B16, V24.B16, V26.B16 \
	VSLI  $4, V26.B16, a.B16

// func packPairs(p *packing): blocks of MXFP4Pairs.
TEXT ·packPairs(SB), NOSPLIT, $0-8
	MOVD  p+0(FP), R0
	BEGIN
	VMOVI $15, V31.B16

block:
	BLOCK

four:
	FOUR
	SCALE1
	SCALE1
	SCALE1
	SCALE1
	VLD1 (R11), [V0.B16]
	VLD1 (R12), [V1.B16]
	VLD1 (R13), [V2.B16]
	VLD1 (R14), [V3.B16]
	HALVES(V0)
	HALVES(V1)
	HALVES(V2)
	HALVES(V3)
	TRANSPOSE(V0, V1, V2, V3)
	STORE(F0, F1, F2, F3, 0)
	ADD  $16, R1
	SUBS $1, R10
	BNE  four
	ADD  $(256-64), R1
	SUBS $1, R9
	BNE  block
	RET

#define OFFSET(a, b, c, d) \
	VEOR V31.B16, a.B16, a.B16 \
	VEOR V31.B16, b.B16, b.B16 \
	VEOR V31.B16, c.B16, c.B16 \
	VEOR V31.B16, d.B16, d.B16

// func packQ8(p *packing): blocks of Q8_0. V31 holds 0x80, which makes codes of signed numbers.
TEXT ·packQ8(SB), NOSPLIT, $0-8
	MOVD  p+0(FP), R0
	BEGIN
	VMOVI $128, V31.B16

block:
	BLOCK

four:
	FOUR
	SCALE2
	SCALE2
	SCALE2
	SCALE2
	VLD1 (R11), [V0.B16, V1.B16]
	VLD1 (R12), [V2.B16, V3.B16]
	VLD1 (R13), [V4.B16, V5.B16]
	VLD1 (R14), [V6.B16, V7.B16]
	OFFSET(V0, V1, V2, V3)
	OFFSET(V4, V5, V6, V7)
	TRANSPOSE(V0, V2, V4, V6)
	STORE(F0, F2, F4, F6, 0)
	TRANSPOSE(V1, V3, V5, V7)
	STORE(F1, F3, F5, F7, 256)
	ADD  $16, R1
	SUBS $1, R10
	BNE  four
	ADD  $(512-64), R1
	SUBS $1, R9
	BNE  block
	RET

// Of eight columns k to k+7 of two bytes: k, k+2; k+1, k+3; k+4, k+6; k+5, k+7.
DATA pairs<>+0(SB)/8, $0x0706030205040100
DATA pairs<>+8(SB)/8, $0x0f0e0b0a0d0c0908
GLOBL pairs<>(SB), RODATA|NOPTR, $16

// PAIRS arranges columns and transposes.
#define PAIRS(a, b, c, d) \
	VTBL V31.B16, [a.B16], a.B16 \
	VTBL V31.B16, [b.B16], b.B16 \
	VTBL V31.B16, [c.B16], c.B16 \
	VTBL V31.B16, [d.B16], d.B16 \
	TRANSPOSE(a, b, c, d)

// func packBrain(p *packing): 32 columns of BF16. There are no scales.
TEXT ·packBrain(SB), NOSPLIT, $0-8
	MOVD p+0(FP), R0
	BEGIN
	MOVD $pairs<>(SB), R16
	VLD1 (R16), [V31.B16]

block:
	BLOCK

four:
	FOUR
	VLD1 (R11), [V0.B16, V1.B16, V2.B16, V3.B16]
	VLD1 (R12), [V4.B16, V5.B16, V6.B16, V7.B16]
	VLD1 (R13), [V8.B16, V9.B16, V10.B16, V11.B16]
	VLD1 (R14), [V12.B16, V13.B16, V14.B16, V15.B16]
	PAIRS(V0, V4, V8, V12)
	STORE(F0, F4, F8, F12, 0)
	PAIRS(V1, V5, V9, V13)
	STORE(F1, F5, F9, F13, 256)
	PAIRS(V2, V6, V10, V14)
	STORE(F2, F6, F10, F14, 512)
	PAIRS(V3, V7, V11, V15)
	STORE(F3, F7, F11, F15, 768)
	ADD  $16, R1
	SUBS $1, R10
	BNE  four
	ADD  $(1024-64), R1
	SUBS $1, R9
	BNE  block
	RET
