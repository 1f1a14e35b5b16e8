package agent

import (
	"time"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
)

// Turn is what came of a turn, or has come of it so far.
type Turn struct {
	Answer    string // the answer; "" if there is none
	Reasoning string // all of it, an empty line between messages: not for the user's eyes
	Steps     []*Step
	Calls     []*Call
	Usage     encoding.Usage // what all tokens of output were spent on
	Elapsed   time.Duration
	Err       error // why it ended without an answer, as the loop got it, or would have if it had not been left
}

// Step is one generation.
type Step struct {
	Prompt  int              // tokens of the prompt, the opening included
	Reuse   encoding.Reuse   // how much of what the generator has seen the prompt begins with
	Opening []encoding.Token // what the model had to go on from

	Sampled     []encoding.Token // what the generator has returned, all of it
	Stats       engine.Stats
	Usage       encoding.Usage // what the sampled tokens were spent on
	Diagnostics []encoding.Diagnostic
	Verdict     encoding.Verdict
}

// Call is a call of a tool and what came of it.
type Call struct {
	Message harmony.Message // as the model wrote it
	Tool    string          // full name of the tool that ran it; "" if there is none
	Result  string          // what the model was told
	Err     error           // a *CallError if the tool has not done what it was to do; nil otherwise
	Elapsed time.Duration
}

// addUsage adds b to a.
func addUsage(a *encoding.Usage, b encoding.Usage) {
	a.Framing += b.Framing
	a.System += b.System
	a.Developer += b.Developer
	a.User += b.User
	a.Tool += b.Tool
	a.Analysis += b.Analysis
	a.Commentary += b.Commentary
	a.Final += b.Final
	a.Other += b.Other
	a.Arguments += b.Arguments
}
