// Instructions of arm64 that Go's assembler does not know, written as Go would write them: sources first, the destination last. An
// operand is the number of a vector register: v0 to v31. The numbers are the encodings of the Arm Architecture Reference Manual for
// A-profile, C7.2, of the instruction beside each, with all registers v0.

#define v0 0
#define v1 1
#define v2 2
#define v3 3
#define v4 4
#define v5 5
#define v6 6
#define v7 7
#define v8 8
#define v9 9
#define v10 10
#define v11 11
#define v12 12
#define v13 13
#define v14 14
#define v15 15
#define v16 16
#define v17 17
#define v18 18
#define v19 19
#define v20 20
#define v21 21
#define v22 22
#define v23 23
#define v24 24
#define v25 25
#define v26 26
#define v27 27
#define v28 28
#define v29 29
#define v30 30
#define v31 31

// THREE, TWO and BY_LANE put registers and a lane of 32 bits into an encoding.
#define THREE(op, m, n, d)         WORD $(op | (m)<<16 | (n)<<5 | (d))
#define TWO(op, n, d)              WORD $(op | (n)<<5 | (d))
#define BY_LANE(op, m, lane, n, d) WORD $(op | ((lane)&1)<<21 | (m)<<16 | ((lane)>>1)<<11 | (n)<<5 | (d))

// Four float32: d = n op m.
#define VFADD(m, n, d)  THREE(0x4e20d400, m, n, d) // fadd  d.4s, n.4s, m.4s
#define VFSUB(m, n, d)  THREE(0x4ea0d400, m, n, d) // fsub  d.4s, n.4s, m.4s
#define VFMUL(m, n, d)  THREE(0x6e20dc00, m, n, d) // fmul  d.4s, n.4s, m.4s
#define VFDIV(m, n, d)  THREE(0x6e20fc00, m, n, d) // fdiv  d.4s, n.4s, m.4s
#define VFMAX(m, n, d)  THREE(0x4e20f400, m, n, d) // fmax  d.4s, n.4s, m.4s: NaN if one is
#define VFMIN(m, n, d)  THREE(0x4ea0f400, m, n, d) // fmin  d.4s, n.4s, m.4s: NaN if one is
#define VFCMEQ(m, n, d) THREE(0x4e20e400, m, n, d) // fcmeq d.4s, n.4s, m.4s: all ones where n = m
#define VFCMGT(m, n, d) THREE(0x6ea0e400, m, n, d) // fcmgt d.4s, n.4s, m.4s: all ones where n > m
#define VFABS(n, d)     TWO(0x4ea0f800, n, d)      // fabs  d.4s, n.4s
#define VFNEG(n, d)     TWO(0x6ea0f800, n, d)      // fneg  d.4s, n.4s
#define VFMAXV(n, d)    TWO(0x6e30f800, n, d)      // fmaxv sd, n.4s
#define VFMLA(m, n, d)  THREE(0x4e20cc00, m, n, d) // fmla  d.4s, n.4s, m.4s: d += n*m, rounded once

// Four float32 and one lane of m.
#define VFMUL_LANE(m, lane, n, d) BY_LANE(0x4f809000, m, lane, n, d) // fmul d.4s, n.4s, m.s[lane]
#define VFMLA_LANE(m, lane, n, d) BY_LANE(0x4f801000, m, lane, n, d) // fmla d.4s, n.4s, m.s[lane]: d += n*m[lane], rounded once

// Conversions.
#define VSCVTF(n, d)   TWO(0x4e21d800, n, d) // scvtf  d.4s, n.4s: int32 to float32
#define VFCVTNS(n, d)  TWO(0x4e21a800, n, d) // fcvtns d.4s, n.4s: to the nearest int32, ties to even
#define VFCVTL(n, d)   TWO(0x0e217800, n, d) // fcvtl  d.4s, n.4h: the lower four binary16 to float32
#define VFCVTL2(n, d)  TWO(0x4e217800, n, d) // fcvtl2 d.4s, n.8h: the upper four
#define VFCVTN(n, d)   TWO(0x0e216800, n, d) // fcvtn  d.4h, n.4s: to binary16 in the lower half, the upper is cleared
#define VFCVTN2(n, d)  TWO(0x4e216800, n, d) // fcvtn2 d.8h, n.4s: in the upper half

// Whole numbers.
#define VUQSUB(m, n, d)      THREE(0x6e202c00, m, n, d)                // uqsub d.16b, n.16b, m.16b: n-m, at least 0
#define VCLEAR(d)            TWO(0x6f00e400, 0, d)                     // movi  d.2d, #0
#define VBIC(m, n, d)        THREE(0x4e601c00, m, n, d)                // bic   d.16b, n.16b, m.16b: n without the bits of m
#define VADDV(n, d)          TWO(0x4eb1b800, n, d)                     // addv  sd, n.4s: the sum of the lanes
#define VSSHR(shift, n, d)   TWO(0x4f000400|(64-(shift))<<16, n, d)    // sshr  d.4s, n.4s, #shift
#define VORR_BIT22(d)        TWO(0x4f025400, 0, d)                     // orr   d.4s, #0x40, lsl #16
#define VSDOT_LANE(m, lane, n, d) BY_LANE(0x4f80e000, m, lane, n, d)   // sdot  d.4s, n.16b, m.4b[lane]: d += n's four bytes times m's

// Tiles of two rows of eight int8: d's four int32 += the products of n's rows with m's.
#define VSMMLA(m, n, d) THREE(0x4e80a400, m, n, d) // smmla d.4s, n.16b, m.16b

// Pairs of bfloat16. A lane of m is one pair.
#define VBFDOT_LANE(m, lane, n, d) BY_LANE(0x4f40f000, m, lane, n, d)  // bfdot d.4s, n.8h, m.2h[lane]: d += n's two times m's

// What several files use.

// CLEAR4 makes four registers zero, in the way that costs nothing on most processors.
#define CLEAR4(a, b, c, d) \
	VCLEAR(a) \
	VCLEAR(b) \
	VCLEAR(c) \
	VCLEAR(d)

// Panels: R2 points to codes, R3 to scales.

// SCALES8 reads sixteen binary16 scales. SCALES4 reads sixteen bytes e and makes them half of 2^(e-127), which has the bits
// (e-1)<<23, and 0 for e of 0. V2 is zero, V3 holds ones.
#define SCALES8 \
	VLD1.P 32(R3), [V12.H8, V13.H8] \
	VFCVTL(v12, v8)                 \
	VFCVTL2(v12, v9)                \
	VFCVTL(v13, v10)                \
	VFCVTL2(v13, v11)

#define SCALES4 \
	VLD1.P  16(R3), [V12.B16]      \
	VUQSUB(v3, v12, v12)           \
	VUSHLL  $7, V12.B8, V13.H8     \
	VUSHLL2 $7, V12.B16, V14.H8    \
	VZIP1   V13.H8, V2.H8, V8.H8   \
	VZIP2   V13.H8, V2.H8, V9.H8   \
	VZIP1   V14.H8, V2.H8, V10.H8  \
	VZIP2   V14.H8, V2.H8, V11.H8

// CODES8 reads the codes of four columns and makes them signed. V29 holds 0x80.
#define CODES8(a, b, c, d) \
	VLD1.P 64(R2), [a.B16, b.B16, c.B16, d.B16] \
	VEOR   V29.B16, a.B16, a.B16 \
	VEOR   V29.B16, b.B16, b.B16 \
	VEOR   V29.B16, c.B16, c.B16 \
	VEOR   V29.B16, d.B16, d.B16

// LOW makes the weights of the low halves of codes, HIGH those of the high halves. V29 holds 0x0f, V30 the weights of the sixteen codes.
#define LOW(a, to) \
	VAND V29.B16, a.B16, to.B16 \
	VTBL to.B16, [V30.B16], to.B16

#define HIGH(a, to) \
	VUSHR $4, a.B16, to.B16 \
	VTBL  to.B16, [V30.B16], to.B16

#define CONSTANTS8 \
	VMOVI $128, V29.B16

#define CONSTANTS4(table) \
	VEOR  V2.B16, V2.B16, V2.B16 \
	VMOVI $1, V3.B16             \
	VMOVI $15, V29.B16           \
	MOVD  $table(SB), R0   \
	VLD1  (R0), [V30.B16]

// FLOATS loads the lists of neon_expand_arm64.s to V24-V27, 0x4b to V17, V19, V21 and V23, and 2^23 plus what was added to the codes to V28.
#define FLOATS(added) \
	MOVD  $·floatLists(SB), R0 \
	VLD1  (R0), [V24.B16, V25.B16, V26.B16, V27.B16] \
	VMOVI $0x4b, V17.B16 \
	VMOVI $0x4b, V19.B16 \
	VMOVI $0x4b, V21.B16 \
	VMOVI $0x4b, V23.B16 \
	MOVD  $(0x4b000000+added), R0 \
	VDUP  R0, V28.S4
