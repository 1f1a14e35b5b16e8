//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The operations on vectors for AVX-512 F, BW, VL and DQ. Elementwise ones work on sixteen elements at a time under the mask K1:
// all lanes, and in the last round the CX that are left. Masked lanes are neither read nor written, and zero in registers.

// LANES sets K1 to the lanes of this round; CX elements are left. It uses AX.
#define LANES(full) \
	CMPQ CX, $16; \
	JGE  full; \
	MOVL $-1, AX; \
	SHLL CX, AX; \
	NOTL AX; \
	KMOVW AX, K1

// BITS broadcasts a constant of 32 bits. It uses AX.
#define BITS(value, to) \
	MOVL value, AX; \
	VPBROADCASTD AX, to

// BRAIN_BITS sets up Z16 to Z18 for BRAIN, and all lanes of K1.
#define BRAIN_BITS \
	BITS($1, Z16); \
	BITS($0x7fff, Z17); \
	BITS($0x400000, Z18); \
	KXNORW K1, K1, K1

// BRAIN rounds x to a bfloat16, the upper half of y: adding 0x7fff and the last bit to be kept rounds to nearest, ties to even.
// NaN becomes quiet instead, as the addition could make it infinite. It uses K2.
#define BRAIN(x, y) \
	VCMPPS $3, x, x, K2; \
	VPSRLD $16, x, y; \
	VPANDD Z16, y, y; \
	VPADDD Z17, y, y; \
	VPADDD x, y, y; \
	VPORD Z18, x, K2, y

// FOLD adds the sixteen lanes of Z0: j+8 to j, then j+4, j+2, j+1. The sum is lane 0 of X0. It uses Z1.
#define FOLD \
	VEXTRACTF64X4 $1, Z0, Y1; \
	VADDPS Y1, Y0, Y0; \
	VEXTRACTF128 $1, Y0, X1; \
	VADDPS X1, X0, X0; \
	VPERMILPS $0x4e, X0, X1; \
	VADDPS X1, X0, X0; \
	VPERMILPS $0xb1, X0, X1; \
	VADDSS X1, X0, X0

// EXP_TABLE broadcasts the constants of EXP to Z16 to Z27.
#define EXP_TABLE \
	VBROADCASTSS ·expTable+const_expLow(SB), Z16; \
	VBROADCASTSS ·expTable+const_expHigh(SB), Z17; \
	VBROADCASTSS ·expTable+const_expLog2e(SB), Z18; \
	VBROADCASTSS ·expTable+const_expLn2Hi(SB), Z19; \
	VBROADCASTSS ·expTable+const_expLn2Lo(SB), Z20; \
	VBROADCASTSS ·expTable+const_exp7(SB), Z21; \
	VBROADCASTSS ·expTable+const_exp6(SB), Z22; \
	VBROADCASTSS ·expTable+const_exp5(SB), Z23; \
	VBROADCASTSS ·expTable+const_exp4(SB), Z24; \
	VBROADCASTSS ·expTable+const_exp3(SB), Z25; \
	VBROADCASTSS ·expTable+const_exp2(SB), Z26; \
	VBROADCASTSS ·expTable+const_exp1(SB), Z27

// EXP sets y to e^x, as the Go function Exp: x = n ln 2 + r, the Taylor polynomial of r, times 2^n. VSCALEFPS rounds once, to
// infinity or a subnormal too. The cut passes on NaN, as an operation of MAX and MIN that gives its second source then. It
// changes x and n.
#define EXP(x, n, y) \
	VMAXPS x, Z16, x; \
	VMINPS x, Z17, x; \
	VMULPS Z18, x, n; \
	VRNDSCALEPS $8, n, n; \
	VFNMADD231PS Z19, n, x; \
	VFNMADD231PS Z20, n, x; \
	VMOVAPS Z21, y; \
	VFMADD213PS Z22, x, y; \
	VFMADD213PS Z23, x, y; \
	VFMADD213PS Z24, x, y; \
	VFMADD213PS Z25, x, y; \
	VFMADD213PS Z26, x, y; \
	VFMADD213PS Z27, x, y; \
	VFMADD213PS Z27, x, y; \
	VSCALEFPS n, y, y

// func roundAVX512(x *float32, n int)
TEXT ·roundAVX512(SB), NOSPLIT, $0-16
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	BRAIN_BITS
	BITS($0xffff0000, Z19)

loop:
	LANES(full)

full:
	VMOVUPS.Z (SI), K1, Z0
	BRAIN(Z0, Z1)
	VPANDD    Z19, Z1, Z1
	VMOVUPS   Z1, K1, (SI)
	ADDQ      $64, SI
	SUBQ      $16, CX
	JGT       loop
	VZEROUPPER
	RET

// brainOrder exchanges the second and third of each four words.
DATA brainOrder<>+0(SB)/8, $0x0706030205040100
DATA brainOrder<>+8(SB)/8, $0x0f0e0b0a0d0c0908
GLOBL brainOrder<>(SB), RODATA|NOPTR, $16

// func brainAVX512(dst *uint16, x *float32, n int)
// n is a multiple of 32, as blocks are whole.
TEXT ·brainAVX512(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	BRAIN_BITS
	VBROADCASTI128 brainOrder<>(SB), Y15

loop:
	VMOVUPS (SI), Z0
	VMOVUPS 64(SI), Z2
	BRAIN(Z0, Z1)
	BRAIN(Z2, Z3)
	VPSRLD  $16, Z1, Z1
	VPSRLD  $16, Z3, Z3
	VPMOVDW Z1, Y1
	VPMOVDW Z3, Y3
	VPSHUFB Y15, Y1, Y1
	VPSHUFB Y15, Y3, Y3
	VMOVDQU Y1, (DI)
	VMOVDQU Y3, 32(DI)
	ADDQ    $128, SI
	ADDQ    $64, DI
	SUBQ    $32, CX
	JGT     loop
	VZEROUPPER
	RET

// func wholeAVX512(q *int8, scale *float32, off8, off4 *int32, x *float32, blocks int)
TEXT ·wholeAVX512(SB), NOSPLIT, $0-48
	MOVQ q+0(FP), DI
	MOVQ scale+8(FP), R8
	MOVQ off8+16(FP), R9
	MOVQ off4+24(FP), R10
	MOVQ x+32(FP), SI
	MOVQ blocks+40(FP), CX
	BITS($0x7fffffff, Z16)              // all but the sign
	BITS($const_tinyBits, Z17)
	BITS($(0x7f800000-const_tinyBits), Z18)
	BITS($0x7f800000, X19)              // infinity
	BITS($0x42fe0000, X20)              // 127
	BITS($0x7fc00000, X21)              // NaN
	BITS($0x80808080, Y22)
	VPXOR X15, X15, X15

loop:
	// X2: the largest magnitude, in all lanes. As a whole number NaN is above infinity, and that above all others.
	VMOVUPS       (SI), Z0
	VMOVUPS       64(SI), Z1
	VPANDD        Z16, Z0, Z2
	VPANDD        Z16, Z1, Z3
	VPMAXUD       Z3, Z2, Z2
	VEXTRACTI64X4 $1, Z2, Y3
	VPMAXUD       Y3, Y2, Y2
	VEXTRACTI128  $1, Y2, X3
	VPMAXUD       X3, X2, X2
	VPSHUFD       $0x4e, X2, X3
	VPMAXUD       X3, X2, X2
	VPSHUFD       $0xb1, X2, X3
	VPMAXUD       X3, X2, X2

	// K1: all lanes if it is neither tiny nor bad (less tiny, what is below wraps around), K2: if it is bad.
	VDIVSS       X2, X20, X4            // 127/top
	VBROADCASTSS X4, Z4
	VPBROADCASTD X2, Z3
	VPSUBD       Z17, Z3, Z3
	VPCMPUD      $1, Z18, Z3, K1
	VPCMPUD      $5, X19, X2, K2
	VDIVPS.Z     X20, X2, K1, X2        // top/127
	VMOVAPS      X21, K2, X2
	VMOVSS       X2, (R8)

	VMULPS      Z4, Z0, Z0
	VMULPS      Z4, Z1, Z1
	VCVTPS2DQ.Z Z0, K1, Z0
	VCVTPS2DQ.Z Z1, K1, Z1
	VPMOVDB     Z0, X0
	VPMOVDB     Z1, X1
	VINSERTI128 $1, X1, Y0, Y0
	VMOVDQU     Y0, (DI)

	// The sum of q+128, in bytes without sign, less 32*128.
	VPXORD       Y22, Y0, Y0
	VPSADBW      Y15, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0x4e, X0, X1
	VPADDD       X1, X0, X0
	VMOVD        X0, AX
	SUBL         $(32*128), AX
	IMUL3L       $-128, AX, BX
	IMUL3L       $-12, AX, AX
	MOVL         BX, (R9)
	MOVL         AX, (R10)

	ADDQ $128, SI
	ADDQ $32, DI
	ADDQ $4, R8
	ADDQ $4, R9
	ADDQ $4, R10
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

// func squaresAVX512(x *float32, n int) float32
// Four chains of sixteen lanes: the vector i goes to chain i mod 4.
TEXT ·squaresAVX512(SB), NOSPLIT, $0-20
	MOVQ   x+0(FP), SI
	MOVQ   n+8(FP), CX
	KXNORW K1, K1, K1
	VPXORD Z0, Z0, Z0
	VPXORD Z1, Z1, Z1
	VPXORD Z2, Z2, Z2
	VPXORD Z3, Z3, Z3
	SUBQ   $64, CX
	JLT    rest

loop:
	VMOVUPS     (SI), Z4
	VMOVUPS     64(SI), Z5
	VMOVUPS     128(SI), Z6
	VMOVUPS     192(SI), Z7
	VFMADD231PS Z4, Z4, Z0
	VFMADD231PS Z5, Z5, Z1
	VFMADD231PS Z6, Z6, Z2
	VFMADD231PS Z7, Z7, Z3
	ADDQ        $256, SI
	SUBQ        $64, CX
	JGE         loop

rest:
	VADDPS Z2, Z0, Z0
	VADDPS Z3, Z1, Z1
	VADDPS Z1, Z0, Z0
	ADDQ   $64, CX
	JZ     done

last:
	LANES(full)

full:
	VMOVUPS.Z   (SI), K1, Z4
	VFMADD231PS Z4, Z4, Z0
	ADDQ        $64, SI
	SUBQ        $16, CX
	JGT         last

done:
	FOLD
	VMOVSS X0, ret+16(FP)
	VZEROUPPER
	RET

// func scaledAVX512(dst, x, scale *float32, n int, inv float32)
TEXT ·scaledAVX512(SB), NOSPLIT, $0-36
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         scale+16(FP), DX
	MOVQ         n+24(FP), CX
	VBROADCASTSS inv+32(FP), Z2
	KXNORW       K1, K1, K1

loop:
	LANES(full)

full:
	VMOVUPS.Z (SI), K1, Z0
	VMOVUPS.Z (DX), K1, Z1
	VMULPS    Z2, Z0, Z0
	VMULPS    Z1, Z0, Z0
	VMOVUPS   Z0, K1, (DI)
	ADDQ      $64, SI
	ADDQ      $64, DX
	ADDQ      $64, DI
	SUBQ      $16, CX
	JGT       loop
	VZEROUPPER
	RET

// func addScaledAVX512(dst, x *float32, n int, scale float32)
TEXT ·addScaledAVX512(SB), NOSPLIT, $0-28
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         n+16(FP), CX
	VBROADCASTSS scale+24(FP), Z2
	KXNORW       K1, K1, K1

loop:
	LANES(full)

full:
	VMOVUPS.Z   (SI), K1, Z0
	VMOVUPS.Z   (DI), K1, Z1
	VFMADD231PS Z2, Z0, Z1
	VMOVUPS     Z1, K1, (DI)
	ADDQ        $64, SI
	ADDQ        $64, DI
	SUBQ        $16, CX
	JGT         loop
	VZEROUPPER
	RET

// func swigluAVX512(dst, gate, up *float32, n int, alpha, limit float32)
TEXT ·swigluAVX512(SB), NOSPLIT, $0-40
	MOVQ         dst+0(FP), DI
	MOVQ         gate+8(FP), SI
	MOVQ         up+16(FP), DX
	MOVQ         n+24(FP), CX
	VBROADCASTSS alpha+32(FP), Z28
	VBROADCASTSS limit+36(FP), Z29
	BITS($0x80000000, Z30)
	VPXORD       Z30, Z28, Z28 // -alpha
	VPXORD       Z30, Z29, Z30 // -limit
	KXNORW       K1, K1, K1
	EXP_TABLE

loop:
	LANES(full)

full:
	VMOVUPS.Z (SI), K1, Z0
	VMOVUPS.Z (DX), K1, Z1
	VMINPS    Z0, Z29, Z0 // NaN stays
	VMINPS    Z1, Z29, Z1
	VMAXPS    Z1, Z30, Z1
	VADDPS    Z27, Z1, Z1
	VMULPS    Z28, Z0, Z2
	EXP(Z2, Z3, Z4)
	VADDPS    Z27, Z4, Z4
	VDIVPS    Z4, Z0, Z0
	VMULPS    Z1, Z0, Z0
	VMOVUPS   Z0, K1, (DI)
	ADDQ      $64, SI
	ADDQ      $64, DX
	ADDQ      $64, DI
	SUBQ      $16, CX
	JGT       loop
	VZEROUPPER
	RET

// func expsAVX512(x *float32, n int, top float32) float32
TEXT ·expsAVX512(SB), NOSPLIT, $0-28
	MOVQ         x+0(FP), SI
	MOVQ         n+8(FP), CX
	VBROADCASTSS top+16(FP), Z28
	VPXORD       Z0, Z0, Z0
	KXNORW       K1, K1, K1
	EXP_TABLE

loop:
	LANES(full)

full:
	VMOVUPS.Z (SI), K1, Z2
	VSUBPS    Z28, Z2, Z2
	EXP(Z2, Z3, Z4)
	VADDPS    Z4, Z0, K1, Z0
	VMOVUPS   Z4, K1, (SI)
	ADDQ      $64, SI
	SUBQ      $16, CX
	JGT       loop
	FOLD
	VMOVSS    X0, ret+24(FP)
	VZEROUPPER
	RET

// func maxAVX512(x *float32, n int) float32
// K2 collects the lanes that met NaN, which VMAXPS would forget.
TEXT ·maxAVX512(SB), NOSPLIT, $0-20
	MOVQ    x+0(FP), SI
	MOVQ    n+8(FP), CX
	BITS($0xff800000, Z0) // minus infinity
	VMOVAPS Z0, Z1
	VMOVAPS Z0, Z2
	VMOVAPS Z0, Z3
	VMOVAPS Z0, Z8
	KXORW   K2, K2, K2
	KXNORW  K1, K1, K1
	SUBQ    $64, CX
	JLT     rest

loop:
	VMOVUPS (SI), Z4
	VMOVUPS 64(SI), Z5
	VMOVUPS 128(SI), Z6
	VMOVUPS 192(SI), Z7
	VCMPPS  $3, Z4, Z5, K3
	VCMPPS  $3, Z6, Z7, K4
	VMAXPS  Z4, Z0, Z0
	VMAXPS  Z5, Z1, Z1
	VMAXPS  Z6, Z2, Z2
	VMAXPS  Z7, Z3, Z3
	KORW    K3, K2, K2
	KORW    K4, K2, K2
	ADDQ    $256, SI
	SUBQ    $64, CX
	JGE     loop

rest:
	VMAXPS Z1, Z0, Z0
	VMAXPS Z3, Z2, Z2
	VMAXPS Z2, Z0, Z0
	ADDQ   $64, CX
	JZ     done

last:
	LANES(full)

full:
	VMOVAPS Z8, Z4
	VMOVUPS (SI), K1, Z4
	VCMPPS  $3, Z4, Z4, K3
	KORW    K3, K2, K2
	VMAXPS  Z4, Z0, Z0
	ADDQ    $64, SI
	SUBQ    $16, CX
	JGT     last

done:
	VEXTRACTF64X4 $1, Z0, Y1
	VMAXPS        Y1, Y0, Y0
	VEXTRACTF128  $1, Y0, X1
	VMAXPS        X1, X0, X0
	VPERMILPS     $0x4e, X0, X1
	VMAXPS        X1, X0, X0
	VPERMILPS     $0xb1, X0, X1
	VMAXSS        X1, X0, X0
	VMOVSS        X0, ret+16(FP)
	VZEROUPPER
	KORTESTW      K2, K2
	JZ            good
	MOVL          $0x7fc00000, ret+16(FP)

good:
	RET

// func halvesAVX512(dst *uint16, x *float32, n int)
TEXT ·halvesAVX512(SB), NOSPLIT, $0-24
	MOVQ   dst+0(FP), DI
	MOVQ   x+8(FP), SI
	MOVQ   n+16(FP), CX
	KXNORW K1, K1, K1

loop:
	LANES(full)

full:
	VMOVUPS.Z (SI), K1, Z0
	VCVTPS2PH $0, Z0, K1, (DI)
	ADDQ      $64, SI
	ADDQ      $32, DI
	SUBQ      $16, CX
	JGT       loop
	VZEROUPPER
	RET

// Attention. Scores and blends are both products of rows of numbers (queries, shares) with many vectors of sixteen lanes (keys of
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
