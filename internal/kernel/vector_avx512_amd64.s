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
