package agent

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"unicode"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// Format is what an answer has to fit. The model is told of it in the developer message, and the answer is checked; that it
// cannot be otherwise takes a mask (Options.Mask). A Format must not be changed once it is in use.
type Format struct {
	Name        string // such as shopping_list
	Description string // "" for none
	Schema      *schema.Schema

	fits func(s *schema.Schema, text []byte) error // whether text fits the schema and a Go type; nil: there is none
}

// formats keeps those of Go types: reflect.Type to *Format.
var formats sync.Map

// FormatOf returns the format of a Go type: its schema (see schema.For), and its name in the form shopping_list, or "answer" if it
// has none. The error is a *schema.TypeError. The format is the same for each call, and shared: a copy of it may be changed.
func FormatOf[T any]() (*Format, error) {
	t := reflect.TypeFor[T]()
	if f, ok := formats.Load(t); ok {
		return f.(*Format), nil
	}
	s, err := schema.For[T]()
	if err != nil {
		return nil, err
	}
	fits := func(s *schema.Schema, text []byte) error {
		_, err := schema.DecodeArguments[T](s, text)
		return err
	}
	f, _ := formats.LoadOrStore(t, &Format{Name: formatName(t), Schema: s, fits: fits})
	return f.(*Format), nil
}

// formatName returns the name of a type, ShoppingList as shopping_list.
func formatName(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, _, _ := strings.Cut(t.Name(), "[") // without the arguments of a generic type
	if t.PkgPath() == "" || badName(name) != "" {
		return "answer"
	}
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// check returns what is wrong with a format.
func (f *Format) check() error {
	format := f.response()
	if e, ok := errors.AsType[*harmony.FormatError](format.Check()); ok {
		return errors.New(e.Msg)
	}
	return f.Schema.Compile()
}

// checkFormat returns what is wrong with the format of a turn, as an *OptionError. That of the agent has been checked by New.
func (s *Session) checkFormat(f *Format) error {
	if f == nil || f == s.agent.opts.Format {
		return nil
	}
	if err := f.check(); err != nil {
		return &OptionError{Field: "format", Err: err}
	}
	return nil
}

// checkAnswer returns what is wrong with an answer.
func (f *Format) checkAnswer(answer string) error {
	text := []byte(unfence(answer))
	if f.fits != nil {
		return f.fits(f.Schema, text)
	}
	return f.Schema.Validate(text)
}

// unfence returns the JSON in an answer that has put it into a Markdown code block, as models do that are not held by a grammar.
func unfence(answer string) string {
	text := strings.TrimSpace(answer)
	body, fenced := strings.CutPrefix(text, "```")
	if body, ok := strings.CutSuffix(body, "```"); fenced && ok {
		return strings.TrimSpace(strings.TrimPrefix(body, "json"))
	}
	return text
}

// developer returns the content of the developer message: instructions, tools, format, in this order; empty if there are none. The
// format has been checked.
func developer(instructions string, functions []harmony.Tool, f *Format) []harmony.Content {
	if f == nil && instructions == "" && len(functions) == 0 {
		return nil
	}
	var formats []harmony.ResponseFormat
	if f != nil {
		formats = []harmony.ResponseFormat{f.response()}
	}
	m, err := harmony.NewDeveloperWithFormats(harmony.NewDeveloperContent(instructions, functions...), formats...)
	if err != nil {
		panic(err) // see above
	}
	return m.Content
}

// response returns what a message says of f.
func (f *Format) response() harmony.ResponseFormat {
	return harmony.ResponseFormat{Name: f.Name, Description: f.Description, Schema: f.Schema}
}
