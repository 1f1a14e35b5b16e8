package kernel

import "unsafe"

// A Product is y = W x + b for n rows of x: row Y0+i of Y becomes W times row X0+i of X plus b.
type Product struct {
	W      *Weights  // [N,K]
	Bias   []float32 // [N], or nil
	X      *Inputs   // [.,K]
	Y      []float32 // [.,N]
	X0, Y0 int
	N      int // rows

	per int // panels of a part
}

// Products is a job that computes several products, each element of each by itself, so that neither threads nor company
// change a result. It belongs to one goroutine; while it runs nothing that it refers to may change.
type Products struct {
	precision Precision
	list      []Product
	ends      []int // ends[i]: the parts of products 0..i
	workers   []worker
}

// worker is the scratch memory of one thread.
type worker struct {
	call   call
	panels []byte    // a group, packed when it is used
	rows   []float32 // [PanelRows,K]
	chunk  []float32 // [chunkBlocks*BlockCols][PanelRows]
	out    [blockRows * PanelRows]float32
	bias   [PanelRows]float32
}

const (
	// chunkBlocks is how many blocks of a panel become float32 at a time: 16 KiB stay in the first-level cache.
	chunkBlocks = 8
	// blockRows is how many rows of activations meet a group of panels before the next ones do: they stay in the second-level cache.
	blockRows = 64
)

// NewProducts returns a list with room for n products of at most cols columns, for so many threads. mapped: some weights are not
// packed.
func NewProducts(n, cols, threads int, p Precision, mapped bool) *Products {
	ps := &Products{precision: p, list: make([]Product, 0, n), ends: make([]int, 0, n), workers: make([]worker, threads)}
	for i := range ps.workers {
		w := &ps.workers[i]
		w.chunk = make([]float32, chunkBlocks*BlockCols*PanelRows)
		if mapped {
			w.panels, w.rows = make([]byte, max(groupBytes, Panel32.Size(cols))), make([]float32, PanelRows*cols)
		}
	}
	return ps
}

// Reset empties the list.
func (p *Products) Reset() { p.list, p.ends = p.list[:0], p.ends[:0] }

// Add adds a product to the list.
func (p *Products) Add(pr Product) {
	pr.per = pr.W.partPanels(len(p.workers))
	p.list = append(p.list, pr)
	p.ends = append(p.ends, p.Parts()+(pr.W.Matrix.Panels()+pr.per-1)/pr.per)
}

// Parts returns the number of parts of the job.
func (p *Products) Parts() int {
	if len(p.ends) == 0 {
		return 0
	}
	return p.ends[len(p.ends)-1]
}

// Part computes some panels of one product. It implements Job.
//
// Parts are handed out in turns, so that each thread reads on where it stopped, and far from the others: memory is faster so.
func (p *Products) Part(thread, part int) {
	turn, each, more := part%len(p.workers), p.Parts()/len(p.workers), p.Parts()%len(p.workers)
	part = turn*each + min(turn, more) + part/len(p.workers)
	i, before := 0, 0
	for part >= p.ends[i] {
		before = p.ends[i]
		i++
	}
	pr := &p.list[i]
	first := (part - before) * pr.per
	end := min(first+pr.per, pr.W.Matrix.Panels())
	group := max(1, groupBytes/pr.W.size)
	for ; first < end; first += group {
		pr.group(&p.workers[thread], p.precision, first, min(group, end-first))
	}
}

// group computes n panels from panel first on. What does not change from panel to panel stands outside the inner loop: with one
// row of activations a panel takes a microsecond.
func (pr *Product) group(s *worker, p Precision, first, n int) {
	panels, bad := pr.W.load(s, first, n)
	m, c, size := pr.W.Matrix, &s.call, pr.W.size
	codes, use := pr.W.Panel.scaleBytes(pr.X.blocks), pr.W.Panel.Use(p)
	for t := 0; t < pr.N; t += blockRows {
		rows := min(blockRows, pr.N-t)
		if bad {
			pr.spoil(first, n, t, rows)
			continue
		}
		kernel := pr.prepare(c, use, pr.X0+t)
		c.n = rows
		for i := range n {
			row := (first + i) * PanelRows
			c.scales, c.codes = &panels[i*size], &panels[i*size+codes]
			if row+PanelRows > m.Rows {
				pr.last(s, kernel, row, t)
				continue
			}
			c.dst, c.dstStride = &pr.Y[(pr.Y0+t)*m.Rows+row], uintptr(m.Rows)*4
			c.bias, c.biasStride = &noBias[0], 0
			if pr.Bias != nil {
				c.bias = &pr.Bias[row]
			}
			pr.run(s, kernel, pr.X0+t)
		}
	}
}

// noBias is the bias where there is none.
var noBias [PanelRows]float32

// spoil makes what n panels give NaN.
func (pr *Product) spoil(first, n, t, rows int) {
	k := pr.W.Matrix.Rows
	for i := range rows {
		y := pr.Y[(pr.Y0+t+i)*k:][:k]
		for r := first * PanelRows; r < min(k, (first+n)*PanelRows); r++ {
			y[r] = nan
		}
	}
}

// last computes a panel that the rows from row on, the last ones, do not fill.
func (pr *Product) last(s *worker, kernel func(*call), row, t int) {
	c, n := &s.call, pr.W.Matrix.Rows
	clear(s.bias[:])
	if pr.Bias != nil {
		copy(s.bias[:], pr.Bias[row:])
	}
	c.dst, c.dstStride, c.bias, c.biasStride = &s.out[0], PanelRows*4, &s.bias[0], 0
	pr.run(s, kernel, pr.X0+t)
	for i := range c.n {
		copy(pr.Y[(pr.Y0+t+i)*n+row:(pr.Y0+t+i+1)*n], s.out[i*PanelRows:])
	}
}

// run computes a panel.
func (pr *Product) run(s *worker, kernel func(*call), row int) {
	if kernel == nil {
		pr.chunks(s, row)
		return
	}
	kernel(&s.call)
}

// prepare tells a call which activations it has, those from a row on, and returns its kernel; nil: chunks.
func (pr *Product) prepare(c *call, use Use, row int) func(*call) {
	x, k := pr.X, pr.X.blocks*BlockCols
	c.blocks = x.blocks
	switch use {
	case useWhole:
		c.x, c.xStride = unsafe.Pointer(&x.wholes[row*k]), uintptr(k)
		c.xScale, c.xsStride = &x.scales[row*x.blocks], uintptr(x.blocks)*4
		if pr.W.Panel == Panel4 {
			c.xOffset = &x.offsets4[row*x.blocks]
			return active.whole4
		}
		c.xOffset = &x.offsets8[row*x.blocks]
		return active.whole8
	case useBrain:
		c.x, c.xStride = unsafe.Pointer(&x.brains[row*k]), uintptr(k)*2
		switch pr.W.Panel {
		case Panel4:
			return active.brain4
		case Panel8:
			return active.brain8
		}
		return active.brain16
	}
	c.x, c.xStride = unsafe.Pointer(&x.floats[row*k]), uintptr(k)*4
	return active.floats(pr.W.Panel)
}

// floats returns the kernel for float32 activations, or nil.
func (v *variant) floats(f PanelFormat) func(*call) {
	switch f {
	case Panel4:
		return v.float4
	case Panel8:
		return v.float8
	case Panel16:
		return v.float16
	}
	return v.float
}

// chunks computes with float32 activations, chunkBlocks blocks at a time.
func (pr *Product) chunks(s *worker, row int) {
	c, x := &s.call, pr.X
	scales, codes, blocks, f := c.scales, c.codes, c.blocks, pr.W.Panel
	for b := 0; b < blocks; b += chunkBlocks {
		c.blocks = min(chunkBlocks, blocks-b)
		c.x = unsafe.Pointer(&x.floats[(row*blocks+b)*BlockCols])
		from := (*byte)(unsafe.Add(unsafe.Pointer(codes), b*f.codeBytes()))
		c.codes = (*byte)(unsafe.Pointer(&s.chunk[0]))
		switch f {
		case Panel4:
			active.expand4(&s.chunk[0], (*byte)(unsafe.Add(unsafe.Pointer(scales), b*PanelRows)), from, c.blocks)
		case Panel8:
			active.expand8(&s.chunk[0], (*byte)(unsafe.Add(unsafe.Pointer(scales), b*PanelRows*2)), from, c.blocks)
		default:
			active.expand16(&s.chunk[0], from, c.blocks)
		}
		active.float(c)
		c.bias, c.biasStride = c.dst, c.dstStride
	}
	c.blocks = blocks
}
