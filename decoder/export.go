package decoder

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/internal/kernel"
)

// ExportOptions are choices for Export. The zero value, or nil, chooses well.
type ExportOptions struct {
	// Name is what the file calls the model; "": what the checkpoint calls it, or the path without its extension. Only GGUF has a
	// place for it.
	Name string

	// Overwrite lets a checkpoint that is there already be replaced. A directory that holds anything else than a checkpoint never is.
	Overwrite bool

	// ShardBytes is about how large a safetensors file may become; 0: 5 GB, as is usual. A tensor is never split.
	ShardBytes int64

	// Progress, if not nil, is told how many bytes of the weights are written, from 0 to total. If it returns an error, Export stops
	// and returns it.
	Progress func(done, total int64) error
}

// defaultShard is the size at which huggingface/transformers 4 began another file.
const defaultShard = 5_000_000_000

// Exported tells what Export has written.
type Exported struct {
	Path  string
	Files []string // names, within Path where that is a directory
	Bytes int64    // of all files
	Notes []string // what the new checkpoint lacks, or stores in another format: sentences for people
}

// An ExportError says why a checkpoint could not be written.
type ExportError struct {
	Path string // what should be written
	What string // what is wrong
	Err  error  // what the system said, or nil
}

// Error says where the fault is, what was expected and what was found.
func (e *ExportError) Error() string {
	cause := e.Err
	if cause == fs.ErrExist || cause == fs.ErrNotExist {
		cause = nil // What says so already
	}
	return (&FileError{File: e.Path, What: e.What, Err: cause}).Error()
}

// Unwrap returns the cause, if there is one.
func (e *ExportError) Unwrap() error { return e.Err }

// Export writes the model as an ordinary checkpoint that other programs load: a GGUF file as llama.cpp converts gpt-oss, where path
// ends in .gguf, else a directory in Hugging Face's layout.
//
// No number is rounded. GGUF keeps every matrix in the format it has, and writes vectors and the router as F32, as llama.cpp does.
// safetensors keeps F32, F16 and BF16, and MXFP4 experts bit for bit, if all of them are MXFP4; what it has no format for becomes
// F32, and what bfloat16 holds exactly becomes BF16 where it is a vector or a router. Opened again, the model computes the same: to
// the bit as long as its matrices keep their formats. A configuration that GGUF has no keys for is an error.
//
// The tokenizer goes with it: a directory's own files from directory to directory, else what is made of package tokenizer, if the
// vocabulary has the size of gpt-oss'. Exported.Notes says what is missing, such as a chat template.
//
// It reads the file a few rows at a time and needs little memory beside; experts that are stored transposed take the size of one.
// Under path there is never a half checkpoint: all is written under a temporary name beside it, and renamed. What fails is a
// *ExportError, or a *FileError if the model's own file cannot be read or holds what is no number.
func (m *Model) Export(path string, opts *ExportOptions) (_ *Exported, err error) {
	if m.closed.Load() {
		return nil, ErrClosed
	}
	defer faults()()
	defer m.catch(&err)
	x := &exporter{m: m, path: filepath.Clean(path), note: map[string]bool{}}
	if opts != nil {
		x.opts = *opts
	}
	if x.opts.ShardBytes <= 0 {
		x.opts.ShardBytes = defaultShard
	}
	if err := x.checkTarget(); err != nil {
		return nil, err
	}
	if x.toGGUF() {
		return x.exportGGUF()
	}
	return x.exportDirectory()
}

// An exporter writes one checkpoint. One goroutine uses it.
type exporter struct {
	m    *Model
	path string
	opts ExportOptions

	notes       []string
	note        map[string]bool // those in notes
	done, total int64           // bytes of weights
}

func (x *exporter) toGGUF() bool { return strings.EqualFold(filepath.Ext(x.path), ".gguf") }

func (x *exporter) fail(err error, format string, args ...any) error {
	return &ExportError{Path: x.path, What: fmt.Sprintf(format, args...), Err: err}
}

// say adds a note, once.
func (x *exporter) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !x.note[text] {
		x.note[text] = true
		x.notes = append(x.notes, text)
	}
}

// An outTensor is a tensor of the new checkpoint. emit writes its bytes, as many as size says.
type outTensor struct {
	name   string
	format kernel.Format
	shape  []int // slowest dimension first
	emit   func(w *emitter) error
}

// size returns the bytes of the tensor.
func (t *outTensor) size() int64 {
	n := int64(1)
	for _, d := range t.shape {
		n *= int64(d)
	}
	elements, bytes := t.format.Block()
	return n / int64(elements) * int64(bytes)
}

func totalSize(tensors []outTensor) (n int64) {
	for i := range tensors {
		n += tensors[i].size()
	}
	return n
}

// modelName returns what the new file calls the model.
func (x *exporter) modelName() string {
	if x.opts.Name != "" {
		return x.opts.Name
	}
	if name, ok := x.m.file.Meta["general.name"].Text(); ok && name != "" {
		return name
	}
	return strings.TrimSuffix(filepath.Base(x.path), filepath.Ext(x.path))
}

// sourceDirectory returns the directory that the model was read from, or "" if it was a GGUF file or is in memory.
func (x *exporter) sourceDirectory() string {
	if x.m.file.Layout == checkpoint.GGUF || x.m.file.InMemory() {
		return ""
	}
	return filepath.Dir(x.m.file.ConfigPath)
}

// sourceText reads a small file of the directory that the model was read from; nil if there is none.
func (x *exporter) sourceText(name string) []byte {
	dir := x.sourceDirectory()
	if dir == "" {
		return nil
	}
	const most = 64 << 20 // tokenizer.json has 27 MB
	info, err := os.Stat(filepath.Join(dir, name))
	if err != nil || !info.Mode().IsRegular() || info.Size() > most {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil
	}
	return data
}
