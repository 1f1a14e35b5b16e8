//go:build !purego

package kernel

// packing is sixteen rows that become a panel. Distances are in bytes.
type packing struct {
	codes, scales          *byte // of the panel
	from                   *byte // the codes of the first block of the first row
	stride, step           uintptr
	fromScales             *byte // its scale
	scaleStride, scaleStep uintptr
	blocks                 int
}

// pack* write a panel of the format that they are named after.
//
//go:noescape
func packMX(p *packing)

//go:noescape
func packPairs(p *packing)

//go:noescape
func packQ8(p *packing)

//go:noescape
func packBrain(p *packing)

func neonPack4(m *Matrix, scales, codes []byte, first int) bool {
	data := m.Data[first*m.Stride:]
	p := packing{codes: &codes[0], scales: &scales[0], from: &data[0], stride: uintptr(m.Stride), blocks: m.Cols / BlockCols}
	if m.Format == MXFP4 {
		p.from, p.step, p.fromScales, p.scaleStride, p.scaleStep = &data[1], 17, &data[0], p.stride, 17
		packMX(&p)
		return true
	}
	p.step, p.fromScales, p.scaleStride, p.scaleStep = 16, &m.Scales[first*m.ScaleStride], uintptr(m.ScaleStride), 1
	packPairs(&p)
	return true
}

func neonPack8(m *Matrix, scales, codes []byte, first int) bool {
	if m.Format != Q8_0 {
		return false
	}
	data, stride := m.Data[first*m.Stride:], uintptr(m.Stride)
	packQ8(&packing{
		codes: &codes[0], scales: &scales[0], from: &data[2], stride: stride, step: 34,
		fromScales: &data[0], scaleStride: stride, scaleStep: 34, blocks: m.Cols / BlockCols,
	})
	return true
}

func neonPack16(m *Matrix, codes []byte, first int) bool {
	if m.ColStride != 0 || m.Cols%BlockCols != 0 {
		return false
	}
	packBrain(&packing{
		codes: &codes[0], from: &m.Data[first*m.Stride], stride: uintptr(m.Stride), step: 2 * BlockCols, blocks: m.Cols / BlockCols,
	})
	return true
}
