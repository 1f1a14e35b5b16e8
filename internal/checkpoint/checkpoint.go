package checkpoint

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"unsafe"
)

// A Layout says how the tensors of a checkpoint are named and arranged.
type Layout uint8

// The layouts.
const (
	HuggingFace Layout = iota + 1 // model.safetensors or an index and its shards; config.json with a model_type
	Original                      // OpenAI's: *.safetensors; config.json without a model_type
	GGUF
)

// String returns the name.
func (l Layout) String() string {
	return [...]string{"none", "Hugging Face safetensors", "OpenAI safetensors", "GGUF"}[l]
}

// A Checkpoint is an open checkpoint. It is immutable and safe for concurrent use; Close ends it and all bytes
// that its tensors gave.
type Checkpoint struct {
	Layout     Layout
	ConfigPath string                     // the file that holds the configuration
	Config     map[string]json.RawMessage // of config.json; nil for GGUF
	Meta       map[string]Value           // of GGUF; nil otherwise

	files   []*file
	tensors map[string]*Tensor
}

// Open opens a directory or a GGUF file, checks its headers and maps it. architecture is what a GGUF file must be: its tensors
// may have types that only other architectures use. The error is an *Error.
func Open(path, architecture string) (*Checkpoint, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &Error{File: path, Err: err}
	}
	c := &Checkpoint{tensors: map[string]*Tensor{}}
	if info.IsDir() {
		err = c.openDirectory(path)
	} else {
		err = c.openGGUF(path, architecture)
	}
	for i := 0; err == nil && i < len(c.files); i++ {
		err = c.files[i].mapAll()
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// open opens a file of the checkpoint, which will close it.
func (c *Checkpoint) open(path string) (*file, error) {
	if len(c.files) >= maxFiles {
		return nil, &Error{File: path, What: fmt.Sprintf("expected at most %d files", maxFiles)}
	}
	f, err := openFile(path)
	if err == nil {
		c.files = append(c.files, f)
	}
	return f, err
}

// add adds tensors, whose names must be new.
func (c *Checkpoint) add(tensors []*Tensor) error {
	for _, t := range tensors {
		if other := c.tensors[t.Name]; other != nil {
			return t.Fail("appears twice, before in %s", other.file.path)
		}
		c.tensors[t.Name] = t
	}
	return nil
}

// Tensor returns the tensor of a name, or nil.
func (c *Checkpoint) Tensor(name string) *Tensor { return c.tensors[name] }

// Tensors returns all tensors in the order of their names.
func (c *Checkpoint) Tensors() iter.Seq[*Tensor] {
	return func(yield func(*Tensor) bool) {
		for _, name := range slices.Sorted(maps.Keys(c.tensors)) {
			if !yield(c.tensors[name]) {
				return
			}
		}
	}
}

// Size returns the bytes of all files.
func (c *Checkpoint) Size() (n int64) {
	for _, f := range c.files {
		n += f.size
	}
	return n
}

// Resized returns an error if a mapped file no longer has the size it had. It allocates nothing if all is well.
func (c *Checkpoint) Resized() error {
	for _, f := range c.files {
		if f.data == nil || f.f == nil {
			continue
		}
		if n, err := f.sizeNow(); err != nil || n != f.size {
			return &Error{File: f.path, What: fmt.Sprintf("had %d bytes when it was opened, has %d", f.size, n), Err: err}
		}
	}
	return nil
}

// Fault returns the error for a memory fault at an address: which file and tensor could not be read. nil: the address is not
// in a mapping.
func (c *Checkpoint) Fault(addr uintptr) error {
	for _, f := range c.files {
		offset, ok := f.find(addr)
		if !ok {
			continue
		}
		e := &Error{File: f.path, What: fmt.Sprintf("cannot be read at offset %d: cut off since it was opened, or unreadable", offset), Err: io.ErrUnexpectedEOF}
		for _, t := range c.tensors {
			if t.file == f && offset >= t.offset && offset-t.offset < t.Size {
				e.Tensor = t.Name
			}
		}
		return e
	}
	return nil
}

// Read reads bytes that a tensor gave from their file into dst, which has the same length. For bytes that are read once that is
// much faster than to touch the mapping, which costs a fault for every few pages; and they never count as memory of this process.
func (c *Checkpoint) Read(dst, data []byte) error {
	if len(data) == 0 {
		return nil
	}
	for _, f := range c.files {
		if offset, ok := f.find(uintptr(unsafe.Pointer(&data[0]))); ok {
			return f.readAt(dst, offset)
		}
	}
	copy(dst, data) // files are not mapped here
	return nil
}

// Close unmaps and closes all files.
func (c *Checkpoint) Close() error {
	var err error
	for _, f := range c.files {
		if e := f.close(); err == nil && e != nil {
			err = &Error{File: f.path, Err: e}
		}
	}
	c.files = nil
	return err
}
