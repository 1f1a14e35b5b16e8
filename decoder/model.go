package decoder

import (
	"runtime"
	"sync/atomic"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/internal/memory"
)

// Options are choices for Open. The zero value, or nil, computes exactly and chooses well.
type Options struct {
	// Threads is the number of threads that compute together; 0: as many as Go runs at once. Results do not depend on it.
	Threads int

	// Precision is how exactly to compute: Float32, the zero value, BFloat16 or Int8.
	Precision Precision

	// Hold is where the weights shall be: HoldAuto, the zero value, Mapped or Packed.
	Hold Hold

	// Progress, if not nil, is told while weights are packed how many bytes are done, from 0 to total. If it returns an error,
	// Open stops and returns it.
	Progress func(done, total int64) error
}

// A Model is an open checkpoint. It is immutable and safe for concurrent use: any number of sequences may compute at the same
// time. They share its threads.
type Model struct {
	cfg       Config
	precision Precision
	hold      Hold
	file      *checkpoint.Checkpoint
	weights   *weights
	region    *memory.Region // of packed weights
	angles    []float32      // [E/2]: rotation of each pair of a head from one position to the next
	pool      *kernel.Pool
	passes    passes
	closed    atomic.Bool

	block, slack int                                            // blockSize and ringSlack; tests choose others
	trace        func(layer, position int, x, router []float32) // tests look at the residual stream after each layer
}

// Open opens a checkpoint of gpt-oss: a directory of safetensors files, in Hugging Face's layout (experts packed as MXFP4 or
// dense) or in OpenAI's, or a GGUF file, of several the first. The files are mapped: they must stay as they are while the model
// is open. Then, unless Options.Hold or the memory that is free says otherwise, the matrices are packed into memory. The same
// weights give the same logits, whatever the layout and wherever they are held.
//
// The whole header is checked first, then the shape and format of every tensor. The error is a *FileError, or a *MemoryError
// if the weights shall be packed and there is not enough memory.
func Open(path string, opts *Options) (*Model, error) {
	if opts == nil {
		opts = &Options{}
	}
	file, err := checkpoint.Open(path, architecture)
	if err != nil {
		return nil, fileError(err)
	}
	return newModel(file, opts)
}

// newModel returns the model of a checkpoint, which it closes if it cannot.
func newModel(file *checkpoint.Checkpoint, opts *Options) (*Model, error) {
	m := &Model{file: file, block: blockSize, slack: ringSlack, precision: opts.Precision}
	threads := opts.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	m.pool = kernel.NewPool(threads)
	if err := m.load(opts); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

func (m *Model) load(opts *Options) error {
	cfg, err := readConfig(m.file)
	if err != nil {
		return err
	}
	if err := checkVocabulary(m.file); err != nil {
		return err
	}
	m.cfg, m.angles = *cfg, cfg.Rope.frequencies(cfg.HeadSize)
	if m.weights, err = loadWeights(m.file, cfg); err != nil {
		return err
	}
	return m.place(opts)
}

// Config returns the configuration that the checkpoint names. The caller must not change its slice.
func (m *Model) Config() Config { return m.cfg }

// Precision returns how exactly the model computes.
func (m *Model) Precision() Precision { return m.precision }

// Hold returns where the weights are: Mapped or Packed.
func (m *Model) Hold() Hold { return m.hold }

// Threads returns the number of threads that compute together.
func (m *Model) Threads() int { return m.pool.Threads() }

// Kernels returns the name of the kernels that this processor runs.
func (m *Model) Kernels() string { return kernel.Name() }

// CacheBytes returns the bytes of keys and values that a sequence of a capacity holds.
func (m *Model) CacheBytes(capacity int) int64 {
	return m.precision.numberBytes() * m.cfg.cacheNumbers(capacity, m.block, m.slack)
}

// Close unmaps the files, gives back the memory and ends the threads. No sequence may be computing; after it they return
// ErrClosed.
func (m *Model) Close() error {
	if m.closed.Swap(true) {
		return nil
	}
	m.pool.Close()
	err := fileError(m.file.Close())
	if m.region != nil {
		if e := m.region.Free(); err == nil {
			err = e
		}
	}
	return err
}
