package main

import (
	"errors"
	"fmt"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

var schemaCommand = command{
	name:    "schema",
	summary: "what a model sees of a JSON Schema, and what not",
	usage: `harmony schema [flags] FILE

Shows the TypeScript that a gpt-oss model is shown of a JSON Schema, byte for
byte what openai-harmony 0.0.8 writes; what gets lost on the way; what of it a
grammar can enforce while the model writes; and whether instances can be
validated by it.

A loss has a JSON pointer into the schema and is one of
  lost       the text does not say it
  distorted  the text says it, but so that it can be misread
  unsafe     text of the schema leaves its comment or string, and can forge a
             declaration

  --rich           show the rich TypeScript, too: it loses nothing and escapes
                   everything, but is not what the model was trained on
  --instance FILE  validate the JSON in FILE, and say what is wrong with it as
                   the model would be told

  --json           one JSON object
  --color WHEN     auto (default: on a terminal), always or never; NO_COLOR and
                   CLICOLOR_FORCE are heard
  --width N        columns to lay out for (default: the terminal's; 0, and in a
                   pipe: lines are not broken)

One of the two files may be - for standard input. Control characters are shown
as escapes; --json has them as they are. The exit status is 1 for an instance
that does not fit, and for a schema that nothing can be validated by.

Examples
  harmony schema weather.json
  harmony schema --rich weather.json
  echo '{"city":7}' | harmony schema --instance - weather.json
`,
	run: runSchema,
}

// maxSchema bounds a schema, in bytes: hundreds of times what fits into a prompt.
const maxSchema = 64 << 20

// schemaFlags are the flags of "harmony schema".
type schemaFlags struct {
	*options
	rich     bool
	instance string
	validate bool // --instance is given
}

func runSchema(x *session, args []string) error {
	fs, o := newModelFlags("schema")
	f := schemaFlags{options: o}
	fs.BoolVar(&f.rich, "rich", false, "")
	fs.Func("instance", "", func(path string) error {
		if path == "" {
			return errors.New("want a file")
		}
		f.instance, f.validate = path, true
		return nil
	})
	operands, err := readFlags(fs, o, args)
	if err != nil {
		return err
	}
	d, err := x.describeSchema(operands, &f)
	if err != nil {
		return err
	}
	err = x.show(o, d, func(s *screen) { (&schemaView{s, d}).print() })
	if err == nil && (d.CompileError != nil || d.Instance != nil && !d.Instance.Valid) {
		return errNegative
	}
	return err
}

// schemaReport is what "harmony schema" tells of a schema: its --json form.
type schemaReport struct {
	Path           string          `json:"path"`
	Bytes          int             `json:"bytes"`
	TypeScript     string          `json:"typescript"`
	TypeScriptRich string          `json:"typescript_rich,omitempty"` // never empty where it is asked for
	Losses         []schema.Loss   `json:"losses"`
	Grammar        grammarReport   `json:"grammar"`
	Compiles       bool            `json:"compiles"`
	CompileError   *schemaFault    `json:"compile_error,omitempty"`
	Instance       *instanceReport `json:"instance,omitempty"`
}

// schemaFault says why a schema cannot be used.
type schemaFault struct {
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

// instanceReport is what validation tells of an instance. One that was not checked, because the schema does
// not compile, is not valid and has no feedback.
type instanceReport struct {
	Path     string           `json:"path"`
	Bytes    int              `json:"bytes"`
	Valid    bool             `json:"valid"`
	Problems []schema.Problem `json:"problems"`
	Omitted  int              `json:"omitted,omitempty"` // problems that are not listed
	Error    *instanceFault   `json:"error,omitempty"`
	Feedback string           `json:"feedback,omitempty"` // what the model would be told
}

// instanceFault says why a text is no instance at all.
type instanceFault struct {
	Offset  int    `json:"offset"`
	Message string `json:"message"`
}

// describeSchema reads a schema and, if one is given, an instance, and collects what there is to tell.
func (x *session) describeSchema(operands []string, f *schemaFlags) (*schemaReport, error) {
	if f.instance == "-" && (len(operands) == 0 || operands[0] == "-") {
		return nil, usageErrorf("the schema and the instance cannot both be standard input")
	}
	in, s, err := x.readSchema(operands)
	if err != nil {
		return nil, err
	}
	d := &schemaReport{Path: in.name, Bytes: len(in.data), TypeScript: s.TypeScript(), Losses: s.Losses()}
	if d.Losses == nil {
		d.Losses = []schema.Loss{}
	}
	if f.rich {
		d.TypeScriptRich = s.TypeScriptRich()
	}
	d.Grammar.describe(s, constrain.Options{})
	err = s.Compile()
	d.Compiles = err == nil
	if err != nil {
		d.CompileError = &schemaFault{Message: withoutPackage(err)}
		if e, ok := errors.AsType[*schema.CompileError](err); ok {
			*d.CompileError = schemaFault{e.Pointer, e.Msg}
		}
	}
	if f.validate {
		d.Instance, err = x.checkInstance(s, d, f.instance)
		return d, err
	}
	return d, nil
}

// checkInstance validates the instance in a file.
func (x *session) checkInstance(s *schema.Schema, d *schemaReport, path string) (*instanceReport, error) {
	in, err := x.readAtMost([]string{path}, "instance", schema.MaxInstance)
	if err != nil {
		return nil, err
	}
	data := dropByteOrderMark(in.data)
	r := &instanceReport{Path: in.name, Bytes: len(data), Problems: []schema.Problem{}}
	if !d.Compiles {
		return r, nil
	}
	err = s.Validate(data)
	r.Valid, r.Feedback = err == nil, schema.Feedback(err)
	if err == nil {
		return r, nil
	}
	if e, ok := errors.AsType[*schema.ValidationError](err); ok {
		r.Problems, r.Omitted = e.Problems, e.Omitted
	} else if e, ok := errors.AsType[*schema.InstanceError](err); ok {
		r.Error = &instanceFault{e.Offset, e.Msg}
	} else if e, ok := errors.AsType[*schema.CompileError](err); ok { // references that never end show only here
		d.Compiles, d.CompileError = false, &schemaFault{e.Pointer, e.Msg}
	} else {
		return nil, fmt.Errorf("%s: %s", in.name, withoutPackage(err))
	}
	return r, nil
}

// readSchema reads the schema that operands name. Its source has no byte order mark.
func (x *session) readSchema(operands []string) (source, *schema.Schema, error) {
	in, err := x.readAtMost(operands, "schema", maxSchema)
	if err != nil {
		return source{}, nil, err
	}
	in.data = dropByteOrderMark(in.data)
	s, err := schema.Parse(in.data)
	if err != nil {
		return source{}, nil, fmt.Errorf("%s: %s", in.name, withoutPackage(err))
	}
	return in, s, nil
}
