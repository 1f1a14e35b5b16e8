package schema

import (
	"errors"
	"strconv"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// A meter bounds what a validation may cost. The validator has no limit of its own: schemas that refer to
// others twice each take exponential time, and every error it makes has the whole path to its place in
// it, so that memory grows with depth times width. The meter is told about each schema before it is applied
// and counts steps; where too many are taken it ends the validation by a panic, which run catches.
//
// A step stands for about 100 ns, and 128 bytes of errors.
type meter struct {
	left    int
	depth   int // schemas being applied inside each other
	perStep int // bytes of the longest path in the instance, in steps
}

// errTooCostly is what a meter panics with.
var errTooCostly = errors.New("too costly")

const (
	baseSteps  = 1 << 20 // lets small instances meet large schemas, which is what tools are
	valueSteps = 16      // for each value of the instance
	textSteps  = 64      // bytes of text in a step
	pathSteps  = 128     // bytes of a path in a step
	depthSteps = 4       // schemas inside each other in a step, for their part of a path
	maxApplied = 1024    // schemas inside each other
)

// start begins a validation.
func (m *meter) start(instance *ojson.Value, keyCost int) {
	values, keyBytes, path := sizes(instance)
	*m = meter{left: baseSteps + valueSteps*values, perStep: path / pathSteps}
	m.charge(keyBytes / textSteps * keyCost)
}

// charge counts steps, and panics when too many have been taken.
func (m *meter) charge(steps int) {
	if m.left -= steps; m.left < 0 {
		panic(errTooCostly)
	}
}

// sizes counts the values of an instance, the bytes of all keys, and those of the longest path.
func sizes(v *ojson.Value) (values, keyBytes, path int) {
	values = 1
	for i := range v.Items {
		n, k, p := sizes(&v.Items[i])
		values, keyBytes, path = values+n, keyBytes+k, max(path, p+1)
	}
	for i := range v.Members {
		n, k, p := sizes(&v.Members[i].Value)
		own := len(v.Members[i].Key)
		values, keyBytes, path = values+n, keyBytes+k+own, max(path, p+own)
	}
	return values, keyBytes, path
}

// A gauge is a schema's entrance: a format that every schema of the validator's form has, because formats
// are what the validator looks at before it applies subschemas.
type gauge struct {
	weight int    // members and items of the schema's keywords
	each   int    // schemas that may be applied to each part of a value
	format string // the schema's own format
}

// gaugeName is what the format of the i-th schema is called in the validator's form.
func gaugeName(i int) string { return "harmony-go:" + strconv.Itoa(i) }

// enter makes the format function of a gauge.
func (g gauge) enter(m *meter) func(any) bool {
	format := formats[g.format]
	if format == nil {
		format = jsonschema.Formats[g.format]
	}
	return func(value any) bool {
		if m.depth++; m.depth > maxApplied {
			panic(errTooCostly)
		}
		parts, text := 0, 0
		switch value := value.(type) {
		case map[string]any:
			parts = len(value)
		case []any:
			parts = len(value)
		case string:
			text = len(value) / textSteps
		}
		m.charge((1+g.weight+parts*g.each)*(1+m.depth/depthSteps+m.perStep) + text)
		return format == nil || format(value)
	}
}

// A schemaExit is hung on every schema. It matches the schema's pattern, which the validator does not see
// because package regexp would read it differently, and tells the meter that the schema has been applied:
// the validator comes to it last.
type schemaExit struct {
	meter   *meter
	pattern *pattern
	nothing bool // the schema has an empty enum, which the validator takes for none
}

// Validate is jsonschema.ExtSchema's.
func (x *schemaExit) Validate(ctx jsonschema.ValidationContext, value any) error {
	x.meter.depth--
	if x.nothing {
		return ctx.Error("enum", "enum")
	}
	text, ok := value.(string)
	if !ok || x.pattern == nil {
		return nil
	}
	x.meter.charge(len(text) / textSteps * x.pattern.cost)
	if !x.pattern.match(text) {
		return ctx.Error("pattern", "pattern")
	}
	return nil
}

// An exitCompiler makes the schemaExit of every schema.
type exitCompiler struct{ meter *meter }

// Compile is jsonschema.ExtCompiler's. m is one schema in the validator's form.
func (c exitCompiler) Compile(_ jsonschema.CompilerContext, m map[string]any) (jsonschema.ExtSchema, error) {
	x := &schemaExit{meter: c.meter}
	if values, ok := m["enum"].([]any); ok && len(values) == 0 {
		x.nothing = true
	}
	text, ok := m[patternKey].(string)
	if !ok {
		return x, nil
	}
	var err error
	x.pattern, err = compilePattern(text) // the preparer has done it before
	return x, err
}
