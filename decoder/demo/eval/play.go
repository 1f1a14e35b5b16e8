package main

import (
	"context"
	"strings"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema/constrain"
)

// An outcome is what came of a case.
type outcome struct {
	calls      []string
	reasoning  string
	answer     string
	err        error
	wellFormed bool // every message and its end as the format demands, every call of a declared tool with arguments that fit
	tool       bool // the right tool was called, or rightly none
	call       bool // with the right arguments
	exact      bool // and what was answered is right
}

// play runs a case.
func (t *tally) play(ctx context.Context, c *testCase) (*outcome, error) {
	tools, err := c.functions()
	if err != nil {
		return nil, err
	}
	opts := &agent.Options{Tools: tools, Effort: harmony.Effort(c.Effort), Date: c.Date, Instructions: c.Instructions,
		Limits: agent.Limits{Steps: 2, Tokens: 400}}
	if t.masked {
		opts.Mask = agent.Constrained(&encoding.GrammarOptions{MaxReasoning: 200, Constrain: &constrain.Options{
			DeclaredOnly: true, Compact: true, SchemaOrder: true, PlainStrings: true, MaxString: 200, CanonicalNumbers: true}}) // as harmony run does
	}
	a, err := agent.New(t.engine, opts)
	if err != nil {
		return nil, err
	}
	s := a.NewSession()
	if err := s.Append(c.history()...); err != nil {
		return nil, err
	}
	for _, err := range s.Run(ctx, c.User) {
		if err != nil {
			break // it is in the turn, and counts against the model
		}
	}
	t.add(s.Turn(), c.Effort)
	return judge(c, s.Turn()), nil
}

// judge compares a turn with what a case expects.
func judge(c *testCase, turn *agent.Turn) *outcome {
	o := &outcome{reasoning: turn.Reasoning, answer: turn.Answer, err: turn.Err, wellFormed: turn.Err == nil}
	for _, step := range turn.Steps {
		o.wellFormed = o.wellFormed && len(step.Diagnostics) == 0
	}
	for _, call := range turn.Calls {
		o.calls = append(o.calls, call.Message.Recipient+" "+call.Message.Text())
		o.wellFormed = o.wellFormed && call.Err == nil
	}
	switch {
	case c.Tool == "":
		o.tool = len(turn.Calls) == 0
		o.call = o.tool
	case len(turn.Calls) == 1:
		m := turn.Calls[0].Message
		o.tool = strings.TrimPrefix(m.Recipient, "functions.") == c.Tool
		o.call = o.tool && m.Text() == c.Arguments
	}
	o.exact = o.call && o.wellFormed && turn.Answer == c.Final
	return o
}
