//go:build !purego

package kernel

import "unsafe"

// brainRow* compute one row of activations. They need the instructions for bfloat16, as brainBlocks does.
//
//go:noescape
func brainRow8(c *call)

//go:noescape
func brainRow4(c *call)

// pairs* write the scales [blocks][16] of a call's panel as float32, and its codes [blocks][16][16] as the pairs of bfloat16 that they
// stand for.
//
//go:noescape
func pairs8(scales *float32, codes *uint32, c *call)

//go:noescape
func pairs4(scales *float32, codes *uint32, c *call)

// brainBlocks computes a call whose scales and codes pairs8 or pairs4 wrote.
//
//go:noescape
func brainBlocks(c *call)

func neonBrain16(c *call) {
	rowsPairs(&rows{
		dst: c.dst, dstStride: c.dstStride, bias: c.bias, biasStride: c.biasStride, start: &zeros[0],
		w: unsafe.Pointer(c.codes), wStep: 4 * PanelRows, x: (*float32)(c.x), xStride: c.xStride,
		k: c.blocks * BlockCols / 2, n: c.n, scale: 1,
	})
}

func neonBrain8(c *call) { neonBrains(c, Panel8) }
func neonBrain4(c *call) { neonBrains(c, Panel4) }

func neonBrains(c *call, f PanelFormat) {
	if c.n > fewRows {
		brainMany(c, f)
		return
	}
	for t := range c.n {
		one := c.only(t)
		if f == Panel4 {
			brainRow4(&one)
		} else {
			brainRow8(&one)
		}
	}
}

// brainMany is wholeMany for bfloat16.
func brainMany(c *call, f PanelFormat) {
	var scales [chunkBlocks * PanelRows]float32
	var codes [chunkBlocks * BlockCols / 2 * PanelRows]uint32
	part := *c
	for b := 0; b < c.blocks; b += chunkBlocks {
		part.blocks = min(chunkBlocks, c.blocks-b)
		part.scales, part.codes = after(c.scales, uintptr(f.scaleSize(b))), after(c.codes, uintptr(b*f.codeBytes()))
		if f == Panel4 {
			pairs4(&scales[0], &codes[0], &part)
		} else {
			pairs8(&scales[0], &codes[0], &part)
		}
		part.scales, part.codes = (*byte)(unsafe.Pointer(&scales[0])), (*byte)(unsafe.Pointer(&codes[0]))
		part.x = unsafe.Add(c.x, b*BlockCols*2)
		brainBlocks(&part)
		part.bias, part.biasStride = part.dst, part.dstStride
	}
}
