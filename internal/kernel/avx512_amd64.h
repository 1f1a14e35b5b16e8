// What the AVX-512 kernels share. A kernel computes a tile: one panel and 1, 2, 4 or 8 rows of activations ("rows t" below), from row t
// of the call on. Macros ending in 1, 2, 4 or 8 are for that many rows.
//
// In all of them
//
//	SI   codes of the panel
//	R8   its scales
//	R9   activations of the first row; the others are 1 to 7 strides away:
//	BX, CX, DX, R15   1, 3, 5 and 7 strides; with fewer than 8 rows, DX is where prefetching reads
//	DI   blocks left
//
// Numbers of rows in the order of the addresses that x86 has for them without further registers.

// TILE points R9 and its strides at row t of the activations. It leaves the call in DI and t in AX.
#define TILE \
	MOVQ  c+0(FP), DI            \
	MOVQ  t+8(FP), AX            \
	MOVQ  call_codes(DI), SI     \
	MOVQ  call_scales(DI), R8    \
	MOVQ  call_xStride(DI), BX   \
	MOVQ  AX, R9                 \
	IMULQ BX, R9                 \
	ADDQ  call_x(DI), R9         \
	LEAQ  (BX)(BX*2), CX         \
	LEAQ  (BX)(BX*4), DX         \
	LEAQ  (CX)(BX*4), R15

// RESULT points R10 at row t of the result and R11 at row t of the bias, with the strides BX and CX.
#define RESULT \
	MOVQ  c+0(FP), DI            \
	MOVQ  t+8(FP), AX            \
	MOVQ  call_dstStride(DI), BX \
	MOVQ  call_biasStride(DI), CX \
	MOVQ  AX, R10                \
	IMULQ BX, R10                \
	ADDQ  call_dst(DI), R10      \
	IMULQ CX, AX                 \
	ADDQ  call_bias(DI), AX      \
	MOVQ  AX, R11

// STORE adds the bias to one row's sums and stores them.
#define STORE(sum) \
	VADDPS  (R11), sum, sum \
	VMOVUPS sum, (R10)      \
	ADDQ    BX, R10         \
	ADDQ    CX, R11

// ZERO clears the sums.
#define ZERO1 VPXORD Z8, Z8, Z8
#define ZERO2 ZERO1 \
	VPXORD Z9, Z9, Z9
#define ZERO4 ZERO2 \
	VPXORD Z10, Z10, Z10 \
	VPXORD Z11, Z11, Z11
#define ZERO8 ZERO4 \
	VPXORD Z12, Z12, Z12 \
	VPXORD Z13, Z13, Z13 \
	VPXORD Z14, Z14, Z14 \
	VPXORD Z15, Z15, Z15

#define STORE1 STORE(Z8)
#define STORE2 STORE1 \
	STORE(Z9)
#define STORE4 STORE2 \
	STORE(Z10) \
	STORE(Z11)
#define STORE8 STORE4 \
	STORE(Z12) \
	STORE(Z13) \
	STORE(Z14) \
	STORE(Z15)

// HALFSCALE makes float32 of the scales of a block of Panel4 in Z2, with ones in the bytes of X26. A scale is 2^(e-127), and half of it,
// as tables have doubled values of FP4, has e-1 for its exponent; e = 0 stays zero.
#define HALFSCALE(z, x, ones) \
	VMOVDQU32 (R8), x     \
	VPSUBUSB  ones, x, x  \
	VPMOVZXBD x, z        \
	VPSLLD    $23, z, z

// How far ahead of the codes in use prefetching reads, measured on Zen 4: into the first-level cache a little, into the second-level one
// as far as it takes to keep the memory busy. A panel's scales and codes lie one behind the other, and so do panels, so that the
// second goes over all of a panel evenly: DX is far behind its scales and moves by a block of scales and codes with every block. Behind
// the last panel there may be nobody's memory, which prefetching ignores.
#define NEAR 1024
#define FAR  8192

// STREAM points DX.
#define STREAM LEAQ FAR(R8), DX

// AHEAD4 and AHEAD8 prefetch a block of Panel4 and Panel8.
#define AHEAD4 \
	PREFETCHT0 NEAR(SI)       \
	PREFETCHT0 (NEAR+64)(SI)  \
	PREFETCHT0 (NEAR+128)(SI) \
	PREFETCHT0 (NEAR+192)(SI) \
	PREFETCHT1 (DX)           \
	PREFETCHT1 64(DX)         \
	PREFETCHT1 128(DX)        \
	PREFETCHT1 192(DX)        \
	PREFETCHT1 256(DX)        \
	ADDQ       $272, DX
#define AHEAD8 \
	PREFETCHT0 NEAR(SI)       \
	PREFETCHT0 (NEAR+64)(SI)  \
	PREFETCHT0 (NEAR+128)(SI) \
	PREFETCHT0 (NEAR+192)(SI) \
	PREFETCHT0 (NEAR+256)(SI) \
	PREFETCHT0 (NEAR+320)(SI) \
	PREFETCHT0 (NEAR+384)(SI) \
	PREFETCHT0 (NEAR+448)(SI) \
	PREFETCHT1 (DX)           \
	PREFETCHT1 64(DX)         \
	PREFETCHT1 128(DX)        \
	PREFETCHT1 192(DX)        \
	PREFETCHT1 256(DX)        \
	PREFETCHT1 320(DX)        \
	PREFETCHT1 384(DX)        \
	PREFETCHT1 448(DX)        \
	PREFETCHT1 512(DX)        \
	ADDQ       $544, DX
