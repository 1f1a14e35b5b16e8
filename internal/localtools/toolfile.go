package localtools

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/harmony-go/sdk/schema"
)

// declaration is a tool of a file.
type declaration struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"` // a JSON Schema; absent: the tool takes none
	Command     []string        `json:"command"`    // the program and its arguments
	Timeout     duration        `json:"timeout"`    // "30s", or a number of seconds

	schema  *schema.Schema
	timeout time.Duration
}

// A DeclarationError says what is wrong with a file of tools.
type DeclarationError struct {
	Tool int    // index in the file; -1: it is the file itself
	Name string // of the tool, if it has one
	Err  error
}

// Error names the tool and what is wrong.
func (e *DeclarationError) Error() string {
	switch {
	case e.Tool < 0:
		return e.Err.Error()
	case e.Name != "":
		return fmt.Sprintf("tool %d, %q: %v", e.Tool+1, e.Name, e.Err)
	}
	return fmt.Sprintf("tool %d: %v", e.Tool+1, e.Err)
}

// Unwrap returns the cause.
func (e *DeclarationError) Unwrap() error { return e.Err }

// ReadCommands reads a file that declares tools: a JSON array of
//
//	{"name":"…", "description":"…", "parameters":{JSON Schema}, "command":["program","argument",…], "timeout":"30s"}
//
// of which name and command are needed. A program whose name has a slash is looked up from dir, the file's folder, any other where
// programs are. The error is a *DeclarationError.
func ReadCommands(data []byte, dir string) (*Commands, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	var list []json.RawMessage
	if err := d.Decode(&list); err != nil {
		return nil, &DeclarationError{Tool: -1, Err: jsonFault("a JSON array of tools", err)}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &DeclarationError{Tool: -1, Err: errors.New("expected one JSON array, found more behind it")}
	}
	c := &Commands{}
	for i, raw := range list {
		t, err := readDeclaration(raw, dir)
		if err != nil {
			return nil, &DeclarationError{i, t.Name, err}
		}
		c.add(t)
	}
	return c, nil
}

func readDeclaration(raw json.RawMessage, dir string) (*declaration, error) {
	t := &declaration{timeout: DefaultTimeout}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(t); err != nil {
		return t, jsonFault("a tool", err)
	}
	switch {
	case t.Name == "":
		return t, errors.New("expected a name, found none")
	case len(t.Command) == 0 || t.Command[0] == "":
		return t, errors.New("expected a command, found none")
	case t.Timeout != 0:
		t.timeout = time.Duration(t.Timeout)
	}
	if len(t.Parameters) > 0 && !bytes.Equal(t.Parameters, []byte("null")) {
		s, err := schema.Parse(t.Parameters)
		if err == nil {
			err = s.Compile()
		}
		if err != nil {
			return t, fmt.Errorf("its parameters: %w", err)
		}
		t.schema = s
	}
	if strings.ContainsAny(t.Command[0], `/\`) && !filepath.IsAbs(t.Command[0]) {
		t.Command[0] = filepath.Join(dir, t.Command[0])
		if !filepath.IsAbs(t.Command[0]) {
			t.Command[0] = "." + string(filepath.Separator) + t.Command[0] // Join takes it away
		}
	}
	if _, err := exec.LookPath(t.Command[0]); err != nil {
		return t, fmt.Errorf("its command cannot be run: %w", err)
	}
	return t, nil
}

// jsonFault says what was expected where JSON is none, or another one.
func jsonFault(wanted string, err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("expected %s, found the end", wanted)
	case errors.As(err, &wrong) && wrong.Field != "":
		return fmt.Errorf("expected %s in %q, found %s", wrong.Type, wrong.Field, wrong.Value)
	case errors.As(err, &wrong):
		return fmt.Errorf("expected %s, found %s", wanted, wrong.Value)
	}
	return fmt.Errorf("expected %s: %s", wanted, strings.TrimPrefix(err.Error(), "json: "))
}

// duration is a time.Duration that JSON writes as "30s", or as a number of seconds.
type duration time.Duration

func (d *duration) UnmarshalJSON(b []byte) error {
	var seconds float64
	var text string
	v := time.Duration(0)
	switch {
	case json.Unmarshal(b, &seconds) == nil:
		if seconds > MaxTimeout.Seconds() {
			seconds = MaxTimeout.Seconds() + 1
		}
		v = time.Duration(seconds * float64(time.Second))
	case json.Unmarshal(b, &text) == nil:
		var err error
		if v, err = time.ParseDuration(text); err != nil {
			return fmt.Errorf(`expected a timeout such as "30s", found %q`, text)
		}
	default:
		return fmt.Errorf(`expected a timeout such as "30s" or a number of seconds, found %.40s`, b)
	}
	if v <= 0 || v > MaxTimeout {
		return fmt.Errorf("expected a timeout above 0 and up to %v, found %s", MaxTimeout, b)
	}
	*d = duration(v)
	return nil
}
