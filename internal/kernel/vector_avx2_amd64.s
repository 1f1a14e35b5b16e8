//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// The operations on vectors for AVX2, FMA and F16C. Elementwise ones work on eight elements at a time, or sixteen where lanes are
// added up; the last CX of them are moved under masks: masked elements are neither read nor written, and zero in registers.

// MASK makes the masks of the first CX of sixteen lanes. It uses AX and BX.
#define MASK(low, high) \
	LEAQ ·masks+64(SB), AX; \
	LEAQ (CX*4), BX; \
	SUBQ BX, AX; \
	VMOVDQU (AX), low; \
	VMOVDQU 32(AX), high

// BITS broadcasts a constant of 32 bits. It uses AX.
#define BITS(value, half, to) \
	MOVL value, AX; \
	VMOVD AX, half; \
	VPBROADCASTD half, to

// BRAIN_BITS sets up Y13 to Y15 for BRAIN.
#define BRAIN_BITS \
	BITS($1, X13, Y13); \
	BITS($0x7fff, X14, Y14); \
	BITS($0x400000, X15, Y15)

// BRAIN rounds x to a bfloat16, the upper half of y: adding 0x7fff and the last bit to be kept rounds to nearest, ties to even.
// NaN becomes quiet instead, as the addition could make it infinite. It uses s.
#define BRAIN(x, y, s) \
	VPSRLD $16, x, y; \
	VPAND Y13, y, y; \
	VPADDD Y14, y, y; \
	VPADDD x, y, y; \
	VCMPPS $3, x, x, s; \
	VPOR Y15, x, x; \
	VBLENDVPS s, x, y, y

// FOLD adds the sixteen lanes of Y0 and Y1: j+8 to j, then j+4, j+2, j+1. The sum is lane 0 of X0.
#define FOLD \
	VADDPS Y1, Y0, Y0; \
	VEXTRACTF128 $1, Y0, X1; \
	VADDPS X1, X0, X0; \
	VPERMILPS $0x4e, X0, X1; \
	VADDPS X1, X0, X0; \
	VPERMILPS $0xb1, X0, X1; \
	VADDSS X1, X0, X0

// EXP sets y to e^x, as the Go function Exp: x = n ln 2 + r, the Taylor polynomial of r, times 2^n in two steps, of which only the
// last one rounds. The cut passes on NaN, as an operation of MAX and MIN that gives its second source then. It changes x, n and s.
#define EXP(x, n, y, s) \
	VMOVUPS ·expTable+const_expLow(SB), y; \
	VMAXPS x, y, x; \
	VMOVUPS ·expTable+const_expHigh(SB), y; \
	VMINPS x, y, x; \
	VMULPS ·expTable+const_expLog2e(SB), x, n; \
	VROUNDPS $8, n, n; \
	VFNMADD231PS ·expTable+const_expLn2Hi(SB), n, x; \
	VFNMADD231PS ·expTable+const_expLn2Lo(SB), n, x; \
	VADDPS ·expTable+const_expBias(SB), n, n; \
	VMOVUPS ·expTable+const_exp7(SB), y; \
	VFMADD213PS ·expTable+const_exp6(SB), x, y; \
	VFMADD213PS ·expTable+const_exp5(SB), x, y; \
	VFMADD213PS ·expTable+const_exp4(SB), x, y; \
	VFMADD213PS ·expTable+const_exp3(SB), x, y; \
	VFMADD213PS ·expTable+const_exp2(SB), x, y; \
	VFMADD213PS ·expTable+const_exp1(SB), x, y; \
	VFMADD213PS ·expTable+const_exp1(SB), x, y; \
	VCVTPS2DQ n, n; \
	VPSRAD $1, n, s; \
	VPSUBD s, n, n; \
	VPSLLD $23, s, s; \
	VPSLLD $23, n, n; \
	VMULPS s, y, y; \
	VMULPS n, y, y

// func roundAVX2(x *float32, n int)
TEXT ·roundAVX2(SB), NOSPLIT, $0-16
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	BRAIN_BITS
	BITS($0xffff0000, X12, Y12)
	SUBQ $8, CX
	JLT  rest

loop:
	VMOVUPS (SI), Y0
	BRAIN(Y0, Y1, Y2)
	VPAND   Y12, Y1, Y1
	VMOVUPS Y1, (SI)
	ADDQ    $32, SI
	SUBQ    $8, CX
	JGE     loop

rest:
	ADDQ       $8, CX
	JZ         done
	MASK(Y3, Y4)
	VMASKMOVPS (SI), Y3, Y0
	BRAIN(Y0, Y1, Y2)
	VPAND      Y12, Y1, Y1
	VMASKMOVPS Y1, Y3, (SI)

done:
	VZEROUPPER
	RET

// pairOrder exchanges the second and third of each four words.
DATA pairOrder<>+0(SB)/8, $0x0706030205040100
DATA pairOrder<>+8(SB)/8, $0x0f0e0b0a0d0c0908
DATA pairOrder<>+16(SB)/8, $0x0706030205040100
DATA pairOrder<>+24(SB)/8, $0x0f0e0b0a0d0c0908
GLOBL pairOrder<>(SB), RODATA|NOPTR, $32

// func brainAVX2(dst *uint16, x *float32, n int)
// n is a multiple of 32, as blocks are whole.
TEXT ·brainAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	BRAIN_BITS
	VMOVDQU pairOrder<>(SB), Y12

loop:
	VMOVUPS   (SI), Y0
	VMOVUPS   32(SI), Y3
	BRAIN(Y0, Y1, Y2)
	BRAIN(Y3, Y4, Y2)
	VPSRLD    $16, Y1, Y1
	VPSRLD    $16, Y4, Y4
	VPACKUSDW Y4, Y1, Y1 // 0-3, 8-11, 4-7, 12-15
	VPERMQ    $0xd8, Y1, Y1
	VPSHUFB   Y12, Y1, Y1
	VMOVDQU   Y1, (DI)
	ADDQ      $64, SI
	ADDQ      $32, DI
	SUBQ      $16, CX
	JGT       loop
	VZEROUPPER
	RET

// byteOrder puts in order the double words of 32 bytes that two packings of four vectors gave.
DATA byteOrder<>+0(SB)/8, $0x0000000400000000
DATA byteOrder<>+8(SB)/8, $0x0000000500000001
DATA byteOrder<>+16(SB)/8, $0x0000000600000002
DATA byteOrder<>+24(SB)/8, $0x0000000700000003
GLOBL byteOrder<>(SB), RODATA|NOPTR, $32

// func wholeAVX2(q *int8, scale *float32, off8, off4 *int32, x *float32, blocks int)
TEXT ·wholeAVX2(SB), NOSPLIT, $0-48
	MOVQ q+0(FP), DI
	MOVQ scale+8(FP), R8
	MOVQ off8+16(FP), R9
	MOVQ off4+24(FP), R10
	MOVQ x+32(FP), SI
	MOVQ blocks+40(FP), CX
	BITS($0x7fffffff, X15, Y15)       // all but the sign
	BITS($(const_tinyBits-1), X14, Y14)
	BITS($0x7f800000, X13, Y13)       // infinity
	BITS($0x42fe0000, X12, Y12)       // 127
	BITS($0x7fc00000, X11, Y11)       // NaN
	BITS($0x80808080, X10, Y10)
	VMOVDQU byteOrder<>(SB), Y9

loop:
	// X4: the largest magnitude, in all lanes. As a whole number NaN is above infinity, and that above all others.
	VMOVUPS      (SI), Y0
	VMOVUPS      32(SI), Y1
	VMOVUPS      64(SI), Y2
	VMOVUPS      96(SI), Y3
	VPAND        Y15, Y0, Y4
	VPAND        Y15, Y1, Y5
	VPAND        Y15, Y2, Y6
	VPAND        Y15, Y3, Y7
	VPMAXSD      Y5, Y4, Y4
	VPMAXSD      Y7, Y6, Y6
	VPMAXSD      Y6, Y4, Y4
	VEXTRACTI128 $1, Y4, X5
	VPMAXSD      X5, X4, X4
	VPSHUFD      $0x4e, X4, X5
	VPMAXSD      X5, X4, X4
	VPSHUFD      $0xb1, X4, X5
	VPMAXSD      X5, X4, X4

	// Y6: ones if it is neither tiny nor bad. Y7: ones unless it is bad.
	VDIVSS       X4, X12, X8        // 127/top
	VBROADCASTSS X8, Y8
	VPBROADCASTD X4, Y5
	VPCMPGTD     Y14, Y5, Y6
	VPCMPGTD     Y5, Y13, Y7
	VPAND        Y7, Y6, Y6
	VDIVSS       X12, X4, X4        // top/127
	VPAND        X6, X4, X4
	VPANDN       X11, X7, X7
	VPOR         X7, X4, X4
	VMOVSS       X4, (R8)

	VMULPS    Y8, Y0, Y0
	VMULPS    Y8, Y1, Y1
	VMULPS    Y8, Y2, Y2
	VMULPS    Y8, Y3, Y3
	VCVTPS2DQ Y0, Y0
	VCVTPS2DQ Y1, Y1
	VCVTPS2DQ Y2, Y2
	VCVTPS2DQ Y3, Y3
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPACKSSWB Y2, Y0, Y0
	VPERMD    Y0, Y9, Y0
	VPAND     Y6, Y0, Y0
	VMOVDQU   Y0, (DI)

	// The sum of q+128, in bytes without sign, less 32*128.
	VPXOR        Y10, Y0, Y0
	VPXOR        Y1, Y1, Y1
	VPSADBW      Y1, Y0, Y0
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

// func squaresAVX2(x *float32, n int) float32
// Four chains of eight lanes: the vector i goes to chain i mod 4.
TEXT ·squaresAVX2(SB), NOSPLIT, $0-20
	MOVQ  x+0(FP), SI
	MOVQ  n+8(FP), CX
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	SUBQ  $32, CX
	JLT   rest

loop:
	VMOVUPS     (SI), Y4
	VMOVUPS     32(SI), Y5
	VMOVUPS     64(SI), Y6
	VMOVUPS     96(SI), Y7
	VFMADD231PS Y4, Y4, Y0
	VFMADD231PS Y5, Y5, Y1
	VFMADD231PS Y6, Y6, Y2
	VFMADD231PS Y7, Y7, Y3
	ADDQ        $128, SI
	SUBQ        $32, CX
	JGE         loop

rest:
	VADDPS Y2, Y0, Y0
	VADDPS Y3, Y1, Y1
	ADDQ   $32, CX
	CMPQ   CX, $16
	JLT    last
	VMOVUPS     (SI), Y4
	VMOVUPS     32(SI), Y5
	VFMADD231PS Y4, Y4, Y0
	VFMADD231PS Y5, Y5, Y1
	ADDQ        $64, SI
	SUBQ        $16, CX

last:
	MASK(Y6, Y7)
	VMASKMOVPS  (SI), Y6, Y4
	VMASKMOVPS  32(SI), Y7, Y5
	VFMADD231PS Y4, Y4, Y0
	VFMADD231PS Y5, Y5, Y1
	FOLD
	VMOVSS      X0, ret+16(FP)
	VZEROUPPER
	RET

// func scaledAVX2(dst, x, scale *float32, n int, inv float32)
TEXT ·scaledAVX2(SB), NOSPLIT, $0-36
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         scale+16(FP), DX
	MOVQ         n+24(FP), CX
	VBROADCASTSS inv+32(FP), Y2
	SUBQ         $8, CX
	JLT          rest

loop:
	VMULPS  (SI), Y2, Y0
	VMULPS  (DX), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DX
	ADDQ    $32, DI
	SUBQ    $8, CX
	JGE     loop

rest:
	ADDQ       $8, CX
	JZ         done
	MASK(Y3, Y4)
	VMASKMOVPS (SI), Y3, Y0
	VMASKMOVPS (DX), Y3, Y1
	VMULPS     Y0, Y2, Y0
	VMULPS     Y1, Y0, Y0
	VMASKMOVPS Y0, Y3, (DI)

done:
	VZEROUPPER
	RET

// func addScaledAVX2(dst, x *float32, n int, scale float32)
TEXT ·addScaledAVX2(SB), NOSPLIT, $0-28
	MOVQ         dst+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         n+16(FP), CX
	VBROADCASTSS scale+24(FP), Y2
	SUBQ         $8, CX
	JLT          rest

loop:
	VMOVUPS     (DI), Y0
	VFMADD231PS (SI), Y2, Y0
	VMOVUPS     Y0, (DI)
	ADDQ        $32, SI
	ADDQ        $32, DI
	SUBQ        $8, CX
	JGE         loop

rest:
	ADDQ        $8, CX
	JZ          done
	MASK(Y3, Y4)
	VMASKMOVPS  (SI), Y3, Y1
	VMASKMOVPS  (DI), Y3, Y0
	VFMADD231PS Y1, Y2, Y0
	VMASKMOVPS  Y0, Y3, (DI)

done:
	VZEROUPPER
	RET

// SWIGLU makes of the gate Y0 and up Y1 the activation Y0. Y12 is 1, Y13 -alpha, Y14 limit, Y15 -limit. NaN stays, as in EXP.
#define SWIGLU \
	VMINPS Y0, Y14, Y0; \
	VMINPS Y1, Y14, Y1; \
	VMAXPS Y1, Y15, Y1; \
	VADDPS Y12, Y1, Y1; \
	VMULPS Y13, Y0, Y2; \
	EXP(Y2, Y3, Y4, Y5); \
	VADDPS Y12, Y4, Y4; \
	VDIVPS Y4, Y0, Y0; \
	VMULPS Y1, Y0, Y0

// func swigluAVX2(dst, gate, up *float32, n int, alpha, limit float32)
TEXT ·swigluAVX2(SB), NOSPLIT, $0-40
	MOVQ         dst+0(FP), DI
	MOVQ         gate+8(FP), SI
	MOVQ         up+16(FP), DX
	MOVQ         n+24(FP), CX
	VBROADCASTSS alpha+32(FP), Y13
	VBROADCASTSS limit+36(FP), Y14
	VMOVUPS      ·expTable+const_exp1(SB), Y12
	BITS($0x80000000, X15, Y15)
	VPXOR        Y15, Y13, Y13
	VPXOR        Y15, Y14, Y15
	SUBQ         $8, CX
	JLT          rest

loop:
	VMOVUPS (SI), Y0
	VMOVUPS (DX), Y1
	SWIGLU
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DX
	ADDQ    $32, DI
	SUBQ    $8, CX
	JGE     loop

rest:
	ADDQ       $8, CX
	JZ         done
	MASK(Y10, Y11)
	VMASKMOVPS (SI), Y10, Y0
	VMASKMOVPS (DX), Y10, Y1
	SWIGLU
	VMASKMOVPS Y0, Y10, (DI)

done:
	VZEROUPPER
	RET

// func expsAVX2(x *float32, n int, top float32) float32
TEXT ·expsAVX2(SB), NOSPLIT, $0-28
	MOVQ         x+0(FP), SI
	MOVQ         n+8(FP), CX
	VBROADCASTSS top+16(FP), Y15
	VPXOR        Y0, Y0, Y0
	VPXOR        Y1, Y1, Y1
	SUBQ         $16, CX
	JLT          rest

loop:
	VMOVUPS (SI), Y2
	VMOVUPS 32(SI), Y6
	VSUBPS  Y15, Y2, Y2
	VSUBPS  Y15, Y6, Y6
	EXP(Y2, Y3, Y4, Y5)
	EXP(Y6, Y7, Y8, Y9)
	VADDPS  Y4, Y0, Y0
	VADDPS  Y8, Y1, Y1
	VMOVUPS Y4, (SI)
	VMOVUPS Y8, 32(SI)
	ADDQ    $64, SI
	SUBQ    $16, CX
	JGE     loop

rest:
	ADDQ       $16, CX
	JZ         done
	MASK(Y10, Y11)
	VMASKMOVPS (SI), Y10, Y2
	VMASKMOVPS 32(SI), Y11, Y6
	VSUBPS     Y15, Y2, Y2
	VSUBPS     Y15, Y6, Y6
	EXP(Y2, Y3, Y4, Y5)
	EXP(Y6, Y7, Y8, Y9)
	VMASKMOVPS Y4, Y10, (SI)
	VMASKMOVPS Y8, Y11, 32(SI)
	VANDPS     Y10, Y4, Y4
	VANDPS     Y11, Y8, Y8
	VADDPS     Y4, Y0, Y0
	VADDPS     Y8, Y1, Y1

done:
	FOLD
	VMOVSS X0, ret+24(FP)
	VZEROUPPER
	RET

// func maxAVX2(x *float32, n int) float32
// Y6 collects the lanes that met NaN, which VMAXPS would forget.
TEXT ·maxAVX2(SB), NOSPLIT, $0-20
	MOVQ    x+0(FP), SI
	MOVQ    n+8(FP), CX
	BITS($0xff800000, X0, Y0) // minus infinity
	VMOVAPS Y0, Y1
	VMOVAPS Y0, Y7
	VPXOR   Y6, Y6, Y6
	SUBQ    $16, CX
	JLT     rest

loop:
	VMOVUPS (SI), Y2
	VMOVUPS 32(SI), Y3
	VCMPPS  $3, Y2, Y3, Y4
	VMAXPS  Y2, Y0, Y0
	VMAXPS  Y3, Y1, Y1
	VPOR    Y4, Y6, Y6
	ADDQ    $64, SI
	SUBQ    $16, CX
	JGE     loop

rest:
	ADDQ       $16, CX
	JZ         done
	MASK(Y4, Y5)
	VMASKMOVPS (SI), Y4, Y2
	VMASKMOVPS 32(SI), Y5, Y3
	VBLENDVPS  Y4, Y2, Y7, Y2
	VBLENDVPS  Y5, Y3, Y7, Y3
	VCMPPS     $3, Y2, Y3, Y4
	VMAXPS     Y2, Y0, Y0
	VMAXPS     Y3, Y1, Y1
	VPOR       Y4, Y6, Y6

done:
	VMAXPS       Y1, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VMAXPS       X1, X0, X0
	VPERMILPS    $0x4e, X0, X1
	VMAXPS       X1, X0, X0
	VPERMILPS    $0xb1, X0, X1
	VMAXSS       X1, X0, X0
	VMOVSS       X0, ret+16(FP)
	VPTEST       Y6, Y6
	VZEROUPPER
	JZ           good
	MOVL         $0x7fc00000, ret+16(FP)

good:
	RET

// func halvesAVX2(dst *uint16, x *float32, n int)
TEXT ·halvesAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	SUBQ $8, CX
	JLT  rest

loop:
	VMOVUPS   (SI), Y0
	VCVTPS2PH $0, Y0, (DI)
	ADDQ      $32, SI
	ADDQ      $16, DI
	SUBQ      $8, CX
	JGE       loop

rest:
	ADDQ       $8, CX
	JZ         done
	MASK(Y1, Y2)
	VMASKMOVPS (SI), Y1, Y0
	VCVTPS2PH  $0, Y0, X0

one:
	VPEXTRW $0, X0, (DI)
	VPSRLDQ $2, X0, X0
	ADDQ    $2, DI
	DECQ    CX
	JNZ     one

done:
	VZEROUPPER
	RET
