package encoding

import "github.com/harmony-go/sdk/harmony"

// Kind says what an Event is about.
type Kind uint8

const (
	KindHeader Kind = iota + 1 // a message's header is complete
	KindDelta                  // new text of the message's content
	KindEnd                    // the message is complete, or the stream has ended in it
)

// String returns "header", "delta" or "end".
func (k Kind) String() string {
	switch k {
	case KindHeader:
		return "header"
	case KindDelta:
		return "delta"
	case KindEnd:
		return "end"
	}
	return "unknown"
}

// Event is one step of a stream. Every message gives exactly one Header, then any number of Deltas,
// then one End, and messages follow each other: their events are never mixed. The texts of a
// message's Deltas, joined, are the text of its content (less the text that ParseOptions.Prefill
// put there).
type Event struct {
	Kind Kind

	// Offset is where in the input the event stands: for a Header the place that ended the header,
	// for a Delta the first place its text comes from, for an End the terminator (or, without one,
	// the place where the message stops). Places are token indices under Push and byte offsets
	// under PushText, counted from the start of the stream; those of prefilled tokens are negative.
	Offset int

	// Message is the message the event belongs to. Its header fields are set from the Header on, its
	// Content from the End on. It is the same pointer in all events of a message; the parser does
	// not touch it after the End, and the caller may keep it, but must not write to it before.
	Message *harmony.Message

	// Text is a Delta's new text: whole code points, never empty.
	Text string

	// Stop is an End's terminator: <|return|>, <|end|> or <|call|>; 0 where there was none.
	Stop Token

	// Diagnostics are those found since the event before. They are all in Parser.Diagnostics too,
	// which also has the ones that no event followed.
	Diagnostics []Diagnostic
}

// Parsed is a message read from a stream, and where it stood there.
type Parsed struct {
	harmony.Message

	// Start and End are the places of its first token and after its last, terminator included:
	// toks[Start:End] are its tokens. Where the role was given to the parser, the first message's
	// <|start|> and role are not part of the stream. Both count as Event.Offset does.
	Start, End int

	// Stop is its terminator: <|return|>, <|end|> or <|call|>; 0 where there was none.
	Stop Token
}

// Result is all that Parse has to say about a stream.
type Result struct {
	Messages    []Parsed
	Diagnostics []Diagnostic
	Verdict     Verdict
	Usage       Usage
}
