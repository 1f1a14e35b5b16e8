package agent

import (
	"bytes"
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// A Handler runs a call and returns the text of its result. The call's Text is the arguments, which fit the tool's schema
// if it has one, and its Recipient the name the model has called. An error is a result, too: its text goes to the
// model, so it should say what the model can do about it, and nothing that is not for its eyes.
//
// A handler should return when ctx is done; one that does not goes on in the background, and nobody waits for it.
type Handler func(ctx context.Context, call harmony.Message) (string, error)

// A Function is a tool and what runs it. It is immutable and safe for concurrent use, as far as what it runs is.
type Function struct {
	tool    harmony.Tool       // as the model is told
	builtin *harmony.Namespace // instead of tool: a built-in namespace
	bind    binder
	err     error // why it cannot be used; New returns it
}

// A binder reads the arguments of a call of a tool, and returns what runs it. The error says what is wrong with them.
type binder func(call harmony.Message, parameters *schema.Schema) (func(context.Context) (string, error), error)

// Declaration returns what the model is told of the function; of a built-in namespace its name and description alone.
func (f *Function) Declaration() harmony.Tool {
	if f.builtin != nil {
		return harmony.Tool{Name: f.builtin.Name, Description: f.builtin.Description}
	}
	return f.tool
}

// Tool makes a tool of a Go function. Its parameters are the schema of In (see schema.For, and its struct tags), which must be that of
// an object; a struct without fields takes no argument. The result is a string as it is, and anything else as the JSON
// that encoding/json makes of it. What is wrong with name or types New says.
func Tool[In, Out any](name, description string, f func(context.Context, In) (Out, error)) *Function {
	parameters, err := parametersOf[In]()
	t := newFunction(harmony.Tool{Name: name, Description: description, Parameters: parameters}, bindTyped(f))
	switch {
	case t.err != nil:
	case f == nil:
		t.err = &OptionError{Field: toolField(name), What: "expected a function, found nil"}
	case err != nil:
		t.err = &OptionError{Field: toolField(name), Err: err}
	}
	return t
}

// RawTool makes a tool of a JSON Schema and a handler. parameters describes the object of arguments; nil is a tool that takes none.
func RawTool(name, description string, parameters *schema.Schema, run Handler) *Function {
	f := newFunction(harmony.Tool{Name: name, Description: description, Parameters: parameters}, bindRaw(run))
	if f.err == nil && run == nil {
		f.err = &OptionError{Field: toolField(name), What: "expected a handler, found nil"}
	}
	return f
}

func newFunction(t harmony.Tool, bind binder) *Function {
	f := &Function{tool: t, bind: bind}
	if what := badName(t.Name); what != "" {
		f.err = &OptionError{Field: toolField(t.Name), What: what}
	}
	return f
}

// bindTyped reads arguments into In. A tool without parameters takes none, whatever the model has written.
func bindTyped[In, Out any](f func(context.Context, In) (Out, error)) binder {
	return func(call harmony.Message, parameters *schema.Schema) (func(context.Context) (string, error), error) {
		var in In
		if parameters != nil {
			var err error
			if in, err = schema.DecodeArguments[In](parameters, []byte(call.Text())); err != nil {
				return nil, err
			}
		}
		return func(ctx context.Context) (string, error) {
			out, err := f(ctx, in)
			if err != nil {
				return "", err
			}
			return resultText(out)
		}, nil
	}
}

// bindRaw hands the arguments on as they are, if they fit.
func bindRaw(run Handler) binder {
	return func(call harmony.Message, parameters *schema.Schema) (func(context.Context) (string, error), error) {
		if parameters != nil {
			if err := parameters.Validate([]byte(call.Text())); err != nil {
				return nil, err
			}
		}
		return func(ctx context.Context) (string, error) { return run(ctx, call) }, nil
	}
}

// Builtin makes the tools of a namespace that gpt-oss was trained with callable: harmony.Python or harmony.Browser. They are
// declared in the system message. What python gets is code, not JSON.
func Builtin(ns harmony.Namespace, run Handler) *Function {
	f := &Function{builtin: &ns, bind: bindRaw(run)}
	switch {
	case badName(ns.Name) != "":
		f.err = &OptionError{Field: "built-in tool " + quote(ns.Name), What: badName(ns.Name)}
	case ns.Name == harmony.FunctionsNamespace:
		f.err = &OptionError{Field: "built-in tool " + quote(ns.Name), What: "expected another namespace: functions are made with Tool and RawTool"}
	case run == nil:
		f.err = &OptionError{Field: "built-in tool " + quote(ns.Name), What: "expected a handler, found nil"}
	}
	return f
}

func toolField(name string) string { return "tool " + quote(name) }

// maxName is what OpenAI's API allows (API reference, Chat Completions, tools, function.name).
const maxName = 64

// badName says what is wrong with a tool's name; "" if nothing is. It must stand in a header as one word.
func badName(name string) string {
	if name == "" || len(name) > maxName {
		return fmt.Sprintf("expected a name of 1 to %d characters, found %d", maxName, len(name))
	}
	for _, c := range []byte(name) {
		if c != '_' && c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return fmt.Sprintf("expected letters, digits, _ and - in its name, found %q", string(rune(c)))
		}
	}
	return ""
}

// parametersOf returns the schema of a type of arguments; nil if it has none.
func parametersOf[In any]() (*schema.Schema, error) {
	t := reflect.TypeFor[In]()
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && t.NumField() == 0 {
		return nil, nil
	}
	s, err := schema.For[In]()
	if err != nil {
		return nil, err
	}
	var object struct{ Type any }
	if json.Unmarshal(s.JSON(), &object); object.Type != "object" {
		return nil, fmt.Errorf("expected arguments that are a struct or a map, found %v", reflect.TypeFor[In]())
	}
	return s, nil
}

// resultText writes what a tool has returned: strings as they are, because a JSON string would reach the model quoted twice.
func resultText(out any) (string, error) {
	v := reflect.ValueOf(out)
	_, marshals := out.(json.Marshaler)
	_, text := out.(encoding.TextMarshaler)
	if v.Kind() == reflect.String && !marshals && !text {
		return v.String(), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return "", fmt.Errorf("the result cannot be written: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
