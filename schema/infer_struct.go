package schema

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/harmony-go/sdk/internal/ojson"
)

// structNode returns the schema of a struct.
func (b *builder) structNode(t reflect.Type, path string) (*node, error) {
	n := typed("object")
	fields, err := jsonFields(t, path)
	if err != nil {
		return nil, err
	}
	if err := describeStruct(n, t, path); err != nil {
		return nil, err
	}
	properties, required := &node{}, []byte("[")
	for i := range fields {
		f := &fields[i]
		if f.tag.hidden {
			continue
		}
		property, err := b.fieldNode(f)
		if err != nil {
			return nil, err
		}
		properties.setNode(f.name, property)
		if f.required() {
			if len(required) > 1 {
				required = append(required, ',')
			}
			required = ojson.AppendString(required, f.name)
		}
	}
	n.setNode("properties", properties)
	if len(required) > 1 {
		n.set(nodeMember{key: "required", text: append(required, ']')})
	}
	n.setText("additionalProperties", "false")
	return n, nil
}

// describeStruct reads the tag of a blank field, which is about the struct itself.
func describeStruct(n *node, t reflect.Type, path string) error {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name != "_" || f.Tag == "" {
			continue
		}
		tag, err := readTags(f.Tag)
		if err != nil {
			return typeError(t, path, "tag of the field _: %s", err)
		}
		if err := tag.apply(n); err != nil {
			return typeError(t, path, "tag of the field _: %s", err)
		}
	}
	return nil
}

// fieldNode returns the schema of a property.
func (b *builder) fieldNode(f *jsonField) (*node, error) {
	n, err := b.typeNode(f.typ, f.path)
	if err != nil {
		return nil, err
	}
	if f.quoted {
		n = quotedNode(n)
	}
	if err := f.tag.apply(n); err != nil {
		return nil, typeError(f.typ, f.path, "%s", err)
	}
	if f.typ.Kind() == reflect.Pointer && !f.omitted {
		n = f.tag.hoist(n, nullable(n))
	}
	return n, nil
}

// quotedNode is the schema of what the option string makes of a scalar.
func quotedNode(n *node) *node {
	quoted := typed("string")
	switch n.typeName() {
	case "boolean":
		quoted.setText("enum", `["true","false"]`)
	case "integer":
		quoted.setString("pattern", `^(0|-?[1-9][0-9]*)$`)
	case "number":
		quoted.setString("pattern", `^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	case "string":
		quoted.setString("pattern", `^"(.|\n)*"$`)
	}
	return quoted
}

// A jsonField is a field of a struct that is a member of its JSON.
type jsonField struct {
	name     string
	path     string // for errors
	typ      reflect.Type
	index    []int
	tagged   bool // the name comes from a tag
	omitted  bool // omitempty or omitzero
	quoted   bool // the option string
	optional bool // below an embedded pointer
	tag      fieldTag
}

func (f *jsonField) required() bool {
	switch {
	case f.tag.required:
		return true
	case f.tag.optional:
		return false
	}
	return !f.omitted && !f.optional && f.typ.Kind() != reflect.Pointer
}

// An embedding is a struct whose fields are promoted, on its way into the struct that is described.
type embedding struct {
	typ      reflect.Type
	index    []int
	path     string
	optional bool
	around   []reflect.Type // what it stands in
}

// jsonFields returns the fields that encoding/json writes and reads for a struct, with those of embedded
// structs, by its rules: the shallowest field of a name wins, then the one with a tag, and of equals none.
func jsonFields(t reflect.Type, path string) ([]jsonField, error) {
	var all []jsonField
	next := []embedding{{typ: t, path: path}}
	seen := map[reflect.Type]bool{}
	for len(next) > 0 {
		level := next
		next = nil
		times := map[reflect.Type]int{}
		for _, e := range level {
			times[e.typ]++
		}
		for _, e := range level {
			if seen[e.typ] {
				continue
			}
			seen[e.typ] = true
			fields, embedded, err := e.fields()
			if err != nil {
				return nil, err
			}
			all = append(all, fields...)
			if times[e.typ] > 1 { // twice at one depth: its fields hide each other
				all = append(all, fields...)
			}
			next = append(next, embedded...)
		}
	}
	return dominant(all), nil
}

// dominant keeps of all fields of a name the one that counts, and puts them in the order of the source.
func dominant(all []jsonField) []jsonField {
	byName := map[string][]jsonField{}
	for _, f := range all {
		byName[f.name] = append(byName[f.name], f)
	}
	var kept []jsonField
	for _, fields := range byName {
		slices.SortStableFunc(fields, func(a, b jsonField) int {
			if c := cmp.Compare(len(a.index), len(b.index)); c != 0 || a.tagged == b.tagged {
				return c
			}
			if a.tagged {
				return -1
			}
			return 1
		})
		if len(fields) == 1 || len(fields[0].index) < len(fields[1].index) || fields[0].tagged != fields[1].tagged {
			kept = append(kept, fields[0])
		}
	}
	slices.SortFunc(kept, func(a, b jsonField) int { return slices.Compare(a.index, b.index) })
	return kept
}

// fields returns a struct's own fields and the structs embedded in it.
func (e *embedding) fields() (fields []jsonField, embedded []embedding, err error) {
	for i := range e.typ.NumField() {
		sf := e.typ.Field(i)
		f, ok, err := e.field(sf, i)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			continue
		}
		inner := sf.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if !sf.Anonymous || f.tagged || inner.Kind() != reflect.Struct {
			fields = append(fields, f)
			continue
		}
		below, err := e.embed(sf, inner, &f)
		if err != nil {
			return nil, nil, err
		}
		embedded = append(embedded, below)
	}
	return fields, embedded, nil
}

// field reads the tags of a field; ok is false if encoding/json passes it over.
func (e *embedding) field(sf reflect.StructField, i int) (f jsonField, ok bool, err error) {
	if !visible(sf) {
		return f, false, nil
	}
	tag := sf.Tag.Get("json")
	if tag == "-" {
		return f, false, nil
	}
	name, options, _ := strings.Cut(tag, ",")
	if !validName(name) {
		name = ""
	}
	f = jsonField{
		name: name, path: e.path + "." + sf.Name, typ: sf.Type, tagged: name != "",
		index: append(slices.Clone(e.index), i), optional: e.optional,
	}
	if name == "" {
		f.name = sf.Name
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty", "omitzero":
			f.omitted = true
		case "string":
			f.quoted = quotable(sf.Type)
		}
	}
	if f.tag, err = readTags(sf.Tag); err != nil {
		return f, false, typeError(sf.Type, f.path, "%s", err)
	}
	return f, true, nil
}

// visible reports whether encoding/json looks at a field: exported ones, and embedded structs, whose own
// fields may be exported.
func visible(sf reflect.StructField) bool {
	if sf.IsExported() {
		return true
	}
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return sf.Anonymous && t.Kind() == reflect.Struct
}

// embed returns the embedded struct that a field is.
func (e *embedding) embed(sf reflect.StructField, inner reflect.Type, f *jsonField) (embedding, error) {
	pointer := sf.Type.Kind() == reflect.Pointer
	around := append(slices.Clone(e.around), e.typ)
	if slices.Contains(around, inner) {
		return embedding{}, typeError(inner, f.path, "it embeds itself")
	}
	if pointer && !sf.IsExported() {
		return embedding{}, typeError(sf.Type, f.path, "encoding/json cannot set an embedded pointer to an unexported struct")
	}
	return embedding{typ: inner, index: f.index, path: f.path, optional: e.optional || pointer || f.omitted, around: around}, nil
}

// quotable reports whether the option string of encoding/json does something for a type.
func quotable(t reflect.Type) bool {
	if t.Name() == "" && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	kind := t.Kind()
	return kind == reflect.Bool || kind >= reflect.Int && kind <= reflect.Float64 || kind == reflect.String
}

// validName reports whether encoding/json takes a name from a tag (encoding/json, isValidTag).
func validName(name string) bool {
	for _, c := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return name != ""
}
