//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Attention, as attention_avx512_amd64.s does it, with what differs: a vector of sixteen lanes is two registers, and four rows share
// it, eight chains again. Registers:
//
//	R14 first vector of a group         R15 what to prefetch        DX  groups of sixteen lanes left
//	SI  vector                          R12 bytes between them      CX  left of AX vectors
//	R8  rows of numbers                 R9  bytes between them      R10 three times that
//	DI  results of the rows             BX  bytes between them      R13 rows left            R11 three times BX
//	Y0 to Y7 sums, two for a row, Y8 and Y9 the vector, Y10 to Y13 numbers
//	Y14 none: sums begin with zero (scores), all: with what is there (blends)
//	Y15 what sums are multiplied with at the end

#define SCORES_ARGUMENTS(bytes) \
	MOVQ Scores_Q(DI), R8; \
	MOVQ Scores_QStride(DI), R9; \
	MOVQ Scores_Heads(DI), R13; \
	MOVQ Scores_Keys(DI), R14; \
	LEAQ 4096(R14), SI; \
	MOVQ Scores_Dst(DI), R15; \
	MOVQ Scores_DstStride(DI), BX; \
	MOVQ Scores_Blocks(DI), DX; \
	MOVQ Scores_Size(DI), AX; \
	MOVQ $bytes, R12; \
	MOVQ AX, CX; \
	IMULQ R12, CX; \
	VBROADCASTSS Scores_Scale(DI), Y15; \
	VPXOR Y14, Y14, Y14

#define BLEND_ARGUMENTS(bytes) \
	MOVQ Blend_Shares(DI), R8; \
	MOVQ Blend_ShareStride(DI), R9; \
	MOVQ Blend_Heads(DI), R13; \
	MOVQ Blend_Values(DI), R14; \
	MOVQ Blend_Dst(DI), R15; \
	MOVQ Blend_DstStride(DI), BX; \
	MOVQ Blend_N(DI), AX; \
	MOVQ Blend_Size(DI), DX; \
	SHRQ $4, DX; \
	MOVQ $bytes, CX; \
	MOVQ DX, R12; \
	IMULQ CX, R12; \
	MOVQ AX, SI; \
	IMULQ R12, SI; \
	ADDQ R14, SI; \
	VMOVUPS ·expTable+const_exp1(SB), Y15; \
	VPCMPEQD Y14, Y14, Y14

// PRODUCTS is the body of all; LOAD reads half a vector, which takes so many bytes.
#define PRODUCTS(LOAD, half) \
	MOVQ  R8, first-8(SP); \
	MOVQ  R13, rows-16(SP); \
	MOVQ  CX, step-24(SP); \
	MOVQ  R15, results-32(SP); \
	MOVQ  SI, R15; \
	SHLQ  $2, R9; \
	SHLQ  $2, BX; \
	LEAQ  (R9)(R9*2), R10; \
	LEAQ  (BX)(BX*2), R11; \
	TESTQ AX, AX; \
	JLE   done; \
	TESTQ DX, DX; \
	JLE   done; \
group: \
	MOVQ first-8(SP), R8; \
	MOVQ rows-16(SP), R13; \
	MOVQ results-32(SP), DI; \
next: \
	MOVQ  R14, SI; \
	MOVQ  AX, CX; \
	CMPQ  R13, $4; \
	JGE   four; \
	TESTQ R13, R13; \
	JGT   one; \
	ADDQ  step-24(SP), R14; \
	ADDQ  $64, results-32(SP); \
	DECQ  DX; \
	JNZ   group; \
done: \
	VZEROUPPER; \
	RET; \
one: \
	BEGIN((DI), 32(DI), Y0, Y1); \
oneVector: \
	LOAD (SI), Y8; \
	LOAD half(SI), Y9; \
	ADD((R8), Y10, Y0, Y1); \
	ADDQ R12, SI; \
	ADDQ $4, R8; \
	DECQ CX; \
	JNZ  oneVector; \
	END(Y0, Y1, (DI), 32(DI)); \
	MOVQ $1, CX; \
	JMP  further; \
four: \
	BEGIN((DI), 32(DI), Y0, Y1); \
	BEGIN((DI)(BX*1), 32(DI)(BX*1), Y2, Y3); \
	BEGIN((DI)(BX*2), 32(DI)(BX*2), Y4, Y5); \
	BEGIN((DI)(R11*1), 32(DI)(R11*1), Y6, Y7); \
fourVector: \
	LOAD (SI), Y8; \
	LOAD half(SI), Y9; \
	PREFETCHT1 (R15); \
	ADD((R8), Y10, Y0, Y1); \
	ADD((R8)(R9*1), Y11, Y2, Y3); \
	ADD((R8)(R9*2), Y12, Y4, Y5); \
	ADD((R8)(R10*1), Y13, Y6, Y7); \
	ADDQ R12, SI; \
	ADDQ $4, R8; \
	ADDQ $half, R15; \
	DECQ CX; \
	JNZ  fourVector; \
	END(Y0, Y1, (DI), 32(DI)); \
	END(Y2, Y3, (DI)(BX*1), 32(DI)(BX*1)); \
	END(Y4, Y5, (DI)(BX*2), 32(DI)(BX*2)); \
	END(Y6, Y7, (DI)(R11*1), 32(DI)(R11*1)); \
	MOVQ $4, CX; \
further: \
	SUBQ  CX, R13; \
	LEAQ  (AX*4), SI; \
	SUBQ  SI, R8; \
	MOVQ  CX, SI; \
	IMULQ R9, SI; \
	ADDQ  SI, R8; \
	IMULQ BX, CX; \
	ADDQ  CX, DI; \
	JMP   next

// ADD adds to a sum the product of the vector with a number.
#define ADD(from, number, low, high) \
	VBROADCASTSS from, number; \
	VFMADD231PS Y8, number, low; \
	VFMADD231PS Y9, number, high

// BEGIN and END begin and end a sum.
#define BEGIN(from, behind, low, high) \
	VMASKMOVPS from, Y14, low; \
	VMASKMOVPS behind, Y14, high

#define END(low, high, to, behind) \
	VMULPS Y15, low, low; \
	VMULPS Y15, high, high; \
	VMOVUPS low, to; \
	VMOVUPS high, behind

// func scores32AVX2(s *Scores)
TEXT ·scores32AVX2(SB), NOSPLIT, $32-8
	MOVQ s+0(FP), DI
	SCORES_ARGUMENTS(64)
	PRODUCTS(VMOVUPS, 32)

// func scores16AVX2(s *Scores)
TEXT ·scores16AVX2(SB), NOSPLIT, $32-8
	MOVQ s+0(FP), DI
	SCORES_ARGUMENTS(32)
	PRODUCTS(VCVTPH2PS, 16)

// func blend32AVX2(b *Blend)
TEXT ·blend32AVX2(SB), NOSPLIT, $32-8
	MOVQ b+0(FP), DI
	BLEND_ARGUMENTS(64)
	PRODUCTS(VMOVUPS, 32)

// func blend16AVX2(b *Blend)
TEXT ·blend16AVX2(SB), NOSPLIT, $32-8
	MOVQ b+0(FP), DI
	BLEND_ARGUMENTS(32)
	PRODUCTS(VCVTPH2PS, 16)
