package schema

import (
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// A richRef is a schema that references lead to.
type richRef struct {
	name  string
	state refState
	small *expr // its type, if that is short enough to stand everywhere
}

type refState uint8

const (
	refNew  refState = iota
	refOpen          // it is being written
	refDone          // it has been written
)

// What a definition may be to be written out again, and how deep references are followed.
const (
	maxSmall    = 80
	maxRichNest = 100
)

// ref returns what is known of a schema that a reference leads to.
func (w *richWriter) ref(s *ojson.Value, name string) *richRef {
	r := w.refs[s]
	if r == nil {
		r = &richRef{name: w.freeName(name)}
		w.refs[s] = r
	}
	return r
}

// freeName makes an identifier of a text that no other definition has.
func (w *richWriter) freeName(text string) string {
	name := strings.Trim(notInName.ReplaceAllString(text, "_"), "_")
	if name == "" || '0' <= name[0] && name[0] <= '9' {
		name = "T" + name
	}
	name = shortName(strings.ToUpper(name[:1]) + name[1:])
	for base, i := name, 2; w.names[name]; i++ {
		name = base + "_" + strconv.Itoa(i)
	}
	w.names[name] = true
	return name
}

func shortName(name string) string { return name[:min(len(name), 60)] }

// reference returns the type that a $ref leads to: written out where it is met first, its name after that.
func (w *richWriter) reference(ref string, indent int) expr {
	target, name := w.resolve(ref)
	if target == nil || w.depth > maxRichNest {
		return expr{text: "any", notes: []string{"$ref: " + richString(ref)}}
	}
	r := w.ref(target, name)
	switch {
	case r.small != nil:
		return *r.small
	case r.state != refNew:
		w.called[target] = true
		return expr{text: r.name}
	}
	r.state = refOpen
	e := w.inner(target, indent)
	r.state = refDone
	if !strings.Contains(e.text, "\n") && len(e.text)+len(strings.Join(e.notes, ", ")) <= maxSmall && !w.called[target] {
		r.small = &e
		return e
	}
	return w.label(e, target, r.name)
}

// label marks the place where a definition is written out, if it is called by its name elsewhere.
func (w *richWriter) label(e expr, target *ojson.Value, name string) expr {
	if !w.named[target] {
		return e
	}
	if rest, ok := strings.CutPrefix(e.text, "{\n"); ok {
		e.text = "{ // type " + name + "\n" + rest
		return e
	}
	e.notes = append([]string{"type " + name}, e.notes...)
	return e
}

// resolve follows a reference within the document: a JSON pointer or an $anchor behind #.
func (w *richWriter) resolve(ref string) (target *ojson.Value, name string) {
	fragment, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return nil, ""
	}
	if fragment == "" {
		return w.doc, w.rootName()
	}
	fragment = percentDecoded(fragment)
	if strings.HasPrefix(fragment, "/") {
		tokens := pointerTokens(fragment)
		target, _ = lookUp(w.doc, tokens)
		return target, tokens[len(tokens)-1]
	}
	return findAnchor(w.doc, fragment), fragment
}

// findAnchor returns the schema that calls itself by an anchor.
func findAnchor(v *ojson.Value, anchor string) *ojson.Value {
	for _, key := range []string{"$anchor", "$dynamicAnchor"} {
		if own, ok := text(v, key); ok && own == anchor {
			return v
		}
	}
	for i := range v.Items {
		if found := findAnchor(&v.Items[i], anchor); found != nil {
			return found
		}
	}
	for i := range v.Members {
		if found := findAnchor(&v.Members[i].Value, anchor); found != nil {
			return found
		}
	}
	return nil
}
