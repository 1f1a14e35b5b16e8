//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// Attention for AVX-512. Scores and blends are both products of rows of numbers (queries, shares) with many vectors of sixteen lanes (keys of
// sixteen positions, sixteen values of a position). Each vector is loaded, and made float32, once for up to eight rows, and each
// number enters as the broadcast operand of a multiplication and addition. Every sum is one chain in the order of the numbers, so
// that it is the same in any company. Eight chains keep the multipliers busy; a single one waits for itself, at about the speed of
// memory. Registers:
//
//	R14 first vector of a group         R15 what to prefetch        DX  groups of sixteen lanes left
//	SI  vector                          R12 bytes between them      CX  left of AX vectors
//	R8  rows of numbers, four at a time R9  bytes between them      R10 three times that     R11 the next four
//	DI  results of the rows             BX  bytes between them      R13 rows left
//	Z0 to Z7 sums, Z16 the vector
//	K1  none: sums begin with zero (scores), all: with what is there (blends)
//	Z17 what sums are multiplied with at the end
//
// The frame holds the first row, the number of rows, the bytes between groups, and the results of a group.
//
// What is prefetched goes forward as vectors do: scores fetch 4 KiB ahead; blends, which go through the rows of values once for
// each group of lanes, the N rows behind these, in the order of memory: that is what the next call will want.

// SCORES_ARGUMENTS and BLEND_ARGUMENTS fill the registers; R15, R13, R8 and CX for the frame, SI for R15. A vector takes so many
// bytes.
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
	VBROADCASTSS Scores_Scale(DI), Z17; \
	KXORW K1, K1, K1

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
	VBROADCASTSS ·expTable+const_exp1(SB), Z17; \
	KXNORW K1, K1, K1

// PRODUCTS is the body of all; LOAD reads a vector.
#define PRODUCTS(LOAD, bytes) \
	MOVQ  R8, first-8(SP); \
	MOVQ  R13, rows-16(SP); \
	MOVQ  CX, step-24(SP); \
	MOVQ  R15, results-32(SP); \
	MOVQ  SI, R15; \
	SHLQ  $2, R9; \
	SHLQ  $2, BX; \
	LEAQ  (R9)(R9*2), R10; \
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
	CMPQ  R13, $8; \
	JGE   eight; \
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
	MOVQ AX, CX; \
	VMOVUPS.Z (DI), K1, Z0; \
oneVector: \
	LOAD (SI), Z16; \
	VFMADD231PS.BCST (R8), Z16, Z0; \
	ADDQ R12, SI; \
	ADDQ $4, R8; \
	DECQ CX; \
	JNZ  oneVector; \
	VMULPS  Z17, Z0, Z0; \
	VMOVUPS Z0, (DI); \
	MOVQ $1, CX; \
	JMP  further; \
four: \
	LEAQ (BX)(BX*2), CX; \
	LOAD4(DI, Z0, Z1, Z2, Z3); \
	MOVQ AX, CX; \
fourVector: \
	LOAD (SI), Z16; \
	ADD4(R8, Z0, Z1, Z2, Z3); \
	ADDQ R12, SI; \
	ADDQ $4, R8; \
	DECQ CX; \
	JNZ  fourVector; \
	LEAQ (BX)(BX*2), CX; \
	STORE4(DI, Z0, Z1, Z2, Z3); \
	MOVQ $4, CX; \
	JMP  further; \
eight: \
	LEAQ (BX)(BX*2), CX; \
	LEAQ (DI)(BX*4), R11; \
	LOAD4(DI, Z0, Z1, Z2, Z3); \
	LOAD4(R11, Z4, Z5, Z6, Z7); \
	MOVQ AX, CX; \
	LEAQ (R8)(R9*4), R11; \
eightVector: \
	LOAD (SI), Z16; \
	PREFETCHT1 (R15); \
	ADD4(R8, Z0, Z1, Z2, Z3); \
	ADD4(R11, Z4, Z5, Z6, Z7); \
	ADDQ $bytes, R15; \
	ADDQ R12, SI; \
	ADDQ $4, R8; \
	ADDQ $4, R11; \
	DECQ CX; \
	JNZ  eightVector; \
	LEAQ (BX)(BX*2), CX; \
	LEAQ (DI)(BX*4), R11; \
	STORE4(DI, Z0, Z1, Z2, Z3); \
	STORE4(R11, Z4, Z5, Z6, Z7); \
	MOVQ $8, CX; \
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

// ADD4 adds to four sums the products of the vector with the numbers of four rows.
#define ADD4(numbers, a, b, c, d) \
	VFMADD231PS.BCST (numbers), Z16, a; \
	VFMADD231PS.BCST (numbers)(R9*1), Z16, b; \
	VFMADD231PS.BCST (numbers)(R9*2), Z16, c; \
	VFMADD231PS.BCST (numbers)(R10*1), Z16, d

// LOAD4 and STORE4 begin and end four sums. CX is three times BX.
#define LOAD4(from, a, b, c, d) \
	VMOVUPS.Z (from), K1, a; \
	VMOVUPS.Z (from)(BX*1), K1, b; \
	VMOVUPS.Z (from)(BX*2), K1, c; \
	VMOVUPS.Z (from)(CX*1), K1, d

#define STORE4(to, a, b, c, d) \
	VMULPS  Z17, a, a; \
	VMULPS  Z17, b, b; \
	VMULPS  Z17, c, c; \
	VMULPS  Z17, d, d; \
	VMOVUPS a, (to); \
	VMOVUPS b, (to)(BX*1); \
	VMOVUPS c, (to)(BX*2); \
	VMOVUPS d, (to)(CX*1)

// func scores32AVX512(s *Scores)
TEXT ·scores32AVX512(SB), NOSPLIT, $32-8
	MOVQ s+0(FP), DI
	SCORES_ARGUMENTS(64)
	PRODUCTS(VMOVUPS, 64)

// func scores16AVX512(s *Scores)
TEXT ·scores16AVX512(SB), NOSPLIT, $32-8
	MOVQ s+0(FP), DI
	SCORES_ARGUMENTS(32)
	PRODUCTS(VCVTPH2PS, 32)

// func blend32AVX512(b *Blend)
TEXT ·blend32AVX512(SB), NOSPLIT, $32-8
	MOVQ b+0(FP), DI
	BLEND_ARGUMENTS(64)
	PRODUCTS(VMOVUPS, 64)

// func blend16AVX512(b *Blend)
TEXT ·blend16AVX512(SB), NOSPLIT, $32-8
	MOVQ b+0(FP), DI
	BLEND_ARGUMENTS(32)
	PRODUCTS(VCVTPH2PS, 32)
