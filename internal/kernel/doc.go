// Package kernel holds the arithmetic of the decoder: how a stored weight becomes a number, and the few operations that a
// transformer is made of.
//
// What is written here in plain Go is the specification. A kernel for one processor has to give what these functions give:
// the same bits where it rounds at the same places, and otherwise within the error of its own rounding, which its test states.
//
// Rules that all of it follows:
//
//   - float32 throughout; every product and every sum is rounded to float32 (the conversions in the code forbid the compiler
//     to fuse them), so that all architectures give the same bits;
//   - a sum over n terms runs in 16 lanes: term i goes to lane i mod 16, lanes are added up in order of i, and at the end
//     lane j+8 is added to lane j, then j+4, j+2, j+1. Its depth is n/16+4 additions;
//   - a result never depends on the number of threads, nor on how many rows are computed in one call.
//
// Dimension letters: T tokens, N rows (outputs), K columns (inputs).
package kernel
