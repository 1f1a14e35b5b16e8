package decoder

import (
	"runtime"
	"sync/atomic"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/internal/kernel"
)

// Options are choices for Open. The zero value, or nil, chooses well.
type Options struct {
	// Threads is the number of threads that compute together; 0: as many as Go runs at once. Results do not depend on it.
	Threads int
}

// A Model is an open checkpoint. It is immutable and safe for concurrent use: any number of sequences may compute at the same
// time. They share its threads.
type Model struct {
	cfg     Config
	file    *checkpoint.Checkpoint
	weights *weights
	angles  []float32 // [E/2]: rotation of each pair of a head from one position to the next
	pool    *kernel.Pool
	closed  atomic.Bool

	block, slack int // blockSize and ringSlack; tests choose others
}

// Open opens a checkpoint of gpt-oss: a directory of safetensors files, in Hugging Face's layout (experts packed as MXFP4 or
// dense) or in OpenAI's, or a GGUF file, of several the first. The files are mapped, not read: they must stay as they are
// while the model is open, and their memory is shared with other processes. The same weights give the same logits, whatever
// the layout.
//
// The whole header is checked first, then the shape and format of every tensor. The error is a *FileError.
func Open(path string, opts *Options) (*Model, error) {
	file, err := checkpoint.Open(path, architecture)
	if err != nil {
		return nil, fileError(err)
	}
	m := &Model{file: file, block: blockSize, slack: ringSlack}
	if err := m.load(); err != nil {
		file.Close()
		return nil, err
	}
	threads := runtime.GOMAXPROCS(0)
	if opts != nil && opts.Threads > 0 {
		threads = opts.Threads
	}
	m.pool = kernel.NewPool(threads)
	return m, nil
}

func (m *Model) load() error {
	cfg, err := readConfig(m.file)
	if err != nil {
		return err
	}
	if err := checkVocabulary(m.file); err != nil {
		return err
	}
	m.cfg, m.angles = *cfg, cfg.Rope.frequencies(cfg.HeadSize)
	m.weights, err = loadWeights(m.file, cfg)
	return err
}

// Config returns the configuration that the checkpoint names. The caller must not change its slice.
func (m *Model) Config() Config { return m.cfg }

// Close unmaps the files and ends the threads. No sequence may be computing; after it they return ErrClosed.
func (m *Model) Close() error {
	if m.closed.Swap(true) {
		return nil
	}
	m.pool.Close()
	return fileError(m.file.Close())
}
