package main

import (
	"errors"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

// grammarReport says how much of a schema a grammar enforces.
type grammarReport struct {
	Enforced bool         `json:"enforced"` // all of it
	Dropped  []unenforced `json:"dropped"`  // what a lenient grammar goes without
	Fault    *unenforced  `json:"fault,omitempty"`
	Empty    bool         `json:"empty,omitempty"` // no value satisfies the schema
}

// unenforced is something in a schema that a grammar does not enforce.
type unenforced struct {
	Pointer string `json:"pointer"`
	Keyword string `json:"keyword"`
	Reason  string `json:"reason"`
}

// place is how --jsonl names it.
func (u *unenforced) place() string { return u.Pointer + " " + u.Keyword }

// describe fills g in and returns the grammar that opts ask for; nil if there is none. A lenient one lists all that cannot be enforced
// where an exact one ends at the first.
func (g *grammarReport) describe(s *schema.Schema, opts constrain.Options) *constrain.Grammar {
	*g = grammarReport{Dropped: []unenforced{}}
	lenient := opts
	lenient.Lenient = true
	grammar, err := constrain.Compile(s, &lenient)
	if err != nil {
		g.Fault, g.Empty = faultOf(err), errors.Is(err, constrain.ErrNoInstance)
		return nil
	}
	g.Dropped = droppedOf(grammar)
	if g.Enforced = len(g.Dropped) == 0; !g.Enforced && !opts.Lenient {
		return nil
	}
	return grammar
}

// droppedOf lists what a grammar goes without.
func droppedOf(g *constrain.Grammar) []unenforced {
	list := make([]unenforced, 0, len(g.Dropped()))
	for _, d := range g.Dropped() {
		list = append(list, unenforced{d.Pointer, d.Keyword, d.Reason})
	}
	return list
}

// faultOf says why there is no grammar.
func faultOf(err error) *unenforced {
	if e, ok := errors.AsType[*constrain.UnsupportedError](err); ok {
		return &unenforced{e.Pointer, e.Keyword, e.Reason}
	}
	return &unenforced{Reason: withoutPackage(err)}
}
