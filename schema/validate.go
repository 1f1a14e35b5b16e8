package schema

import (
	"fmt"
	"sync"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// MaxInstance is how long an instance may be, in bytes: more than gpt-oss can write in all of its context.
const MaxInstance = 1 << 20

// InstanceError says why a text is no instance at all: it is not JSON, repeats a key, or is too large,
// too deep or too costly to check.
type InstanceError struct {
	Offset int    // byte offset in the instance
	Msg    string // "expected …, found …"
}

// Error says where the fault is, what was expected and what was found.
func (e *InstanceError) Error() string {
	return fmt.Sprintf("schema: %s at byte %d of the instance", e.Msg, e.Offset)
}

// CompileError says why nothing can be validated against a document: a keyword holds what it may not, a
// reference leads nowhere or out of the document, a pattern cannot be used.
type CompileError struct {
	Pointer string // JSON pointer in the document, "" for all of it
	Msg     string // "expected …, found …"
}

// Error says where the fault is and what it is.
func (e *CompileError) Error() string {
	return fmt.Sprintf("schema: %s, at %s of the schema", e.Msg, quotePointer(e.Pointer))
}

// quotePointer writes a pointer for an error's text, in which the empty one would be overlooked.
func quotePointer(pointer string) string { return fmt.Sprintf("%.200q", pointer) }

// Validate reports whether an instance, a JSON text, is one that the schema describes: by JSON Schema in
// the draft that $schema names, 2020-12 without it, with formats asserted. A draft's own meta-schema is the
// only thing that a reference may lead to outside the document: no file and no network is ever read.
//
// Errors: *ValidationError lists what is wrong with the instance; *InstanceError says why the text is no
// JSON to be checked (a repeated key is a fault, too); *CompileError says what is wrong with the schema.
// Feedback makes a text for the model of the first two.
//
// Patterns are those of ECMA-262, less what cannot be run in linear time (see doc.go). "nullable", which
// TypeScript shows, is no keyword of JSON Schema and allows nothing here.
//
// The document is compiled at the first call and kept: once, and once more for each further goroutine that
// validates at the same moment. Work is bounded by the size of the instance, and so is memory.
func (s *Schema) Validate(instance []byte) error {
	v, err := readInstance(instance)
	if err != nil {
		return err
	}
	return s.validate(&v)
}

// Compile makes Validate ready, and fails with the *CompileError with which it would. A program that
// wants to know at its start that a schema can be used calls it there.
func (s *Schema) Compile() error {
	v, err := s.validators.get(s)
	if err == nil {
		s.validators.put(v)
	}
	return err
}

// validate checks an instance that has been read.
func (s *Schema) validate(instance *ojson.Value) error {
	v, err := s.validators.get(s)
	if err != nil {
		return err
	}
	err = v.run(instance)
	s.validators.put(v)
	return err
}

// validators keeps the compiled forms of a document that nobody is using.
type validators struct {
	mu   sync.Mutex
	free []*validator
	err  error // the document cannot be compiled
}

func (p *validators) get(s *Schema) (*validator, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return nil, p.err
	}
	if n := len(p.free); n > 0 {
		v := p.free[n-1]
		p.free = p.free[:n-1]
		return v, nil
	}
	v, err := compile(s.raw)
	p.err = err
	return v, err
}

func (p *validators) put(v *validator) {
	p.mu.Lock()
	p.free = append(p.free, v)
	p.mu.Unlock()
}

// A validator is a compiled document. It belongs to one goroutine at a time, because it counts the steps
// of the validation that is under way.
type validator struct {
	doc      ojson.Value // for messages
	compiled *jsonschema.Schema
	renamed  map[string]string // translated key of patternProperties → the document's
	keyCost  int               // instructions of the costliest pattern of keys
	meter    meter
}

// run checks one instance.
func (v *validator) run(instance *ojson.Value) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &InstanceError{instance.Offset, "expected an instance that can be checked in bounded time, found one that costs this schema too many steps"}
			if r != any(errTooCostly) {
				err = &CompileError{"", fmt.Sprintf("expected a schema that can be checked, found that the validator fails on it: %.200v", r)}
			}
		}
	}()
	v.meter.start(instance, v.keyCost)
	return v.explain(v.compiled.Validate(plain(instance)), instance)
}
