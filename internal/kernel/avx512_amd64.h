// What the AVX-512 kernels share. A kernel computes a tile: what one panel gives for 1, 2, 4 or 8 rows of activations, from row t of the
// call on. Macros that end in 1, 2, 4 or 8 are for that many rows. VDPBF16PS apart, all is Go's assembler: sources first.
//
// In all of them
//
//	SI   codes of the panel
//	R8   its scales
//	R9   activations of the first row; the others are 1 to 7 strides away:
//	BX, CX, DX, R15   1, 3, 5 and 7 strides
//	DI   blocks left
//	BP   where prefetching reads; functions that have a frame need not save it

// TILE points R9 and its strides at row t of the activations. It leaves the call in DI and t in AX.
#define TILE \
	MOVQ  c+0(FP), DI          \
	MOVQ  t+8(FP), AX          \
	MOVQ  call_codes(DI), SI   \
	MOVQ  call_scales(DI), R8  \
	MOVQ  call_xStride(DI), BX \
	MOVQ  AX, R9               \
	IMULQ BX, R9               \
	ADDQ  call_x(DI), R9       \
	LEAQ  (BX)(BX*2), CX       \
	LEAQ  (BX)(BX*4), DX       \
	LEAQ  (CX)(BX*4), R15

// RESULT points R10 at row t of the result and R11 at row t of the bias, with the strides BX and CX.
#define RESULT \
	MOVQ  c+0(FP), DI             \
	MOVQ  t+8(FP), AX             \
	MOVQ  call_dstStride(DI), BX  \
	MOVQ  call_biasStride(DI), CX \
	MOVQ  AX, R10                 \
	IMULQ BX, R10                 \
	ADDQ  call_dst(DI), R10       \
	IMULQ CX, AX                  \
	ADDQ  call_bias(DI), AX       \
	MOVQ  AX, R11

// STORE adds the bias to one row's sums and stores them.
#define STORE(sum) \
	VADDPS  (R11), sum, sum \
	VMOVUPS sum, (R10)      \
	ADDQ    BX, R10         \
	ADDQ    CX, R11

// The sums of the rows are in Z8-Z15. ZERO clears them; STORE1 to STORE8 store them.
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

// Two chains for each row add up a block: Z16-Z23 and Z0-Z7. CLEAR begins them; SCALE adds both, times the scales s, to the sums; SUM makes
// them the sums.
#define CLEAR1 \
	VPXORD Z16, Z16, Z16 \
	VPXORD Z0, Z0, Z0
#define CLEAR2 CLEAR1 \
	VPXORD Z17, Z17, Z17 \
	VPXORD Z1, Z1, Z1
#define CLEAR4 CLEAR2 \
	VPXORD Z18, Z18, Z18 \
	VPXORD Z2, Z2, Z2    \
	VPXORD Z19, Z19, Z19 \
	VPXORD Z3, Z3, Z3
#define CLEAR8 CLEAR4 \
	VPXORD Z20, Z20, Z20 \
	VPXORD Z4, Z4, Z4    \
	VPXORD Z21, Z21, Z21 \
	VPXORD Z5, Z5, Z5    \
	VPXORD Z22, Z22, Z22 \
	VPXORD Z6, Z6, Z6    \
	VPXORD Z23, Z23, Z23 \
	VPXORD Z7, Z7, Z7

#define TIMES(a, b, scales, sum) \
	VADDPS      a, b, a \
	VFMADD231PS a, scales, sum
#define SCALE1(s) TIMES(Z16, Z0, s, Z8)
#define SCALE2(s) SCALE1(s) \
	TIMES(Z17, Z1, s, Z9)
#define SCALE4(s) SCALE2(s) \
	TIMES(Z18, Z2, s, Z10) \
	TIMES(Z19, Z3, s, Z11)
#define SCALE8(s) SCALE4(s) \
	TIMES(Z20, Z4, s, Z12) \
	TIMES(Z21, Z5, s, Z13) \
	TIMES(Z22, Z6, s, Z14) \
	TIMES(Z23, Z7, s, Z15)

#define SUM1 VADDPS Z16, Z0, Z8
#define SUM2 SUM1 \
	VADDPS Z17, Z1, Z9
#define SUM4 SUM2 \
	VADDPS Z18, Z2, Z10 \
	VADDPS Z19, Z3, Z11
#define SUM8 SUM4 \
	VADDPS Z20, Z4, Z12 \
	VADDPS Z21, Z5, Z13 \
	VADDPS Z22, Z6, Z14 \
	VADDPS Z23, Z7, Z15

// HALFSCALE makes float32 of half of the scales of a block of Panel4, as tables have twice the values of FP4. x is the lower part of z; ones
// has ones in its bytes. A scale is 2^(e-127), half of it has e-1 for its exponent, and e = 0 stays zero.
#define HALFSCALE(z, x, ones) \
	VMOVDQU32 (R8), x    \
	VPSUBUSB  ones, x, x \
	VPMOVZXBD x, z       \
	VPSLLD    $23, z, z

// Prefetching. A panel's scales and codes lie one behind the other, and so do panels. BP goes evenly over all of that, so far ahead of the
// scales in use, by a block of scales and of codes with every block. Behind the last panel there may be nobody's memory, which
// prefetching ignores. Measured on Zen 4 with one row of activations: prefetching takes whole4 from 16 to 27 GB/s of a memory that a
// loop without arithmetic reads at 34. Kernels with little arithmetic for a byte do best with the first-level cache, whose lines must not
// come long before they are read; the others with the second-level one.
#define STREAM(ahead) LEAQ ahead(R8), BP
#define FAR  8192
#define NEAR 4096

// AHEAD4 and AHEAD8 prefetch a block of Panel4 and Panel8.
#define AHEAD4(PREFETCH) \
	PREFETCH (BP)    \
	PREFETCH 64(BP)  \
	PREFETCH 128(BP) \
	PREFETCH 192(BP) \
	PREFETCH 256(BP) \
	ADDQ     $272, BP
#define AHEAD8(PREFETCH) \
	PREFETCH (BP)    \
	PREFETCH 64(BP)  \
	PREFETCH 128(BP) \
	PREFETCH 192(BP) \
	PREFETCH 256(BP) \
	PREFETCH 320(BP) \
	PREFETCH 384(BP) \
	PREFETCH 448(BP) \
	PREFETCH 512(BP) \
	ADDQ     $544, BP

// AHEAD16 prefetches a block of Panel16, which has no scales. The processor does better by itself, but for the tiles with the most rows.
#define AHEAD16 \
	PREFETCHT1 FAR(SI)       \
	PREFETCHT1 (FAR+64)(SI)  \
	PREFETCHT1 (FAR+128)(SI) \
	PREFETCHT1 (FAR+192)(SI) \
	PREFETCHT1 (FAR+256)(SI) \
	PREFETCHT1 (FAR+320)(SI) \
	PREFETCHT1 (FAR+384)(SI) \
	PREFETCHT1 (FAR+448)(SI) \
	PREFETCHT1 (FAR+512)(SI) \
	PREFETCHT1 (FAR+576)(SI) \
	PREFETCHT1 (FAR+640)(SI) \
	PREFETCHT1 (FAR+704)(SI) \
	PREFETCHT1 (FAR+768)(SI) \
	PREFETCHT1 (FAR+832)(SI) \
	PREFETCHT1 (FAR+896)(SI) \
	PREFETCHT1 (FAR+960)(SI)
