package schema

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// A fieldTag is what the tags of a field say about its schema.
type fieldTag struct {
	entries            []tagEntry // in the order of the tag, enum and examples repeated
	required, optional bool
	hidden             bool
}

type tagEntry struct{ key, value string }

// readTags reads the tags jsonschema, description and jsonschema_description.
func readTags(tag reflect.StructTag) (fieldTag, error) {
	f, err := parseTag(tag.Get("jsonschema"))
	if err != nil {
		return f, err
	}
	for _, key := range []string{"description", "jsonschema_description"} {
		text, ok := tag.Lookup(key)
		if !ok {
			continue
		}
		if f.value("description") != "" {
			return f, errors.New("two descriptions")
		}
		f.entries = append(f.entries, tagEntry{"description", text})
	}
	return f, nil
}

func (f *fieldTag) value(key string) string {
	for _, e := range f.entries {
		if e.key == key {
			return e.value
		}
	}
	return ""
}

// parseTag reads a tag jsonschema: a list of key=value and flags, or a plain description.
func parseTag(tag string) (f fieldTag, err error) {
	switch {
	case tag == "":
		return f, nil
	case tag == "-":
		f.hidden = true
		return f, nil
	}
	parts := splitTag(tag)
	if !keyed(parts[0]) {
		f.entries = []tagEntry{{"description", tag}}
		return f, nil
	}
	for _, part := range parts {
		if err := f.add(part); err != nil {
			return fieldTag{}, err
		}
	}
	if f.required && f.optional {
		return fieldTag{}, errors.New("the tag says required and optional")
	}
	return f, nil
}

// splitTag splits at commas. A backslash takes the comma or backslash behind it as it is.
func splitTag(tag string) []string {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(tag); i++ {
		switch c := tag[i]; {
		case c == '\\' && i+1 < len(tag) && (tag[i+1] == ',' || tag[i+1] == '\\'):
			i++
			part.WriteByte(tag[i])
		case c == ',':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(c)
		}
	}
	return append(parts, part.String())
}

// tagFlags are the words that stand alone in a tag.
var tagFlags = []string{"required", "optional", "uniqueItems", "deprecated", "readOnly", "writeOnly"}

// keyed reports whether a part begins with a word and an equals sign, or is a flag: a description does not.
func keyed(part string) bool {
	if slices.Contains(tagFlags, part) {
		return true
	}
	key, _, ok := strings.Cut(part, "=")
	return ok && key != "" && strings.IndexFunc(key, func(r rune) bool { return r >= 128 || !isLetter(byte(r)) }) < 0
}

// tagKeys are the keywords that a tag can set, and the type they are about ("" for any).
var tagKeys = map[string]string{
	"title": "", "description": "", "enum": "", "const": "", "default": "", "example": "",
	"minLength": "string", "maxLength": "string", "pattern": "string", "format": "string", "contentEncoding": "string", "contentMediaType": "string",
	"minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number", "multipleOf": "number",
	"minItems": "array", "maxItems": "array", "minProperties": "object", "maxProperties": "object",
}

// add reads one part of a tag.
func (f *fieldTag) add(part string) error {
	key, value, ok := strings.Cut(part, "=")
	if !ok {
		return f.addFlag(part)
	}
	if key == "examples" {
		key = "example"
	}
	if _, known := tagKeys[key]; !known {
		return fmt.Errorf("unknown key %s in the tag; a description that begins with a word and = has to be written description=…", quoted(key))
	}
	if key != "enum" && key != "example" && slices.ContainsFunc(f.entries, func(e tagEntry) bool { return e.key == key }) {
		return fmt.Errorf("%s stands twice in the tag", key)
	}
	f.entries = append(f.entries, tagEntry{key, value})
	return nil
}

func (f *fieldTag) addFlag(flag string) error {
	switch {
	case flag == "required":
		f.required = true
	case flag == "optional":
		f.optional = true
	case slices.Contains(tagFlags, flag):
		f.entries = append(f.entries, tagEntry{flag, "true"})
	default:
		return fmt.Errorf(`%s in the tag is no flag and no key=value; write a comma within a value as \\,`, quoted(flag))
	}
	return nil
}

// apply writes the tag's keywords into the schema of a field. What is about texts or numbers goes to the
// items of an array.
func (f *fieldTag) apply(n *node) error {
	for _, e := range f.entries {
		target := n
		about := tagKeys[e.key]
		itemwise := about == "string" || about == "number" || e.key == "enum"
		for itemwise && target.typeName() == "array" && target.find("items") != nil && target.find("items").node != nil {
			target = target.find("items").node
		}
		if err := e.apply(target, about); err != nil {
			return err
		}
	}
	return f.checkDefault(n)
}

// apply writes one keyword.
func (e tagEntry) apply(n *node, about string) error {
	kind := n.typeName()
	if kind == "integer" {
		kind = "number"
	}
	if about != "" && kind != "" && about != kind {
		return fmt.Errorf("%s is about a %s, and this is a %s", e.key, about, n.typeName())
	}
	if e.key == "uniqueItems" && kind != "array" {
		return errors.New("uniqueItems is about an array")
	}
	switch e.key {
	case "title", "description", "pattern", "format", "contentEncoding", "contentMediaType":
		n.setString(e.key, e.value)
		return nil
	case "enum", "example":
		return e.appendTo(n)
	case "const", "default":
		text, err := e.json(n)
		if err == nil {
			n.set(nodeMember{key: e.key, text: text})
		}
		return err
	case "uniqueItems", "deprecated", "readOnly", "writeOnly":
		n.setText(e.key, "true")
		return nil
	}
	if !isNumber(e.value) {
		return fmt.Errorf("%s needs a number, not %s", e.key, quoted(e.value))
	}
	n.setText(e.key, e.value)
	return nil
}

// appendTo adds a value to enum or examples.
func (e tagEntry) appendTo(n *node) error {
	text, err := e.json(n)
	if err != nil {
		return err
	}
	key := e.key
	if key == "example" {
		key = "examples"
	}
	list := "[" + string(text) + "]"
	if m := n.find(key); m != nil {
		list = strings.TrimSuffix(string(m.text), "]") + "," + list[1:]
	}
	n.setText(key, list)
	return nil
}

// json returns the JSON of a value of the type that the schema names. A text needs no quotes.
func (e tagEntry) json(n *node) ([]byte, error) {
	switch kind := n.typeName(); kind {
	case "string":
		return ojson.AppendString(nil, e.value), nil
	case "number", "integer":
		if !isNumber(e.value) || kind == "integer" && strings.ContainsAny(e.value, ".eE") {
			return nil, fmt.Errorf("%s needs a value of type %s, not %s", e.key, kind, quoted(e.value))
		}
	}
	v, err := ojson.Parse([]byte(e.value), ojson.MaxDepth)
	if err != nil {
		return nil, fmt.Errorf("%s needs a value in JSON, not %s", e.key, quoted(e.value))
	}
	if kind := n.typeName(); kind != "" && kind != "number" && kind != "integer" && kind != v.Kind.String() {
		return nil, fmt.Errorf("%s needs a value of type %s, not %s", e.key, kind, quoted(e.value))
	}
	return []byte(e.value), nil
}

func isNumber(text string) bool {
	v, err := ojson.Parse([]byte(text), 0)
	return err == nil && v.Kind == ojson.Number
}

// checkDefault refuses a default that is none of the values there may be.
func (f *fieldTag) checkDefault(n *node) error {
	value, values := n.find("default"), n.find("enum")
	if value == nil || values == nil || f.value("default") == "" {
		return nil
	}
	list, err := ojson.Parse(values.text, ojson.MaxDepth)
	if err != nil {
		return err
	}
	for i := range list.Items {
		if string(list.Items[i].Append(nil)) == string(value.text) {
			return nil
		}
	}
	return fmt.Errorf("the default %s is not in the enum %s", value.text, shorten(string(values.text)))
}

// hoist moves what describes a field from its schema to the union with null that is made of it.
func (f *fieldTag) hoist(from, to *node) *node {
	if from == to {
		return to
	}
	for _, key := range []string{"title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"} {
		if m := from.find(key); m != nil && f.sets(key) {
			to.set(*m)
			from.delete(key)
		}
	}
	return to
}

func (f *fieldTag) sets(keyword string) bool {
	if keyword == "examples" {
		keyword = "example"
	}
	return slices.ContainsFunc(f.entries, func(e tagEntry) bool { return e.key == keyword })
}
