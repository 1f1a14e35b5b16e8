package encoding

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// A grammarTool is what a recipient calls.
type grammarTool struct {
	name       string // full: the recipient
	parameters *schema.Schema
	free       bool // it takes text, as python takes code
	channels   []string
	formats    []string // what the content type may name
}

// maxToolName is how many bytes a recipient may have: headers are read up to maxHeader, with room for everything else.
const maxToolName = 1024

// DeclaredTools returns the namespaces that the system and developer messages among msgs declare, in their order, those of a
// message in the order in which they are rendered: what GrammarOptions.Tools takes. Of one name, the last counts.
func DeclaredTools(msgs []harmony.Message) []harmony.Namespace {
	var all []harmony.Namespace
	for i := range msgs {
		for _, c := range msgs[i].Content {
			var tools map[string]harmony.Namespace
			switch c := c.(type) {
			case *harmony.SystemContent:
				tools = c.Tools
			case *harmony.DeveloperContent:
				tools = c.Tools
			}
			for _, key := range slices.Sorted(maps.Keys(tools)) {
				ns := tools[key]
				all = slices.DeleteFunc(all, func(o harmony.Namespace) bool { return o.Name == ns.Name })
				all = append(all, ns)
			}
		}
	}
	return all
}

// grammarTools lists what can be called. A namespace without tools is called by its own name, but for that of the functions.
func grammarTools(namespaces []harmony.Namespace, anyChannel bool) ([]grammarTool, error) {
	var all []grammarTool
	seen := map[string]bool{}
	add := func(t grammarTool, namespace string) error {
		t.place(namespace, anyChannel)
		err := checkToolName(t.name)
		if err == nil && seen[t.name] {
			err = errTwice
		}
		if err != nil {
			return &GrammarError{Where: "tool " + quote(t.name), Tool: t.name, Token: -1, Err: err}
		}
		seen[t.name] = true
		all = append(all, t)
		return nil
	}
	for _, ns := range namespaces {
		if len(ns.Tools) == 0 && ns.Name != harmony.FunctionsNamespace {
			if err := add(grammarTool{name: ns.Name, free: true}, ns.Name); err != nil {
				return nil, err
			}
		}
		for _, f := range ns.Tools {
			if err := add(grammarTool{name: ns.Name + "." + f.Name, parameters: f.Parameters}, ns.Name); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// place says on which channels t is called, and with what content types.
func (t *grammarTool) place(namespace string, anyChannel bool) {
	m := harmony.NewCall(t.name, "")
	t.channels = []string{string(harmony.ChannelCommentary), string(harmony.ChannelAnalysis)}
	t.formats = []string{"json", "code"}
	switch {
	case namespace == harmony.FunctionsNamespace && !anyChannel:
		t.channels, t.formats = t.channels[:1], t.formats[:1]
	case m.Purpose() == harmony.BuiltinCall && !anyChannel:
		t.channels = t.channels[1:]
	}
	if t.free {
		t.formats = t.formats[1:]
	}
}

// checkToolName returns why a name cannot stand in a header as one word, if it cannot.
func checkToolName(name string) error {
	switch {
	case name == "" || strings.HasSuffix(name, "."):
		return errNameEmpty
	case len(name) > maxToolName:
		return errNameLong
	case knownRole(harmony.Role(name)) || name == recipientAll:
		return errNameRole
	case !utf8.ValidString(name) || strings.Contains(name, "<|") || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return errNameWord
	}
	return nil
}
