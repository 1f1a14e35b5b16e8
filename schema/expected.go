package schema

import (
	"fmt"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// expected says what a keyword asks for. said is the validator's own text, for keywords that are not known
// here or not in the document.
func (at *place) expected(said string) string {
	subject := ""
	if at.key != nil {
		subject = "a key that is "
	}
	if at.keyword == "false" || isFalse(at.value) {
		return at.expectedNothing()
	}
	if at.value == nil {
		return subject + "what the schema asks for (" + shorten(said) + ")"
	}
	if phrase, ok := limits[at.keyword]; ok {
		return subject + fmt.Sprintf(phrase, at.number())
	}
	return subject + at.expectedOther(said)
}

// limits are the keywords that hold a number, and what they ask for.
var limits = map[string]string{
	"minimum": "a number of at least %s", "maximum": "a number of at most %s",
	"exclusiveMinimum": "a number above %s", "exclusiveMaximum": "a number below %s", "multipleOf": "a multiple of %s",
	"minLength": "a text of at least %s characters", "maxLength": "a text of at most %s characters",
	"minItems": "at least %s items", "maxItems": "at most %s items",
	"minProperties": "at least %s properties", "maxProperties": "at most %s properties",
	"minContains": "at least %s items as contains describes", "maxContains": "at most %s items as contains describes",
}

// number is the number that a limit holds. In draft 4 exclusiveMinimum is a flag beside minimum.
func (at *place) number() string {
	if at.value.Kind == ojson.Bool && at.schema != nil {
		if v, ok := at.schema.Get(strings.Replace(at.keyword, "exclusiveM", "m", 1)); ok {
			return v.Str
		}
	}
	return at.value.Str
}

func (at *place) expectedOther(said string) string {
	switch at.keyword {
	case "type":
		return typeNames(at.value)
	case "enum":
		if len(at.value.Items) == 0 {
			return "no value at all"
		}
		return oneOfValues(at.value)
	case "const":
		return valueText(at.value)
	case "pattern":
		return "a text that matches " + shorten("/"+at.value.Str+"/")
	case "format":
		return formatText(at.value.Str)
	case "uniqueItems":
		return "items that all differ"
	case "anyOf", "oneOf":
		return at.expectedChoice(said)
	case "not":
		return "anything but " + describe(at.value)
	case "contains":
		return "an item that is " + describe(at.value)
	case "dependentRequired", "dependencies":
		return "a further property, as others are present (" + shorten(said) + ")"
	}
	return "what " + at.keyword + " asks for (" + shorten(said) + ")"
}

// expectedNothing is about the schema false.
func (at *place) expectedNothing() string {
	switch {
	case at.key != nil || at.keyword == "propertyNames":
		return "no such key"
	case at.keyword == "unevaluatedProperties":
		return "no property beyond those declared"
	case at.keyword == "unevaluatedItems" || at.keyword == "items" || at.keyword == "additionalItems":
		return "no further item"
	}
	return "no value at all"
}

func isFalse(v *ojson.Value) bool { return v != nil && v.Kind == ojson.Bool && !v.Bool }

// expectedChoice is about alternatives, of which none or more than one fits.
func (at *place) expectedChoice(said string) string {
	var first, second int
	if n, _ := fmt.Sscanf(said, "valid against schemas at indexes %d and %d", &first, &second); n == 2 {
		return fmt.Sprintf("exactly one alternative of oneOf to fit, not both %d and %d", first, second)
	}
	texts := make([]string, 0, len(at.value.Items))
	for i := range at.value.Items {
		texts = append(texts, describe(&at.value.Items[i]))
	}
	return strings.Join(unique(texts), " or ")
}

func unique(texts []string) []string {
	seen := map[string]bool{}
	kept := texts[:0]
	for _, text := range texts {
		if !seen[text] {
			kept = append(kept, text)
		}
		seen[text] = true
	}
	return kept
}

// describe says in a few words what a schema asks for.
func describe(s *ojson.Value) string {
	if v, ok := s.Get("const"); ok {
		return valueText(v)
	}
	if v, ok := s.Get("enum"); ok {
		return oneOfValues(v)
	}
	if v, ok := s.Get("type"); ok {
		return typeNames(v)
	}
	if v, ok := text(s, "$ref"); ok {
		return "what " + shorten(v) + " describes"
	}
	return "what " + shorten(string(s.Append(nil))) + " describes"
}

// typeNames names the types that a keyword type lists.
func typeNames(v *ojson.Value) string {
	if v.Kind == ojson.String {
		return withArticle(v.Str)
	}
	names := texts(v.Items)
	for i := range names {
		names[i] = withArticle(names[i])
	}
	return strings.Join(names, " or ")
}

func withArticle(name string) string {
	switch {
	case name == "null" || name == "":
		return name
	case strings.ContainsRune("aeiou", rune(name[0])):
		return "an " + name
	}
	return "a " + name
}

// oneOfValues lists the values of an enum.
func oneOfValues(v *ojson.Value) string {
	const most = 20
	var list []string
	for i := range v.Items {
		if i == most {
			list = append(list, fmt.Sprintf("… (%d in all)", len(v.Items)))
			break
		}
		list = append(list, valueText(&v.Items[i]))
	}
	if len(list) == 1 {
		return list[0]
	}
	return "one of " + strings.Join(list, ", ")
}

// valueText writes a value as JSON, shortened.
func valueText(v *ojson.Value) string { return shorten(string(v.Append(nil))) }

// describeFound says what stands at a place, as far as the keyword is concerned.
func (at *place) describeFound(said string) string {
	switch {
	case at.key != nil:
		return "the key " + quoted(at.key.Key)
	case at.found == nil:
		return "something else"
	}
	v := at.found
	switch at.keyword {
	case "minItems", "maxItems", "minContains", "maxContains", "contains":
		return count(len(v.Items), "item")
	case "minProperties", "maxProperties":
		return count(len(v.Members), "property")
	case "minLength", "maxLength":
		return count(len([]rune(v.Str)), "character") + ", " + quoted(v.Str)
	case "uniqueItems":
		var i, j int
		if n, _ := fmt.Sscanf(said, "items at index %d and %d are equal", &i, &j); n == 2 {
			return fmt.Sprintf("equal items at %d and %d", i, j)
		}
	}
	return foundText(v)
}

// foundText names a value and its kind.
func foundText(v *ojson.Value) string {
	switch v.Kind {
	case ojson.Object:
		return "an object of " + count(len(v.Members), "property")
	case ojson.Array:
		return "an array of " + count(len(v.Items), "item")
	case ojson.String:
		return "the string " + quoted(v.Str)
	case ojson.Number:
		return "the number " + shorten(v.Str)
	}
	return valueText(v)
}

func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// nearest returns the name that key is a misspelling of, or "": one or two letters apart, or the same but
// for case and separators.
func nearest(names []string, key string) string {
	best, least := "", 3
	for _, name := range names {
		d := editDistance(fold(name), fold(key))
		if d < least && d < len(name)/2+1 {
			best, least = name, d
		}
	}
	return best
}

func fold(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// editDistance counts the letters to insert, delete or replace, of names short enough to be compared.
func editDistance(a, b string) int {
	const most = 64
	if len(a) > most || len(b) > most {
		return most
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
