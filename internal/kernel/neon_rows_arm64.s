//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "neon_arm64.h"

// Products of vectors with sixteen columns at a time: func rows32(r *rows), func rows16(r *rows), func rowsPairs(r *rows). Pairs of
// bfloat16 take the place of one float32 in vectors and weights.
//
// Four vectors share each row of weights: sixteen sums in registers, each a chain of its own in the order of k. What is left of
// the vectors goes one by one, in the same order.
//
//	R1 n left   R2 w   R3 wStep   R4 the next x   R5 xStride   R6 k   R7 dst   R8 dstStride   R9 bias   R10 biasStride
//	R11-R14 four vectors   R15 weights   R16 count of k   R17 start   R19 startStride
//	V0-V3 x, one register a vector   V4 scale   V8-V11 sixteen weights   V12 V13 binary16   V16-V31 sums, four registers a vector

// START reads what four sums begin with.
#define START(a, b, c, d) \
	VLD1 (R17), [a.S4, b.S4, c.S4, d.S4] \
	ADD  R19, R17

// LOAD32 and LOAD16 read one row of weights.
#define LOAD32 \
	VLD1.P (R15)(R3), [V8.S4, V9.S4, V10.S4, V11.S4]

#define LOAD16 \
	VLD1.P (R15)(R3), [V12.H8, V13.H8] \
	VFCVTL(v12, v8)                    \
	VFCVTL2(v12, v9)                   \
	VFCVTL(v13, v10)                   \
	VFCVTL2(v13, v11)

// MUL adds the weights times one lane of x to four sums.
#define MUL(OP, x, lane, a, b, c, d) \
	OP(x, lane, v8, a)  \
	OP(x, lane, v9, b)  \
	OP(x, lane, v10, c) \
	OP(x, lane, v11, d)

#define MUL4(OP, lane) \
	MUL(OP, v0, lane, v16, v17, v18, v19) \
	MUL(OP, v1, lane, v20, v21, v22, v23) \
	MUL(OP, v2, lane, v24, v25, v26, v27) \
	MUL(OP, v3, lane, v28, v29, v30, v31)

// FINISH writes bias + scale*sum. With a scale of 1 this is their sum, rounded once.
#define FINISH(a, b, c, d) \
	VLD1 (R9), [V8.S4, V9.S4, V10.S4, V11.S4] \
	ADD  R10, R9                              \
	VFMLA_LANE(v4, 0, a, v8)                  \
	VFMLA_LANE(v4, 0, b, v9)                  \
	VFMLA_LANE(v4, 0, c, v10)                 \
	VFMLA_LANE(v4, 0, d, v11)                 \
	VST1 [V8.S4, V9.S4, V10.S4, V11.S4], (R7) \
	ADD  R8, R7

#define ROWS(LOAD, OP) \
	MOVD  r+0(FP), R0             \
	MOVD  rows_n(R0), R1          \
	MOVD  rows_w(R0), R2          \
	MOVD  rows_wStep(R0), R3      \
	MOVD  rows_x(R0), R4          \
	MOVD  rows_xStride(R0), R5    \
	MOVD  rows_k(R0), R6          \
	MOVD  rows_dst(R0), R7        \
	MOVD  rows_dstStride(R0), R8  \
	MOVD  rows_bias(R0), R9       \
	MOVD  rows_biasStride(R0), R10 \
	MOVD  rows_start(R0), R17     \
	MOVD  rows_startStride(R0), R19 \
	FMOVS rows_scale(R0), F4      \
fours:                            \
	SUBS  $4, R1                  \
	BLT   rest                    \
	MOVD  R4, R11                 \
	ADD   R5, R11, R12            \
	ADD   R5, R12, R13            \
	ADD   R5, R13, R14            \
	ADD   R5, R14, R4             \
	MOVD  R2, R15                 \
	START(V16, V17, V18, V19)     \
	START(V20, V21, V22, V23)     \
	START(V24, V25, V26, V27)     \
	START(V28, V29, V30, V31)     \
	LSR   $2, R6, R16             \
	CBZ   R16, foursTail          \
foursLoop:                        \
	VLD1.P 16(R11), [V0.S4]       \
	VLD1.P 16(R12), [V1.S4]       \
	VLD1.P 16(R13), [V2.S4]       \
	VLD1.P 16(R14), [V3.S4]       \
	LOAD                          \
	MUL4(OP, 0)                   \
	LOAD                          \
	MUL4(OP, 1)                   \
	LOAD                          \
	MUL4(OP, 2)                   \
	LOAD                          \
	MUL4(OP, 3)                   \
	SUBS  $1, R16                 \
	BNE   foursLoop               \
foursTail:                        \
	ANDS  $3, R6, R16             \
	BEQ   foursDone               \
foursColumn:                      \
	FMOVS.P 4(R11), F0            \
	FMOVS.P 4(R12), F1            \
	FMOVS.P 4(R13), F2            \
	FMOVS.P 4(R14), F3            \
	LOAD                          \
	MUL4(OP, 0)                   \
	SUBS  $1, R16                 \
	BNE   foursColumn             \
foursDone:                        \
	FINISH(v16, v17, v18, v19)    \
	FINISH(v20, v21, v22, v23)    \
	FINISH(v24, v25, v26, v27)    \
	FINISH(v28, v29, v30, v31)    \
	B     fours                   \
rest:                             \
	ADDS  $4, R1                  \
	BEQ   done                    \
ones:                             \
	MOVD  R4, R11                 \
	ADD   R5, R4                  \
	MOVD  R2, R15                 \
	START(V16, V17, V18, V19)     \
	LSR   $2, R6, R16             \
	CBZ   R16, onesTail           \
onesLoop:                         \
	VLD1.P 16(R11), [V0.S4]       \
	LOAD                          \
	MUL(OP, v0, 0, v16, v17, v18, v19) \
	LOAD                          \
	MUL(OP, v0, 1, v16, v17, v18, v19) \
	LOAD                          \
	MUL(OP, v0, 2, v16, v17, v18, v19) \
	LOAD                          \
	MUL(OP, v0, 3, v16, v17, v18, v19) \
	SUBS  $1, R16                 \
	BNE   onesLoop                \
onesTail:                         \
	ANDS  $3, R6, R16             \
	BEQ   onesDone                \
onesColumn:                       \
	FMOVS.P 4(R11), F0            \
	LOAD                          \
	MUL(OP, v0, 0, v16, v17, v18, v19) \
	SUBS  $1, R16                 \
	BNE   onesColumn              \
onesDone:                         \
	FINISH(v16, v17, v18, v19)    \
	SUBS  $1, R1                  \
	BNE   ones                    \
done:                             \
	RET

TEXT ·rows32(SB), NOSPLIT, $0-8
	ROWS(LOAD32, VFMLA_LANE)

TEXT ·rows16(SB), NOSPLIT, $0-8
	ROWS(LOAD16, VFMLA_LANE)

TEXT ·rowsPairs(SB), NOSPLIT, $0-8
	ROWS(LOAD32, VBFDOT_LANE)
