package checkpoint

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"strconv"
)

// A valueType is the type of a metadata value. Source: ggml-org/ggml, docs/gguf.md, gguf_metadata_value_type.
type valueType uint32

const (
	typeUint8 valueType = iota
	typeInt8
	typeUint16
	typeInt16
	typeUint32
	typeInt32
	typeFloat32
	typeBool
	typeString
	typeArray
	typeUint64
	typeInt64
	typeFloat64
)

// valueSizes is the bytes of a value, 0 for a string or an array.
var valueSizes = [...]int{typeUint8: 1, typeInt8: 1, typeUint16: 2, typeInt16: 2, typeUint32: 4, typeInt32: 4, typeFloat32: 4,
	typeBool: 1, typeString: 0, typeArray: 0, typeUint64: 8, typeInt64: 8, typeFloat64: 8}

// A Value is one metadata value of a GGUF file. The zero Value is that of a key that is not there. The elements of an array
// stay in the file: it may have hundreds of thousands.
type Value struct {
	there bool
	kind  valueType
	bits  uint64 // number or truth
	text  string

	// of an array
	file    *file
	element valueType
	count   uint64
	offset  int64
	bytes   int64
}

// Uint returns a whole number that is not negative, of whatever integer type it is.
func (v Value) Uint() (uint64, bool) {
	switch v.kind {
	case typeUint8, typeUint16, typeUint32, typeUint64:
		return v.bits, v.there
	case typeInt8, typeInt16, typeInt32, typeInt64:
		return v.bits, v.there && int64(v.bits) >= 0
	}
	return 0, false
}

// Float returns a number of a floating-point type.
func (v Value) Float() (float64, bool) {
	switch v.kind {
	case typeFloat32:
		return float64(math.Float32frombits(uint32(v.bits))), v.there
	case typeFloat64:
		return math.Float64frombits(v.bits), v.there
	}
	return 0, false
}

// Text returns a string.
func (v Value) Text() (string, bool) { return v.text, v.there && v.kind == typeString }

// There reports whether the file has the key.
func (v Value) There() bool { return v.there }

// Len returns the number of elements of an array.
func (v Value) Len() uint64 { return v.count }

// String describes the value for messages.
func (v Value) String() string {
	if f, ok := v.Float(); ok {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	switch {
	case !v.there:
		return "nothing"
	case v.kind == typeString:
		return Quote(v.text)
	case v.kind == typeArray:
		return fmt.Sprintf("an array of %d values", v.count)
	case v.kind == typeBool:
		return strconv.FormatBool(v.bits != 0)
	}
	return strconv.FormatInt(int64(v.bits), 10)
}

// Strings returns the elements of an array of strings, each valid only until the next. It reads them from the file. It ends
// with an error if the value is another, or can no longer be read.
func (v Value) Strings() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if !v.there || v.kind != typeArray || v.element != typeString {
			yield(nil, fmt.Errorf("expected an array of strings, found %s", v))
			return
		}
		raw := make([]byte, v.bytes)
		if err := v.file.readAt(raw, v.offset); err != nil {
			yield(nil, err)
			return
		}
		for range v.count {
			// The lengths were checked when the header was read; the file may have changed since.
			if len(raw) < 8 || binary.LittleEndian.Uint64(raw) > uint64(len(raw)-8) {
				yield(nil, v.file.fail("has changed while it was read"))
				return
			}
			n := binary.LittleEndian.Uint64(raw)
			if !yield(raw[8:8+n], nil) {
				return
			}
			raw = raw[8+n:]
		}
	}
}

// readMeta reads n keys and values.
func (g *ggufReader) readMeta(n uint64) (map[string]Value, error) {
	meta := map[string]Value{}
	for range n {
		key, err := g.text(maxName)
		if err != nil {
			return nil, err
		}
		if meta[key].there {
			return nil, &Error{File: g.f.path, Key: key, What: "appears twice"}
		}
		if meta[key], err = g.readValue(); err != nil {
			if e, ok := err.(*Error); ok {
				e.Key = key
			}
			return nil, err
		}
	}
	return meta, nil
}

func (g *ggufReader) readValue() (Value, error) {
	kind, err := g.u32()
	if err != nil {
		return Value{}, err
	}
	v := Value{there: true, kind: valueType(kind)}
	switch {
	case kind >= uint32(len(valueSizes)):
		err = g.fail("value of type %d, expected 0 to %d", kind, len(valueSizes)-1)
	case v.kind == typeString:
		v.text, err = g.text(maxString)
	case v.kind == typeArray:
		err = g.readArray(&v)
	default:
		v.bits, err = g.readNumber(v.kind)
	}
	return v, err
}

// readNumber returns the bits of a number, integers extended to 64 bits.
func (g *ggufReader) readNumber(kind valueType) (uint64, error) {
	var b [8]byte
	if err := g.read(b[:valueSizes[kind]]); err != nil {
		return 0, err
	}
	bits := binary.LittleEndian.Uint64(b[:])
	switch kind {
	case typeInt8:
		return uint64(int8(bits)), nil
	case typeInt16:
		return uint64(int16(bits)), nil
	case typeInt32:
		return uint64(int32(bits)), nil
	case typeBool:
		if bits > 1 {
			return 0, g.fail("truth value %d, expected 0 or 1", bits)
		}
	}
	return bits, nil
}

// readArray notes where an array is and steps over it.
func (g *ggufReader) readArray(v *Value) error {
	element, err := g.u32()
	if err != nil {
		return err
	}
	if v.count, err = g.u64(); err != nil {
		return err
	}
	v.file, v.element, v.offset = g.f, valueType(element), g.pos
	switch {
	case element >= uint32(len(valueSizes)) || v.element == typeArray:
		return g.fail("array of values of type %d, expected numbers or strings", element)
	case v.element != typeString:
		size := uint64(valueSizes[element])
		if v.count > g.left()/size {
			return g.fail("array of %d values of %d bytes, there are %d left", v.count, size, g.left())
		}
		err = g.skip(v.count * size)
	case v.count > g.left()/8:
		return g.fail("array of %d strings, there are %d bytes left", v.count, g.left())
	default:
		for range v.count {
			n, err := g.u64()
			if err != nil {
				return err
			}
			if err := g.skip(n); err != nil {
				return err
			}
		}
	}
	v.bytes = g.pos - v.offset
	return err
}
