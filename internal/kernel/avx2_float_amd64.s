//go:build !purego

#include "textflag.h"
#include "go_asm.h"

// Products of float32 activations with panels of float32.

// floatAVX2 adds the columns of each quarter of the panel in a chain of FMAs, and at the end (q0+q1) + (q2+q3) + bias: whatever n
// is. A single row runs its four chains side by side. Four rows run one quarter after the other, because their chains are already
// enough to keep the FMAs busy, and share the weights.
//
// Registers: DI the call; R8 x of the (first) row, R9 xStride, R12 destination, R13 bias, DX rows left. SI runs through the codes,
// AX through a row.

// ROWS4 adds the products of column k of four rows, R11 being three times xStride.
#define ROWS4(k) \
	VMOVUPS      (64*k)(SI), Y8; \
	VMOVUPS      (64*k+32)(SI), Y9; \
	VBROADCASTSS (4*k)(AX), Y10; \
	VBROADCASTSS (4*k)(AX)(R9*1), Y11; \
	VBROADCASTSS (4*k)(AX)(R9*2), Y12; \
	VBROADCASTSS (4*k)(AX)(R11*1), Y13; \
	VFMADD231PS  Y8, Y10, Y0; \
	VFMADD231PS  Y9, Y10, Y1; \
	VFMADD231PS  Y8, Y11, Y2; \
	VFMADD231PS  Y9, Y11, Y3; \
	VFMADD231PS  Y8, Y12, Y4; \
	VFMADD231PS  Y9, Y12, Y5; \
	VFMADD231PS  Y8, Y13, Y6; \
	VFMADD231PS  Y9, Y13, Y7

// ADD adds the sums at off(SP), STORE writes them there.
#define ADD(off) \
	VADDPS (off)(SP), Y0, Y0; \
	VADDPS (off+32)(SP), Y1, Y1; \
	VADDPS (off+64)(SP), Y2, Y2; \
	VADDPS (off+96)(SP), Y3, Y3; \
	VADDPS (off+128)(SP), Y4, Y4; \
	VADDPS (off+160)(SP), Y5, Y5; \
	VADDPS (off+192)(SP), Y6, Y6; \
	VADDPS (off+224)(SP), Y7, Y7

#define STORE(off) \
	VMOVUPS Y0, (off)(SP); \
	VMOVUPS Y1, (off+32)(SP); \
	VMOVUPS Y2, (off+64)(SP); \
	VMOVUPS Y3, (off+96)(SP); \
	VMOVUPS Y4, (off+128)(SP); \
	VMOVUPS Y5, (off+160)(SP); \
	VMOVUPS Y6, (off+192)(SP); \
	VMOVUPS Y7, (off+224)(SP)

#define CLEAR \
	VXORPS Y0, Y0, Y0; \
	VXORPS Y1, Y1, Y1; \
	VXORPS Y2, Y2, Y2; \
	VXORPS Y3, Y3, Y3; \
	VXORPS Y4, Y4, Y4; \
	VXORPS Y5, Y5, Y5; \
	VXORPS Y6, Y6, Y6; \
	VXORPS Y7, Y7, Y7

// QUARTER adds column k of a quarter of a single row: its weights at w, its activations four times twice over in x, of which choose
// takes one.
#define QUARTER(w, w32, choose, x, s0, s1) \
	VPERMILPS   $choose, x, Y12; \
	VFMADD231PS w, Y12, s0; \
	VFMADD231PS w32, Y12, s1

// COLUMN adds column k of all quarters: BX the bytes of a quarter of the codes, CX three times that.
#define COLUMN(k, choose) \
	QUARTER((64*k)(SI), (64*k+32)(SI), choose, Y8, Y0, Y1); \
	QUARTER((64*k)(SI)(BX*1), (64*k+32)(SI)(BX*1), choose, Y9, Y2, Y3); \
	QUARTER((64*k)(SI)(BX*2), (64*k+32)(SI)(BX*2), choose, Y10, Y4, Y5); \
	QUARTER((64*k)(SI)(CX*1), (64*k+32)(SI)(CX*1), choose, Y11, Y6, Y7)

// OUT writes sums and bias to the destination and goes to the next row.
#define OUT(s0, s1) \
	VADDPS  (R13), s0, s0; \
	VADDPS  32(R13), s1, s1; \
	VMOVUPS s0, (R12); \
	VMOVUPS s1, 32(R12); \
	ADDQ    call_dstStride(DI), R12; \
	ADDQ    call_biasStride(DI), R13

// func floatAVX2(c *call)
TEXT ·floatAVX2(SB), 0, $512-8
	MOVQ c+0(FP), DI
	MOVQ call_x(DI), R8
	MOVQ call_xStride(DI), R9
	MOVQ call_dst(DI), R12
	MOVQ call_bias(DI), R13
	MOVQ call_n(DI), DX
	LEAQ (R9)(R9*2), R11
	SUBQ $4, DX
	JLT  rest

tile:
	MOVQ call_codes(DI), SI
	MOVQ R8, AX
	XORQ R10, R10 // the quarter

quarter:
	CLEAR
	MOVQ call_blocks(DI), BX // a quarter has eight columns for each block

eight:
	ROWS4(0)
	ROWS4(1)
	ROWS4(2)
	ROWS4(3)
	ROWS4(4)
	ROWS4(5)
	ROWS4(6)
	ROWS4(7)
	ADDQ $32, AX
	ADDQ $512, SI
	DECQ BX
	JNZ  eight
	INCQ R10
	CMPQ R10, $2
	JLT  first
	JEQ  second
	CMPQ R10, $4
	JEQ  fourth
	STORE(256)
	JMP  quarter

first:
	STORE(0)
	JMP quarter

second:
	ADD(0)
	STORE(0)
	JMP quarter

fourth:
	ADD(256)
	ADD(0)
	OUT(Y0, Y1)
	OUT(Y2, Y3)
	OUT(Y4, Y5)
	OUT(Y6, Y7)
	LEAQ (R8)(R9*4), R8
	SUBQ $4, DX
	JGE  tile

	// The last rows, one by one: R10 the bytes of a quarter of a row, R11 three times that, R14 the end of the first quarter.
rest:
	ADDQ $4, DX
	JZ   done
	MOVQ call_blocks(DI), R10
	SHLQ $5, R10
	LEAQ (R10)(R10*2), R11
	MOVQ R10, BX
	SHLQ $4, BX
	LEAQ (BX)(BX*2), CX

one:
	CLEAR
	MOVQ call_codes(DI), SI
	MOVQ R8, AX
	LEAQ (R8)(R10*1), R14

four:
	VBROADCASTF128 (AX), Y8
	VBROADCASTF128 (AX)(R10*1), Y9
	VBROADCASTF128 (AX)(R10*2), Y10
	VBROADCASTF128 (AX)(R11*1), Y11
	COLUMN(0, 0x00)
	COLUMN(1, 0x55)
	COLUMN(2, 0xaa)
	COLUMN(3, 0xff)
	ADDQ   $16, AX
	ADDQ   $256, SI
	CMPQ   AX, R14
	JB     four
	VADDPS Y2, Y0, Y0
	VADDPS Y3, Y1, Y1
	VADDPS Y6, Y4, Y4
	VADDPS Y7, Y5, Y5
	VADDPS Y4, Y0, Y0
	VADDPS Y5, Y1, Y1
	OUT(Y0, Y1)
	ADDQ   R9, R8
	DECQ   DX
	JNZ    one

done:
	VZEROUPPER
	RET
