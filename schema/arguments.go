package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"sync"

	"github.com/harmony-go/sdk/internal/ojson"
)

// ArgumentsError says why JSON that fits its schema cannot be read into a Go type.
type ArgumentsError struct {
	Pointer string       // JSON pointer of the value, as far as it is known
	Offset  int          // byte offset of the value
	Type    reflect.Type // what it does not fit, nil if that is not known
	Err     error        // encoding/json's error, or the error of a type's UnmarshalJSON or UnmarshalText
}

// Error says where the value is and what it should have been.
func (e *ArgumentsError) Error() string { return "schema: " + e.message() }

func (e *ArgumentsError) message() string {
	what := e.Err.Error()
	if e.Type != nil {
		what = "expected a value that fits " + e.Type.String()
		var wrong *json.UnmarshalTypeError
		if errors.As(e.Err, &wrong) {
			what += ", found " + shorten(wrong.Value)
		}
	}
	return fmt.Sprintf("%s, at %s", what, quotePointer(e.Pointer))
}

// Unwrap returns Err.
func (e *ArgumentsError) Unwrap() error { return e.Err }

// DecodeArguments reads the arguments of a call, or any other JSON that a model wrote, into a Go value: it
// validates them by s and then reads them like encoding/json. An integer may be spelled 3.0 or 3e0, as JSON
// Schema has it. With a nil Schema, T's own (For) is used.
//
// Errors: those of Validate, *ArgumentsError where a value fits the schema but not T, *TypeError where s is
// nil and T has no schema. Feedback makes a text for the model of those that are the model's fault. At an
// error the value is the zero value.
func DecodeArguments[T any](s *Schema, raw []byte) (T, error) {
	var value, zero T
	if s == nil {
		var err error
		if s, err = schemaOf(reflect.TypeFor[T]()); err != nil {
			return zero, err
		}
	}
	if err := s.decode(raw, &value); err != nil {
		return zero, err
	}
	return value, nil
}

// ofTypes keeps the schemas that DecodeArguments has made of types.
var ofTypes sync.Map // reflect.Type → *Schema

func schemaOf(t reflect.Type) (*Schema, error) {
	if s, ok := ofTypes.Load(t); ok {
		return s.(*Schema), nil
	}
	s, err := ForType(t)
	if err != nil {
		return nil, err
	}
	kept, _ := ofTypes.LoadOrStore(t, s)
	return kept.(*Schema), nil
}

// decode validates and reads.
func (s *Schema) decode(raw []byte, value any) error {
	instance, err := readInstance(raw)
	if err != nil {
		return err
	}
	if err := s.validate(&instance); err != nil {
		return err
	}
	err = json.Unmarshal(raw, value)
	if err == nil {
		return nil
	}
	if respelled := respellIntegers(&instance); respelled {
		reflect.ValueOf(value).Elem().SetZero()
		if json.Unmarshal(appendSpelled(nil, &instance), value) == nil {
			return nil
		}
	}
	return argumentsError(err, raw)
}

// argumentsError finds the place of an error of encoding/json.
func argumentsError(err error, raw []byte) error {
	e := &ArgumentsError{Err: err}
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return e
	}
	e.Type = wrong.Type
	instance, readErr := readInstance(raw)
	if readErr != nil {
		return e
	}
	kind, _, _ := strings.Cut(wrong.Value, " ")
	kind = strings.Replace(kind, "bool", "boolean", 1)
	eachValue(&instance, "", func(v *ojson.Value, pointer string) {
		if v.Offset < int(wrong.Offset) && v.Kind.String() == kind {
			e.Pointer, e.Offset = pointer, v.Offset
		}
	})
	return e
}

// eachValue calls f for all values in the order of the document.
func eachValue(v *ojson.Value, pointer string, f func(v *ojson.Value, pointer string)) {
	f(v, pointer)
	for i := range v.Items {
		eachValue(&v.Items[i], fmt.Sprintf("%s/%d", pointer, i), f)
	}
	for i := range v.Members {
		eachValue(&v.Members[i].Value, pointer+"/"+escapePointer(v.Members[i].Key), f)
	}
}

// respellIntegers gives every integer of moderate size that is spelled with a point or an exponent its plain
// spelling, and reports whether there was one.
func respellIntegers(v *ojson.Value) bool {
	found := false
	if v.Kind == ojson.Number && strings.ContainsAny(v.Str, ".eE") {
		r, ok := new(big.Rat).SetString(v.Str)
		if ok && r.IsInt() && r.Num().BitLen() <= 64 {
			v.Str, found = r.Num().String(), true
		}
	}
	for i := range v.Items {
		found = respellIntegers(&v.Items[i]) || found
	}
	for i := range v.Members {
		found = respellIntegers(&v.Members[i].Value) || found
	}
	return found
}

// appendSpelled appends a value in which numbers keep their spelling.
func appendSpelled(dst []byte, v *ojson.Value) []byte {
	switch v.Kind {
	case ojson.Number:
		return append(dst, v.Str...)
	case ojson.Array:
		dst = append(dst, '[')
		for i := range v.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendSpelled(dst, &v.Items[i])
		}
		return append(dst, ']')
	case ojson.Object:
		dst = append(dst, '{')
		for i := range v.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(ojson.AppendString(dst, v.Members[i].Key), ':')
			dst = appendSpelled(dst, &v.Members[i].Value)
		}
		return append(dst, '}')
	}
	return v.Append(dst)
}

// asInstanceError finds the error in err that is about an instance.
func asInstanceError(err error) error {
	var invalid *ValidationError
	var instance *InstanceError
	var arguments *ArgumentsError
	switch {
	case errors.As(err, &invalid):
		return invalid
	case errors.As(err, &instance):
		return instance
	case errors.As(err, &arguments):
		return arguments
	}
	return nil
}
