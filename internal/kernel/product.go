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
func (p *Products) Part(thread, part int) {
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

// group computes n panels from panel first on.
func (pr *Product) group(s *worker, p Precision, first, n int) {
	panels, bad := pr.W.load(s, first, n)
	for t := 0; t < pr.N; t += blockRows {
		rows := min(blockRows, pr.N-t)
		for i := range n {
			if bad {
				pr.spoil(first+i, t, rows)
			} else {
				pr.panel(s, p, panels[i*pr.W.size:], first+i, t, rows)
			}
		}
	}
}

// spoil makes what a panel gives NaN.
func (pr *Product) spoil(panel, t, rows int) {
	n := pr.W.Matrix.Rows
	for i := range rows {
		y := pr.Y[(pr.Y0+t+i)*n:][:n]
		for r := panel * PanelRows; r < min(n, (panel+1)*PanelRows); r++ {
			y[r] = nan
		}
	}
}

// panel computes what a panel gives for rows from t on.
func (pr *Product) panel(s *worker, p Precision, data []byte, panel, t, rows int) {
	m, c := pr.W.Matrix, &s.call
	first, n := panel*PanelRows, min(PanelRows, m.Rows-panel*PanelRows)
	blocks := pr.X.blocks
	c.n, c.blocks, c.scales, c.codes = rows, blocks, &data[0], &data[pr.W.Panel.scaleBytes(blocks)]
	c.bias, c.biasStride = &s.bias[0], 0
	clear(s.bias[:])
	if pr.Bias != nil {
		copy(s.bias[:], pr.Bias[first:first+n])
	}
	c.dst, c.dstStride = &pr.Y[(pr.Y0+t)*m.Rows+first], uintptr(m.Rows)*4
	if n < PanelRows {
		c.dst, c.dstStride = &s.out[0], PanelRows*4
	}
	pr.compute(s, p, pr.X0+t)
	if n < PanelRows {
		for i := range rows {
			copy(pr.Y[(pr.Y0+t+i)*m.Rows+first:][:n], s.out[i*PanelRows:])
		}
	}
}

// compute runs the kernel that the precision asks for.
func (pr *Product) compute(s *worker, p Precision, row int) {
	c, x, k := &s.call, pr.X, pr.X.blocks*BlockCols
	switch pr.W.Panel.Use(p) {
	case useWhole:
		c.x, c.xStride = unsafe.Pointer(&x.wholes[row*k]), uintptr(k)
		c.xScale, c.xsStride = &x.scales[row*x.blocks], uintptr(x.blocks)*4
		if pr.W.Panel == Panel4 {
			c.xOffset = &x.offsets4[row*x.blocks]
			active.whole4(c)
		} else {
			c.xOffset = &x.offsets8[row*x.blocks]
			active.whole8(c)
		}
	case useBrain:
		c.x, c.xStride = unsafe.Pointer(&x.brains[row*k]), uintptr(k)*2
		switch pr.W.Panel {
		case Panel4:
			active.brain4(c)
		case Panel8:
			active.brain8(c)
		default:
			active.brain16(c)
		}
	default:
		c.x, c.xStride = unsafe.Pointer(&x.floats[row*k]), uintptr(k)*4
		if kernel := active.floats(pr.W.Panel); kernel != nil {
			kernel(c)
		} else {
			pr.chunks(s, row)
		}
	}
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
}
