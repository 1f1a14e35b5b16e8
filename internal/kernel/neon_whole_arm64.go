//go:build !purego

package kernel

//lint:file-ignore U1000 The assembly reads tables by name.

import "unsafe"

// fp4Doubled holds twice the values of FP4: whole numbers. fp4Unsigned holds the same plus 12.
var (
	fp4Doubled  = [16]int8{0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12}
	fp4Unsigned = [16]uint8{12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0}
)

// wholeRow* compute one row of activations. They need the dot product instructions, as wholeBlocks does.
//
//go:noescape
func wholeRow8(c *call)

//go:noescape
func wholeRow4(c *call)

// signed* write the scales [blocks][16] of a call's panel as float32, and its codes [blocks][8][16][4] as the signed whole numbers
// that they stand for.
//
//go:noescape
func signed8(scales *float32, codes *int8, c *call)

//go:noescape
func signed4(scales *float32, codes *int8, c *call)

// wholeBlocks computes a call whose scales and codes signed8 or signed4 wrote.
//
//go:noescape
func wholeBlocks(c *call)

// tiles* and wholeTiles do the same with codes in tiles: [blocks][4][8] of two rows of eight columns. They need the instructions for int8
// matrices.
//
//go:noescape
func tiles8(scales *float32, codes *int8, c *call)

//go:noescape
func tiles4(scales *float32, codes *int8, c *call)

//go:noescape
func wholeTiles(c *call)

// fewRows is how many rows of activations cost less one by one than together, where weights are prepared first.
const fewRows = 2

func neonWhole8(c *call) { neonWhole(c, Panel8, false) }
func neonWhole4(c *call) { neonWhole(c, Panel4, false) }
func tileWhole8(c *call) { neonWhole(c, Panel8, true) }
func tileWhole4(c *call) { neonWhole(c, Panel4, true) }

func neonWhole(c *call, f PanelFormat, tiles bool) {
	if c.n > fewRows {
		wholeMany(c, f, tiles)
		return
	}
	for t := range c.n {
		one := c.only(t)
		if f == Panel4 {
			wholeRow4(&one)
		} else {
			wholeRow8(&one)
		}
	}
}

// only returns the call for row t alone.
func (c *call) only(t int) call {
	one, i := *c, uintptr(t)
	one.n, one.dst, one.bias = 1, after(c.dst, i*c.dstStride), after(c.bias, i*c.biasStride)
	one.x = unsafe.Add(c.x, i*c.xStride)
	if c.xScale != nil {
		one.xScale = after(c.xScale, i*c.xsStride)
	}
	return one
}

// after returns the pointer to what is so many bytes after p.
func after[T any](p *T, bytes uintptr) *T { return (*T)(unsafe.Add(unsafe.Pointer(p), bytes)) }

// wholeMany prepares the weights of some blocks at a time. They stay in the first-level cache while all rows meet them; the sums go on in
// dst.
func wholeMany(c *call, f PanelFormat, tiles bool) {
	var scales [chunkBlocks * PanelRows]float32
	var codes [chunkBlocks * BlockCols * PanelRows]int8
	part := *c
	for b := 0; b < c.blocks; b += chunkBlocks {
		part.blocks = min(chunkBlocks, c.blocks-b)
		part.scales, part.codes = after(c.scales, uintptr(f.scaleSize(b))), after(c.codes, uintptr(b*f.codeBytes()))
		switch {
		case f == Panel4 && tiles:
			tiles4(&scales[0], &codes[0], &part)
		case f == Panel4:
			signed4(&scales[0], &codes[0], &part)
		case tiles:
			tiles8(&scales[0], &codes[0], &part)
		default:
			signed8(&scales[0], &codes[0], &part)
		}
		part.scales, part.codes = (*byte)(unsafe.Pointer(&scales[0])), (*byte)(unsafe.Pointer(&codes[0]))
		part.x, part.xScale = unsafe.Add(c.x, b*BlockCols), after(c.xScale, uintptr(b)*4)
		if tiles {
			wholeTiles(&part)
		} else {
			wholeBlocks(&part)
		}
		part.bias, part.biasStride = part.dst, part.dstStride
	}
}

// scaleSize returns the bytes of the scales of so many blocks.
func (f PanelFormat) scaleSize(blocks int) int {
	if f == Panel4 {
		return blocks * PanelRows
	}
	return blocks * PanelRows * 2
}
