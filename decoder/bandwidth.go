package decoder

import (
	"math"
	"math/rand/v2"
	"unsafe"

	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/internal/memory"
)

// A Scan reads memory from end to end, with all threads of a model, and only adds it up. How fast it is bounds how fast a decode
// step can be, which must read Model.BytesPerToken. The clock is the caller's: packages like this one have none. It belongs to one
// goroutine, must not outlive the model and must be closed.
type Scan struct {
	group  *kernel.Group
	region *memory.Region // what is read if the weights are not, else nil
	words  []uint64
	sums   []paddedSum // [threads]
}

// paddedSum is a sum in a cache line of its own.
type paddedSum struct {
	n uint64
	_ [56]byte
}

// scanPart is how many words a thread reads before it takes the next part. Parts of 96 KiB are read 5 % slower.
const scanPart = 1 << 20 / 8

// NewScan returns a scan of the packed weights; if they are not packed, or not as many bytes as least, of so many bytes of memory
// of the same kind, which is filled first. To tell how fast memory is, least must be far more than caches hold. The error is a
// *MemoryError or ErrClosed.
func (m *Model) NewScan(least int64) (*Scan, error) {
	if m.closed.Load() {
		return nil, ErrClosed
	}
	s := &Scan{group: m.pool.NewGroup(), sums: make([]paddedSum, m.pool.Threads())}
	if m.region != nil && int64(len(m.region.Data)) >= least {
		s.words = wordsOf(m.region.Data)
		return s, nil
	}
	free, known := memory.Available()
	if known && least > free || least > min(1<<46, math.MaxInt) {
		return nil, &MemoryError{What: "memory to be read", Wanted: least, Available: free}
	}
	region, err := memory.Alloc(int(max(least, 0)))
	if err != nil {
		return nil, &MemoryError{What: "memory to be read", Wanted: least, Available: free}
	}
	s.region, s.words = region, wordsOf(region.Data)
	s.group.Do(s.parts(), kernel.Each(s.fill))
	return s, nil
}

// wordsOf returns the whole words of memory that begins at a multiple of 8.
func wordsOf(b []byte) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/8)
}

func (s *Scan) parts() int { return (len(s.words) + scanPart - 1) / scanPart }

func (s *Scan) part(n int) []uint64 {
	return s.words[n*scanPart : min(len(s.words), (n+1)*scanPart)]
}

// fill writes a part: pages that nobody has written are all the same page of zeros.
func (s *Scan) fill(part int) {
	r := rand.NewPCG(uint64(part), 0)
	for i := range s.part(part) {
		s.words[part*scanPart+i] = r.Uint64()
	}
}

// Part implements kernel.Job. A loop with vectors of 512 bits is no faster on an AMD EPYC: both wait for memory.
func (s *Scan) Part(worker, part int) {
	var a, b, c, d, e, f, g, h uint64
	w := s.part(part)
	for ; len(w) >= 8; w = w[8:] {
		v := (*[8]uint64)(w)
		a += v[0]
		b += v[1]
		c += v[2]
		d += v[3]
		e += v[4]
		f += v[5]
		g += v[6]
		h += v[7]
	}
	for _, x := range w {
		a += x
	}
	s.sums[worker].n += a + b + c + d + e + f + g + h
}

// Read reads all of it once, and returns how many bytes that were and their sum as 64-bit words, which is the same each time.
func (s *Scan) Read() (bytes int64, sum uint64) {
	clear(s.sums)
	s.group.Do(s.parts(), s)
	for i := range s.sums {
		sum += s.sums[i].n
	}
	return int64(len(s.words)) * 8, sum
}

// Close gives back what NewScan has allocated.
func (s *Scan) Close() error {
	s.words = nil
	if s.region == nil {
		return nil
	}
	return s.region.Free()
}
