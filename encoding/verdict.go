package encoding

import (
	"fmt"

	"github.com/harmony-go/sdk/harmony"
)

// StopReason says why an engine stopped. Close takes it.
type StopReason uint8

const (
	StopUnknown   StopReason = iota // not known: the tokens alone decide
	StopToken                       // at a terminator, even if the engine has kept it to itself
	StopLength                      // at a limit of tokens
	StopCancelled                   // the caller gave up
	StopError                       // the engine failed
)

var stopReasons = [...]string{"unknown", "token", "length", "cancelled", "error"}

// String returns the reason's name.
func (r StopReason) String() string {
	if int(r) < len(stopReasons) {
		return stopReasons[r]
	}
	return fmt.Sprintf("StopReason(%d)", uint8(r))
}

// Verdict says how a turn ended. Its strings are stable.
type Verdict uint8

const (
	VerdictNone                Verdict = iota // "none": the parser is not closed yet
	VerdictEmpty                              // "empty": there was no message at all
	VerdictFinal                              // "final": an answer, complete
	VerdictToolCall                           // "tool_call": a call, complete
	VerdictNoFinal                            // "no_final": complete messages, the last of which is no answer and no call
	VerdictTruncatedHeader                    // "truncated_header": cut off in a header
	VerdictTruncatedAnalysis                  // "truncated_analysis": cut off in reasoning
	VerdictTruncatedCommentary                // "truncated_commentary": cut off in a preamble
	VerdictTruncatedFinal                     // "truncated_final": cut off in an answer
	VerdictTruncatedArguments                 // "truncated_arguments": cut off in a call's arguments
	VerdictTruncatedMessage                   // "truncated_message": cut off in any other message
	VerdictMalformed                          // "malformed": strict parsing failed
)

var verdicts = [...]string{
	"none", "empty", "final", "tool_call", "no_final", "truncated_header", "truncated_analysis",
	"truncated_commentary", "truncated_final", "truncated_arguments", "truncated_message", "malformed",
}

// String returns the verdict's stable name.
func (v Verdict) String() string {
	if int(v) < len(verdicts) {
		return verdicts[v]
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// Truncated reports whether the stream was cut off inside a header or a content.
func (v Verdict) Truncated() bool {
	return v >= VerdictTruncatedHeader && v <= VerdictTruncatedMessage
}

// isCall reports whether m, by its header, is a call of the assistant.
func isCall(m *harmony.Message) bool {
	return m.Role == harmony.RoleAssistant && hasRecipient(m)
}

// truncatedIn returns the verdict on a stream that was cut off in the content of m.
func truncatedIn(m *harmony.Message) Verdict {
	switch {
	case m.Role != harmony.RoleAssistant:
		return VerdictTruncatedMessage
	case isCall(m):
		return VerdictTruncatedArguments
	case m.Channel == harmony.ChannelAnalysis:
		return VerdictTruncatedAnalysis
	case m.Channel == harmony.ChannelCommentary:
		return VerdictTruncatedCommentary
	case m.Channel == harmony.ChannelFinal:
		return VerdictTruncatedFinal
	}
	return VerdictTruncatedMessage
}

// endedWith returns the verdict on a stream whose last message, complete, is m. An assistant message
// without a channel is an answer: there is nothing else it could be.
func endedWith(m *harmony.Message) Verdict {
	switch {
	case m.Role != harmony.RoleAssistant:
		return VerdictNoFinal
	case isCall(m):
		return VerdictToolCall
	case m.Channel == harmony.ChannelFinal, m.Channel == "":
		return VerdictFinal
	}
	return VerdictNoFinal
}
