package agent

import (
	"maps"
	"slices"
	"strings"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// toolset is what may be called.
type toolset struct {
	functions  []harmony.Tool
	builtins   []harmony.Namespace
	namespaces []harmony.Namespace // all of them
	byName     map[string]target   // full names
	names      []string            // of byName, in order
}

// target is what a full name leads to.
type target struct {
	name       string
	bind       binder
	parameters *schema.Schema
	builtin    bool
}

func newToolset(tools []*Function) (toolset, error) {
	s := toolset{byName: map[string]target{}}
	for _, f := range tools {
		if f == nil {
			return s, &OptionError{Field: "tools", What: "expected functions, found nil"}
		}
		if f.err != nil {
			return s, f.err
		}
		if err := s.add(f); err != nil {
			return s, err
		}
	}
	if len(s.functions) > 0 {
		s.namespaces = append(s.namespaces, harmony.Namespace{Name: harmony.FunctionsNamespace, Tools: s.functions})
	}
	s.namespaces = append(s.namespaces, s.builtins...)
	s.names = slices.Sorted(maps.Keys(s.byName))
	return s, nil
}

func (s *toolset) add(f *Function) error {
	if f.builtin == nil {
		s.functions = append(s.functions, f.tool)
		return s.put(harmony.FunctionsNamespace, f.tool, f)
	}
	s.builtins = append(s.builtins, *f.builtin)
	if len(f.builtin.Tools) == 0 {
		return s.put("", harmony.Tool{Name: f.builtin.Name}, f)
	}
	for _, t := range f.builtin.Tools {
		if err := s.put(f.builtin.Name, t, f); err != nil {
			return err
		}
	}
	return nil
}

func (s *toolset) put(namespace string, t harmony.Tool, f *Function) error {
	name := t.Name
	if namespace != "" {
		name = namespace + "." + name
	}
	if _, twice := s.byName[name]; twice {
		return &OptionError{Field: "tool " + quote(name), What: "expected it once, found it twice"}
	}
	if t.Parameters != nil {
		if err := t.Parameters.Compile(); err != nil {
			return &OptionError{Field: "tool " + quote(name), Err: err}
		}
	}
	s.byName[name] = target{name: name, bind: f.bind, parameters: t.Parameters, builtin: f.builtin != nil}
	return nil
}

// find returns what a recipient calls. A namespace that is missing or repeated is made good: models write get_weather and
// functions.functions.get_weather for functions.get_weather.
func (s *toolset) find(recipient string) (target, error) {
	if t, ok := s.byName[recipient]; ok {
		return t, nil
	}
	const prefix = harmony.FunctionsNamespace + "."
	name := recipient
	for strings.HasPrefix(name, prefix) {
		name = name[len(prefix):]
	}
	if t, ok := s.byName[prefix+name]; ok {
		return t, nil
	}
	return target{}, &UnknownToolError{Name: recipient, Nearest: s.nearest(recipient), Declared: s.names}
}

// nearest returns the name that a model most likely meant, or "": it differs in no more than a third of its letters.
func (s *toolset) nearest(name string) string {
	best, nearest := 0, ""
	if len(name) > 2*maxName {
		return ""
	}
	for _, n := range s.names {
		if d := distance(name, n); 3*d <= len(n) && (nearest == "" || d < best) {
			best, nearest = d, n
		}
	}
	return nearest
}

// distance returns how many bytes must be put in, taken out or changed to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
