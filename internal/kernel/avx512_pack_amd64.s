//go:build !purego

#include "textflag.h"
#include "go_asm.h"

// How sixteen rows become a panel. Sixteen bytes of each row are loaded at a time, four rows into a register: rows j, 4+j, 8+j and 12+j
// into register j. Exchanging four bytes between the four registers within each quarter then gives registers that hold the same four
// bytes of all rows in order.
//
//	SI, R8, R9, R10  rows 0, 4, 8 and 12    BX, CX  one and three strides    DX  bytes to the next block
//	DI  destination    AX  blocks left    Z0-Z3  rows, then columns    Z4-Z7  scratch

#define PACK \
	MOVQ p+0(FP), R12            \
	MOVQ packing_data(R12), SI   \
	MOVQ packing_stride(R12), BX \
	MOVQ packing_step(R12), DX   \
	MOVQ packing_dst(R12), DI    \
	MOVQ packing_n(R12), AX      \
	LEAQ (BX)(BX*2), CX          \
	LEAQ (SI)(BX*4), R8          \
	LEAQ (R8)(BX*4), R9          \
	LEAQ (R9)(BX*4), R10

#define ADVANCE \
	ADDQ DX, SI \
	ADDQ DX, R8 \
	ADDQ DX, R9 \
	ADDQ DX, R10

#define ROWS(o) \
	VMOVDQU       o(SI), X0                \
	VMOVDQU       o(SI)(BX*1), X1          \
	VMOVDQU       o(SI)(BX*2), X2          \
	VMOVDQU       o(SI)(CX*1), X3          \
	VINSERTI32X4  $1, o(R8), Z0, Z0        \
	VINSERTI32X4  $1, o(R8)(BX*1), Z1, Z1  \
	VINSERTI32X4  $1, o(R8)(BX*2), Z2, Z2  \
	VINSERTI32X4  $1, o(R8)(CX*1), Z3, Z3  \
	VINSERTI32X4  $2, o(R9), Z0, Z0        \
	VINSERTI32X4  $2, o(R9)(BX*1), Z1, Z1  \
	VINSERTI32X4  $2, o(R9)(BX*2), Z2, Z2  \
	VINSERTI32X4  $2, o(R9)(CX*1), Z3, Z3  \
	VINSERTI32X4  $3, o(R10), Z0, Z0       \
	VINSERTI32X4  $3, o(R10)(BX*1), Z1, Z1 \
	VINSERTI32X4  $3, o(R10)(BX*2), Z2, Z2 \
	VINSERTI32X4  $3, o(R10)(CX*1), Z3, Z3

#define TRANSPOSE(o) \
	VPUNPCKLDQ  Z1, Z0, Z4      \
	VPUNPCKHDQ  Z1, Z0, Z5      \
	VPUNPCKLDQ  Z3, Z2, Z6      \
	VPUNPCKHDQ  Z3, Z2, Z7      \
	VPUNPCKLQDQ Z6, Z4, Z0      \
	VPUNPCKHQDQ Z6, Z4, Z1      \
	VPUNPCKLQDQ Z7, Z5, Z2      \
	VPUNPCKHQDQ Z7, Z5, Z3      \
	VMOVDQU32   Z0, o(DI)       \
	VMOVDQU32   Z1, (o+64)(DI)  \
	VMOVDQU32   Z2, (o+128)(DI) \
	VMOVDQU32   Z3, (o+192)(DI)

// FOUR copies an element of so many bytes from each of four rows.
#define FOUR(LOAD, STORE, base, o, size) \
	LOAD  (base), R12         \
	LOAD  (base)(BX*1), R13   \
	STORE R12, (o)(DI)        \
	STORE R13, (o+size)(DI)   \
	LOAD  (base)(BX*2), R12   \
	LOAD  (base)(CX*1), R13   \
	STORE R12, (o+2*size)(DI) \
	STORE R13, (o+3*size)(DI)

// func packBytesAVX512(p *packing): one byte of each block, for scales of MXFP4.
TEXT ·packBytesAVX512(SB), NOSPLIT, $0-8
	PACK

loop:
	FOUR(MOVBLZX, MOVB, SI, 0, 1)
	FOUR(MOVBLZX, MOVB, R8, 4, 1)
	FOUR(MOVBLZX, MOVB, R9, 8, 1)
	FOUR(MOVBLZX, MOVB, R10, 12, 1)
	ADVANCE
	ADDQ $16, DI
	DECQ AX
	JNE  loop
	RET

// func packWordsAVX512(p *packing): two bytes of each block, for scales of Q8_0.
TEXT ·packWordsAVX512(SB), NOSPLIT, $0-8
	PACK

loop:
	FOUR(MOVWLZX, MOVW, SI, 0, 2)
	FOUR(MOVWLZX, MOVW, R8, 8, 2)
	FOUR(MOVWLZX, MOVW, R9, 16, 2)
	FOUR(MOVWLZX, MOVW, R10, 24, 2)
	ADVANCE
	ADDQ $32, DI
	DECQ AX
	JNE  loop
	RET

// func packHalvesAVX512(p *packing): the sixteen bytes of a block of MXFP4, whose halves hold the columns 0 to 15 and 16 to 31.
TEXT ·packHalvesAVX512(SB), NOSPLIT, $0-8
	PACK

loop:
	ROWS(0)
	TRANSPOSE(0)
	ADVANCE
	ADDQ $256, DI
	DECQ AX
	JNE  loop
	VZEROUPPER
	RET

// func packPairsAVX512(p *packing): the sixteen bytes of a block of MXFP4Pairs, whose halves hold the even and the odd columns. Byte j must
// get column j from the lower eight bytes and column 16+j from the upper ones. VPMULTISHIFTQB takes for each byte any eight bits in a row of
// its eight bytes: from bit 4j on for the low half of byte j, and from four bits earlier for the high one.
//
//	Z16, Z17  where the bits begin    Z18  low halves of bytes
#define HALVES(z) \
	VPUNPCKHQDQ    z, z, Z4    \
	VPUNPCKLQDQ    z, z, z     \
	VPMULTISHIFTQB Z4, Z17, Z4 \
	VPMULTISHIFTQB z, Z16, z   \
	VPTERNLOGD     $0xE4, Z18, Z4, z // z where Z18 has a one, Z4 elsewhere
TEXT ·packPairsAVX512(SB), NOSPLIT, $0-8
	PACK
	VBROADCASTI32X4 packBits<>+0(SB), Z16
	VBROADCASTI32X4 packBits<>+16(SB), Z17
	VPBROADCASTD    packBits<>+32(SB), Z18

loop:
	ROWS(0)
	HALVES(Z0)
	HALVES(Z1)
	HALVES(Z2)
	HALVES(Z3)
	TRANSPOSE(0)
	ADVANCE
	ADDQ $256, DI
	DECQ AX
	JNE  loop
	VZEROUPPER
	RET

// func packWholeAVX512(p *packing): the 32 bytes of a block of Q8_0, plus 128.
//
//	Z18  128 in bytes
#define UNSIGNED \
	VPXORD Z18, Z0, Z0 \
	VPXORD Z18, Z1, Z1 \
	VPXORD Z18, Z2, Z2 \
	VPXORD Z18, Z3, Z3
TEXT ·packWholeAVX512(SB), NOSPLIT, $0-8
	PACK
	VPBROADCASTD packBits<>+36(SB), Z18

loop:
	ROWS(0)
	UNSIGNED
	TRANSPOSE(0)
	ROWS(16)
	UNSIGNED
	TRANSPOSE(256)
	ADVANCE
	ADDQ $512, DI
	DECQ AX
	JNE  loop
	VZEROUPPER
	RET

// func packBrainsAVX512(p *packing): eight columns of bfloat16, a block here, of which 0 and 2, 1 and 3 and so on become pairs.
//
//	Z16  the order of bytes
TEXT ·packBrainsAVX512(SB), NOSPLIT, $0-8
	PACK
	VBROADCASTI32X4 packBits<>+40(SB), Z16

loop:
	ROWS(0)
	VPSHUFB Z16, Z0, Z0
	VPSHUFB Z16, Z1, Z1
	VPSHUFB Z16, Z2, Z2
	VPSHUFB Z16, Z3, Z3
	TRANSPOSE(0)
	ADVANCE
	ADDQ $256, DI
	DECQ AX
	JNE  loop
	VZEROUPPER
	RET

// func packColumnsAVX512(p *packing): four columns of bfloat16 whose rows are adjacent, each a stride from the one before.
TEXT ·packColumnsAVX512(SB), NOSPLIT, $0-8
	PACK

loop:
	VPMOVZXWD (SI), Z0
	VPMOVZXWD (SI)(BX*1), Z1
	VPMOVZXWD (SI)(BX*2), Z2
	VPMOVZXWD (SI)(CX*1), Z3
	VPSLLD    $16, Z2, Z2
	VPSLLD    $16, Z3, Z3
	VPORD     Z2, Z0, Z0
	VPORD     Z3, Z1, Z1
	VMOVDQU32 Z0, (DI)
	VMOVDQU32 Z1, 64(DI)
	ADDQ      DX, SI
	ADDQ      $128, DI
	DECQ      AX
	JNE       loop
	VZEROUPPER
	RET

// Bits for the low and the high halves of bytes; low halves of four bytes; 128 in four bytes; the order of columns 0, 2, 1, 3.
DATA packBits<>+0(SB)/8, $0x1c1814100c080400
DATA packBits<>+8(SB)/8, $0x3c3834302c282420
DATA packBits<>+16(SB)/8, $0x1814100c0804003c
DATA packBits<>+24(SB)/8, $0x3834302c2824201c
DATA packBits<>+32(SB)/4, $0x0f0f0f0f
DATA packBits<>+36(SB)/4, $0x80808080
DATA packBits<>+40(SB)/8, $0x0706030205040100
DATA packBits<>+48(SB)/8, $0x0f0e0b0a0d0c0908
GLOBL packBits<>(SB), RODATA|NOPTR, $56
