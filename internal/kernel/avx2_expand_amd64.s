//go:build !purego

#include "textflag.h"
#include "avx2_amd64.h"

// Panels of 4, 8 and 16 bits as float32.

// 2*fp4[code]+12
DATA unsignedFP4<>+0(SB)/8, $0x181412100f0e0d0c
DATA unsignedFP4<>+8(SB)/8, $0x00040608090a0b0c
GLOBL unsignedFP4<>(SB), RODATA|NOPTR, $16

DATA low4<>+0(SB)/4, $0x0f0f0f0f
GLOBL low4<>(SB), RODATA|NOPTR, $4

DATA bytes1<>+0(SB)/8, $0x0101010101010101
GLOBL bytes1<>(SB), RODATA|NOPTR, $8

DATA most<>+0(SB)/8, $0xfcfcfcfcfcfcfcfc
DATA most<>+8(SB)/8, $0xfcfcfcfcfcfcfcfc
GLOBL most<>(SB), RODATA|NOPTR, $16

DATA upper<>+0(SB)/4, $0xffff0000
GLOBL upper<>(SB), RODATA|NOPTR, $4

// The first, second and third byte of four.
DATA byte0<>+0(SB)/8, $0x000000ff000000ff
DATA byte0<>+8(SB)/8, $0x000000ff000000ff
DATA byte0<>+16(SB)/8, $0x000000ff000000ff
DATA byte0<>+24(SB)/8, $0x000000ff000000ff
GLOBL byte0<>(SB), RODATA|NOPTR, $32

DATA byte1<>+0(SB)/8, $0x0000ff000000ff00
DATA byte1<>+8(SB)/8, $0x0000ff000000ff00
DATA byte1<>+16(SB)/8, $0x0000ff000000ff00
DATA byte1<>+24(SB)/8, $0x0000ff000000ff00
GLOBL byte1<>(SB), RODATA|NOPTR, $32

DATA byte2<>+0(SB)/8, $0x00ff000000ff0000
DATA byte2<>+8(SB)/8, $0x00ff000000ff0000
DATA byte2<>+16(SB)/8, $0x00ff000000ff0000
DATA byte2<>+24(SB)/8, $0x00ff000000ff0000
GLOBL byte2<>(SB), RODATA|NOPTR, $32

// 2^-8 and 2^-16.
DATA down8<>+0(SB)/8, $0x3b8000003b800000
DATA down8<>+8(SB)/8, $0x3b8000003b800000
DATA down8<>+16(SB)/8, $0x3b8000003b800000
DATA down8<>+24(SB)/8, $0x3b8000003b800000
GLOBL down8<>(SB), RODATA|NOPTR, $32

DATA down16<>+0(SB)/8, $0x3780000037800000
DATA down16<>+8(SB)/8, $0x3780000037800000
DATA down16<>+16(SB)/8, $0x3780000037800000
DATA down16<>+24(SB)/8, $0x3780000037800000
GLOBL down16<>(SB), RODATA|NOPTR, $32

// The codes of 0.
DATA zero4<>+0(SB)/4, $0x41400000
GLOBL zero4<>(SB), RODATA|NOPTR, $4

DATA zero8<>+0(SB)/4, $0x43000000
GLOBL zero8<>(SB), RODATA|NOPTR, $4

// SCALES puts the scales in Y0, times 2^-8 and 2^-16, into Y1 and Y2, and times the code of 0, in Y15, into Y9. Scales are powers of
// two or binary16: nothing is lost where they become subnormal.
#define SCALES \
	VMULPS down8<>(SB), Y0, Y1; \
	VMULPS down16<>(SB), Y0, Y2; \
	VMULPS Y15, Y0, Y9

// EXPAND writes the four codes of each lane of y as four columns to off(DI). A code becomes float32 where it is in its lane, times
// 2^8 or 2^16, because shifts are few. An FMA multiplies it with the scale and takes away what a code of 0 gives: all exact.
#define EXPAND(y, off) \
	VPAND       byte0<>(SB), y, Y5; \
	VPAND       byte1<>(SB), y, Y6; \
	VPAND       byte2<>(SB), y, Y7; \
	VPSRLD      $24, y, Y8; \
	VCVTDQ2PS   Y5, Y5; \
	VCVTDQ2PS   Y6, Y6; \
	VCVTDQ2PS   Y7, Y7; \
	VCVTDQ2PS   Y8, Y8; \
	VFMSUB213PS Y9, Y0, Y5; \
	VFMSUB213PS Y9, Y1, Y6; \
	VFMSUB213PS Y9, Y2, Y7; \
	VFMSUB213PS Y9, Y0, Y8; \
	VMOVUPS     Y5, (off)(DI); \
	VMOVUPS     Y6, (off+64)(DI); \
	VMOVUPS     Y7, (off+128)(DI); \
	VMOVUPS     Y8, (off+192)(DI)

// EXPAND4 does so with codes of 4 bits: the low halves are columns of the first half of the block.
#define EXPAND4(in, out) \
	VMOVDQU in(SI), Y4; \
	VPAND   Y11, Y4, Y3; \
	VPSRLW  $4, Y4, Y4; \
	VPAND   Y11, Y4, Y4; \
	VPSHUFB Y3, Y12, Y3; \
	VPSHUFB Y4, Y12, Y4; \
	EXPAND(Y3, out); \
	EXPAND(Y4, out+1024)

// SCALES4 makes halfScale of the eight scales at off(BX): (e-1)<<23, 0 for e = 0.
#define SCALES4(off) \
	VMOVQ     off(BX), X0; \
	VPSUBUSB  X10, X0, X0; \
	VPMOVZXBD X0, Y0; \
	VPSLLD    $23, Y0, Y0; \
	SCALES

// func expand4Below(dst *float32, scales, codes *byte, blocks int) bool
TEXT ·expand4Below(SB), NOSPLIT, $0-33
	MOVQ           dst+0(FP), DI
	MOVQ           scales+8(FP), BX
	MOVQ           codes+16(FP), SI
	MOVQ           blocks+24(FP), CX
	VBROADCASTI128 unsignedFP4<>(SB), Y12
	VPBROADCASTD   low4<>(SB), Y11
	VMOVQ          bytes1<>(SB), X10
	MOVB           $0, ret+32(FP)

	// Whatever of the largest scales is above 252.
	MOVQ  CX, DX
	MOVQ  BX, AX
	VPXOR X0, X0, X0

largest:
	VPMAXUB  (AX), X0, X0
	ADDQ     $16, AX
	DECQ     DX
	JNZ      largest
	VPSUBUSB most<>(SB), X0, X0
	VPTEST   X0, X0
	JNZ      done
	MOVB     $1, ret+32(FP)

	VBROADCASTSS zero4<>(SB), Y15

block:
	PREFETCHT1 AHEAD(SI)
	PREFETCHT1 (AHEAD+64)(SI)
	PREFETCHT1 (AHEAD+128)(SI)
	PREFETCHT1 (AHEAD+192)(SI)
	SCALES4(0)
	EXPAND4(0, 0)
	EXPAND4(64, 256)
	EXPAND4(128, 512)
	EXPAND4(192, 768)
	SCALES4(8)
	EXPAND4(32, 32)
	EXPAND4(96, 288)
	EXPAND4(160, 544)
	EXPAND4(224, 800)
	ADDQ $2048, DI
	ADDQ $256, SI
	ADDQ $16, BX
	DECQ CX
	JNZ  block

done:
	VZEROUPPER
	RET

// EXPAND8 does so with codes of 8 bits.
#define EXPAND8(in, out) \
	VMOVDQU in(SI), Y3; \
	EXPAND(Y3, out)

#define EXPANDS8(half) \
	EXPAND8(half, half); \
	EXPAND8(half+64, half+256); \
	EXPAND8(half+128, half+512); \
	EXPAND8(half+192, half+768); \
	EXPAND8(half+256, half+1024); \
	EXPAND8(half+320, half+1280); \
	EXPAND8(half+384, half+1536); \
	EXPAND8(half+448, half+1792)

// func expand8AVX2(dst *float32, scales, codes *byte, blocks int)
TEXT ·expand8AVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ scales+8(FP), BX
	MOVQ codes+16(FP), SI
	MOVQ blocks+24(FP), CX
	VBROADCASTSS zero8<>(SB), Y15

block:
	PREFETCHT1 AHEAD(SI)
	PREFETCHT1 (AHEAD+64)(SI)
	PREFETCHT1 (AHEAD+128)(SI)
	PREFETCHT1 (AHEAD+192)(SI)
	PREFETCHT1 (AHEAD+256)(SI)
	PREFETCHT1 (AHEAD+320)(SI)
	PREFETCHT1 (AHEAD+384)(SI)
	PREFETCHT1 (AHEAD+448)(SI)
	VCVTPH2PS (BX), Y0
	SCALES
	EXPANDS8(0)
	VCVTPH2PS 16(BX), Y0
	SCALES
	EXPANDS8(32)
	ADDQ $2048, DI
	ADDQ $512, SI
	ADDQ $32, BX
	DECQ CX
	JNZ  block
	VZEROUPPER
	RET

// EXPAND16 writes the pairs at in(SI), columns k and k+2, as float32 to out(DI).
#define EXPAND16(in, out) \
	VMOVDQU in(SI), Y0; \
	VMOVDQU (in+32)(SI), Y1; \
	VPSLLD  $16, Y0, Y2; \
	VPSLLD  $16, Y1, Y3; \
	VPAND   Y15, Y0, Y0; \
	VPAND   Y15, Y1, Y1; \
	VMOVDQU Y2, (out)(DI); \
	VMOVDQU Y3, (out+32)(DI); \
	VMOVDQU Y0, (out+128)(DI); \
	VMOVDQU Y1, (out+160)(DI)

// func expand16AVX2(dst *float32, codes *byte, blocks int)
TEXT ·expand16AVX2(SB), NOSPLIT, $0-24
	MOVQ         dst+0(FP), DI
	MOVQ         codes+8(FP), SI
	MOVQ         blocks+16(FP), CX
	SHLQ         $3, CX
	VPBROADCASTD upper<>(SB), Y15

four:
	PREFETCHT1 AHEAD(SI)
	PREFETCHT1 (AHEAD+64)(SI)
	EXPAND16(0, 0)
	EXPAND16(64, 64)
	ADDQ $256, DI
	ADDQ $128, SI
	DECQ CX
	JNZ  four
	VZEROUPPER
	RET
