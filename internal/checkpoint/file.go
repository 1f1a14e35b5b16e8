package checkpoint

import (
	"io"
	"math"
	"os"
	"unsafe"
)

// A file is one open file, mapped or not.
type file struct {
	path string
	r    io.ReaderAt // f, or in tests something else
	f    *os.File    // nil if the bytes are in memory anyway
	size int64
	data []byte // the mapping of the whole file, nil if it is not mapped
}

// openFile opens a regular file for reading. Whatever else has a name (a pipe would block, a device has no size) is an error.
func openFile(path string) (*file, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &Error{File: path, Err: err}
	}
	if !info.Mode().IsRegular() {
		return nil, &Error{File: path, What: "expected a regular file, found " + info.Mode().Type().String()}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{File: path, Err: err}
	}
	if info, err = f.Stat(); err != nil {
		f.Close()
		return nil, &Error{File: path, Err: err}
	}
	return &file{path: path, r: f, f: f, size: info.Size()}, nil
}

// fail returns an error about this file.
func (f *file) fail(what string) *Error { return &Error{File: f.path, What: what} }

// mapAll maps the file if the system can. A system that cannot is no error: bytes are then read on demand.
func (f *file) mapAll() error {
	if f.size == 0 || f.size > math.MaxInt {
		return nil
	}
	data, err := mapFile(f.f, int(f.size))
	if err != nil {
		return &Error{File: f.path, What: "cannot be mapped", Err: err}
	}
	f.data = data
	return nil
}

// bytes returns n bytes from offset on, which the caller has checked to be in the file: a part of the mapping, or a copy.
func (f *file) bytes(offset, n int64) ([]byte, error) {
	if f.data != nil {
		return f.data[offset : offset+n : offset+n], nil
	}
	b := make([]byte, n)
	return b, f.readAt(b, offset)
}

// readAt fills b from the file, not through the mapping: a file that has become shorter is an error.
func (f *file) readAt(b []byte, offset int64) error {
	if n, err := f.r.ReadAt(b, offset); n < len(b) {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return &Error{File: f.path, Err: err}
	}
	return nil
}

// find returns where in the mapping an address lies.
func (f *file) find(addr uintptr) (offset int64, ok bool) {
	if f.data == nil {
		return 0, false
	}
	start := uintptr(unsafe.Pointer(unsafe.SliceData(f.data)))
	return int64(addr - start), addr >= start && addr-start < uintptr(len(f.data))
}

func (f *file) close() error {
	if f.f == nil {
		f.data = nil // the caller's
		return nil
	}
	var err error
	if f.data != nil {
		err = unmapFile(f.data)
		f.data = nil
	}
	if e := f.f.Close(); err == nil {
		err = e
	}
	return err
}
