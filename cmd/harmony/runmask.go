package main

import (
	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/schema/constrain"
)

// constrainTo makes a grammar hold the model to the format and the tools, unless --constrain=false. What the grammar cannot say of a
// tool's parameters is checked when the model has written them, as without it.
func (r *runFlags) constrainTo(o *agent.Options) {
	if !r.constrain {
		return
	}
	// Nobody nests so deep that more white space would be wanted; without a limit a model can write it for ever.
	c := &constrain.Options{Lenient: true, IgnoreUnknown: true, DeclaredOnly: true, MaxSpace: 64}
	g := &encoding.GrammarOptions{Constrain: c}
	if r.demo() { // what it has learned: where it is lost, it would go on without end with anything else that is allowed
		c.Compact, c.SchemaOrder, c.PlainStrings, c.CanonicalNumbers = true, true, true, true
		c.MaxString, g.MaxReasoning = 200, 200
	}
	o.Mask = agent.Constrained(g)
}
