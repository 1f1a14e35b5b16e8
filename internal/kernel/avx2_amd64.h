// What the kernels for AVX2 share; all but AHEAD is for int8.
//
// Products of int8 activations with panels of 4 and 8 bits: see portableWhole4 and portableWhole8. The sum of a block is a whole
// number and exact, so its order is free. It becomes float32 and one FMA adds it, times the product of both scales, to the sums of
// its row: block after block, whatever n is.
//
// VPMADDUBSW multiplies unsigned with signed bytes and adds pairs to int16. Where such pairs are added up, the comments say why
// they fit.

// How far ahead of the codes of a single row to read, in bytes, and to the second cache only: far more lines have to be under way
// to hide memory than can wait for the first one. On Zen 4 with huge pages 8 to 16 KiB gave 25 GB/s, 2 KiB to the first cache 20.
#define AHEAD 8192

// Registers of those for int8: DI the call, SI codes and BX scales of the block, R8 x, R10 xScale, R11 xOffset of the row (or of the first row
// of a tile) and the block, R9 xStride, R12 xsStride.

// FINISH writes the sums at sums, plus the bias, to the destination: DI the call, AX and CX destination and bias of the row.
#define FINISH(sums0, sums1, t0, t1) \
	VMOVUPS sums0, t0; \
	VMOVUPS sums1, t1; \
	VADDPS  (CX), t0, t0; \
	VADDPS  32(CX), t1, t1; \
	VMOVUPS t0, (AX); \
	VMOVUPS t1, 32(AX)
