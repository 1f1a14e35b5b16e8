package kernel

// tileRows is how many rows of a matrix are decoded at a time: one part of a job.
const tileRows = 16

// A Product is y = W x + b for some rows of x: for i from 0 to N-1, row YRows[i] of Y becomes W times row XRows[i] of X plus b.
type Product struct {
	W     *Matrix   // [N,K]
	Bias  []float32 // [N], or nil
	X     []float32 // [.,K]
	Y     []float32 // [.,N]
	N     int       // rows of X
	XRows []int32   // [N], or nil: row i
	YRows []int32   // [N], or nil: row i
}

// Products is a job that computes several products, each element of each by itself, so that neither threads nor company
// change a result. It belongs to one goroutine; while it runs nothing that it refers to may change.
type Products struct {
	list    []Product
	ends    []int // ends[i]: the parts of products 0..i
	scratch [][]float32
}

// NewProducts returns a list with room for n products of at most cols columns, for so many threads.
func NewProducts(n, cols, threads int) *Products {
	p := &Products{list: make([]Product, 0, n), ends: make([]int, 0, n), scratch: make([][]float32, threads)}
	for i := range p.scratch {
		p.scratch[i] = make([]float32, tileRows*cols)
	}
	return p
}

// Reset empties the list.
func (p *Products) Reset() { p.list, p.ends = p.list[:0], p.ends[:0] }

// Add adds a product to the list.
func (p *Products) Add(pr Product) {
	p.list = append(p.list, pr)
	p.ends = append(p.ends, p.Parts()+(pr.W.Rows+tileRows-1)/tileRows)
}

// Parts returns the number of parts of the job.
func (p *Products) Parts() int {
	if len(p.ends) == 0 {
		return 0
	}
	return p.ends[len(p.ends)-1]
}

// Part computes tileRows rows of one product. It implements Job.
func (p *Products) Part(worker, part int) {
	i, before := 0, 0
	for part >= p.ends[i] {
		before = p.ends[i]
		i++
	}
	p.list[i].tile(p.scratch[worker], (part-before)*tileRows)
}

// tile computes tileRows elements of every row of Y, from element row on.
func (pr *Product) tile(scratch []float32, row int) {
	rows, cols := min(tileRows, pr.W.Rows-row), pr.W.Cols
	pr.W.DecodeRows(scratch, row, rows)
	for i := range pr.N {
		x, y := pr.X[index(pr.XRows, i)*cols:][:cols], pr.Y[index(pr.YRows, i)*pr.W.Rows+row:][:rows]
		for r := range y {
			y[r] = Dot(x, scratch[r*cols:])
			if pr.Bias != nil {
				y[r] += pr.Bias[row+r]
			}
		}
	}
}

func index(rows []int32, i int) int {
	if rows == nil {
		return i
	}
	return int(rows[i])
}
