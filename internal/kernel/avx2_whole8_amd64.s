//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "avx2_amd64.h"

// Products of int8 activations with panels of 8 bits.

DATA words1<>+0(SB)/4, $0x00010001
GLOBL words1<>(SB), RODATA|NOPTR, $4

DATA words16<>+0(SB)/4, $0x00100010
GLOBL words16<>(SB), RODATA|NOPTR, $4

// Bytes, 32 times, for SPLIT.
DATA x80<>+0(SB)/8, $0x8080808080808080
DATA x80<>+8(SB)/8, $0x8080808080808080
DATA x80<>+16(SB)/8, $0x8080808080808080
DATA x80<>+24(SB)/8, $0x8080808080808080
GLOBL x80<>(SB), RODATA|NOPTR, $32
DATA x07<>+0(SB)/8, $0x0707070707070707
DATA x07<>+8(SB)/8, $0x0707070707070707
DATA x07<>+16(SB)/8, $0x0707070707070707
DATA x07<>+24(SB)/8, $0x0707070707070707
GLOBL x07<>(SB), RODATA|NOPTR, $32
DATA x1f<>+0(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA x1f<>+8(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA x1f<>+16(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA x1f<>+24(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL x1f<>(SB), RODATA|NOPTR, $32
DATA x08<>+0(SB)/8, $0x0808080808080808
DATA x08<>+8(SB)/8, $0x0808080808080808
DATA x08<>+16(SB)/8, $0x0808080808080808
DATA x08<>+24(SB)/8, $0x0808080808080808
GLOBL x08<>(SB), RODATA|NOPTR, $32
DATA xf0<>+0(SB)/8, $0xf0f0f0f0f0f0f0f0
DATA xf0<>+8(SB)/8, $0xf0f0f0f0f0f0f0f0
DATA xf0<>+16(SB)/8, $0xf0f0f0f0f0f0f0f0
DATA xf0<>+24(SB)/8, $0xf0f0f0f0f0f0f0f0
GLOBL xf0<>(SB), RODATA|NOPTR, $32

// SPLIT makes of the 32 activations x at (R8) the numbers l and h with x = 16*h + l, -8 <= l <= 7, -8 <= h <= 8, and puts them at
// 0(R13) and 32(R13). h = (x+8)>>4, computed of x+128, with an average that keeps the ninth bit.
#define SPLIT \
	VMOVDQU (R8), Y8; \
	VPXOR   x80<>(SB), Y8, Y9; \
	VPAVGB  x07<>(SB), Y9, Y9; \
	VPSRLW  $3, Y9, Y9; \
	VPAND   x1f<>(SB), Y9, Y9; \
	VPSUBB  x08<>(SB), Y9, Y9; \
	VPSLLW  $4, Y9, Y10; \
	VPAND   xf0<>(SB), Y10, Y10; \
	VPSUBB  Y10, Y8, Y8; \
	VMOVDQU Y8, (R13); \
	VMOVDQU Y9, 32(R13)

// QUAD adds the products of four columns of eight rows with l and h. Sums of eight pairs fit: 8*2*255*8 < 2^15, while products with
// x itself would not.
#define QUAD(off, l, h) \
	VMOVDQU    off(SI), Y8; \
	VPMADDUBSW Y12, Y8, Y9; \
	VPMADDUBSW Y13, Y8, Y8; \
	VPADDW     Y9, l, l; \
	VPADDW     Y8, h, h

#define QUAD_FIRST(off, l, h) \
	VMOVDQU    off(SI), h; \
	VPMADDUBSW Y12, h, l; \
	VPMADDUBSW Y13, h, h

#define HALVES(j) \
	VPBROADCASTD (4*j)(R13), Y12; \
	VPBROADCASTD (32+4*j)(R13), Y13

#define QUADS(j) \
	HALVES(j); \
	QUAD(64*j, Y2, Y3); \
	QUAD(64*j+32, Y4, Y5)

// WIDEN makes int16 of the bytes in y: e of those at even places, y of those at odd ones.
#define WIDEN(y, e) \
	VPSLLW $8, y, e; \
	VPSRAW $8, y, y; \
	VPSRAW $8, e, e

// WIDE4 puts the weights of four columns of all rows of the panel behind the sums of the tile.
#define WIDE4(j) \
	VPXOR   (64*j)(SI), Y15, Y0; \
	VPXOR   (64*j+32)(SI), Y15, Y2; \
	WIDEN(Y0, Y1); \
	WIDEN(Y2, Y3); \
	VMOVDQU Y1, (4096+128*j)(R13); \
	VMOVDQU Y3, (4096+128*j+32)(R13); \
	VMOVDQU Y0, (4096+128*j+64)(R13); \
	VMOVDQU Y2, (4096+128*j+96)(R13)

// PRODUCT multiplies the weights in Y10 and Y11 with the activations at off(CX), and adds pairs to s0 and s1.
#define PRODUCT(off, s0, s1, t0, t1) \
	VPBROADCASTD off(CX), t1; \
	VPMADDWD     t1, Y10, t0; \
	VPMADDWD     t1, Y11, t1; \
	VPADDD       t0, s0, s0; \
	VPADDD       t1, s1, s1

// STEP does so for two columns of four rows of activations. CX and BX point 128 bytes behind the first of them and the first weight,
// so that all displacements fit a byte.
#define STEP(w, x) \
	VMOVDQU (w-128)(BX), Y10; \
	VMOVDQU (w-96)(BX), Y11; \
	PRODUCT(x-128, Y0, Y1, Y12, Y13); \
	PRODUCT(x-64, Y2, Y3, Y14, Y15); \
	PRODUCT(x, Y4, Y5, Y12, Y13); \
	PRODUCT(x+64, Y6, Y7, Y14, Y15)

// SUM adds the sums of a block to those of the tile, for the row whose scale is at scale. Y8, Y9 are the scales of the weights.
#define SUM(scale, off, s0, s1) \
	VBROADCASTSS scale, Y12; \
	VCVTDQ2PS    s0, s0; \
	VCVTDQ2PS    s1, s1; \
	VMULPS       Y12, Y8, Y13; \
	VMULPS       Y12, Y9, Y12; \
	VFMADD213PS  off(AX), Y13, s0; \
	VFMADD213PS  (off+32)(AX), Y12, s1; \
	VMOVUPS      s0, off(AX); \
	VMOVUPS      s1, (off+32)(AX)

// func whole8AVX2(c *call)
//
// Rows are computed in tiles of a multiple of four, at most 64. On the stack, from R13 on: the sums of the tile (4096 bytes), the
// weights of a block (1024), the activations of a block (4096), both as int16: for each four columns first those of the even, then
// those of the odd ones.
TEXT ·whole8AVX2(SB), 0, $9344-8
	MOVQ c+0(FP), DI
	MOVQ call_n(DI), AX
	MOVQ AX, left-8(SP)
	MOVQ call_dst(DI), AX
	MOVQ AX, dst-16(SP)
	MOVQ call_bias(DI), AX
	MOVQ AX, bias-24(SP)
	MOVQ call_x(DI), AX
	MOVQ AX, x-32(SP)
	MOVQ call_xScale(DI), AX
	MOVQ AX, scale-40(SP)
	MOVQ call_xOffset(DI), AX
	MOVQ AX, offset-48(SP)
	MOVQ call_xStride(DI), R9
	MOVQ call_xsStride(DI), R12
	LEAQ 63(SP), R13
	ANDQ $~63, R13

tile:
	MOVQ  x-32(SP), R8
	MOVQ  scale-40(SP), R10
	MOVQ  call_codes(DI), SI
	MOVQ  call_scales(DI), BX
	MOVQ  call_blocks(DI), CX
	MOVQ  left-8(SP), DX
	CMPQ  DX, $4
	JLT   rest
	ANDQ  $~3, DX
	CMPQ  DX, $64
	JLE   sized
	MOVQ  $64, DX

sized:
	MOVQ  DX, rows-56(SP)
	MOVQ  CX, blocks-64(SP)
	SHLQ  $6, DX
	ADDQ  R13, DX // end of the sums
	MOVQ  R13, AX
	VPXOR Y0, Y0, Y0

clear:
	VMOVDQU Y0, (AX)
	VMOVDQU Y0, 32(AX)
	ADDQ    $64, AX
	CMPQ    AX, DX
	JB      clear

block:
	VMOVDQU x80<>(SB), Y15
	WIDE4(0)
	WIDE4(1)
	WIDE4(2)
	WIDE4(3)
	WIDE4(4)
	WIDE4(5)
	WIDE4(6)
	WIDE4(7)
	MOVQ    R13, AX
	MOVQ    R8, R14

widen:
	VMOVDQU (R14), Y0
	WIDEN(Y0, Y1)
	VMOVDQU Y1, 5120(AX)
	VMOVDQU Y0, (5120+32)(AX)
	ADDQ    R9, R14
	ADDQ    $64, AX
	CMPQ    AX, DX
	JB      widen

	VCVTPH2PS (BX), Y8
	VCVTPH2PS 16(BX), Y9
	ADDQ      $32, BX
	MOVQ      BX, scales-72(SP)
	MOVQ      R13, AX
	MOVQ      R10, R11
	LEAQ      5120(R13), R14

four:
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	LEAQ  (5120+128)(AX), CX
	LEAQ  (4096+128)(R13), BX

eight:
	STEP(0, 0)
	STEP(64, 32)
	STEP(128, 4)
	STEP(192, 36)
	ADDQ $8, CX
	ADDQ $256, BX
	CMPQ BX, R14
	JB   eight

	LEAQ    (R11)(R12*2), CX
	SUM((R11), 0, Y0, Y1)
	SUM((R11)(R12*1), 64, Y2, Y3)
	SUM((CX), 128, Y4, Y5)
	SUM((CX)(R12*1), 192, Y6, Y7)
	LEAQ    (R11)(R12*4), R11
	ADDQ    $256, AX
	CMPQ    AX, DX
	JB      four

	MOVQ scales-72(SP), BX
	ADDQ $512, SI
	ADDQ $32, R8
	ADDQ $4, R10
	DECQ blocks-64(SP)
	JNZ  block

	MOVQ dst-16(SP), AX
	MOVQ bias-24(SP), CX
	MOVQ R13, BX

finish:
	FINISH((BX), 32(BX), Y0, Y1)
	ADDQ  call_dstStride(DI), AX
	ADDQ  call_biasStride(DI), CX
	ADDQ  $64, BX
	CMPQ  BX, DX
	JB    finish
	MOVQ  rows-56(SP), DX
	MOVQ  AX, dst-16(SP)
	MOVQ  CX, bias-24(SP)
	SUBQ  DX, left-8(SP)
	MOVQ  R9, AX
	IMULQ DX, AX
	ADDQ  AX, x-32(SP)
	IMULQ R12, DX
	ADDQ  DX, scale-40(SP)
	ADDQ  DX, offset-48(SP)
	JMP   tile

	// The last rows, one by one: Y0, Y1 the sums; Y2-Y5 sums of the block; Y6 ones, Y7 sixteens.
rest:
	TESTQ        DX, DX
	JZ           done
	MOVQ         offset-48(SP), R11
	VPBROADCASTD words1<>(SB), Y6
	VPBROADCASTD words16<>(SB), Y7
	VPXOR        Y0, Y0, Y0
	VPXOR        Y1, Y1, Y1

one:
	PREFETCHT1   AHEAD(SI)
	PREFETCHT1   (AHEAD+64)(SI)
	PREFETCHT1   (AHEAD+128)(SI)
	PREFETCHT1   (AHEAD+192)(SI)
	PREFETCHT1   (AHEAD+256)(SI)
	PREFETCHT1   (AHEAD+320)(SI)
	PREFETCHT1   (AHEAD+384)(SI)
	PREFETCHT1   (AHEAD+448)(SI)
	SPLIT
	HALVES(0)
	QUAD_FIRST(0, Y2, Y3)
	QUAD_FIRST(32, Y4, Y5)
	QUADS(1)
	QUADS(2)
	QUADS(3)
	QUADS(4)
	QUADS(5)
	QUADS(6)
	QUADS(7)
	VPMADDWD     Y6, Y2, Y2
	VPMADDWD     Y7, Y3, Y3
	VPMADDWD     Y6, Y4, Y4
	VPMADDWD     Y7, Y5, Y5
	VPBROADCASTD (R11), Y8
	VBROADCASTSS (R10), Y9
	VCVTPH2PS    (BX), Y10
	VCVTPH2PS    16(BX), Y11
	VPADDD       Y3, Y2, Y2
	VPADDD       Y5, Y4, Y4
	VPADDD       Y8, Y2, Y2
	VPADDD       Y8, Y4, Y4
	VMULPS       Y9, Y10, Y10
	VMULPS       Y9, Y11, Y11
	VCVTDQ2PS    Y2, Y2
	VCVTDQ2PS    Y4, Y4
	VFMADD231PS  Y2, Y10, Y0
	VFMADD231PS  Y4, Y11, Y1
	ADDQ         $512, SI
	ADDQ         $32, BX
	ADDQ         $32, R8
	ADDQ         $4, R10
	ADDQ         $4, R11
	DECQ         CX
	JNZ          one
	MOVQ         dst-16(SP), AX
	MOVQ         bias-24(SP), CX
	FINISH(Y0, Y1, Y0, Y1)
	ADDQ         call_dstStride(DI), AX
	ADDQ         call_biasStride(DI), CX
	MOVQ         AX, dst-16(SP)
	MOVQ         CX, bias-24(SP)
	ADDQ         R9, x-32(SP)
	ADDQ         R12, scale-40(SP)
	ADDQ         R12, offset-48(SP)
	DECQ         left-8(SP)
	JMP          tile

done:
	VZEROUPPER
	RET
