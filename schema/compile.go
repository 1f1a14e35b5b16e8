package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// base is the URL that a document is compiled under, which relative references and $id are resolved against.
const base = "schema://document/"

// maxSubschemas bounds what a document may hold: compiling takes quadratic time in it.
const maxSubschemas = 5_000

// errOutside is why no reference is followed out of the document.
type errOutside struct{ url string }

func (e *errOutside) Error() string { return "reference to " + e.url }

// compile makes a document ready for validation. The error is a *CompileError.
//
// The validator reads its own form of the document, which prepared writes: see there for what differs.
func compile(raw []byte) (v *validator, err error) {
	doc, err := ojson.Parse(raw, ojson.MaxDepth)
	if err != nil || doc.Kind != ojson.Object && doc.Kind != ojson.Bool {
		return nil, &CompileError{"", "expected an object or a boolean, found " + foundKind(&doc)}
	}
	p := preparer{renamed: map[string]string{}}
	text, err := p.document(&doc)
	if err != nil {
		return nil, err
	}
	v = &validator{doc: doc, renamed: p.renamed, keyCost: p.keyCost}
	defer func() { // the validator trusts its meta-schemas; whatever slips through them must not end a program
		if r := recover(); r != nil {
			v, err = nil, &CompileError{"", fmt.Sprintf("expected a schema, found one that the validator fails on: %.200v", r)}
		}
	}()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	for i, g := range p.gauges {
		c.Formats[gaugeName(i)] = g.enter(&v.meter)
	}
	c.LoadURL = func(url string) (io.ReadCloser, error) { return nil, &errOutside{url} }
	c.RegisterExtension("exit", nil, exitCompiler{&v.meter})
	if err = c.AddResource(base, bytes.NewReader(text)); err == nil {
		v.compiled, err = c.Compile(base)
	}
	if err != nil {
		return nil, v.compileError(err)
	}
	return v, nil
}

// compileError tells what the validator has against a document.
func (v *validator) compileError(err error) error {
	var invalid *jsonschema.ValidationError
	var outside *errOutside
	var loop jsonschema.InfiniteLoopError
	switch {
	case errors.As(err, &outside):
		return &CompileError{v.findReference(outside.url), fmt.Sprintf("expected references within the document, found %.100q, which is never loaded", outside.url)}
	case errors.As(err, &invalid):
		leaf := deepest(invalid)
		return &CompileError{v.pointer(leaf.InstanceLocation), "expected what JSON Schema allows there, found: " + shorten(leaf.Message)}
	case errors.As(err, &loop):
		return &CompileError{"", "expected references that end, found " + shorten(strings.ReplaceAll(string(loop), base, ""))}
	}
	var own *CompileError
	if errors.As(err, &own) {
		return own
	}
	text := strings.ReplaceAll(err.Error(), base, "")
	_, text, _ = strings.Cut(text, "compilation failed: ")
	pointer := ""
	if ref, ok := strings.CutSuffix(text, " not found"); ok {
		pointer = v.findReference(ref)
	}
	return &CompileError{pointer, "expected a schema that can be compiled, found: " + shorten(text)}
}

// deepest follows an error of a meta-schema to what is really wrong.
func deepest(e *jsonschema.ValidationError) *jsonschema.ValidationError {
	for len(e.Causes) > 0 {
		e = e.Causes[0]
	}
	return e
}

// findReference returns the pointer of the first reference to url, for messages.
func (v *validator) findReference(url string) string {
	found := ""
	eachMember(&v.doc, "", func(pointer string, m *ojson.Member) bool {
		if m.Value.Kind == ojson.String && strings.HasPrefix(m.Key, "$") && refersTo(m.Value.Str, url) {
			found = pointer
			return false
		}
		return true
	})
	return found
}

func refersTo(ref, url string) bool {
	if ref == url {
		return true
	}
	ref, _, _ = strings.Cut(ref, "#")
	url, _, _ = strings.Cut(url, "#")
	return ref != "" && strings.HasSuffix(url, strings.TrimLeft(ref, "./"))
}

// eachMember calls f for every member below v until f returns false.
func eachMember(v *ojson.Value, pointer string, f func(pointer string, m *ojson.Member) bool) bool {
	for i := range v.Items {
		if !eachMember(&v.Items[i], fmt.Sprintf("%s/%d", pointer, i), f) {
			return false
		}
	}
	for i := range v.Members {
		m := &v.Members[i]
		at := pointer + "/" + escapePointer(m.Key)
		if !f(at, m) || !eachMember(&m.Value, at, f) {
			return false
		}
	}
	return true
}

// foundKind names the kind of a document, which is null where there is none.
func foundKind(doc *ojson.Value) string {
	if doc.Kind == ojson.Invalid {
		return "null"
	}
	return doc.Kind.String()
}
