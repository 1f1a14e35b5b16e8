package demo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/harmony-go/sdk/decoder"
)

//go:embed weights.safetensors.gz
var weights []byte

//go:embed config.json
var config []byte

// Name is what errors, and programs that show the model, call it.
const Name = "embedded demonstration model"

// Description says what the model is, for people.
const Description = "a demonstration model trained on synthetic transcripts: gpt-oss's architecture, not gpt-oss"

// files expands the weights once; models share them.
var files = sync.OnceValues(func() (map[string][]byte, error) {
	c, err := unpack(weights)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	model, err := c.expand()
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return map[string][]byte{"config.json": config, "model.safetensors": model}, nil
})

// Open opens the model. The first call computes the rows of the vocabulary, which takes some tenths of a second and 210 MB that stay;
// models share them. The error is that of decoder.OpenBytes.
func Open(opts *decoder.Options) (*decoder.Model, error) {
	f, err := files()
	if err != nil {
		return nil, err
	}
	return decoder.OpenBytes(Name, f, opts)
}

// A container is a safetensors file in memory.
type container struct {
	tensors map[string]tensor
	data    []byte
}

type tensor struct {
	Type    string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// unpack reads a compressed safetensors file: this package's own, which is trusted to be small.
func unpack(packed []byte) (*container, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	return readContainer(raw)
}

// readContainer reads a safetensors file.
func readContainer(raw []byte) (*container, error) {
	if len(raw) < 8 || uint64(len(raw)-8) < binary.LittleEndian.Uint64(raw) {
		return nil, fmt.Errorf("a safetensors header of %d bytes", len(raw))
	}
	n := binary.LittleEndian.Uint64(raw)
	c := &container{data: raw[8+n:]}
	if err := json.Unmarshal(raw[8:8+n], &c.tensors); err != nil {
		return nil, err
	}
	for name, t := range c.tensors {
		if t.Offsets[0] < 0 || t.Offsets[1] < t.Offsets[0] || t.Offsets[1] > int64(len(c.data)) {
			return nil, fmt.Errorf("tensor %q lies outside the file", name)
		}
	}
	return c, nil
}

// bytes returns a tensor's bytes.
func (c *container) bytes(name string) []byte {
	t := c.tensors[name]
	return c.data[t.Offsets[0]:t.Offsets[1]]
}
