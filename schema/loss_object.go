package schema

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/harmony-go/sdk/internal/ojson"
)

// object notes what appendObject does not say.
func (w *lossWalker) object(s *ojson.Value, at string) {
	properties, _ := s.Get("properties")
	known := map[string]bool{}
	if properties != nil && properties.Kind == ojson.Object {
		for _, m := range properties.Unique() {
			known[m.Key] = true
			w.property(m.Key, &m.Value, at+"/properties/"+escapePointer(m.Key))
		}
	}
	names, _ := array(s, "required")
	for i := range names {
		if names[i].Kind == ojson.String && !known[names[i].Str] {
			w.losses = append(w.losses, Loss{fmt.Sprintf("%s/required/%d", at, i), "required", Lost, "a property that is not among properties is not shown"})
		}
	}
}

// property notes what appendProperty does not say.
func (w *lossWalker) property(key string, s *ojson.Value, at string) {
	switch {
	case isIdentifier(key):
	case harmlessKey(key):
		w.losses = append(w.losses, Loss{at, "", Distorted, "a name that is no identifier is written without quotes"})
	default:
		w.losses = append(w.losses, Loss{at, "", Unsafe, "a name with punctuation or line breaks is written as it is"})
	}
	w.comment(s, at, "title")
	w.examples(s, at)
	variants, union := array(s, "oneOf")
	if _, hidden := s.Get("oneOf"); hidden && !union {
		w.unsaid(s, at, "description", "default")
		w.schema(s, at, false)
		w.nullable(s, at)
		return
	}
	w.comment(s, at, "description")
	w.value(s, at, true)
	if union {
		w.propertyVariants(s, variants, at)
		return
	}
	if name, _ := text(s, "type"); name == "object" {
		w.twice(s, at)
	}
	w.schema(s, at, false)
	w.nullable(s, at)
}

// twice notes the description of an object, which stands above it and again before its brace.
func (w *lossWalker) twice(s *ojson.Value, at string) {
	_, list := array(s, "type")
	if _, ok := text(s, "description"); ok && !isUnion(s) && !list {
		w.add(Distorted, at, "description", "it is shown twice")
	}
}

// harmlessKey reports whether a name is none in TypeScript and still no more than a name.
func harmlessKey(key string) bool {
	return strings.IndexFunc(key, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_$-. ", r)
	}) < 0
}

// nullable notes a nullable that is not written because the type's text has the letters null in it.
func (w *lossWalker) nullable(s *ojson.Value, at string) {
	v, ok := s.Get("nullable")
	if ok && v.Bool && !allowsNull(s) && strings.Contains(string(appendType(nil, s, 0)), "null") {
		w.add(Lost, at, "nullable", "it is not shown, because the type's text has the letters null in it")
	}
}

// examples checks the examples of a property.
func (w *lossWalker) examples(s *ojson.Value, at string) {
	examples, _ := array(s, "examples")
	for i := range examples {
		loss := Loss{Pointer: fmt.Sprintf("%s/examples/%d", at, i), Keyword: "examples"}
		switch v := &examples[i]; {
		case v.Kind != ojson.String:
			loss.Kind, loss.Message = Lost, "only strings are shown"
		case endsLine(v.Str):
			loss.Kind, loss.Message = Unsafe, "a line break ends its comment"
		case !staysQuoted(v.Str):
			loss.Kind, loss.Message = Distorted, "it is shown between quotes without escapes"
		default:
			continue
		}
		w.losses = append(w.losses, loss)
	}
}

// value checks a default. bare tells that a string of a schema with an enum is written without quotes.
func (w *lossWalker) value(s *ojson.Value, at string, bare bool) {
	v, ok := s.Get("default")
	if !ok {
		return
	}
	printed := v.Str
	if v.Kind != ojson.String || hasEnum(s) && !bare {
		printed = string(v.Append(nil))
	}
	switch {
	case endsLine(printed):
		w.add(Unsafe, at, "default", "a line break ends its comment")
	case v.Kind == ojson.String && !(hasEnum(s) && plainText(printed)) && !staysQuoted(v.Str):
		w.add(Distorted, at, "default", "it is shown without escapes")
	case !plainText(printed) || changedNumber(v):
		w.add(Distorted, at, "default", "it is not shown as it is")
	}
}

// changedNumber reports whether a value holds a number that the reference prints as another one.
func changedNumber(v *ojson.Value) bool {
	if v.Kind == ojson.Number {
		return !sameNumber(string(ojson.AppendNumber(nil, v.Str)), v.Str)
	}
	for i := range v.Items {
		if changedNumber(&v.Items[i]) {
			return true
		}
	}
	for i := range v.Members {
		if changedNumber(&v.Members[i].Value) {
			return true
		}
	}
	return false
}

// items notes what appendArray does not say.
func (w *lossWalker) items(s *ojson.Value, at string) {
	items, ok := s.Get("items")
	if !ok {
		return
	}
	at += "/items"
	if items.Kind == ojson.Array {
		w.losses = append(w.losses, Loss{at, "items", Lost, "the items of a tuple are shown as any"})
		return
	}
	if text := string(appendType(nil, items, 0)); isUnion(items) || strings.Contains(text, " | ") && !strings.HasSuffix(text, "}") {
		w.losses = append(w.losses, Loss{at, "items", Distorted, "alternatives are shown without parentheses before []"})
	}
	if name, _ := text(items, "type"); name == "object" && !isUnion(items) {
		w.comment(items, at, "description")
		if _, ok := text(items, "description"); ok {
			w.add(Distorted, at, "description", "it is shown in the middle of the declaration")
		}
		w.unsaid(items, at, "default")
	} else {
		w.unsaid(items, at, "description", "default")
	}
	w.unsaidNull(items, at)
	w.schema(items, at, false)
}

// variants notes what appendVariants does not say.
func (w *lossWalker) variants(variants []ojson.Value, at string, inUnion bool) {
	w.shape(variants, at, inUnion)
	for i := range variants {
		v := &variants[i]
		place := fmt.Sprintf("%s/oneOf/%d", at, i)
		w.comment(v, place, "description")
		w.value(v, place, false)
		w.variant(v, place)
		_, described := text(v, "description")
		_, defaulted := v.Get("default")
		if i == len(variants)-1 && (described || defaulted) {
			w.losses = append(w.losses, Loss{place, "oneOf", Distorted, "the comment behind the last alternative takes in what follows"})
		}
	}
}

func (w *lossWalker) shape(variants []ojson.Value, at string, inUnion bool) {
	switch {
	case len(variants) == 0:
		w.add(Lost, at, "oneOf", "an empty list is shown as nothing at all")
	case inUnion:
		w.add(Distorted, at, "oneOf", "alternatives within alternatives are shown without parentheses")
	}
}

// variant notes what is not said of an alternative.
func (w *lossWalker) variant(v *ojson.Value, at string) {
	if name, _ := text(v, "type"); name == "object" {
		w.twice(v, at)
	}
	w.schema(v, at, true)
	w.nullable(v, at)
}

// propertyVariants notes what appendOneOfProperty does not say.
func (w *lossWalker) propertyVariants(s *ojson.Value, variants []ojson.Value, at string) {
	w.rest(s, at, "oneOf")
	w.unsaidNull(s, at)
	w.shape(variants, at, false)
	description, described := text(s, "description")
	if described && describesFirst(variants, description) {
		w.add(Lost, at, "description", "it is not shown, because the first alternative's is the same")
	}
	for i := range variants {
		v := &variants[i]
		place := fmt.Sprintf("%s/oneOf/%d", at, i)
		if own, ok := text(v, "description"); ok && described && (i == 0 || own == description) {
			w.add(Lost, place, "description", "it is not shown, because the property has one")
		} else {
			w.comment(v, place, "description")
		}
		w.value(v, place, true)
		w.variant(v, place)
	}
}
