//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// The operations of vector.go, on whole groups of elements. Each rounds where the portable code rounds, so that it gives the same bits.

// func squaresNEON(lanes *[16]float32, x *float32, groups int): the sums of x² in sixteen lanes, of groups of sixteen.
TEXT ·squaresNEON(SB), NOSPLIT, $0-24
	MOVD lanes+0(FP), R0
	MOVD x+8(FP), R1
	MOVD groups+16(FP), R2
	CLEAR4(v16, v17, v18, v19)
	CBZ  R2, done

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VFMUL(v0, v0, v0)
	VFMUL(v1, v1, v1)
	VFMUL(v2, v2, v2)
	VFMUL(v3, v3, v3)
	VFADD(v0, v16, v16)
	VFADD(v1, v17, v17)
	VFADD(v2, v18, v18)
	VFADD(v3, v19, v19)
	SUBS   $1, R2
	BNE    loop

done:
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (R0)
	RET

// func scaleNEON(dst, x, scale *float32, factor float32, groups int): dst = x*factor*scale, groups of sixteen.
TEXT ·scaleNEON(SB), NOSPLIT, $0-40
	MOVD  dst+0(FP), R0
	MOVD  x+8(FP), R1
	MOVD  scale+16(FP), R2
	FMOVS factor+24(FP), F20
	MOVD  groups+32(FP), R3

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	VFMUL_LANE(v20, 0, v0, v0)
	VFMUL_LANE(v20, 0, v1, v1)
	VFMUL_LANE(v20, 0, v2, v2)
	VFMUL_LANE(v20, 0, v3, v3)
	VFMUL(v4, v0, v0)
	VFMUL(v5, v1, v1)
	VFMUL(v6, v2, v2)
	VFMUL(v7, v3, v3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS   $1, R3
	BNE    loop
	RET

// func addScaledNEON(dst, x *float32, scale float32, groups int): dst += scale*x, groups of sixteen.
TEXT ·addScaledNEON(SB), NOSPLIT, $0-32
	MOVD  dst+0(FP), R0
	MOVD  x+8(FP), R1
	FMOVS scale+16(FP), F20
	MOVD  groups+24(FP), R3

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1   (R0), [V4.S4, V5.S4, V6.S4, V7.S4]
	VFMUL_LANE(v20, 0, v0, v0)
	VFMUL_LANE(v20, 0, v1, v1)
	VFMUL_LANE(v20, 0, v2, v2)
	VFMUL_LANE(v20, 0, v3, v3)
	VFADD(v0, v4, v4)
	VFADD(v1, v5, v5)
	VFADD(v2, v6, v6)
	VFADD(v3, v7, v7)
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(R0)
	SUBS   $1, R3
	BNE    loop
	RET

// EXP replaces two registers by e to their power: the function Exp, whose steps these are. V16-V31 hold the constants of expTable, one
// in all lanes: log2 e, rounder, the two parts of ln 2, the coefficients from 1/5040 to 1/2, 1, the largest and smallest x, infinity, 127
// as an integer.
//
// x beyond the limits is cut off, so that the powers of two are numbers, and its result replaced. NaN passes through all of it. V2-V11
// are scratch.
#define EXP(x, y, VX, VY) \
	VFCMGT(v28, x, v2)  \
	VFCMGT(v28, y, v3)  \
	VFCMGT(x, v29, v4)  \
	VFCMGT(y, v29, v5)  \
	VFMIN(v28, x, x)    \
	VFMIN(v28, y, y)    \
	VFMAX(v29, x, x)    \
	VFMAX(v29, y, y)    \
	VFMUL(v16, x, v6)   \
	VFMUL(v16, y, v7)   \
	VFADD(v17, v6, v6)  \
	VFADD(v17, v7, v7)  \
	VFSUB(v17, v6, v6)  \
	VFSUB(v17, v7, v7)  \
	VFMUL(v18, v6, v8)  \
	VFMUL(v18, v7, v9)  \
	VFSUB(v8, x, x)     \
	VFSUB(v9, y, y)     \
	VFMUL(v19, v6, v8)  \
	VFMUL(v19, v7, v9)  \
	VFSUB(v8, x, x)     \
	VFSUB(v9, y, y)     \
	VFMUL(v20, x, v8)   \
	VFMUL(v20, y, v9)   \
	VFADD(v21, v8, v8)  \
	VFADD(v21, v9, v9)  \
	VFMUL(x, v8, v8)    \
	VFMUL(y, v9, v9)    \
	VFADD(v22, v8, v8)  \
	VFADD(v22, v9, v9)  \
	VFMUL(x, v8, v8)    \
	VFMUL(y, v9, v9)    \
	VFADD(v23, v8, v8)  \
	VFADD(v23, v9, v9)  \
	VFMUL(x, v8, v8)    \
	VFMUL(y, v9, v9)    \
	VFADD(v24, v8, v8)  \
	VFADD(v24, v9, v9)  \
	VFMUL(x, v8, v8)    \
	VFMUL(y, v9, v9)    \
	VFADD(v25, v8, v8)  \
	VFADD(v25, v9, v9)  \
	VFMUL(x, x, v10)    \
	VFMUL(y, y, v11)    \
	VFMUL(v10, v8, v8)  \
	VFMUL(v11, v9, v9)  \
	VFADD(x, v8, x)     \
	VFADD(y, v9, y)     \
	VFADD(v26, x, x)    \
	VFADD(v26, y, y)    \
	VFCVTNS(v6, v6)     \
	VFCVTNS(v7, v7)     \
	VSSHR(1, v6, v8)    \
	VSSHR(1, v7, v9)    \
	VSUB V8.S4, V6.S4, V6.S4   \
	VSUB V9.S4, V7.S4, V7.S4   \
	VADD V31.S4, V8.S4, V8.S4  \
	VADD V31.S4, V9.S4, V9.S4  \
	VADD V31.S4, V6.S4, V6.S4  \
	VADD V31.S4, V7.S4, V7.S4  \
	VSHL $23, V8.S4, V8.S4     \
	VSHL $23, V9.S4, V9.S4     \
	VSHL $23, V6.S4, V6.S4     \
	VSHL $23, V7.S4, V7.S4     \
	VFMUL(v8, x, x)            \
	VFMUL(v9, y, y)            \
	VFMUL(v6, x, x)            \
	VFMUL(v7, y, y)            \
	VBIT V2.B16, V30.B16, VX.B16 \
	VBIT V3.B16, V30.B16, VY.B16 \
	VBIC(v4, x, x)             \
	VBIC(v5, y, y)

#define EXP_TABLE \
	MOVD   $·expTable(SB), R9                          \
	VLD4R.P 16(R9), [V16.S4, V17.S4, V18.S4, V19.S4]   \
	VLD4R.P 16(R9), [V20.S4, V21.S4, V22.S4, V23.S4]   \
	VLD4R.P 16(R9), [V24.S4, V25.S4, V26.S4, V27.S4]   \
	VLD4R.P 16(R9), [V28.S4, V29.S4, V30.S4, V31.S4]

// EXPS does eight elements at R1 and adds them to the sums a and b. V27 is top.
#define EXPS(a, b) \
	VLD1   (R1), [V0.S4, V1.S4] \
	VFSUB(v27, v0, v0)          \
	VFSUB(v27, v1, v1)          \
	EXP(v0, v1, V0, V1)         \
	VFADD(v0, a, a)             \
	VFADD(v1, b, b)             \
	VST1.P [V0.S4, V1.S4], 32(R1)

// func expsNEON(lanes *[16]float32, x *float32, top float32, groups int): e^(x-top), groups of sixteen, whose sums go to sixteen lanes.
TEXT ·expsNEON(SB), NOSPLIT, $0-32
	MOVD  lanes+0(FP), R0
	MOVD  x+8(FP), R1
	FMOVS top+16(FP), F12
	MOVD  groups+24(FP), R2
	EXP_TABLE
	VDUP  V12.S[0], V27.S4
	CLEAR4(v12, v13, v14, v15)

loop:
	EXPS(v12, v13)
	EXPS(v14, v15)
	SUBS $1, R2
	BNE  loop
	VST1 [V12.S4, V13.S4, V14.S4, V15.S4], (R0)
	RET

// func maxNEON(x *float32, groups int) float32: groups of sixteen, at least one. It is NaN if one element is.
TEXT ·maxNEON(SB), NOSPLIT, $0-20
	MOVD   x+0(FP), R0
	MOVD   groups+8(FP), R1
	VLD1.P 64(R0), [V0.S4, V1.S4, V2.S4, V3.S4]

loop:
	SUBS   $1, R1
	BEQ    done
	VLD1.P 64(R0), [V4.S4, V5.S4, V6.S4, V7.S4]
	VFMAX(v4, v0, v0)
	VFMAX(v5, v1, v1)
	VFMAX(v6, v2, v2)
	VFMAX(v7, v3, v3)
	B      loop

done:
	VFMAX(v1, v0, v0)
	VFMAX(v3, v2, v2)
	VFMAX(v2, v0, v0)
	VFMAXV(v0, v0)
	FMOVS F0, ret+16(FP)
	RET

// func swigluNEON(dst, gate, up *float32, alpha, limit float32, groups int): groups of eight.
TEXT ·swigluNEON(SB), NOSPLIT, $0-40
	MOVD  dst+0(FP), R0
	MOVD  gate+8(FP), R1
	MOVD  up+16(FP), R2
	FMOVS alpha+24(FP), F12
	FMOVS limit+28(FP), F13
	MOVD  groups+32(FP), R3
	VDUP  V13.S[0], V13.S4
	VFNEG(v13, v14)
	EXP_TABLE

loop:
	VLD1.P 32(R1), [V0.S4, V1.S4]
	VFMIN(v13, v0, v0)
	VFMIN(v13, v1, v1)
	VMOV   V0.B16, V15.B16
	VMOV   V1.B16, V27.B16
	VFMUL_LANE(v12, 0, v0, v0)
	VFMUL_LANE(v12, 0, v1, v1)
	VFNEG(v0, v0)
	VFNEG(v1, v1)
	EXP(v0, v1, V0, V1)
	VFADD(v26, v0, v0)
	VFADD(v26, v1, v1)
	VFDIV(v0, v26, v0)
	VFDIV(v1, v26, v1)
	VFMUL(v0, v15, v0)
	VFMUL(v1, v27, v1)
	VLD1.P 32(R2), [V2.S4, V3.S4]
	VFMIN(v13, v2, v2)
	VFMIN(v13, v3, v3)
	VFMAX(v14, v2, v2)
	VFMAX(v14, v3, v3)
	VFADD(v26, v2, v2)
	VFADD(v26, v3, v3)
	VFMUL(v2, v0, v0)
	VFMUL(v3, v1, v1)
	VST1.P [V0.S4, V1.S4], 32(R0)
	SUBS   $1, R3
	BNE    loop
	RET

// ROUND leaves bfloat16 in the upper halves of four lanes, and bits of no meaning below: it adds half of a unit less one, and one more if
// the upper half is odd. NaN gets the bit that makes it quiet instead. V29 holds 0x7fff, V30 holds 1.
#define ROUND(x, y, VX, VY, VZ) \
	VFCMEQ(x, x, y)                  \
	VUSHR $16, VX.S4, VZ.S4          \
	VAND  V30.B16, VZ.B16, VZ.B16    \
	VADD  V29.S4, VZ.S4, VZ.S4       \
	VADD  VX.S4, VZ.S4, VZ.S4        \
	VORR_BIT22(x)                    \
	VBIT  VY.B16, VZ.B16, VX.B16

#define ROUND_CONSTANTS \
	MOVD $0x7fff, R9      \
	VDUP R9, V29.S4       \
	MOVD $1, R9           \
	VDUP R9, V30.S4

// func roundNEON(x *float32, groups int): groups of eight.
TEXT ·roundNEON(SB), NOSPLIT, $0-16
	MOVD  x+0(FP), R0
	MOVD  groups+8(FP), R1
	ROUND_CONSTANTS
	VMOVI $255, V31.B16
	VSHL  $16, V31.S4, V31.S4

loop:
	VLD1   (R0), [V0.S4, V1.S4]
	ROUND(v0, v2, V0, V2, V4)
	ROUND(v1, v3, V1, V3, V5)
	VAND   V31.B16, V0.B16, V0.B16
	VAND   V31.B16, V1.B16, V1.B16
	VST1.P [V0.S4, V1.S4], 32(R0)
	SUBS   $1, R1
	BNE    loop
	RET

// func brainNEON(dst *uint16, x *float32, groups int): groups of eight. Panel16 has columns k and k+2 in one lane, k in the lower half.
TEXT ·brainNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD groups+16(FP), R2
	ROUND_CONSTANTS

loop:
	VLD1.P 32(R1), [V0.S4, V1.S4]
	ROUND(v0, v2, V0, V2, V4)
	ROUND(v1, v3, V1, V3, V5)
	VZIP1  V1.D2, V0.D2, V6.D2 // 0, 1, 4, 5
	VZIP2  V1.D2, V0.D2, V7.D2 // 2, 3, 6, 7
	VSRI   $16, V6.S4, V7.S4
	VST1.P [V7.S4], 16(R0)
	SUBS   $1, R2
	BNE    loop
	RET

// func halvesNEON(dst *uint16, x *float32, groups int): groups of eight.
TEXT ·halvesNEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD groups+16(FP), R2

loop:
	VLD1.P 32(R1), [V0.S4, V1.S4]
	VFCVTN(v0, v2)
	VFCVTN2(v1, v2)
	VST1.P [V2.H8], 16(R0)
	SUBS   $1, R2
	BNE    loop
	RET

// func wholeNEON(q *int8, scale *float32, off8, off4 *int32, x *float32, blocks int): blocks of 32. The largest magnitude is NaN if one
// element is, because the instructions for maxima say so, and infinite if one is and none is NaN.
//
//	V0-V7 x   V16-V23 magnitudes   F24 the largest   F25 scale   F26 its inverse   F29 127   F30 tiny   F31 infinity
TEXT ·wholeNEON(SB), NOSPLIT, $0-48
	MOVD  q+0(FP), R0
	MOVD  scale+8(FP), R1
	MOVD  off8+16(FP), R2
	MOVD  off4+24(FP), R3
	MOVD  x+32(FP), R4
	MOVD  blocks+40(FP), R5
	MOVW  $0x42fe0000, R9 // 127
	FMOVS R9, F29
	MOVW  $0x0d800000, R9 // 2^-100
	FMOVS R9, F30
	MOVW  $0x7f800000, R9
	FMOVS R9, F31
	MOVD  $-12, R10

block:
	VLD1.P 64(R4), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R4), [V4.S4, V5.S4, V6.S4, V7.S4]
	VFABS(v0, v16)
	VFABS(v1, v17)
	VFABS(v2, v18)
	VFABS(v3, v19)
	VFABS(v4, v20)
	VFABS(v5, v21)
	VFABS(v6, v22)
	VFABS(v7, v23)
	VFMAX(v20, v16, v16)
	VFMAX(v21, v17, v17)
	VFMAX(v22, v18, v18)
	VFMAX(v23, v19, v19)
	VFMAX(v18, v16, v16)
	VFMAX(v19, v17, v17)
	VFMAX(v17, v16, v16)
	VFMAXV(v16, v24)
	FDIVS  F29, F24, F25
	FDIVS  F24, F29, F26
	FCMPS  F31, F24
	BPL    bad            // not less: infinite or NaN
	FCMPS  F30, F24
	BMI    zero           // less

numbers:
	VFMUL_LANE(v26, 0, v0, v0)
	VFMUL_LANE(v26, 0, v1, v1)
	VFMUL_LANE(v26, 0, v2, v2)
	VFMUL_LANE(v26, 0, v3, v3)
	VFMUL_LANE(v26, 0, v4, v4)
	VFMUL_LANE(v26, 0, v5, v5)
	VFMUL_LANE(v26, 0, v6, v6)
	VFMUL_LANE(v26, 0, v7, v7)
	VFCVTNS(v0, v0)
	VFCVTNS(v1, v1)
	VFCVTNS(v2, v2)
	VFCVTNS(v3, v3)
	VFCVTNS(v4, v4)
	VFCVTNS(v5, v5)
	VFCVTNS(v6, v6)
	VFCVTNS(v7, v7)
	VADD   V0.S4, V1.S4, V16.S4
	VADD   V2.S4, V3.S4, V17.S4
	VADD   V4.S4, V5.S4, V18.S4
	VADD   V6.S4, V7.S4, V19.S4
	VADD   V17.S4, V16.S4, V16.S4
	VADD   V19.S4, V18.S4, V18.S4
	VADD   V18.S4, V16.S4, V16.S4
	VADDV(v16, v16)
	VUZP1  V1.H8, V0.H8, V0.H8
	VUZP1  V3.H8, V2.H8, V2.H8
	VUZP1  V5.H8, V4.H8, V4.H8
	VUZP1  V7.H8, V6.H8, V6.H8
	VUZP1  V2.B16, V0.B16, V0.B16
	VUZP1  V6.B16, V4.B16, V1.B16
	VST1.P [V0.B16, V1.B16], 32(R0)
	FMOVS.P F25, 4(R1)
	VMOV   V16.S[0], R9
	MULW   R10, R9, R11
	LSLW   $7, R9
	NEGW   R9, R9
	MOVW.P R9, 4(R2)
	MOVW.P R11, 4(R3)
	SUBS   $1, R5
	BNE    block
	RET

bad:
	MOVW  $0x7fc00000, R9
	FMOVS R9, F25
	B     clear

zero:
	FMOVS ZR, F25

clear: // F26 may be infinite or NaN
	FMOVS ZR, F26
	CLEAR4(v0, v1, v2, v3)
	CLEAR4(v4, v5, v6, v7)
	B numbers
