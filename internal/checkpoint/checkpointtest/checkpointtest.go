// Package checkpointtest writes checkpoint files: for tests, and for whatever needs a checkpoint that nobody has trained.
package checkpointtest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/harmony-go/sdk/internal/kernel"
)

// A Tensor is what a file shall hold.
type Tensor struct {
	Name   string
	Format kernel.Format
	Shape  []int // slowest dimension first
	Data   []byte
}

// Safetensors returns a safetensors file with the tensors in the given order.
func Safetensors(tensors []Tensor) []byte {
	type entry struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	header := map[string]any{"__metadata__": map[string]string{"format": "pt"}}
	var data []byte
	for _, t := range tensors {
		start := len(data)
		data = append(data, t.Data...)
		header[t.Name] = entry{t.Format.String(), append([]int{}, t.Shape...), [2]int{start, len(data)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		panic(err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text, data)
}

// A KeyValue is one item of GGUF metadata. Value is a string, bool, uint32, uint64, int32, float32, []string or []int32.
type KeyValue struct {
	Key   string
	Value any
}

// GGUFTypes are the numbers of the tensor types.
var GGUFTypes = map[kernel.Format]uint32{kernel.F32: 0, kernel.F16: 1, kernel.Q4_0: 2, kernel.Q5_0: 6, kernel.Q8_0: 8,
	kernel.Q4_K: 12, kernel.Q5_K: 13, kernel.Q6_K: 14, kernel.BF16: 30, kernel.MXFP4: 39}

// GGUF returns a GGUF file of version 3 with an alignment of 32.
func GGUF(meta []KeyValue, tensors []Tensor) []byte {
	le := binary.LittleEndian
	b := append([]byte("GGUF"), 3, 0, 0, 0)
	b = le.AppendUint64(b, uint64(len(tensors)))
	b = le.AppendUint64(b, uint64(len(meta)))
	for _, kv := range meta {
		b = appendString(b, kv.Key)
		b = appendValue(b, kv.Value)
	}
	var data []byte
	for _, t := range tensors {
		data = pad(data)
		b = appendString(b, t.Name)
		b = le.AppendUint32(b, uint32(len(t.Shape)))
		for _, d := range slices.Backward(t.Shape) {
			b = le.AppendUint64(b, uint64(d))
		}
		b = le.AppendUint32(b, GGUFTypes[t.Format])
		b = le.AppendUint64(b, uint64(len(data)))
		data = append(data, t.Data...)
	}
	return append(pad(b), data...)
}

func pad(b []byte) []byte { return append(b, make([]byte, -len(b)&31)...) }

func appendString(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
}

func appendValue(b []byte, value any) []byte {
	le := binary.LittleEndian
	kind := func(k uint32) []byte { return le.AppendUint32(b, k) }
	switch v := value.(type) {
	case uint32:
		return le.AppendUint32(kind(4), v)
	case int32:
		return le.AppendUint32(kind(5), uint32(v))
	case float32:
		return le.AppendUint32(kind(6), math.Float32bits(v))
	case bool:
		if v {
			return append(kind(7), 1)
		}
		return append(kind(7), 0)
	case string:
		return appendString(kind(8), v)
	case uint64:
		return le.AppendUint64(kind(10), v)
	case []string:
		b = le.AppendUint64(le.AppendUint32(kind(9), 8), uint64(len(v)))
		for _, s := range v {
			b = appendString(b, s)
		}
		return b
	case []int32:
		b = le.AppendUint64(le.AppendUint32(kind(9), 5), uint64(len(v)))
		for _, n := range v {
			b = le.AppendUint32(b, uint32(n))
		}
		return b
	}
	panic(fmt.Sprintf("checkpointtest: metadata of type %T", value))
}
