// Package memory gives large blocks of memory in huge pages, and tells how much is free.
//
// Weights are read from end to end for every token. With pages of 4 KiB a processor spends a good part of that time finding
// pages: huge ones are read 1.7 times as fast by two threads of an AMD EPYC.
package memory

// A Region is a block of memory outside Go's heap. It belongs to its owner, who must not use Data after Free.
type Region struct {
	Data []byte // zeros at first
	free func([]byte) error
}

// Alloc returns n bytes, in huge pages where the system has them. Nothing is touched, so that memory is taken page by page when
// it is first written.
func Alloc(n int) (*Region, error) {
	if n == 0 {
		return &Region{}, nil
	}
	return alloc(n)
}

// Free gives the memory back. A second call does nothing.
func (r *Region) Free() error {
	data := r.Data
	r.Data = nil
	if data == nil || r.free == nil {
		return nil
	}
	return r.free(data)
}

// Available returns how many bytes this process can still use without making the system slow or being stopped, and false if
// the system does not tell.
func Available() (int64, bool) { return available() }
