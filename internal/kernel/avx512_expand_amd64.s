//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "avx512_amd64.h"

// How weights become float32: [blocks*32][16]. All products are exact, and so is what the kernels say.
//
//	SI  codes    R8  scales    DX  destination    DI  blocks left

// func expand16AVX512(dst *float32, codes *byte, blocks int)
//
// Each four columns have their upper halves in two vectors: 0 and 2 in the first, 1 and 3 in the second.
//
//	Z24  upper halves
TEXT ·expand16AVX512(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DX
	MOVQ codes+8(FP), SI
	MOVQ blocks+16(FP), DI
	SHLQ $3, DI
	VPBROADCASTD expandMasks<>+0(SB), Z24

loop:
	VMOVDQU32 (SI), Z0
	VMOVDQU32 64(SI), Z1
	VPSLLD    $16, Z0, Z2
	VPSLLD    $16, Z1, Z3
	VPANDD    Z24, Z0, Z0
	VPANDD    Z24, Z1, Z1
	VMOVUPS   Z2, (DX)
	VMOVUPS   Z3, 64(DX)
	VMOVUPS   Z0, 128(DX)
	VMOVUPS   Z1, 192(DX)
	ADDQ      $128, SI
	ADDQ      $256, DX
	DECQ      DI
	JNE       loop
	VZEROUPPER
	RET

// func expand8AVX512(dst *float32, scales, codes *byte, blocks int)
//
// The lowest byte c of the float32 2^23 makes it 2^23+c, the one above in 2^15 makes that 2^15+c. Subtracting 128 more than the power
// gives c-128.
//
//	Z2  scales    Z24, Z25  2^23 and 2^15    Z26, Z27  128 more    K1, K2  the first and the second byte of each four
#define COLUMN8(i, codes, byte, zero, less) \
	VMOVDQA32 zero, Z1        \
	VMOVDQU8  codes, byte, Z1 \
	VSUBPS    less, Z1, Z1    \
	VMULPS    Z2, Z1, Z1      \
	VMOVUPS   Z1, (64*i)(DX)
TEXT ·expand8AVX512(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DX
	MOVQ scales+8(FP), R8
	MOVQ codes+16(FP), SI
	MOVQ blocks+24(FP), DI
	VPBROADCASTD expandBytes<>+0(SB), Z24
	VPBROADCASTD expandBytes<>+4(SB), Z25
	VPBROADCASTD expandBytes<>+8(SB), Z26
	VPBROADCASTD expandBytes<>+12(SB), Z27
	KMOVQ expandBytes<>+16(SB), K1
	KMOVQ expandBytes<>+24(SB), K2

block:
	VCVTPH2PS (R8), Z2
	MOVQ      $8, AX

loop:
	VPSRLD $16, (SI), Z0
	COLUMN8(0, (SI), K1, Z24, Z26)
	COLUMN8(1, (SI), K2, Z25, Z27)
	COLUMN8(2, Z0, K1, Z24, Z26)
	COLUMN8(3, Z0, K2, Z25, Z27)
	ADDQ   $64, SI
	ADDQ   $256, DX
	DECQ   AX
	JNE    loop
	ADDQ   $32, R8
	DECQ   DI
	JNE    block
	VZEROUPPER
	RET

// func expand4AVX512(dst *float32, scales, codes *byte, blocks int)
//
// VPERMPS looks at the low four bits of four bytes: shifting is all that it takes to look a code up.
//
//	Z24  twice the values of FP4    X26  ones in bytes    Z2  halves of the scales
#define COLUMN4(column, right) \
	VPSRLD  $right, Z0, Z1 \
	VPERMPS Z24, Z1, Z1    \
	VMULPS  Z2, Z1, Z1     \
	VMOVUPS Z1, (64*column)(DX)
TEXT ·expand4AVX512(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DX
	MOVQ scales+8(FP), R8
	MOVQ codes+16(FP), SI
	MOVQ blocks+24(FP), DI
	VMOVUPS fp4Floats<>(SB), Z24
	VPBROADCASTD expandMasks<>+4(SB), X26

block:
	HALFSCALE(Z2, X2, X26)
	MOVQ $4, AX

loop:
	VMOVDQU32 (SI), Z0
	COLUMN4(0, 0)
	COLUMN4(1, 8)
	COLUMN4(2, 16)
	COLUMN4(3, 24)
	COLUMN4(16, 4)
	COLUMN4(17, 12)
	COLUMN4(18, 20)
	COLUMN4(19, 28)
	ADDQ      $64, SI
	ADDQ      $256, DX
	DECQ      AX
	JNE       loop
	ADDQ      $1024, DX
	ADDQ      $16, R8
	DECQ      DI
	JNE       block
	VZEROUPPER
	RET

// The upper half of four bytes; ones in four bytes.
DATA expandMasks<>+0(SB)/4, $0xffff0000
DATA expandMasks<>+4(SB)/4, $0x01010101
GLOBL expandMasks<>(SB), RODATA|NOPTR, $8

// 2^23, 2^15, 2^23+128, 2^15+128; the masks.
DATA expandBytes<>+0(SB)/4, $0x4b000000
DATA expandBytes<>+4(SB)/4, $0x47000000
DATA expandBytes<>+8(SB)/4, $0x4b000080
DATA expandBytes<>+12(SB)/4, $0x47008000
DATA expandBytes<>+16(SB)/8, $0x1111111111111111
DATA expandBytes<>+24(SB)/8, $0x2222222222222222
GLOBL expandBytes<>(SB), RODATA|NOPTR, $32

DATA fp4Floats<>+0(SB)/4, $0x00000000 // 0
DATA fp4Floats<>+4(SB)/4, $0x3f800000 // 1
DATA fp4Floats<>+8(SB)/4, $0x40000000 // 2
DATA fp4Floats<>+12(SB)/4, $0x40400000 // 3
DATA fp4Floats<>+16(SB)/4, $0x40800000 // 4
DATA fp4Floats<>+20(SB)/4, $0x40c00000 // 6
DATA fp4Floats<>+24(SB)/4, $0x41000000 // 8
DATA fp4Floats<>+28(SB)/4, $0x41400000 // 12
DATA fp4Floats<>+32(SB)/4, $0x80000000 // -0
DATA fp4Floats<>+36(SB)/4, $0xbf800000 // -1
DATA fp4Floats<>+40(SB)/4, $0xc0000000 // -2
DATA fp4Floats<>+44(SB)/4, $0xc0400000 // -3
DATA fp4Floats<>+48(SB)/4, $0xc0800000 // -4
DATA fp4Floats<>+52(SB)/4, $0xc0c00000 // -6
DATA fp4Floats<>+56(SB)/4, $0xc1000000 // -8
DATA fp4Floats<>+60(SB)/4, $0xc1400000 // -12
GLOBL fp4Floats<>(SB), RODATA|NOPTR, $64
