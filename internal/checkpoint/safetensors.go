package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/harmony-go/sdk/internal/kernel"
)

// safetensorsFormats are the dtypes that a gpt-oss checkpoint may have.
var safetensorsFormats = map[string]kernel.Format{"F32": kernel.F32, "F16": kernel.F16, "BF16": kernel.BF16, "U8": kernel.U8}

// readSafetensors reads and checks the header of a safetensors file: 8 bytes with the length of the header, the header, which
// is a JSON object, and the tensors, which fill the rest without gaps. room is how many tensors it may have.
func readSafetensors(f *file, room int) ([]*Tensor, error) {
	header, err := safetensorsHeader(f)
	if err != nil {
		return nil, err
	}
	var tensors []*Tensor
	var failure *Error
	data := 8 + int64(len(header))
	err = members(header, func(name string, dec *json.Decoder) error {
		if name == "__metadata__" {
			var skipped json.RawMessage
			return unexpected(dec.Decode(&skipped))
		}
		if len(tensors) >= room || len(name) > maxName {
			return fmt.Errorf("expected at most %d tensors with names of at most %d bytes", maxTensors, maxName)
		}
		t := &Tensor{Name: name, file: f}
		if failure = t.readSafetensors(dec, data); failure != nil {
			return failure
		}
		tensors = append(tensors, t)
		return nil
	})
	if failure != nil {
		return nil, failure
	}
	if err != nil {
		return nil, &Error{File: f.path, What: "header", Err: err}
	}
	if err := checkGaps(f, tensors, data); err != nil {
		return nil, err
	}
	return tensors, nil
}

// safetensorsHeader returns the header's bytes.
func safetensorsHeader(f *file) ([]byte, error) {
	var length [8]byte
	if f.size < 8 {
		return nil, f.fail(fmt.Sprintf("expected a safetensors header, found a file of %d bytes", f.size))
	}
	if err := f.readAt(length[:], 0); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader || int64(n) > f.size-8 {
		return nil, f.fail(fmt.Sprintf("header of %d bytes, expected at most %d in a file of %d bytes", n, maxHeader, f.size))
	}
	header := make([]byte, n)
	return header, f.readAt(header, 8)
}

// readSafetensors reads the description of one tensor. data is where the file's tensors begin.
func (t *Tensor) readSafetensors(dec *json.Decoder, data int64) *Error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return &Error{File: t.file.path, Tensor: t.Name, Err: unexpected(err)}
	}
	var dtype string
	var shape, offsets []uint64
	err := members(raw, func(key string, dec *json.Decoder) (err error) {
		switch key {
		case "dtype":
			err = dec.Decode(&dtype)
		case "shape":
			shape, err = readUints(dec, maxDimensions)
		case "data_offsets":
			offsets, err = readUints(dec, 2)
		default:
			err = fmt.Errorf("unknown member %s", Quote(key))
		}
		return unexpected(err)
	})
	if err == nil && (dtype == "" || shape == nil || len(offsets) != 2) {
		err = errors.New("expected dtype, shape and two data_offsets")
	}
	if err != nil {
		return &Error{File: t.file.path, Tensor: t.Name, Err: err}
	}
	if t.Format = safetensorsFormats[dtype]; t.Format == 0 {
		return t.Fail("dtype %s, expected F32, F16, BF16 or U8", Quote(dtype))
	}
	if err := t.setShape(shape); err != nil {
		return err
	}
	if offsets[1] < offsets[0] || offsets[1]-offsets[0] != uint64(t.Size) {
		return t.Fail("%s %v needs %d bytes, found data_offsets %v", t.Format, t.Shape, t.Size, offsets)
	}
	if offsets[0] > uint64(t.file.size-data) {
		return t.Fail("data_offsets %v, the file has %d bytes of data", offsets, t.file.size-data)
	}
	return t.place(data + int64(offsets[0]))
}

// checkGaps returns an error unless the tensors fill the file from data to its end.
func checkGaps(f *file, tensors []*Tensor, data int64) error {
	if err := checkOverlap(tensors); err != nil {
		return err
	}
	for _, t := range tensors {
		if t.offset != data {
			return t.Fail("begins at offset %d, expected %d: tensors have no gaps", t.offset, data)
		}
		data += t.Size
	}
	if data != f.size {
		return f.fail(fmt.Sprintf("tensors end at %d, the file at %d", data, f.size))
	}
	return nil
}
