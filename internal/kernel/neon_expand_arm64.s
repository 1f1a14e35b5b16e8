//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// Panels become float32: dst [blocks*32][16]. All of it is exact, except that the product of an int8 and a scale could be too small.
//
//	R1 dst   R2 codes   R3 scales   R6 count of blocks   R7 count within a block   R8 dst for the high halves of codes

// func expand16NEON(dst *float32, codes *byte, blocks int). A lane of 32 bits holds two columns; the lower half moved up is the first
// of them, the upper half with zeros below the second.
TEXT ·expand16NEON(SB), NOSPLIT, $0-24
	MOVD  dst+0(FP), R1
	MOVD  codes+8(FP), R2
	MOVD  blocks+16(FP), R6
	LSL   $3, R6
	VMOVI $255, V31.B16
	VSHL  $16, V31.S4, V31.S4

columns:
	VLD1.P 64(R2), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R2), [V4.S4, V5.S4, V6.S4, V7.S4]
	VSHL   $16, V0.S4, V16.S4
	VSHL   $16, V1.S4, V17.S4
	VSHL   $16, V2.S4, V18.S4
	VSHL   $16, V3.S4, V19.S4
	VST1.P [V16.S4, V17.S4, V18.S4, V19.S4], 64(R1)
	VSHL   $16, V4.S4, V20.S4
	VSHL   $16, V5.S4, V21.S4
	VSHL   $16, V6.S4, V22.S4
	VSHL   $16, V7.S4, V23.S4
	VST1.P [V20.S4, V21.S4, V22.S4, V23.S4], 64(R1)
	VAND   V31.B16, V0.B16, V0.B16
	VAND   V31.B16, V1.B16, V1.B16
	VAND   V31.B16, V2.B16, V2.B16
	VAND   V31.B16, V3.B16, V3.B16
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R1)
	VAND   V31.B16, V4.B16, V4.B16
	VAND   V31.B16, V5.B16, V5.B16
	VAND   V31.B16, V6.B16, V6.B16
	VAND   V31.B16, V7.B16, V7.B16
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(R1)
	SUBS   $1, R6
	BNE    columns
	RET

// Codes become float32 without a conversion, which is slow on many processors: 0x4b000000 plus a byte b is the float32 2^23 + b. A table of
// two registers, codes and bytes of 0x4b, puts the byte of one column into each lane, zeros above it and 0x4b at the top. What is
// left is to subtract 2^23 and what was added to the code. There is a list for each of the four columns of a chunk; 255 is beyond the
// table and gives zero.
DATA ·floatLists+0(SB)/8, $0x10ffff0410ffff00
DATA ·floatLists+8(SB)/8, $0x10ffff0c10ffff08
DATA ·floatLists+16(SB)/8, $0x10ffff0510ffff01
DATA ·floatLists+24(SB)/8, $0x10ffff0d10ffff09
DATA ·floatLists+32(SB)/8, $0x10ffff0610ffff02
DATA ·floatLists+40(SB)/8, $0x10ffff0e10ffff0a
DATA ·floatLists+48(SB)/8, $0x10ffff0710ffff03
DATA ·floatLists+56(SB)/8, $0x10ffff0f10ffff0b
GLOBL ·floatLists(SB), RODATA|NOPTR, $64

// COLUMN writes one column of the codes in V16, V18, V20 and V22 times the scales in V8-V11.
#define COLUMN(list, to) \
	VTBL list.B16, [V16.B16, V17.B16], V4.B16 \
	VTBL list.B16, [V18.B16, V19.B16], V5.B16 \
	VTBL list.B16, [V20.B16, V21.B16], V6.B16 \
	VTBL list.B16, [V22.B16, V23.B16], V7.B16 \
	VFSUB(v28, v4, v4)  \
	VFSUB(v28, v5, v5)  \
	VFSUB(v28, v6, v6)  \
	VFSUB(v28, v7, v7)  \
	VFMUL(v8, v4, v4)   \
	VFMUL(v9, v5, v5)   \
	VFMUL(v10, v6, v6)  \
	VFMUL(v11, v7, v7)  \
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(to)

#define COLUMNS(to) \
	COLUMN(V24, to) \
	COLUMN(V25, to) \
	COLUMN(V26, to) \
	COLUMN(V27, to)

// func expand8NEON(dst *float32, scales, codes *byte, blocks int)
TEXT ·expand8NEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R1
	MOVD scales+8(FP), R3
	MOVD codes+16(FP), R2
	MOVD blocks+24(FP), R6
	FLOATS(128)

block:
	SCALES8
	MOVD $8, R7

chunk:
	FLDPQ.P 32(R2), (F16, F18)
	FLDPQ.P 32(R2), (F20, F22)
	COLUMNS(R1)
	SUBS    $1, R7
	BNE     chunk
	SUBS    $1, R6
	BNE     block
	RET

// func expand4NEON(dst *float32, scales, codes *byte, blocks int). Codes become twice their value plus 12, scales are halves.
TEXT ·expand4NEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R1
	MOVD scales+8(FP), R3
	MOVD codes+16(FP), R2
	MOVD blocks+24(FP), R6
	CONSTANTS4(·fp4Unsigned)
	FLOATS(12)

block:
	SCALES4
	ADD  $1024, R1, R8
	MOVD $4, R7

chunk:
	VLD1.P 64(R2), [V12.B16, V13.B16, V14.B16, V15.B16]
	LOW(V12, V16)
	LOW(V13, V18)
	LOW(V14, V20)
	LOW(V15, V22)
	COLUMNS(R1)
	HIGH(V12, V16)
	HIGH(V13, V18)
	HIGH(V14, V20)
	HIGH(V15, V22)
	COLUMNS(R8)
	SUBS   $1, R7
	BNE    chunk
	MOVD   R8, R1
	SUBS   $1, R6
	BNE    block
	RET
