package schema

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// explain makes a *ValidationError of what the validator says, which is a tree with texts for people. Only
// the places are taken from it; what was expected and found is read from the document and the instance.
func (v *validator) explain(err error, instance *ojson.Value) error {
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return v.compileError(err) // references that never end
	}
	x := explainer{v: v, instance: instance}
	problems := distinct(x.problems(invalid))
	e := &ValidationError{Problems: problems, Omitted: x.omitted}
	if n := len(problems) - maxProblems; n > 0 {
		e.Problems = problems[:maxProblems:maxProblems]
		e.Omitted += n
	}
	return e
}

// distinct puts problems in the order of their places and drops repetitions, which come from schemas that
// are applied more than once.
func distinct(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return strings.Compare(a.SchemaPointer+"\x00"+a.Expected, b.SchemaPointer+"\x00"+b.Expected)
	})
	return slices.CompactFunc(problems, func(a, b Problem) bool {
		return a.Offset == b.Offset && a.Message == b.Message
	})
}

// An explainer turns the validator's errors about one instance into problems.
type explainer struct {
	v        *validator
	instance *ojson.Value
	made     int // problems made so far
	omitted  int // errors that were not looked at
}

// problems returns the leaves of an error's tree, and of choices the one that says most.
func (x *explainer) problems(e *jsonschema.ValidationError) []Problem {
	if len(e.Causes) == 0 {
		return x.leaf(e)
	}
	keyword := e.AbsoluteKeywordLocation[strings.LastIndexByte(e.AbsoluteKeywordLocation, '/')+1:]
	switch keyword {
	case "anyOf", "oneOf":
		return x.choice(e)
	case "minContains":
		return x.leaf(e)
	}
	var problems []Problem
	for _, cause := range e.Causes {
		problems = append(problems, x.problems(cause)...)
	}
	return problems
}

// choice explains why none of several alternatives fits. If there is one that the instance is evidently
// meant to be, because it alone has the right type and the right constants, its problems are the answer.
func (x *explainer) choice(e *jsonschema.ValidationError) []Problem {
	var meant []Problem
	candidates := 0
	for _, cause := range e.Causes {
		problems := x.problems(cause)
		if len(problems) > 0 && !x.otherKind(problems, x.v.pointer(e.InstanceLocation)) {
			candidates++
			meant = problems
		}
	}
	if candidates == 1 && len(meant) > 0 {
		return meant
	}
	return x.leafOf(e)
}

// otherKind reports whether problems show that another kind of value is meant: the value at a pointer has
// another type or is another constant, or one of its members is another constant.
func (x *explainer) otherKind(problems []Problem, pointer string) bool {
	for _, p := range problems {
		rest, below := strings.CutPrefix(p.InstancePointer, pointer)
		deep := strings.Count(rest, "/")
		switch p.Keyword {
		case "type", "false", "not":
			if below && deep == 0 {
				return true
			}
		case "const", "enum":
			if below && deep <= 1 {
				return true
			}
		}
	}
	return false
}

// leaf makes the problem of an error without causes that matter: one for each property that is missing or
// not allowed.
func (x *explainer) leaf(e *jsonschema.ValidationError) []Problem {
	const most = 4096 // of which the first are listed
	if x.made++; x.made > most {
		x.omitted++
		return nil
	}
	return x.leafOf(e)
}

func (x *explainer) leafOf(e *jsonschema.ValidationError) []Problem {
	at := x.place(e)
	switch at.keyword {
	case "required":
		if problems := x.missing(at); problems != nil {
			return problems
		}
	case "additionalProperties":
		if problems := x.extra(at); problems != nil {
			return problems
		}
	}
	expected, found := at.expected(e.Message), at.describeFound(e.Message)
	return []Problem{at.problem(expected, found)}
}

// problem makes a problem of a place.
func (at *place) problem(expected, found string) Problem {
	where := "at the top level"
	if at.instance != "" {
		where = "at " + shorten(at.instance)
	}
	return Problem{
		InstancePointer: at.instance, Offset: at.offset, Keyword: at.keyword, SchemaPointer: at.pointer,
		Expected: expected, Found: found, Message: "expected " + expected + ", found " + found + ", " + where,
	}
}

// missing lists the required properties that an object lacks.
func (x *explainer) missing(at *place) (problems []Problem) {
	if at.value == nil || at.found == nil {
		return nil
	}
	for i := range at.value.Items {
		name := at.value.Items[i].Str
		if _, ok := at.found.Get(name); !ok {
			one := *at
			one.pointer += "/" + strconv.Itoa(i)
			problems = append(problems, one.problem("the property "+quoted(name), "none of that name"))
		}
	}
	return problems
}

// extra lists the properties of an object that are not allowed.
func (x *explainer) extra(at *place) (problems []Problem) {
	if at.schema == nil || at.found == nil {
		return nil
	}
	properties, _ := at.schema.Get("properties")
	patterns, _ := at.schema.Get("patternProperties")
	for i := range at.found.Members {
		m := &at.found.Members[i]
		if declares(properties, patterns, m.Key) {
			continue
		}
		one := *at
		one.instance += "/" + escapePointer(m.Key)
		one.offset = m.Offset
		problems = append(problems, one.problem(declared(properties, patterns, m.Key), "the property "+quoted(m.Key)))
	}
	return problems
}

// declares reports whether a schema names a property, or has a pattern for it.
func declares(properties, patterns *ojson.Value, key string) bool {
	if properties != nil {
		if _, ok := properties.Get(key); ok {
			return true
		}
	}
	if patterns != nil {
		for i := range patterns.Members {
			if p, err := compilePattern(patterns.Members[i].Key); err == nil && p.match(key) {
				return true
			}
		}
	}
	return false
}

// declared says which properties there may be instead of key.
func declared(properties, patterns *ojson.Value, key string) string {
	var names []string
	if properties != nil {
		for _, m := range properties.Unique() {
			names = append(names, m.Key)
		}
	}
	near := nearest(names, key)
	switch {
	case near != "":
		return "no property beyond those declared (" + quoted(near) + " is meant?)"
	case len(names) == 0 && patterns == nil:
		return "no properties"
	case len(names) == 0 || len(names) > 12:
		return "no property beyond those declared"
	}
	for i := range names {
		names[i] = quoted(names[i])
	}
	return "no property but " + strings.Join(names, ", ")
}
