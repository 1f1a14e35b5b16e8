//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "avx512_amd64.h"

// Products of bfloat16 activations with sixteen rows of weights, which become bfloat16 too: exactly. VDPBF16PS multiplies the pairs of two
// columns of weights with the pair of activations there, which an embedded broadcast puts into all lanes, and adds both products to
// the sums, each rounded once; it takes subnormal numbers for zero. The order is the same in all tiles.
//
//	Z8-Z15  sums    Z16-Z23, Z0-Z7  two chains that add up a block    Z24-Z31  constants and scratch

// VDPBF16PS, which Go's assembler does not know: acc += w * the four bytes at o(base)(index<<shift), in all lanes. w and acc are numbers
// of vector registers, base and index of general ones, o a multiple of four. The encoding is EVEX.512.F3.0F38.W0 52 /r with a
// broadcast, a byte for the displacement divided by four, and the extra bits of register numbers inverted in the prefix. Source: Intel
// 64 and IA-32 Architectures Software Developer's Manual, volume 2, 2.7 and VDPBF16PS.
#define VDPBF16PS(o, base, index, shift, w, acc) \
	BYTE $0x62                                                                         \
	BYTE $(0x02 | ((acc)&8^8)<<4 | ((index)&8^8)<<3 | ((base)&8^8)<<2 | ((acc)&16^16)) \
	BYTE $(0x06 | ((w)&15^15)<<3)                                                      \
	BYTE $(0x50 | ((w)&16^16)>>1)                                                      \
	BYTE $0x52                                                                         \
	BYTE $(0x44 | ((acc)&7)<<3)                                                        \
	BYTE $((shift)<<6 | ((index)&7)<<3 | ((base)&7))                                   \
	BYTE $((o)/4)

// The numbers of registers; none is no index.
#define cx 1
#define dx 2
#define bx 3
#define none 4
#define r9 9
#define r15 15

// DOT adds the products of a pair of columns of weights, in register w, with the activations at byte o of the block, to the sums from
// register a on: as many as rows.
#define DOT1(o, w, a) VDPBF16PS(o, r9, none, 0, w, (a))
#define DOT2(o, w, a) DOT1(o, w, a) \
	VDPBF16PS(o, r9, bx, 0, w, (a+1))
#define DOT4(o, w, a) DOT2(o, w, a) \
	VDPBF16PS(o, r9, bx, 1, w, (a+2)) \
	VDPBF16PS(o, r9, cx, 0, w, (a+3))
#define DOT8(o, w, a) DOT4(o, w, a) \
	VDPBF16PS(o, r9, bx, 2, w, (a+4)) \
	VDPBF16PS(o, r9, dx, 0, w, (a+5)) \
	VDPBF16PS(o, r9, cx, 1, w, (a+6)) \
	VDPBF16PS(o, r9, r15, 0, w, (a+7))

// CHUNK4 is a chunk c of Panel4. Each word of sixteen bits has four codes; VPERMW looks at the low five bits of a word, and the table has
// the sixteen entries twice.
//
//	Z24  table    X26  ones in bytes    Z28  scales    Z29  codes    Z30, Z31  weights
#define CHUNK4(c, DOT) \
	VMOVDQU32 (64*c)(SI), Z29 \
	VPERMW    Z24, Z29, Z30   \
	VPSRLW    $4, Z29, Z31    \
	VPERMW    Z24, Z31, Z31   \
	DOT(8*c, 30, 16)          \
	DOT(32+8*c, 31, 0)        \
	VPSRLW    $8, Z29, Z30    \
	VPERMW    Z24, Z30, Z30   \
	VPSRLW    $12, Z29, Z31   \
	VPERMW    Z24, Z31, Z31   \
	DOT(8*c+4, 30, 16)        \
	DOT(32+8*c+4, 31, 0)

#define BLOCK4(CLEAR, DOT, SCALE) \
	CLEAR                    \
	CHUNK4(0, DOT)           \
	CHUNK4(1, DOT)           \
	CHUNK4(2, DOT)           \
	CHUNK4(3, DOT)           \
	HALFSCALE(Z28, X28, X26) \
	SCALE(Z28)               \
	ADDQ $64, R9             \
	ADDQ $16, R8             \
	ADDQ $256, SI

#define CONSTANTS4 \
	VBROADCASTI64X4 fp4Brains<>(SB), Z24 \
	VPBROADCASTD    fp4Brains<>+32(SB), X26

#define BRAIN4(ZERO, CLEAR, DOT, SCALE, STORE) \
	CONSTANTS4                \
	TILE                      \
	MOVQ call_blocks(DI), DI  \
	ZERO                      \
	STREAM(FAR)               \
loop:                         \
	AHEAD4(PREFETCHT1)        \
	BLOCK4(CLEAR, DOT, SCALE) \
	DECQ DI                   \
	JNE  loop                 \
	RESULT                    \
	STORE                     \
	VZEROUPPER

// func brain4x1AVX512(c *call, t int)
TEXT ·brain4x1AVX512(SB), NOSPLIT, $8-16
	BRAIN4(ZERO1, CLEAR1, DOT1, SCALE1, STORE1)
	RET

// func brain4x2AVX512(c *call, t int)
TEXT ·brain4x2AVX512(SB), NOSPLIT, $8-16
	BRAIN4(ZERO2, CLEAR2, DOT2, SCALE2, STORE2)
	RET

// func brain4x4AVX512(c *call, t int)
TEXT ·brain4x4AVX512(SB), NOSPLIT, $8-16
	BRAIN4(ZERO4, CLEAR4, DOT4, SCALE4, STORE4)
	RET

// func brain4x8AVX512(c *call, t int)
TEXT ·brain4x8AVX512(SB), NOSPLIT, $8-16
	BRAIN4(ZERO8, CLEAR8, DOT8, SCALE8, STORE8)
	RET

// CHUNK8 is four columns of Panel8. The lowest byte c of the float32 2^23 makes it 2^23+c, the one above in 2^15 makes that 2^15+c.
// Subtracting 128 more than the power gives c-128, exactly, and as that has at most eight significant bits its upper half is a
// bfloat16. The first chain has columns 0 and 2, the second 1 and 3.
//
//	Z24, Z25  2^23 and 2^15    Z26, Z27  128 more    Z28  columns 2 and 3    Z29  halves exchanged    Z30, Z31  scratch; Z31 weights
//	K1, K2  the first and the second byte of each four    K3  both
#define PAIR8(even, odd, bytes, zero, less) \
	VMOVDQA32 zero, Z30        \
	VMOVDQA32 zero, Z31        \
	VMOVDQU8  even, bytes, Z30 \
	VMOVDQU8  odd, bytes, Z31  \
	VSUBPS    less, Z30, Z30   \
	VSUBPS    less, Z31, Z31   \
	VPSHUFB   Z29, Z30, K3, Z31
#define CHUNK8(c, DOT) \
	VPSRLD $16, (64*c)(SI), Z28          \
	PAIR8((64*c)(SI), Z28, K1, Z24, Z26) \
	DOT(8*c, 31, 16)                     \
	PAIR8((64*c)(SI), Z28, K2, Z25, Z27) \
	DOT(8*c+4, 31, 0)

#define BLOCK8(CLEAR, DOT, SCALE) \
	CLEAR               \
	CHUNK8(0, DOT)      \
	CHUNK8(1, DOT)      \
	CHUNK8(2, DOT)      \
	CHUNK8(3, DOT)      \
	CHUNK8(4, DOT)      \
	CHUNK8(5, DOT)      \
	CHUNK8(6, DOT)      \
	CHUNK8(7, DOT)      \
	VCVTPH2PS (R8), Z30 \
	SCALE(Z30)          \
	ADDQ $64, R9        \
	ADDQ $32, R8        \
	ADDQ $512, SI

#define CONSTANTS8 \
	VPBROADCASTD    brain8<>+0(SB), Z24  \
	VPBROADCASTD    brain8<>+4(SB), Z25  \
	VPBROADCASTD    brain8<>+8(SB), Z26  \
	VPBROADCASTD    brain8<>+12(SB), Z27 \
	VBROADCASTI32X4 brain8<>+16(SB), Z29 \
	KMOVQ           brain8<>+32(SB), K1  \
	KMOVQ           brain8<>+40(SB), K2  \
	KORQ            K1, K2, K3

#define BRAIN8(ZERO, CLEAR, DOT, SCALE, STORE) \
	CONSTANTS8                \
	TILE                      \
	MOVQ call_blocks(DI), DI  \
	ZERO                      \
	STREAM(FAR)               \
loop:                         \
	AHEAD8(PREFETCHT1)        \
	BLOCK8(CLEAR, DOT, SCALE) \
	DECQ DI                   \
	JNE  loop                 \
	RESULT                    \
	STORE                     \
	VZEROUPPER

// func brain8x1AVX512(c *call, t int)
TEXT ·brain8x1AVX512(SB), NOSPLIT, $8-16
	BRAIN8(ZERO1, CLEAR1, DOT1, SCALE1, STORE1)
	RET

// func brain8x2AVX512(c *call, t int)
TEXT ·brain8x2AVX512(SB), NOSPLIT, $8-16
	BRAIN8(ZERO2, CLEAR2, DOT2, SCALE2, STORE2)
	RET

// func brain8x4AVX512(c *call, t int)
TEXT ·brain8x4AVX512(SB), NOSPLIT, $8-16
	BRAIN8(ZERO4, CLEAR4, DOT4, SCALE4, STORE4)
	RET

// func brain8x8AVX512(c *call, t int)
TEXT ·brain8x8AVX512(SB), NOSPLIT, $8-16
	BRAIN8(ZERO8, CLEAR8, DOT8, SCALE8, STORE8)
	RET

// PAIR16 is two pairs of columns, each of which goes to a chain of its own to the end.
#define PAIR16(p, DOT) \
	VMOVDQU32 (64*p)(SI), Z30    \
	VMOVDQU32 (64*p+64)(SI), Z31 \
	DOT(4*p, 30, 16)             \
	DOT(4*p+4, 31, 0)
#define BLOCK16(DOT) \
	PAIR16(0, DOT)  \
	PAIR16(2, DOT)  \
	PAIR16(4, DOT)  \
	PAIR16(6, DOT)  \
	PAIR16(8, DOT)  \
	PAIR16(10, DOT) \
	PAIR16(12, DOT) \
	PAIR16(14, DOT) \
	ADDQ $64, R9    \
	ADDQ $1024, SI

#define FAR16(DOT) \
	AHEAD16 \
	BLOCK16(DOT)

#define BRAIN16(CLEAR, BLOCK, DOT, SUM, STORE) \
	TILE                     \
	MOVQ call_blocks(DI), DI \
	CLEAR                    \
loop:                        \
	BLOCK(DOT)               \
	DECQ DI                  \
	JNE  loop                \
	SUM                      \
	RESULT                   \
	STORE                    \
	VZEROUPPER

// func brain16x1AVX512(c *call, t int)
TEXT ·brain16x1AVX512(SB), NOSPLIT, $0-16
	BRAIN16(CLEAR1, BLOCK16, DOT1, SUM1, STORE1)
	RET

// func brain16x2AVX512(c *call, t int)
TEXT ·brain16x2AVX512(SB), NOSPLIT, $0-16
	BRAIN16(CLEAR2, BLOCK16, DOT2, SUM2, STORE2)
	RET

// func brain16x4AVX512(c *call, t int)
TEXT ·brain16x4AVX512(SB), NOSPLIT, $0-16
	BRAIN16(CLEAR4, BLOCK16, DOT4, SUM4, STORE4)
	RET

// func brain16x8AVX512(c *call, t int)
TEXT ·brain16x8AVX512(SB), NOSPLIT, $0-16
	BRAIN16(CLEAR8, FAR16, DOT8, SUM8, STORE8)
	RET

// Twice the values of FP4; then ones in four bytes.
DATA fp4Brains<>+0(SB)/8, $0x404040003f800000
DATA fp4Brains<>+8(SB)/8, $0x4140410040c04080
DATA fp4Brains<>+16(SB)/8, $0xc040c000bf808000
DATA fp4Brains<>+24(SB)/8, $0xc140c100c0c0c080
DATA fp4Brains<>+32(SB)/4, $0x01010101
GLOBL fp4Brains<>(SB), RODATA|NOPTR, $36

// 2^23, 2^15, 2^23+128, 2^15+128; bytes 2 and 3 of each four, twice; the masks.
DATA brain8<>+0(SB)/4, $0x4b000000
DATA brain8<>+4(SB)/4, $0x47000000
DATA brain8<>+8(SB)/4, $0x4b000080
DATA brain8<>+12(SB)/4, $0x47008000
DATA brain8<>+16(SB)/8, $0x0706070603020302
DATA brain8<>+24(SB)/8, $0x0f0e0f0e0b0a0b0a
DATA brain8<>+32(SB)/8, $0x1111111111111111
DATA brain8<>+40(SB)/8, $0x2222222222222222
GLOBL brain8<>(SB), RODATA|NOPTR, $48
