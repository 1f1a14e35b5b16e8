package schema

import (
	"slices"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// This file and its neighbours write the rich profile: TypeScript that says what the reference's leaves out.
// Where the reference says all there is to say, both write the same text (a test holds that).

// TypeScriptRich returns the schema as TypeScript that says all of it, as far as TypeScript can, and the
// rest in comments. Beyond what TypeScript writes it knows anyOf, allOf, $ref, const, enums of any values,
// tuples, maps and types that are not stated but follow from other keywords; ranges, patterns, formats and
// every other condition stand in comments as "keyword: value".
//
// Definitions stand where they are used first, and are called by their name after that; "{ // type Node"
// marks such a place. A reference out of the document is any.
//
// No text of the document can leave the comment or the string it belongs to, whatever it holds. The model has
// not been trained on this form, so it is for those who ask for it.
//
// It is written once and kept, like TypeScript.
func (s *Schema) TypeScriptRich() string {
	s.typeScriptRichOnce.Do(func() { s.typeScriptRich = typeScriptRich(s.raw) })
	return s.typeScriptRich
}

func typeScriptRich(raw []byte) string {
	doc, err := ojson.Parse(raw, ojson.MaxDepth)
	if err != nil {
		return "any" // the zero Schema: it stands for null
	}
	first := newRichWriter(&doc, nil)
	text := first.document()
	if len(first.called) == 0 {
		return text
	}
	return newRichWriter(&doc, first.called).document() // now it is known which places need a name
}

// A richWriter writes one document.
type richWriter struct {
	doc    *ojson.Value
	refs   map[*ojson.Value]*richRef
	names  map[string]bool
	named  map[*ojson.Value]bool // definitions that are called by name, if known
	called map[*ojson.Value]bool // those found to be
	depth  int

	property bool // the schema that comes next is a property's
}

// An expr is the text of a type.
type expr struct {
	text  string
	notes []string // what belongs into a comment on its line
	union bool     // alternatives: it needs parentheses where something binds tighter
	lines bool     // its alternatives stand on lines of their own, the last one perhaps with a comment
}

func newRichWriter(doc *ojson.Value, named map[*ojson.Value]bool) *richWriter {
	return &richWriter{
		doc: doc, refs: map[*ojson.Value]*richRef{}, names: map[string]bool{}, named: named, called: map[*ojson.Value]bool{},
	}
}

// document writes the type of the parameters: what describes it stands above.
func (w *richWriter) document() string {
	root := w.ref(w.doc, w.rootName())
	root.state = refOpen
	e := w.schema(w.doc, 0)
	e = w.label(e, w.doc, root.name)
	var dst []byte
	if description, ok := text(w.doc, "description"); ok {
		dst = appendRichComment(dst, 0, description)
	}
	if value, ok := w.doc.Get("default"); ok && w.doc.Kind == ojson.Object {
		e.notes = append(e.notes, "default: "+richJSON(value))
	}
	if len(e.notes) > 0 {
		dst = appendRichComment(dst, 0, strings.Join(e.notes, ", "))
	}
	dst = append(dst, e.text...)
	if e.lines && strings.Contains(e.text[strings.LastIndexByte(e.text, '\n')+1:], " // ") {
		dst = append(dst, '\n')
	}
	return string(dst)
}

func (w *richWriter) rootName() string {
	if title, ok := text(w.doc, "title"); ok {
		return title
	}
	return "Root"
}

// schema returns the type of a schema: all that its keywords ask for together.
func (w *richWriter) schema(s *ojson.Value, indent int) expr {
	if s.Kind == ojson.Bool && !s.Bool {
		return expr{text: "never"}
	}
	if s.Kind != ojson.Object {
		return expr{text: "any"}
	}
	bare := w.property
	w.property = false
	w.depth++
	defer func() { w.depth-- }()
	var parts []expr
	if ref, ok := text(s, "$ref"); ok {
		parts = append(parts, w.reference(ref, indent))
	}
	parts = append(parts, w.base(s, indent)...)
	for _, key := range []string{"oneOf", "anyOf"} {
		if variants, ok := array(s, key); ok && len(variants) > 0 {
			parts = append(parts, w.union(variants, key == "oneOf", bare, indent))
		}
	}
	all, _ := array(s, "allOf")
	for i := range all {
		parts = append(parts, w.inner(&all[i], indent))
	}
	e := intersect(parts, indent)
	e.notes = append(e.notes, conditions(s)...)
	if nullable, ok := s.Get("nullable"); ok && nullable.Bool && !allowsNull(s) {
		e = expr{text: parenthesized(e, indent, e.lines) + " | null", notes: e.notes, union: true}
	}
	return e
}

// inner is the type of a schema that has no line of its own: its description becomes a note.
func (w *richWriter) inner(s *ojson.Value, indent int) expr {
	e := w.schema(s, indent)
	e.notes = append(annotations(s), e.notes...)
	return e
}

// annotations returns description and default as notes.
func annotations(s *ojson.Value) (notes []string) {
	if description, ok := text(s, "description"); ok {
		notes = append(notes, oneLine(description))
	}
	if value, ok := s.Get("default"); ok {
		notes = append(notes, "default: "+richJSON(value))
	}
	return notes
}

// allowsNull reports whether a schema names null itself.
func allowsNull(s *ojson.Value) bool {
	types, _ := array(s, "type")
	name, _ := text(s, "type")
	return name == "null" || slices.Contains(texts(types), "null")
}

// base returns the types that const, enum or type ask for. They are one part: alternatives.
func (w *richWriter) base(s *ojson.Value, indent int) []expr {
	if value, ok := s.Get("const"); ok {
		return []expr{{text: richJSON(value)}}
	}
	names, stated := typeList(s)
	if values, ok := array(s, "enum"); ok {
		if e, ok := literals(values, names); ok {
			return []expr{e}
		}
	}
	if !stated {
		names = impliedTypes(s)
	}
	var parts []expr
	for _, name := range names {
		e := w.typeOf(name, s, indent)
		if !slices.ContainsFunc(parts, func(old expr) bool { return old.text == e.text }) {
			parts = append(parts, e)
		}
	}
	if len(parts) < 2 {
		return parts
	}
	return []expr{join(parts, " | ", indent)}
}

// typeList returns the names in type; stated is false when there is none.
func typeList(s *ojson.Value) (names []string, stated bool) {
	if name, ok := text(s, "type"); ok {
		return []string{name}, true
	}
	types, _ := array(s, "type")
	names = texts(types)
	return names, len(names) > 0
}

// impliedTypes returns the type that a schema is about without saying so.
func impliedTypes(s *ojson.Value) []string {
	for _, key := range []string{"properties", "patternProperties"} {
		if v, ok := s.Get(key); ok && v.Kind == ojson.Object {
			return []string{"object"}
		}
	}
	if v, ok := s.Get("additionalProperties"); ok && v.Kind == ojson.Object {
		return []string{"object"}
	}
	for _, key := range []string{"items", "prefixItems"} {
		if v, ok := s.Get(key); ok && (v.Kind == ojson.Object || v.Kind == ojson.Array) {
			return []string{"array"}
		}
	}
	return nil
}

// typeOf returns the type of one name.
func (w *richWriter) typeOf(name string, s *ojson.Value, indent int) expr {
	switch name {
	case "object":
		return w.object(s, indent)
	case "array":
		return w.array(s, indent)
	case "integer":
		return expr{text: "number", notes: []string{"integer"}}
	case "string", "number", "boolean", "null":
		return expr{text: name}
	}
	return expr{text: "any", notes: []string{"type: " + richString(name)}}
}

// literals returns the values of an enum that have one of the types, if any are named.
func literals(values []ojson.Value, names []string) (expr, bool) {
	var list []string
	for i := range values {
		if len(names) == 0 || hasType(&values[i], names) {
			list = append(list, richJSON(&values[i]))
		}
	}
	return expr{text: strings.Join(list, " | "), union: len(list) > 1}, len(list) > 0
}

// hasType reports whether a value has one of the types.
func hasType(v *ojson.Value, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return name == v.Kind.String() || name == "integer" && v.Kind == ojson.Number
	})
}

// array returns the type of an array: a tuple where the first items have schemas of their own.
func (w *richWriter) array(s *ojson.Value, indent int) expr {
	rest, ok := s.Get("items")
	first, tuple := array(s, "prefixItems")
	if ok && rest.Kind == ojson.Array { // the spelling before 2020-12
		first, tuple = rest.Items, true
		rest, ok = s.Get("additionalItems")
	}
	switch {
	case tuple && len(first) > 0:
		return w.tuple(s, first, rest, indent)
	case !ok:
		return expr{text: "Array<any>"}
	}
	e := w.inner(rest, indent)
	return expr{text: parenthesized(e, indent, e.union) + "[]", notes: prefixed("items", e.notes)}
}

// tuple returns the type of an array whose items have places. Those that may be missing have a question mark.
func (w *richWriter) tuple(s *ojson.Value, first []ojson.Value, rest *ojson.Value, indent int) expr {
	least := 0
	if v, ok := s.Get("minItems"); ok {
		for least < len(first) && moreThan(v.Str, least) {
			least++
		}
	}
	var e expr
	var items []string
	for i := range first {
		item := w.inner(&first[i], indent)
		e.notes = append(e.notes, prefixed("item "+itoa(i), item.notes)...)
		text := item.text
		if i >= least {
			text = parenthesized(item, indent, item.union) + "?"
		} else if item.lines {
			text = parenthesized(item, indent, true)
		}
		items = append(items, text)
	}
	if rest == nil || rest.Kind != ojson.Bool || rest.Bool {
		tail := expr{text: "any"}
		if rest != nil {
			tail = w.inner(rest, indent)
		}
		e.notes = append(e.notes, prefixed("further items", tail.notes)...)
		items = append(items, "..."+parenthesized(tail, indent, tail.union)+"[]")
	}
	e.text = "[" + strings.Join(items, ", ") + "]"
	return e
}

// prefixed puts what notes are about in front of them.
func prefixed(subject string, notes []string) []string {
	if len(notes) == 0 {
		return nil
	}
	return []string{subject + ": " + strings.Join(notes, ", ")}
}

// intersect joins parts that all have to fit. A part that says nothing is left out, but for its notes.
func intersect(parts []expr, indent int) expr {
	var notes []string
	kept := parts[:0:0]
	for _, p := range parts {
		if p.text == "any" {
			notes = append(notes, p.notes...)
			continue
		}
		kept = append(kept, p)
	}
	var e expr
	switch len(kept) {
	case 0:
		e = expr{text: "any"}
	case 1:
		e = kept[0]
	default:
		e = join(kept, " & ", indent)
	}
	e.notes = append(e.notes, notes...)
	return e
}

// join joins parts by an operator.
func join(parts []expr, operator string, indent int) expr {
	e := expr{union: true}
	for i, p := range parts {
		if i > 0 {
			e.text += operator
		}
		e.text += parenthesized(p, indent, p.lines || p.union && operator == " & ")
		e.notes = append(e.notes, p.notes...)
	}
	return e
}

// parenthesized puts parentheses around a type where they are needed. After alternatives on lines they
// stand on a line of their own, because the last one may end in a comment.
func parenthesized(e expr, indent int, needed bool) string {
	switch {
	case !needed:
		return e.text
	case e.lines:
		return "(" + e.text + "\n" + strings.Repeat(" ", indent) + ")"
	}
	return "(" + e.text + ")"
}
