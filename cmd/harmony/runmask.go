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
	c := &constrain.Options{Lenient: true, IgnoreUnknown: true, DeclaredOnly: true}
	if r.demo() {
		c.Compact = true // what it has learned; it gets lost in white space, which no grammar would end
	}
	o.Mask = agent.Constrained(&encoding.GrammarOptions{Constrain: c})
}
