package schema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"time"

	"github.com/harmony-go/sdk/internal/ojson"
)

// Describer is a type that knows its schema. For uses it in place of what it would find out, and calls
// JSONSchema on a new value of the type.
type Describer interface{ JSONSchema() *Schema }

// Enumerator is a type that has only certain values, such as a named string with constants. For calls
// JSONSchemaEnum on a new value of the type and writes what encoding/json makes of the values.
type Enumerator interface{ JSONSchemaEnum() []any }

// TypeError says why For can make no schema of a type.
type TypeError struct {
	Type reflect.Type // the part that is at fault
	Path string       // where it stands, as Go would write it: "weather.Query.Days[].Until"
	Msg  string
}

// Error says where the fault is and what it is.
func (e *TypeError) Error() string { return fmt.Sprintf("schema: %s (%v): %s", e.Path, e.Type, e.Msg) }

// For returns the schema of the JSON that encoding/json writes for a T and reads into one. The keys of
// objects stand in the order of the fields.
//
// A field is required unless it is a pointer or has the option omitempty or omitzero; a tag (see doc.go)
// says more about it. Objects of structs allow no other properties. A pointer that is not omitted when it
// is nil may be null; nil slices and maps, which encoding/json writes as null, too, may not: a schema
// says what a model should write. Structs stand where they are used, because the reference's TypeScript
// knows no $ref; only recursive types are referred to, as "#" or by their name in $defs.
//
// The error is a *TypeError: channels, functions, complex numbers, interfaces with methods, maps with keys
// that are no texts, structs that embed themselves, types with a MarshalJSON of their own that are no
// Describer, tags that make no sense.
func For[T any]() (*Schema, error) { return ForType(reflect.TypeFor[T]()) }

// MustFor is For for a type that stands in the program's text. It panics where For fails.
func MustFor[T any]() *Schema {
	s, err := For[T]()
	if err != nil {
		panic(err)
	}
	return s
}

// ForType is For of a type that is known at run time only.
func ForType(t reflect.Type) (*Schema, error) {
	recursive := map[reflect.Type]bool{}
	for {
		b := builder{root: t, recursive: recursive, names: map[string]reflect.Type{}, defs: map[reflect.Type]*definition{}}
		n, err := b.document()
		if err != nil {
			return nil, err
		}
		if !b.again { // no further type has turned out to be recursive
			return Parse(n.append(nil))
		}
	}
}

// maxNodes bounds a schema: structs that hold structs twice each are written out exponentially often.
const maxNodes = 10_000

// A builder makes one document.
type builder struct {
	root      reflect.Type
	recursive map[reflect.Type]bool // types that contain themselves
	again     bool                  // recursive has grown
	stack     []reflect.Type        // types that are being written
	defs      map[reflect.Type]*definition
	order     []*definition
	names     map[string]reflect.Type
	nodes     int
}

// A definition is a member of $defs.
type definition struct {
	name string
	node *node
}

func (b *builder) document() (*node, error) {
	path := b.root.String()
	n, err := b.typeNode(b.root, path)
	if err != nil {
		return nil, err
	}
	if len(b.order) == 0 {
		return n, nil
	}
	defs := &node{}
	for _, d := range b.order {
		defs.setNode(d.name, d.node)
	}
	n.setNode("$defs", defs)
	return n, nil
}

func typeError(t reflect.Type, path, format string, args ...any) error {
	return &TypeError{t, path, fmt.Sprintf(format, args...)}
}

// typeNode returns the schema of a type; for a pointer that of what it points to.
func (b *builder) typeNode(t reflect.Type, path string) (*node, error) {
	if b.nodes++; b.nodes > maxNodes {
		return nil, typeError(t, path, "the schema would have more than %d parts", maxNodes)
	}
	for depth := 0; t.Kind() == reflect.Pointer; depth++ {
		if t = t.Elem(); depth > 100 {
			return nil, typeError(t, path, "a pointer that points to nothing but pointers")
		}
	}
	for i, open := range b.stack {
		if open == t && t.Name() != "" {
			if !b.recursive[t] {
				b.recursive[t], b.again = true, true
			}
			return b.reference(t, i)
		}
	}
	if b.recursive[t] && len(b.stack) > 0 {
		return b.definition(t, path)
	}
	return b.expand(t, path)
}

// expand writes a type out.
func (b *builder) expand(t reflect.Type, path string) (*node, error) {
	b.stack = append(b.stack, t)
	defer func() { b.stack = b.stack[:len(b.stack)-1] }()
	if n, err := b.ownNode(t, path); n != nil || err != nil {
		return n, err
	}
	return b.kindNode(t, path)
}

// reference refers to a type that is being written.
func (b *builder) reference(t reflect.Type, at int) (*node, error) {
	n := &node{}
	if at == 0 && !b.defined(t) {
		n.setString("$ref", "#")
	} else {
		n.setString("$ref", "#/$defs/"+escapePointer(b.define(t).name))
	}
	return n, nil
}

func (b *builder) defined(t reflect.Type) bool { return b.defs[t] != nil }

// define gives a type its place in $defs.
func (b *builder) define(t reflect.Type) *definition {
	d := b.defs[t]
	if d == nil {
		d = &definition{name: b.name(t)}
		b.defs[t] = d
	}
	return d
}

// definition refers to a recursive type and writes it into $defs when it is met first.
func (b *builder) definition(t reflect.Type, path string) (*node, error) {
	d := b.define(t)
	if d.node == nil {
		d.node = &node{} // taken: a reference from inside finds it
		b.order = append(b.order, d)
		n, err := b.expand(t, path)
		if err != nil {
			return nil, err
		}
		*d.node = *n
	}
	return b.reference(t, 1)
}

// Types that encoding/json treats, or that treat themselves, in a way that their kind does not show.
var (
	describerType       = reflect.TypeFor[Describer]()
	enumeratorType      = reflect.TypeFor[Enumerator]()
	timeType            = reflect.TypeFor[time.Time]()
	rawType             = reflect.TypeFor[json.RawMessage]()
	numberType          = reflect.TypeFor[json.Number]()
	bigIntType          = reflect.TypeFor[big.Int]()
	marshalerType       = reflect.TypeFor[json.Marshaler]()
	unmarshalerType     = reflect.TypeFor[json.Unmarshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// has reports whether a value of t, or a pointer to one, implements an interface.
func has(t, method reflect.Type) bool {
	return t.Implements(method) || t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(method)
}

// ownNode returns the schema of a type that is not described by its kind, or nil.
func (b *builder) ownNode(t reflect.Type, path string) (*node, error) {
	switch {
	case t.Kind() == reflect.Interface:
		return nil, nil
	case has(t, describerType):
		return b.described(t, path)
	case has(t, enumeratorType):
		return enumNode(t, path)
	case t == rawType:
		return &node{}, nil
	case t == numberType:
		return typed("number"), nil
	case t == bigIntType:
		return typed("integer"), nil
	case t == timeType:
		n := typed("string")
		n.setString("format", "date-time")
		return n, nil
	case has(t, marshalerType) || has(t, unmarshalerType):
		return nil, typeError(t, path, "it has a JSON form of its own (MarshalJSON or UnmarshalJSON); give it a method JSONSchema() *schema.Schema")
	case has(t, textMarshalerType) || has(t, textUnmarshalerType):
		return typed("string"), nil
	}
	return nil, nil
}

// described returns the schema that a type gives itself. If it has references, it moves to $defs, and they
// with it.
func (b *builder) described(t reflect.Type, path string) (*node, error) {
	s := newValue(t, describerType).(Describer).JSONSchema()
	if s == nil {
		return nil, typeError(t, path, "JSONSchema returned nil")
	}
	doc, err := ojson.Parse(s.raw, ojson.MaxDepth)
	if err != nil || doc.Kind != ojson.Object && doc.Kind != ojson.Bool {
		return nil, typeError(t, path, "JSONSchema returned something else than an object or a boolean")
	}
	if len(b.stack) == 1 || !moves(&doc) {
		return nodeOf(s.raw, &doc), nil
	}
	d := b.define(t)
	if d.node == nil {
		if err := moveReferences(&doc, "#/$defs/"+escapePointer(d.name)); err != nil {
			return nil, typeError(t, path, "%s", err)
		}
		raw := doc.Append(nil)
		if doc, err = ojson.Parse(raw, ojson.MaxDepth); err != nil {
			return nil, typeError(t, path, "%s", err)
		}
		d.node = nodeOf(raw, &doc)
		b.order = append(b.order, d)
	}
	return b.reference(t, 1)
}

// moves reports whether a document has references that are relative to its place.
func moves(v *ojson.Value) bool {
	found := false
	eachMember(v, "", func(_ string, m *ojson.Member) bool {
		found = found || m.Value.Kind == ojson.String && (m.Key == "$ref" || m.Key == "$dynamicRef" || m.Key == "$recursiveRef" || m.Key == "$anchor" || m.Key == "$dynamicAnchor")
		return !found
	})
	return found
}

// moveReferences makes the references of a document right that is moved below prefix.
func moveReferences(v *ojson.Value, prefix string) (err error) {
	eachMember(v, "", func(_ string, m *ojson.Member) bool {
		switch {
		case m.Value.Kind != ojson.String:
		case m.Key == "$dynamicRef" || m.Key == "$recursiveRef" || m.Key == "$anchor" || m.Key == "$dynamicAnchor":
			err = fmt.Errorf("JSONSchema uses %s, which cannot be moved into another schema", m.Key)
		case m.Key == "$ref" && len(m.Value.Str) > 0 && m.Value.Str[0] == '#':
			m.Value.Str = prefix + m.Value.Str[1:]
		}
		return err == nil
	})
	return err
}

// newValue returns a new value of t, or a pointer to one, that implements an interface.
func newValue(t, method reflect.Type) any {
	v := reflect.New(t)
	if t.Implements(method) {
		return v.Elem().Interface()
	}
	return v.Interface()
}

// enumNode returns the schema of a type that lists its values.
func enumNode(t reflect.Type, path string) (*node, error) {
	values := newValue(t, enumeratorType).(Enumerator).JSONSchemaEnum()
	if len(values) == 0 {
		return nil, typeError(t, path, "JSONSchemaEnum returned no values")
	}
	text, err := json.Marshal(values)
	if err != nil {
		return nil, typeError(t, path, "JSONSchemaEnum returned values that encoding/json cannot write: %s", err)
	}
	doc, err := ojson.Parse(text, ojson.MaxDepth)
	if err != nil {
		return nil, typeError(t, path, "JSONSchemaEnum: %s", err)
	}
	n := &node{}
	if name := commonType(doc.Items); name != "" {
		n.setString("type", name)
	}
	n.set(nodeMember{key: "enum", text: doc.Append(nil)})
	return n, nil
}

// commonType names the type that all values have, or "".
func commonType(values []ojson.Value) string {
	name := ""
	for i := range values {
		own := values[i].Kind.String()
		if values[i].Kind == ojson.Number {
			if _, err := strconv.ParseInt(values[i].Str, 10, 64); err == nil {
				own = "integer"
			}
		}
		switch {
		case name == "" || name == own:
			name = own
		case name+own == "numberinteger" || name+own == "integernumber":
			name = "number"
		default:
			return ""
		}
	}
	return name
}
