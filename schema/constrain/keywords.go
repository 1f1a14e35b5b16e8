package constrain

import (
	"slices"
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// A schemaReader turns one schema object into a set: keyword by keyword into what the values of each type must satisfy, and then
// what the subschemas that apply to the same value add.
type schemaReader struct {
	c   *compiler
	loc *location

	types  *valueSet
	number numberPart
	texts  *textSet
	array  arrayShape
	counts []*arrayShape // what contains asks
	object objectShape
	apply  []*ojson.Member // keywords whose subschemas apply to the same value, in order

	known *valueSet // what is known of the values when a keyword of apply is read

	ignoresSiblings bool
}

// schemaSet finds out which values a schema allows.
func (c *compiler) schemaSet(loc *location) *valueSet {
	s := &valueSet{}
	for _, w := range c.ways(loc, nil) {
		s = c.union(s, w.set)
	}
	return s
}

// read reads all keywords of an object that concern the value itself.
func (c *compiler) read(loc *location) *schemaReader {
	r := &schemaReader{c: c, loc: loc, texts: everyText}
	r.array = arrayShape{rest: c.always, max: -1}
	r.object = objectShape{max: -1}
	members := loc.value.Unique()
	if loc.old {
		if i := slices.IndexFunc(members, func(m ojson.Member) bool { return m.Key == "$ref" }); i >= 0 {
			r.apply = append(r.apply, &members[i])
			r.ignoresSiblings = true
			return r
		}
	}
	for i := range members {
		r.keyword(&members[i])
	}
	return r
}

// get returns another keyword of the schema.
func (r *schemaReader) get(key string) (*ojson.Value, bool) { return r.loc.value.Get(key) }

// base is the set of the keywords that have been read.
func (r *schemaReader) base() *valueSet {
	c := r.c
	s := &valueSet{null: true, yes: true, no: true, numbers: numberSet{r.number}, texts: r.texts}
	if r.number.isAll() {
		s.numbers = allNumbers
	} else if r.number.empty() {
		s.numbers = nil
	}
	array, object := r.array, r.object
	array.tidy()
	if array.any() {
		s.arrays = []*arrayShape{c.anyArray}
	} else if r.typed("array") && !c.hollowArray(&array) {
		s.arrays = []*arrayShape{&array}
	}
	c.tidyObject(&object)
	if object.any() {
		s.objects = []*objectShape{c.anyObject}
	} else if r.typed("object") && !c.hollowObject(&object) {
		s.objects = []*objectShape{&object}
	}
	for i := range r.counts {
		s.arrays = c.intersectArrays(s.arrays, r.counts[i:i+1:i+1])
	}
	if r.types != nil {
		s = c.intersect(s, r.types)
	}
	return s
}

// typed reports whether the keyword type, if there is one, allows a type.
func (r *schemaReader) typed(name string) bool {
	v, ok := r.get("type")
	return !ok || r.ignoresSiblings || v.Str == name ||
		slices.ContainsFunc(v.Items, func(t ojson.Value) bool { return t.Str == name })
}

// keyword reads one keyword.
func (r *schemaReader) keyword(m *ojson.Member) {
	switch m.Key {
	case "type":
		r.readType(m)
	case "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "not", "dependentSchemas", "if", "$dynamicRef", "$recursiveRef":
		r.apply = append(r.apply, m)
	case "dependencies":
		r.dependencies(m)
	case "dependentRequired":
		for i := range r.members(m) {
			r.need(m.Key, &m.Value.Members[i])
		}
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
		r.readNumber(m)
	case "minLength", "maxLength", "pattern", "format":
		r.readText(m)
	case "items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains":
		r.readArray(m)
	case "properties", "patternProperties", "additionalProperties", "required", "minProperties", "maxProperties", "propertyNames":
		r.readObject(m)
	case "then", "else", "unevaluatedItems", "unevaluatedProperties": // read with the ways
	case "$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$defs", "definitions", "$comment", "title",
		"description", "default", "examples", "deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType",
		"contentSchema", "example", "$vocabulary": // these say nothing about a value
	default:
		if r.c.opts.IgnoreUnknown || m.Key == "id" && r.loc.old || strings.HasPrefix(m.Key, "x-") {
			return
		}
		r.refuse(m.Key, "is not a keyword of JSON Schema")
	}
}

// refuse says that a keyword cannot be enforced. It returns only where the options say to go on without it.
func (r *schemaReader) refuse(keyword, reason string) { r.c.refuse(r.loc, keyword, reason) }

func (r *schemaReader) wrong(m *ojson.Member, expected string) {
	r.refuse(m.Key, "expected "+expected+", found "+m.Value.Kind.String())
}

// sub is the subschema of a keyword.
func (r *schemaReader) sub(keyword string, v *ojson.Value) *expr {
	return r.c.ref(r.c.doc.child(r.loc, keyword, v))
}

// member is the subschema below a keyword that holds several.
func (r *schemaReader) member(m *ojson.Member, token string, v *ojson.Value) *expr {
	return r.c.ref(r.c.doc.child(r.c.doc.child(r.loc, m.Key, &m.Value), token, v))
}

func (r *schemaReader) members(m *ojson.Member) []ojson.Member {
	if m.Value.Kind != ojson.Object {
		r.wrong(m, "an object")
	}
	return m.Value.Members
}

func (r *schemaReader) items(m *ojson.Member) []*expr {
	if m.Value.Kind != ojson.Array {
		r.wrong(m, "an array")
	}
	var es []*expr
	for i := range m.Value.Items {
		es = append(es, r.member(m, strconv.Itoa(i), &m.Value.Items[i]))
	}
	return es
}

// count reads a number of things; ok is false where the keyword is dropped.
func (r *schemaReader) count(m *ojson.Member) (n int, ok bool) {
	if m.Value.Kind == ojson.Number {
		d, fine := parseDecimal(m.Value.Str)
		if fine && !d.neg && d.integer() {
			if d.pos > 9 {
				return maxCount, true
			}
			return min(int(d.small(0)), maxCount), true
		}
	}
	r.wrong(m, "a whole number that is not negative")
	return 0, false
}

// maxCount stands for every larger number of characters, items or properties: no text is as long.
const maxCount = 1 << 30

func (r *schemaReader) readType(m *ojson.Member) {
	types := []ojson.Value{m.Value}
	if m.Value.Kind == ojson.Array {
		types = m.Value.Items
	}
	s := &valueSet{}
	for i := range types {
		if types[i].Kind != ojson.String || !r.addType(s, types[i].Str) {
			r.refuse("type", "expected the name of a type, found "+strconv.Quote(shorten(string(types[i].Append(nil)))))
			return
		}
	}
	r.types = s
}

func (r *schemaReader) addType(s *valueSet, name string) bool {
	switch name {
	case "null":
		s.null = true
	case "boolean":
		s.yes, s.no = true, true
	case "number":
		s.numbers = allNumbers
	case "integer":
		if !s.numbers.isAll() {
			s.numbers = allIntegers
		}
	case "string":
		s.texts = everyText
	case "array":
		s.arrays = []*arrayShape{r.c.anyArray}
	case "object":
		s.objects = []*objectShape{r.c.anyObject}
	default:
		return false
	}
	return true
}

func (r *schemaReader) readNumber(m *ojson.Member) {
	p := &r.number
	if m.Value.Kind == ojson.Bool && (m.Key == "exclusiveMinimum" || m.Key == "exclusiveMaximum") {
		r.draft4Bound(m)
		return
	}
	if m.Value.Kind != ojson.Number {
		r.wrong(m, "a number")
		return
	}
	d := r.c.decimal(r.loc, m.Key, &m.Value)
	b := bound{at: d, set: true, open: strings.HasPrefix(m.Key, "exclusive")}
	switch m.Key {
	case "minimum", "exclusiveMinimum":
		p.lo = higher(p.lo, b)
	case "maximum", "exclusiveMaximum":
		p.hi = lower(p.hi, b)
	case "multipleOf":
		if d.zero() || d.neg {
			r.refuse(m.Key, "expected a positive number")
			return
		}
		p.of = d
	}
}

// draft4Bound reads the exclusiveMinimum and exclusiveMaximum of draft 4, which say how minimum and maximum are meant.
func (r *schemaReader) draft4Bound(m *ojson.Member) {
	key := "minimum"
	if m.Key == "exclusiveMaximum" {
		key = "maximum"
	}
	v, ok := r.get(key)
	if !m.Value.Bool || !ok || v.Kind != ojson.Number {
		return
	}
	b := bound{at: r.c.decimal(r.loc, key, v), set: true, open: true}
	if key == "minimum" {
		r.number.lo = higher(r.number.lo, b)
	} else {
		r.number.hi = lower(r.number.hi, b)
	}
}

func (r *schemaReader) readText(m *ojson.Member) {
	switch m.Key {
	case "minLength":
		if n, ok := r.count(m); ok {
			r.texts = andText(r.texts, lengthSet(n, -1))
		}
		return
	case "maxLength":
		if n, ok := r.count(m); ok {
			r.texts = andText(r.texts, lengthSet(0, n))
		}
		return
	}
	if m.Value.Kind != ojson.String {
		r.wrong(m, "a string")
		return
	}
	if m.Key == "pattern" {
		r.texts = andText(r.texts, r.pattern(m.Key, m.Value.Str))
		return
	}
	if !r.typed("string") || r.c.opts.IgnoreFormat {
		return // a format that this package knows is one of strings
	}
	s, ok := formatSet(m.Value.Str)
	if !ok {
		r.refuse("format", "does not know "+strconv.Quote(shorten(m.Value.Str)))
		return
	}
	r.texts = andText(r.texts, s)
}

// pattern is the set of the strings in which a regular expression matches.
func (r *schemaReader) pattern(keyword, src string) *textSet {
	if s, ok := r.c.patterns[src]; ok {
		return s
	}
	r.c.spend(len(src))
	s, err := regexSet(src)
	if err != nil {
		r.refuse(keyword, err.Error())
		return everyText
	}
	r.c.patterns[src] = s
	return s
}
