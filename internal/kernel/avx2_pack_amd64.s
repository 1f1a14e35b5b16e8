//go:build !purego

#include "textflag.h"

// Packing sixteen rows side by side: transposing 8 rows of 16 bytes at a time, four bytes being an element.
//
// Registers: DI codes, BX scales, SI row 0, DX row 8, R8 the distance of rows, R9, R10 and R11 three, five and seven times that, CX
// blocks left.

#define ROWS \
	LEAQ (SI)(R8*8), DX; \
	LEAQ (R8)(R8*2), R9; \
	LEAQ (R8)(R8*4), R10; \
	LEAQ (R9)(R8*4), R11

// LOAD reads 16 bytes at off of the eight rows from a on: rows 0-3 to the lower halves of Y0-Y3, rows 4-7 to the upper ones.
#define LOAD(off, a) \
	VMOVDQU     off(a), X0; \
	VMOVDQU     off(a)(R8*1), X1; \
	VMOVDQU     off(a)(R8*2), X2; \
	VMOVDQU     off(a)(R9*1), X3; \
	VINSERTI128 $1, off(a)(R8*4), Y0, Y0; \
	VINSERTI128 $1, off(a)(R10*1), Y1, Y1; \
	VINSERTI128 $1, off(a)(R9*2), Y2, Y2; \
	VINSERTI128 $1, off(a)(R11*1), Y3, Y3

// TRANSPOSE makes of them Y0-Y3, element i of all eight rows in Yi.
#define TRANSPOSE \
	VPUNPCKLDQ  Y1, Y0, Y4; \
	VPUNPCKHDQ  Y1, Y0, Y5; \
	VPUNPCKLDQ  Y3, Y2, Y6; \
	VPUNPCKHDQ  Y3, Y2, Y7; \
	VPUNPCKLQDQ Y6, Y4, Y0; \
	VPUNPCKHQDQ Y6, Y4, Y1; \
	VPUNPCKLQDQ Y7, Y5, Y2; \
	VPUNPCKHQDQ Y7, Y5, Y3

#define STORE(off) \
	VMOVDQU Y0, (off)(DI); \
	VMOVDQU Y1, (off+64)(DI); \
	VMOVDQU Y2, (off+128)(DI); \
	VMOVDQU Y3, (off+192)(DI)

// EACH applies op to Y0-Y3.
#define EACH(op) \
	op(Y0); \
	op(Y1); \
	op(Y2); \
	op(Y3)

// BYTES8 and HALVES8 copy a scale of the eight rows from a on.
#define BYTES8(a, off) \
	MOVBLZX (a), AX; \
	MOVB    AX, (off)(BX); \
	MOVBLZX (a)(R8*1), AX; \
	MOVB    AX, (off+1)(BX); \
	MOVBLZX (a)(R8*2), AX; \
	MOVB    AX, (off+2)(BX); \
	MOVBLZX (a)(R9*1), AX; \
	MOVB    AX, (off+3)(BX); \
	MOVBLZX (a)(R8*4), AX; \
	MOVB    AX, (off+4)(BX); \
	MOVBLZX (a)(R10*1), AX; \
	MOVB    AX, (off+5)(BX); \
	MOVBLZX (a)(R9*2), AX; \
	MOVB    AX, (off+6)(BX); \
	MOVBLZX (a)(R11*1), AX; \
	MOVB    AX, (off+7)(BX)

#define HALVES8(a, off) \
	MOVWLZX (a), AX; \
	MOVW    AX, (off)(BX); \
	MOVWLZX (a)(R8*1), AX; \
	MOVW    AX, (off+2)(BX); \
	MOVWLZX (a)(R8*2), AX; \
	MOVW    AX, (off+4)(BX); \
	MOVWLZX (a)(R9*1), AX; \
	MOVW    AX, (off+6)(BX); \
	MOVWLZX (a)(R8*4), AX; \
	MOVW    AX, (off+8)(BX); \
	MOVWLZX (a)(R10*1), AX; \
	MOVW    AX, (off+10)(BX); \
	MOVWLZX (a)(R9*2), AX; \
	MOVW    AX, (off+12)(BX); \
	MOVWLZX (a)(R11*1), AX; \
	MOVW    AX, (off+14)(BX)

#define ARGUMENTS \
	MOVQ scales+0(FP), BX; \
	MOVQ codes+8(FP), DI; \
	MOVQ data+16(FP), SI; \
	MOVQ stride+24(FP), R8; \
	MOVQ blocks+32(FP), CX; \
	ROWS

// NEXT goes to the next block.
#define NEXT(scales, codes, data) \
	ADDQ $scales, BX; \
	ADDQ $codes, DI; \
	ADDQ $data, SI; \
	ADDQ $data, DX; \
	DECQ CX

DATA low4<>+0(SB)/4, $0x0f0f0f0f
GLOBL low4<>(SB), RODATA|NOPTR, $4

DATA x80<>+0(SB)/4, $0x80808080
GLOBL x80<>(SB), RODATA|NOPTR, $4

// Four elements of four bytes, the other way round; and the elements of both halves of a register side by side.
DATA bytes4<>+0(SB)/8, $0x0d0905010c080400
DATA bytes4<>+8(SB)/8, $0x0f0b07030e0a0602
GLOBL bytes4<>(SB), RODATA|NOPTR, $16

DATA sides<>+0(SB)/8, $0x0000000400000000
DATA sides<>+8(SB)/8, $0x0000000500000001
DATA sides<>+16(SB)/8, $0x0000000600000002
DATA sides<>+24(SB)/8, $0x0000000700000003
GLOBL sides<>(SB), RODATA|NOPTR, $32

// FOUR writes the scales of four blocks: y those of rows 0-7, z of rows 8-15.
#define FOUR(y, z, off) \
	VPSHUFB      Y15, y, y; \
	VPSHUFB      Y15, z, z; \
	VPERMD       y, Y14, y; \
	VPERMD       z, Y14, z; \
	VPUNPCKLQDQ  z, y, Y4; \
	VPUNPCKHQDQ  z, y, Y5; \
	VMOVDQU      X4, (off)(BX); \
	VMOVDQU      X5, (off+16)(BX); \
	VEXTRACTI128 $1, Y4, (off+32)(BX); \
	VEXTRACTI128 $1, Y5, (off+48)(BX)

// func packScalesAVX2(scales, data *byte, stride uintptr, blocks int)
TEXT ·packScalesAVX2(SB), NOSPLIT, $0-32
	MOVQ           scales+0(FP), BX
	MOVQ           data+8(FP), SI
	MOVQ           stride+16(FP), R8
	MOVQ           blocks+24(FP), CX
	ROWS
	VBROADCASTI128 bytes4<>(SB), Y15
	VMOVDQU        sides<>(SB), Y14
	SUBQ           $16, CX
	JLT            rest

sixteen:
	LOAD(0, SI)
	TRANSPOSE
	VMOVDQA Y0, Y8
	VMOVDQA Y1, Y9
	VMOVDQA Y2, Y10
	VMOVDQA Y3, Y11
	LOAD(0, DX)
	TRANSPOSE
	FOUR(Y8, Y0, 0)
	FOUR(Y9, Y1, 64)
	FOUR(Y10, Y2, 128)
	FOUR(Y11, Y3, 192)
	ADDQ    $16, SI
	ADDQ    $16, DX
	ADDQ    $256, BX
	SUBQ    $16, CX
	JGE     sixteen

rest:
	ADDQ $16, CX
	JZ   done

block:
	BYTES8(SI, 0)
	BYTES8(DX, 8)
	NEXT(16, 0, 1)
	JNZ block

done:
	VZEROUPPER
	RET

// func packMXFP4AVX2(scales, codes, data *byte, stride uintptr, blocks int)
TEXT ·packMXFP4AVX2(SB), NOSPLIT, $0-40
	ARGUMENTS

block:
	BYTES8(SI, 0)
	BYTES8(DX, 8)
	LOAD(1, SI)
	TRANSPOSE
	STORE(0)
	LOAD(1, DX)
	TRANSPOSE
	STORE(32)
	NEXT(16, 256, 17)
	JNZ block
	VZEROUPPER
	RET

// Bytes j and j+8 side by side.
DATA eights<>+0(SB)/8, $0x0b030a0209010800
DATA eights<>+8(SB)/8, $0x0f070e060d050c04
GLOBL eights<>(SB), RODATA|NOPTR, $16

DATA x00f0<>+0(SB)/4, $0x00f000f0
GLOBL x00f0<>(SB), RODATA|NOPTR, $4

DATA x0011<>+0(SB)/4, $0x00110011
GLOBL x0011<>(SB), RODATA|NOPTR, $4

// PAIRS does what PairsToHalves does. Byte j holds the elements 2j and 2j+1, byte j+8 those 16 further on: beside each other the four
// halves of bytes have only to be sorted, the middle two exchanged. t = (y ^ y>>4) & 0x00f0 is where those differ; y ^ t ^ t<<4.
#define PAIRS(y) \
	VPSHUFB Y15, y, y; \
	VPSRLW  $4, y, Y4; \
	VPXOR   y, Y4, Y4; \
	VPAND   Y14, Y4, Y4; \
	VPMULLW Y13, Y4, Y4; \
	VPXOR   Y4, y, y

// func packPairsAVX2(codes, data *byte, stride uintptr, blocks int)
TEXT ·packPairsAVX2(SB), NOSPLIT, $0-32
	MOVQ           codes+0(FP), DI
	MOVQ           data+8(FP), SI
	MOVQ           stride+16(FP), R8
	MOVQ           blocks+24(FP), CX
	ROWS
	VBROADCASTI128 eights<>(SB), Y15
	VPBROADCASTD   x00f0<>(SB), Y14
	VPBROADCASTD   x0011<>(SB), Y13

block:
	LOAD(0, SI)
	EACH(PAIRS)
	TRANSPOSE
	STORE(0)
	LOAD(0, DX)
	EACH(PAIRS)
	TRANSPOSE
	STORE(32)
	NEXT(0, 256, 16)
	JNZ block
	VZEROUPPER
	RET

// UNSIGN makes int8 codes.
#define UNSIGN(y) VPXOR Y15, y, y

#define Q8(off, a, out) \
	LOAD(off, a); \
	TRANSPOSE; \
	EACH(UNSIGN); \
	STORE(out)

// func packQ8AVX2(scales, codes, data *byte, stride uintptr, blocks int)
TEXT ·packQ8AVX2(SB), NOSPLIT, $0-40
	ARGUMENTS
	VPBROADCASTD x80<>(SB), Y15

block:
	HALVES8(SI, 0)
	HALVES8(DX, 16)
	Q8(2, SI, 0)
	Q8(18, SI, 256)
	Q8(2, DX, 32)
	Q8(18, DX, 288)
	NEXT(32, 512, 34)
	JNZ block
	VZEROUPPER
	RET

DATA x78<>+0(SB)/4, $0x78787878
GLOBL x78<>(SB), RODATA|NOPTR, $4

// NIBBLES writes codes, the halves of the bytes of y plus 128-8, as columns at off and sixteen further on.
#define NIBBLES(y, off) \
	VPAND   Y15, y, Y4; \
	VPSRLW  $4, y, y; \
	VPAND   Y15, y, y; \
	VPADDB  Y14, Y4, Y4; \
	VPADDB  Y14, y, y; \
	VMOVDQU Y4, (off)(DI); \
	VMOVDQU y, (off+256)(DI)

#define Q4(a, out) \
	LOAD(2, a); \
	TRANSPOSE; \
	NIBBLES(Y0, out); \
	NIBBLES(Y1, out+64); \
	NIBBLES(Y2, out+128); \
	NIBBLES(Y3, out+192)

// func packQ4AVX2(scales, codes, data *byte, stride uintptr, blocks int)
TEXT ·packQ4AVX2(SB), NOSPLIT, $0-40
	ARGUMENTS
	VPBROADCASTD low4<>(SB), Y15
	VPBROADCASTD x78<>(SB), Y14

block:
	HALVES8(SI, 0)
	HALVES8(DX, 16)
	Q4(SI, 0)
	Q4(DX, 32)
	NEXT(32, 512, 18)
	JNZ block
	VZEROUPPER
	RET

// For Q5_0: byte i of each four, four times; the bits of four columns, in the lower and the upper half of a byte.
DATA byte0<>+0(SB)/8, $0x0404040400000000
DATA byte0<>+8(SB)/8, $0x0c0c0c0c08080808
DATA byte0<>+16(SB)/8, $0x0404040400000000
DATA byte0<>+24(SB)/8, $0x0c0c0c0c08080808
GLOBL byte0<>(SB), RODATA|NOPTR, $32

DATA byte1<>+0(SB)/8, $0x0505050501010101
DATA byte1<>+8(SB)/8, $0x0d0d0d0d09090909
DATA byte1<>+16(SB)/8, $0x0505050501010101
DATA byte1<>+24(SB)/8, $0x0d0d0d0d09090909
GLOBL byte1<>(SB), RODATA|NOPTR, $32

DATA byte2<>+0(SB)/8, $0x0606060602020202
DATA byte2<>+8(SB)/8, $0x0e0e0e0e0a0a0a0a
DATA byte2<>+16(SB)/8, $0x0606060602020202
DATA byte2<>+24(SB)/8, $0x0e0e0e0e0a0a0a0a
GLOBL byte2<>(SB), RODATA|NOPTR, $32

DATA byte3<>+0(SB)/8, $0x0707070703030303
DATA byte3<>+8(SB)/8, $0x0f0f0f0f0b0b0b0b
DATA byte3<>+16(SB)/8, $0x0707070703030303
DATA byte3<>+24(SB)/8, $0x0f0f0f0f0b0b0b0b
GLOBL byte3<>(SB), RODATA|NOPTR, $32

DATA bits0<>+0(SB)/4, $0x08040201
GLOBL bits0<>(SB), RODATA|NOPTR, $4

DATA bits4<>+0(SB)/4, $0x80402010
GLOBL bits4<>(SB), RODATA|NOPTR, $4

DATA x70<>+0(SB)/4, $0x70707070
GLOBL x70<>(SB), RODATA|NOPTR, $4

DATA x10<>+0(SB)/4, $0x10101010
GLOBL x10<>(SB), RODATA|NOPTR, $4

// FIFTH writes codes: four bits in y, the fifth bits among those of Y8, plus 128-16.
#define FIFTH(byte, bits, y, t, off) \
	VPSHUFB  byte<>(SB), Y8, t; \
	VPAND    bits, t, t; \
	VPCMPEQB bits, t, t; \
	VPAND    Y14, t, t; \
	VPAND    Y15, y, y; \
	VPADDB   Y13, y, y; \
	VPADDB   t, y, y; \
	VMOVDQU  y, (off)(DI)

#define FIFTHS(low, high, bits, y, off) \
	VPSRLW $4, y, Y4; \
	FIFTH(low, bits, y, Y5, off); \
	FIFTH(high, bits, Y4, Y6, off+256)

#define Q5(a, out) \
	LOAD(2, a); \
	TRANSPOSE; \
	VMOVDQA Y0, Y8; \
	LOAD(6, a); \
	TRANSPOSE; \
	FIFTHS(byte0, byte2, Y11, Y0, out); \
	FIFTHS(byte0, byte2, Y12, Y1, out+64); \
	FIFTHS(byte1, byte3, Y11, Y2, out+128); \
	FIFTHS(byte1, byte3, Y12, Y3, out+192)

// func packQ5AVX2(scales, codes, data *byte, stride uintptr, blocks int)
TEXT ·packQ5AVX2(SB), NOSPLIT, $0-40
	ARGUMENTS
	VPBROADCASTD low4<>(SB), Y15
	VPBROADCASTD x10<>(SB), Y14
	VPBROADCASTD x70<>(SB), Y13
	VPBROADCASTD bits4<>(SB), Y12
	VPBROADCASTD bits0<>(SB), Y11

block:
	HALVES8(SI, 0)
	HALVES8(DX, 16)
	Q5(SI, 0)
	Q5(DX, 32)
	NEXT(32, 512, 22)
	JNZ block
	VZEROUPPER
	RET

// Columns 0, 2, 1, 3, 4, 6, 5, 7.
DATA evenOdd<>+0(SB)/8, $0x0706030205040100
DATA evenOdd<>+8(SB)/8, $0x0f0e0b0a0d0c0908
GLOBL evenOdd<>(SB), RODATA|NOPTR, $16

#define SORT(y) VPSHUFB Y15, y, y

// func packBF16AVX2(codes, data *byte, stride uintptr, eights int)
TEXT ·packBF16AVX2(SB), NOSPLIT, $0-32
	MOVQ           codes+0(FP), DI
	MOVQ           data+8(FP), SI
	MOVQ           stride+16(FP), R8
	MOVQ           eights+24(FP), CX
	ROWS
	VBROADCASTI128 evenOdd<>(SB), Y15

block:
	LOAD(0, SI)
	EACH(SORT)
	TRANSPOSE
	STORE(0)
	LOAD(0, DX)
	EACH(SORT)
	TRANSPOSE
	STORE(32)
	NEXT(0, 256, 16)
	JNZ block
	VZEROUPPER
	RET

// TWO writes pairs of the columns a and b, sixteen rows each.
#define TWO(a, b, off) \
	VPUNPCKLWD b, a, Y4; \
	VPUNPCKHWD b, a, Y5; \
	VPERM2I128 $0x20, Y5, Y4, Y6; \
	VPERM2I128 $0x31, Y5, Y4, Y7; \
	VMOVDQU    Y6, (off)(DI); \
	VMOVDQU    Y7, (off+32)(DI)

// func packColumnsAVX2(codes, data *byte, stride uintptr, fours int)
TEXT ·packColumnsAVX2(SB), NOSPLIT, $0-32
	MOVQ codes+0(FP), DI
	MOVQ data+8(FP), SI
	MOVQ stride+16(FP), R8
	MOVQ fours+24(FP), CX
	LEAQ (R8)(R8*2), R9

four:
	VMOVDQU (SI), Y0
	VMOVDQU (SI)(R8*1), Y1
	VMOVDQU (SI)(R8*2), Y2
	VMOVDQU (SI)(R9*1), Y3
	TWO(Y0, Y2, 0)
	TWO(Y1, Y3, 64)
	LEAQ    (SI)(R8*4), SI
	ADDQ    $128, DI
	DECQ    CX
	JNZ     four
	VZEROUPPER
	RET
