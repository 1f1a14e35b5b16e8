//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "avx2_amd64.h"

// Products of int8 activations with panels of 4 bits.

// 2*fp4[code]+12
DATA unsignedFP4<>+0(SB)/8, $0x181412100f0e0d0c
DATA unsignedFP4<>+8(SB)/8, $0x00040608090a0b0c
GLOBL unsignedFP4<>(SB), RODATA|NOPTR, $16

DATA low4<>+0(SB)/4, $0x0f0f0f0f
GLOBL low4<>(SB), RODATA|NOPTR, $4

DATA words1<>+0(SB)/4, $0x00010001
GLOBL words1<>(SB), RODATA|NOPTR, $4

DATA bytes1<>+0(SB)/8, $0x0101010101010101
DATA bytes1<>+8(SB)/8, $0x0101010101010101
GLOBL bytes1<>(SB), RODATA|NOPTR, $16

// LOOKUP makes of the codes at off(SI) the weights lo (of columns 0-15) and hi (16-31). VPSHUFB reads the low four bits of a byte
// whose highest bit is clear.
#define LOOKUP(off, mask, table, lo, hi) \
	VMOVDQU off(SI), hi; \
	VPAND   mask, hi, lo; \
	VPSRLW  $4, hi, hi; \
	VPAND   mask, hi, hi; \
	VPSHUFB lo, table, lo; \
	VPSHUFB hi, table, hi

// SCALES4 makes halfScale of the eight scales at off(BX): (e-1)<<23, 0 for e = 0.
#define SCALES4(off, x, y) \
	VMOVQ     off(BX), x; \
	VPSUBUSB  bytes1<>(SB), x, x; \
	VPMOVZXBD x, y; \
	VPSLLD    $23, y, y

// PAIR adds the products of 2x4 columns of eight rows: Y14 the table, Y15 the mask, Y12 and Y13 the activations. Sums of four pairs
// fit: 4*2*24*128 < 2^15.
#define PAIR(off, lo, hi) \
	LOOKUP(off, Y15, Y14, Y8, Y9); \
	VPMADDUBSW Y12, Y8, Y8; \
	VPMADDUBSW Y13, Y9, Y9; \
	VPADDW     Y8, lo, lo; \
	VPADDW     Y9, hi, hi

#define PAIR_FIRST(off, lo, hi) \
	LOOKUP(off, Y15, Y14, lo, hi); \
	VPMADDUBSW Y12, lo, lo; \
	VPMADDUBSW Y13, hi, hi

#define ACTIVATIONS(c) \
	VPBROADCASTD (4*c)(R8), Y12; \
	VPBROADCASTD (16+4*c)(R8), Y13

// LOW and HIGH make weights of the lower and of the upper halves of the codes at off(SI): Y12 the mask, Y14 the table.
#define LOW(off, w) \
	VPAND   off(SI), Y12, w; \
	VPSHUFB w, Y14, w

#define HIGH(off, w) \
	VMOVDQU off(SI), w; \
	VPSRLW  $4, w, w; \
	VPAND   Y12, w, w; \
	VPSHUFB w, Y14, w

// PAIRS4 multiplies the weights in Y0-Y7 with 16 activations at off(R14): Y8 and Y9 the sums for both halves of the panel.
#define PAIRS4(off) \
	VPBROADCASTD off(R14), Y9; \
	VPMADDUBSW   Y9, Y0, Y8; \
	VPMADDUBSW   Y9, Y4, Y9; \
	VPBROADCASTD (off+4)(R14), Y11; \
	VPMADDUBSW   Y11, Y1, Y10; \
	VPMADDUBSW   Y11, Y5, Y11; \
	VPADDW       Y10, Y8, Y8; \
	VPADDW       Y11, Y9, Y9; \
	VPBROADCASTD (off+8)(R14), Y11; \
	VPMADDUBSW   Y11, Y2, Y10; \
	VPMADDUBSW   Y11, Y6, Y11; \
	VPADDW       Y10, Y8, Y8; \
	VPADDW       Y11, Y9, Y9; \
	VPBROADCASTD (off+12)(R14), Y11; \
	VPMADDUBSW   Y11, Y3, Y10; \
	VPMADDUBSW   Y11, Y7, Y11; \
	VPADDW       Y10, Y8, Y8; \
	VPADDW       Y11, Y9, Y9; \
	VPMADDWD     Y15, Y8, Y8; \
	VPMADDWD     Y15, Y9, Y9

// func whole4AVX2(c *call)
TEXT ·whole4AVX2(SB), 0, $8320-8
	MOVQ c+0(FP), DI
	MOVQ call_xStride(DI), R9
	MOVQ call_xsStride(DI), R12
	MOVQ call_x(DI), R8
	MOVQ call_xScale(DI), R10
	MOVQ call_xOffset(DI), R11
	MOVQ call_n(DI), DX
	CMPQ DX, $1
	JNE  many

	// One row. Y0, Y1 its sums; Y2-Y5 sums of the block; Y6 ones.
	MOVQ           call_codes(DI), SI
	MOVQ           call_scales(DI), BX
	MOVQ           call_blocks(DI), CX
	VBROADCASTI128 unsignedFP4<>(SB), Y14
	VPBROADCASTD   low4<>(SB), Y15
	VPBROADCASTD   words1<>(SB), Y6
	VPXOR          Y0, Y0, Y0
	VPXOR          Y1, Y1, Y1

one:
	PREFETCHT1   AHEAD(SI)
	PREFETCHT1   (AHEAD+64)(SI)
	PREFETCHT1   (AHEAD+128)(SI)
	PREFETCHT1   (AHEAD+192)(SI)
	ACTIVATIONS(0)
	PAIR_FIRST(0, Y2, Y3)
	PAIR_FIRST(32, Y4, Y5)
	ACTIVATIONS(1)
	PAIR(64, Y2, Y3)
	PAIR(96, Y4, Y5)
	ACTIVATIONS(2)
	PAIR(128, Y2, Y3)
	PAIR(160, Y4, Y5)
	ACTIVATIONS(3)
	PAIR(192, Y2, Y3)
	PAIR(224, Y4, Y5)
	VPMADDWD     Y6, Y2, Y2
	VPMADDWD     Y6, Y3, Y3
	VPMADDWD     Y6, Y4, Y4
	VPMADDWD     Y6, Y5, Y5
	VPBROADCASTD (R11), Y8
	VBROADCASTSS (R10), Y9
	VPADDD       Y3, Y2, Y2
	VPADDD       Y5, Y4, Y4
	SCALES4(0, X10, Y10)
	SCALES4(8, X11, Y11)
	VPADDD       Y8, Y2, Y2
	VPADDD       Y8, Y4, Y4
	VMULPS       Y9, Y10, Y10
	VMULPS       Y9, Y11, Y11
	VCVTDQ2PS    Y2, Y2
	VCVTDQ2PS    Y4, Y4
	VFMADD231PS  Y2, Y10, Y0
	VFMADD231PS  Y4, Y11, Y1
	ADDQ         $256, SI
	ADDQ         $16, BX
	ADDQ         $32, R8
	ADDQ         $4, R10
	ADDQ         $4, R11
	DECQ         CX
	JNZ          one
	MOVQ         call_dst(DI), AX
	MOVQ         call_bias(DI), CX
	FINISH(Y0, Y1, Y0, Y1)
	VZEROUPPER
	RET

	// Many rows, in tiles of at most 64. On the stack from R13 on are their sums, up to DX, and 4096 bytes further those of a block.
	// For each half of the columns of a block its weights are in Y0-Y7 while all rows of the tile pass by: so both halves of the
	// panel share the activations. Y15 ones.
many:
	MOVQ         DX, left-8(SP)
	MOVQ         call_dst(DI), AX
	MOVQ         AX, dst-16(SP)
	MOVQ         call_bias(DI), AX
	MOVQ         AX, bias-24(SP)
	MOVQ         R8, x-32(SP)
	MOVQ         R10, scale-40(SP)
	MOVQ         R11, offset-48(SP)
	LEAQ         63(SP), R13
	ANDQ         $~63, R13
	VPBROADCASTD words1<>(SB), Y15

tile:
	MOVQ  left-8(SP), DX
	CMPQ  DX, $64
	JLE   last
	MOVQ  $64, DX

last:
	SUBQ  DX, left-8(SP)
	SHLQ  $6, DX
	ADDQ  R13, DX
	MOVQ  R13, AX
	VPXOR Y0, Y0, Y0

clear:
	VMOVDQU Y0, (AX)
	VMOVDQU Y0, 32(AX)
	ADDQ    $64, AX
	CMPQ    AX, DX
	JB      clear
	MOVQ    call_codes(DI), SI
	MOVQ    call_scales(DI), BX
	MOVQ    call_blocks(DI), AX
	MOVQ    AX, blocks-56(SP)

block:
	VBROADCASTI128 unsignedFP4<>(SB), Y14
	VPBROADCASTD   low4<>(SB), Y12
	LOW(0, Y0)
	LOW(64, Y1)
	LOW(128, Y2)
	LOW(192, Y3)
	LOW(32, Y4)
	LOW(96, Y5)
	LOW(160, Y6)
	LOW(224, Y7)
	MOVQ           R13, AX
	MOVQ           R8, R14
	XORQ           CX, CX

low:
	PAIRS4(0)
	VPBROADCASTD (R11)(CX*1), Y10
	VPADDD       Y10, Y8, Y8
	VPADDD       Y10, Y9, Y9
	VMOVDQU      Y8, 4096(AX)
	VMOVDQU      Y9, (4096+32)(AX)
	ADDQ         R9, R14
	ADDQ         R12, CX
	ADDQ         $64, AX
	CMPQ         AX, DX
	JB           low

	VPBROADCASTD low4<>(SB), Y12
	HIGH(0, Y0)
	HIGH(64, Y1)
	HIGH(128, Y2)
	HIGH(192, Y3)
	HIGH(32, Y4)
	HIGH(96, Y5)
	HIGH(160, Y6)
	HIGH(224, Y7)
	SCALES4(0, X13, Y13)
	SCALES4(8, X14, Y14)
	MOVQ         R13, AX
	MOVQ         R8, R14
	XORQ         CX, CX

high:
	PAIRS4(16)
	VBROADCASTSS (R10)(CX*1), Y10
	VPADDD       4096(AX), Y8, Y8
	VPADDD       (4096+32)(AX), Y9, Y9
	VMULPS       Y10, Y13, Y11
	VMULPS       Y10, Y14, Y12
	VCVTDQ2PS    Y8, Y8
	VCVTDQ2PS    Y9, Y9
	VFMADD213PS  (AX), Y11, Y8
	VFMADD213PS  32(AX), Y12, Y9
	VMOVUPS      Y8, (AX)
	VMOVUPS      Y9, 32(AX)
	ADDQ         R9, R14
	ADDQ         R12, CX
	ADDQ         $64, AX
	CMPQ         AX, DX
	JB           high

	ADDQ $256, SI
	ADDQ $16, BX
	ADDQ $32, R8
	ADDQ $4, R10
	ADDQ $4, R11
	DECQ blocks-56(SP)
	JNZ  block

	MOVQ dst-16(SP), AX
	MOVQ bias-24(SP), CX
	MOVQ R13, BX

finish:
	FINISH((BX), 32(BX), Y0, Y1)
	ADDQ call_dstStride(DI), AX
	ADDQ call_biasStride(DI), CX
	ADDQ $64, BX
	CMPQ BX, DX
	JB   finish

	CMPQ left-8(SP), $0
	JEQ  done
	MOVQ AX, dst-16(SP)
	MOVQ CX, bias-24(SP)
	MOVQ R9, R8
	SHLQ $6, R8
	ADDQ x-32(SP), R8
	MOVQ R8, x-32(SP)
	MOVQ R12, AX
	SHLQ $6, AX
	MOVQ scale-40(SP), R10
	MOVQ offset-48(SP), R11
	ADDQ AX, R10
	ADDQ AX, R11
	MOVQ R10, scale-40(SP)
	MOVQ R11, offset-48(SP)
	JMP  tile

done:
	VZEROUPPER
	RET
