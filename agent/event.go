package agent

import (
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

// Kind says what an Event is about.
type Kind uint8

const (
	KindStep   Kind = iota + 1 // a generation begins: Step has the prompt's length and how much of it is reused
	KindPrompt                 // Done of Total tokens of the prompt are computed
	KindHeader                 // a message's header is complete
	KindDelta                  // new text of the message's content
	KindEnd                    // the message is complete, or the generation has ended in it
	KindStats                  // a generation has ended: Step is complete
	KindCall                   // a call is complete, and is about to be checked and run
	KindResult                 // what the model is told about the call
)

var kindNames = [...]string{"unknown", "step", "prompt", "header", "delta", "end", "stats", "call", "result"}

// String returns the kind's name, in lower case.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[0]
}

// Event is one step of a turn. Those of a generation stand between its KindStep and its KindStats, the calls it has made behind
// them. The messages that an event points to are the session's: they must not be changed.
type Event struct {
	Kind Kind

	// Message is the message that the event belongs to (Header, Delta, End). Its header fields are set from the Header on, its
	// Content from the End on.
	Message *harmony.Message

	// Text is a Delta's new text: whole characters, never empty.
	Text string

	// Diagnostics are those found since the event before (Header, Delta, End). Their offsets count the tokens of the generation.
	Diagnostics []encoding.Diagnostic

	Step *Step // the generation of the event; the last one for Call and Result. Read only
	Call *Call // of Call and Result. Read only

	Done, Total int // of Prompt
}

// Purpose tells what the event's message is for; harmony.Other if it has none.
func (e *Event) Purpose() harmony.Purpose {
	if e.Message == nil {
		return harmony.Other
	}
	return e.Message.Purpose()
}

// Visible reports whether Text is new text for the user's eyes: of an answer, or of what the model announces before its
// calls. Reasoning and calls are not.
func (e *Event) Visible() bool {
	if e.Kind != KindDelta {
		return false
	}
	p := e.Purpose()
	return p == harmony.Answer || p == harmony.Preamble
}
