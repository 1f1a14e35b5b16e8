package kernel

// PanelRows is how many rows of a matrix a panel holds, side by side: as many as a vector register of 512 bits has lanes of
// 32.
const PanelRows = 16

// BlockCols is how many columns one block of a panel holds. Columns beyond a matrix's last are filled with zeros.
const BlockCols = 32

// A PanelFormat says how a panel stores its weights. A panel of B = ceil(K/32) blocks begins with its scales, if it has any,
// filled up to a multiple of 64 bytes; then come the codes. Row r is lane r of every group of sixteen.
type PanelFormat uint8

// The formats of panels. Each is named after the bits of a code.
const (
	// Panel32: for each column, sixteen float32.
	Panel32 PanelFormat = iota + 1
	// Panel16: for each four columns k to k+3, sixteen pairs (k, k+2) of bfloat16, then sixteen pairs (k+1, k+3).
	Panel16
	// Panel8: scales [B][16] float16. Codes for each four columns: sixteen times four bytes, the code of column k+i in byte i.
	// A code is the weight's int8 plus 128: the weight is scale*(code-128).
	Panel8
	// Panel4: scales [B][16] bytes e. Codes [B][4][16] of four bytes: chunk c of a block has column 4c+i in the low half of byte
	// i and column 16+4c+i in the high half. A code is FP4 (E2M1): the weight is fp4[code] * 2^(e-127). Scales of 2^-126 and
	// below count as zero; e = 255 is NaN, which Pack reports.
	Panel4
)

// Panel returns the format of panels that holds every number of a stored format exactly.
func (f Format) Panel() PanelFormat {
	switch f {
	case MXFP4, MXFP4Pairs:
		return Panel4
	case Q8_0, Q5_0, Q4_0:
		return Panel8
	case BF16:
		return Panel16
	}
	return Panel32
}

// Blocks returns the number of blocks of so many columns.
func Blocks(cols int) int { return (cols + BlockCols - 1) / BlockCols }

// scaleBytes returns where the codes of a panel begin.
func (p PanelFormat) scaleBytes(blocks int) int {
	switch p {
	case Panel4:
		return (blocks*PanelRows + 63) &^ 63
	case Panel8:
		return (blocks*PanelRows*2 + 63) &^ 63
	}
	return 0
}

// codeBytes returns the bytes of the codes of one block.
func (p PanelFormat) codeBytes() int {
	switch p {
	case Panel4:
		return BlockCols * PanelRows / 2
	case Panel8:
		return BlockCols * PanelRows
	case Panel16:
		return BlockCols * PanelRows * 2
	}
	return BlockCols * PanelRows * 4
}

// Size returns the bytes of a panel of so many columns, a multiple of 64.
func (p PanelFormat) Size(cols int) int {
	b := Blocks(cols)
	return p.scaleBytes(b) + b*p.codeBytes()
}
