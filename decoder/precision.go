package decoder

import "fmt"

// A Precision is how exactly a model computes: what the numbers that meet a weight are rounded to. Weights themselves are never
// rounded, in any of them.
type Precision uint8

const (
	// Float32 rounds nothing: the exact mode, and the zero value. Its logits are those of the reference implementations in
	// float32.
	Float32 Precision = iota
	// BFloat16 rounds activations to bfloat16 before each matrix, as the reference implementations do when they run in their
	// default type; sums stay in float32. Keys and values are cached as float16, which is more exact than their bfloat16.
	BFloat16
	// Int8 rounds activations to 8 bits with a scale for each 32 of them, where weights are MXFP4, Q8_0, Q5_0 or Q4_0, as
	// llama.cpp does: the fast mode. Other weights meet bfloat16 or float32. Keys and values are cached as float16.
	Int8
)

var precisionNames = [...]string{"float32", "bfloat16", "int8"}

// String returns the name that UnmarshalText reads.
func (p Precision) String() string {
	if int(p) < len(precisionNames) {
		return precisionNames[p]
	}
	return fmt.Sprintf("Precision(%d)", uint8(p))
}

// MarshalText implements encoding.TextMarshaler.
func (p Precision) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler: float32, bfloat16 or int8.
func (p *Precision) UnmarshalText(text []byte) error {
	for i, name := range precisionNames {
		if string(text) == name {
			*p = Precision(i)
			return nil
		}
	}
	return fmt.Errorf("decoder: precision %q, expected float32, bfloat16 or int8", text)
}

// A Hold is where the weights of an open model are.
type Hold uint8

const (
	// HoldAuto is Packed if the memory that is free holds the model and some more, else Mapped.
	HoldAuto Hold = iota
	// Mapped leaves the weights in the file, which the system reads when they are used and shares between processes: ready at
	// once, and slower.
	Mapped
	// Packed copies them into memory of this process, arranged for the kernels, in huge pages where the system has them.
	Packed
)

var holdNames = [...]string{"auto", "mapped", "packed"}

// String returns the name that UnmarshalText reads.
func (h Hold) String() string {
	if int(h) < len(holdNames) {
		return holdNames[h]
	}
	return fmt.Sprintf("Hold(%d)", uint8(h))
}

// MarshalText implements encoding.TextMarshaler.
func (h Hold) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler: auto, mapped or packed.
func (h *Hold) UnmarshalText(text []byte) error {
	for i, name := range holdNames {
		if string(text) == name {
			*h = Hold(i)
			return nil
		}
	}
	return fmt.Errorf("decoder: hold %q, expected auto, mapped or packed", text)
}
