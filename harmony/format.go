package harmony

import (
	"fmt"
	"strings"

	"github.com/harmony-go/sdk/schema"
)

// ResponseFormat says what answers have to look like: JSON that fits a schema. The model is told of it at the end of the
// developer message. Being told does not force it; that is for a mask (package schema/constrain).
type ResponseFormat struct {
	Name        string         // letters, digits, _ and -, at most 64: such as shopping_list
	Description string         // what the answer is for; "" for none
	Schema      *schema.Schema // not nil
}

// maxFormatName is what OpenAI's API allows (API reference, Responses, text.format.name), which the format's name stands for.
const maxFormatName = 64

// A FormatError says why a ResponseFormat cannot be put into a message.
type FormatError struct {
	Name string // of the format
	Msg  string // "expected …, found …"
}

// Error says which format it is, what was expected and what was found.
func (e *FormatError) Error() string {
	return fmt.Sprintf("harmony: response format %s: %s", quote(e.Name), e.Msg)
}

// Check reports whether f can be put into a message. The error is a *FormatError.
func (f *ResponseFormat) Check() error {
	fault := func(format string, args ...any) error {
		return &FormatError{f.Name, fmt.Sprintf(format, args...)}
	}
	if f.Name == "" || len(f.Name) > maxFormatName {
		return fault("expected a name of 1 to %d characters, found %d", maxFormatName, len(f.Name))
	}
	for _, r := range f.Name {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return fault("expected letters, digits, _ and - in its name, found %q", r)
		}
	}
	if f.Schema == nil {
		return fault("expected a schema, found nil")
	}
	return nil
}

// NewDeveloperWithFormats returns the developer message of c with a section "# Response Formats" at its end, in the form of the
// format's documentation. c may be nil or empty: then the section stands alone. Without formats the message is NewDeveloper's.
// The error is a *FormatError.
//
// The section stands in ordinary content: in the instructions or, behind tools, in a Text of its own. So openai-harmony's JSON, which
// has no field for it, carries it nevertheless, and whoever reads that renders the same prompt. Its tokens are those of the message's
// whole text, as long as the last namespace's name ends in a letter or digit.
//
// No text can leave its place: every line of a description is a comment, whatever ends it, and a schema is one line of JSON.
func NewDeveloperWithFormats(c *DeveloperContent, formats ...ResponseFormat) (Message, error) {
	var d DeveloperContent
	if c != nil {
		d = *c
	}
	for i := range formats {
		if err := formats[i].Check(); err != nil {
			return Message{}, err
		}
	}
	if len(formats) == 0 {
		return NewDeveloper(&d), nil
	}
	section := formatsSection(formats)
	// A part of a message is encoded on its own, and tokens could reach over the border between an instruction's last sentence and the
	// empty line behind it: so these two are one part. No token holds both the last letter of "namespace functions" and a line break.
	switch {
	case len(d.Tools) > 0:
		return Message{Role: RoleDeveloper, Content: []Content{&d, Text("\n\n" + section)}}, nil
	case d.Instructions != "" || d.Empty.Has(FieldInstructions):
		d.Instructions += "\n\n" + section
		d.Empty &^= FieldInstructions
		return NewDeveloper(&d), nil
	}
	return Message{Role: RoleDeveloper, Content: []Content{Text(section)}}, nil
}

// formatsSection returns the text about formats. Source: openai/harmony, docs/format.md, "Structured output".
func formatsSection(formats []ResponseFormat) string {
	b := []byte("# Response Formats")
	for i := range formats {
		f := &formats[i]
		b = append(b, "\n\n## "+f.Name+"\n\n"...)
		for line := range strings.Lines(lineBreaks.Replace(f.Description)) {
			b = append(b, "// "+strings.TrimSuffix(line, "\n")+"\n"...)
		}
		b = f.Schema.AppendCompact(b)
	}
	return string(b)
}

// lineBreaks makes "\n" of all that a reader of comments may take for the end of a line (ECMA-262, line terminators).
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")
