package agent

import (
	"sync"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// maxConstrained is how many grammars a hook remembers: a program has few sets of tools and formats.
const maxConstrained = 16

// Constrained returns an Options.Mask under which nothing can be wrong with the form of what the model writes: it calls only tools
// that there are, on the right channel, with arguments that fit their parameters, and an answer fits the format. Under it no
// call is unknown, and no arguments and no answer are sent back, unless a type of the program refuses what its schema allows. What an
// output that is cut off holds is not complete, and not run, as always.
//
//	a, err := agent.New(g, &agent.Options{Tools: tools, Mask: agent.Constrained(nil)})
//
// o, which may be nil, says the rest, such as MaxReasoning for each generation. Tools, Response and Opening in it are not looked at: they
// are those of the generation. A Choice that asks for a call is that of a turn's first generation; behind a call's result the model is free
// to answer, or the turn would never end.
//
// The error of the hook, which ends the turn, is an *encoding.GrammarError: the schema of a tool or a format that cannot be enforced exactly
// (o.Constrain.Lenient goes without), or an opening that the grammar does not allow. Grammars are made once for the same tools and format.
// The hook is safe for concurrent use, and may be that of several agents.
func Constrained(o *encoding.GrammarOptions) func(Generation) (engine.Mask, error) {
	c := &constrainer{}
	if o != nil {
		c.opts = *o
	}
	return c.mask
}

// A constrainer makes masks, and remembers the grammars.
type constrainer struct {
	opts encoding.GrammarOptions

	mu    sync.Mutex
	known []constrained // the last ones that were made
}

// A constrained is a grammar and what it was made of.
type constrained struct {
	tools    []harmony.Namespace
	response *schema.Schema
	choice   encoding.ToolChoice
	grammar  *encoding.Grammar
}

// mask returns the mask of a generation, behind its opening.
func (c *constrainer) mask(g Generation) (engine.Mask, error) {
	grammar, err := c.grammar(g)
	if err != nil {
		return nil, err
	}
	m := grammar.NewMatcher()
	for i, t := range g.Opening {
		if err := m.Accept(t); err != nil {
			return nil, &encoding.GrammarError{Where: "opening", Token: i, Err: err}
		}
	}
	return m, nil
}

// grammar returns the grammar of a generation.
func (c *constrainer) grammar(g Generation) (*encoding.Grammar, error) {
	want := constrained{tools: g.Tools, choice: c.opts.Choice}
	if g.Format != nil {
		want.response = g.Format.Schema
	}
	if g.Step > 0 && want.choice != encoding.ChoiceNone {
		want.choice = encoding.ChoiceAuto
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.known {
		if k := &c.known[i]; k.choice == want.choice && k.response == want.response && sameTools(k.tools, want.tools) {
			return k.grammar, nil
		}
	}
	o := c.opts
	o.Tools, o.Response, o.Choice, o.Opening = want.tools, want.response, want.choice, nil
	grammar, err := encoding.GPTOSS().Grammar(&o)
	if err != nil {
		return nil, err
	}
	want.grammar = grammar
	if len(c.known) == maxConstrained {
		c.known = c.known[1:]
	}
	c.known = append(c.known, want)
	return grammar, nil
}

// sameTools reports whether two lists are one: an agent hands out the same for each generation.
func sameTools(a, b []harmony.Namespace) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
