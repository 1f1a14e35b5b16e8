package schema

import (
	"fmt"
	"math"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// kindNode returns the schema of a type that encoding/json writes by its kind.
func (b *builder) kindNode(t reflect.Type, path string) (*node, error) {
	switch t.Kind() {
	case reflect.Bool:
		return typed("boolean"), nil
	case reflect.String:
		return typed("string"), nil
	case reflect.Float32, reflect.Float64:
		return typed("number"), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return integerNode(t), nil
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return &node{}, nil
		}
		return nil, typeError(t, path, "an interface with methods: encoding/json cannot know what to read into it")
	case reflect.Slice, reflect.Array:
		return b.arrayNode(t, path)
	case reflect.Map:
		return b.mapNode(t, path)
	case reflect.Struct:
		return b.structNode(t, path)
	}
	return nil, typeError(t, path, "encoding/json cannot write a %s", t.Kind())
}

// integerNode says which integers fit. The range of 64 bits is not written out: nobody means its ends.
func integerNode(t reflect.Type) *node {
	n := typed("integer")
	bits := t.Bits()
	switch {
	case t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uintptr:
		n.setText("minimum", "0")
		if bits < 64 && t.Kind() != reflect.Uint && t.Kind() != reflect.Uintptr {
			n.setText("maximum", strconv.FormatUint(math.MaxUint64>>(64-bits), 10))
		}
	case bits < 64 && t.Kind() != reflect.Int:
		n.setText("minimum", strconv.FormatInt(math.MinInt64>>(64-bits), 10))
		n.setText("maximum", strconv.FormatInt(math.MaxInt64>>(64-bits), 10))
	}
	return n
}

func (b *builder) arrayNode(t reflect.Type, path string) (*node, error) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 && isPlainByte(t.Elem()) {
		n := typed("string")
		n.setString("pattern", `^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$`)
		n.setString("contentEncoding", "base64")
		return n, nil
	}
	item, err := b.elementNode(t.Elem(), path+"[]")
	if err != nil {
		return nil, err
	}
	n := typed("array")
	n.setNode("items", item)
	if t.Kind() == reflect.Array {
		n.setText("minItems", strconv.Itoa(t.Len()))
		n.setText("maxItems", strconv.Itoa(t.Len()))
	}
	return n, nil
}

// isPlainByte reports whether encoding/json writes a slice of such bytes in base64.
func isPlainByte(t reflect.Type) bool {
	pointer := reflect.PointerTo(t)
	return !pointer.Implements(marshalerType) && !pointer.Implements(textMarshalerType)
}

// elementNode returns the schema of an element: nil pointers in arrays and maps are null.
func (b *builder) elementNode(t reflect.Type, path string) (*node, error) {
	n, err := b.typeNode(t, path)
	if err == nil && t.Kind() == reflect.Pointer {
		n = nullable(n)
	}
	return n, err
}

func (b *builder) mapNode(t reflect.Type, path string) (*node, error) {
	pattern, ok := keyPattern(t.Key())
	if !ok {
		return nil, typeError(t.Key(), path, "keys of a map must be strings, integers or have a text form (MarshalText)")
	}
	value, err := b.elementNode(t.Elem(), path+"[key]")
	if err != nil {
		return nil, err
	}
	n := typed("object")
	if pattern != "" {
		names := &node{}
		names.setString("pattern", pattern)
		n.setNode("propertyNames", names)
	}
	if len(value.members) == 0 {
		n.setText("additionalProperties", "true")
	} else {
		n.setNode("additionalProperties", value)
	}
	return n, nil
}

// keyPattern returns what the keys of a map look like; ok is false if they cannot be keys.
func keyPattern(t reflect.Type) (pattern string, ok bool) {
	switch kind := t.Kind(); {
	case kind == reflect.String:
		return "", true
	case t.Implements(textMarshalerType) && has(t, textUnmarshalerType):
		return "", true
	case kind >= reflect.Int && kind <= reflect.Int64:
		return `^(0|-?[1-9][0-9]*)$`, true
	case kind >= reflect.Uint && kind <= reflect.Uintptr:
		return `^(0|[1-9][0-9]*)$`, true
	}
	return "", false
}

// nullable returns a schema that allows null, too.
func nullable(n *node) *node {
	name := n.typeName()
	switch {
	case len(n.members) == 0:
		return n
	case name != "" && name != "object" && name != "array":
		n.setText("type", fmt.Sprintf(`["%s","null"]`, name))
		if m := n.find("enum"); m != nil {
			n.setText("enum", strings.TrimSuffix(string(m.text), "]")+",null]")
		}
		return n
	}
	union := &node{}
	key := "oneOf" // the reference's TypeScript shows its variants
	if name == "" {
		key = "anyOf" // n may allow null itself
	}
	union.set(nodeMember{key: key, list: []*node{n, typed("null")}})
	return union
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// name returns what a type is called in $defs: its Go name without packages, List_Item for List[store.Item].
func (b *builder) name(t reflect.Type) string {
	short := regexp.MustCompile(`[^\[\],]*/`).ReplaceAllString(t.Name(), "") // paths of packages
	short = regexp.MustCompile(`([\[,*])[A-Za-z0-9_]+\.`).ReplaceAllString(short, "$1")
	base := strings.Trim(notInName.ReplaceAllString(short, "_"), "_")
	if base == "" {
		base = "T"
	}
	candidates := []string{base, notInName.ReplaceAllString(path.Base(t.PkgPath()), "_") + "_" + base}
	for i := 2; ; i++ {
		for _, name := range candidates {
			if taken, ok := b.names[name]; !ok || taken == t {
				b.names[name] = t
				return name
			}
		}
		candidates = []string{fmt.Sprintf("%s_%d", base, i)}
	}
}
