package harmony

import "strings"

// Purpose is what a message is for: what a program should do with it.
type Purpose uint8

// The purposes. Only Answer and Preamble are for the user's eyes.
const (
	Other        Purpose = iota // unknown role, or from the assistant on a channel the format does not know
	Instruction                 // a system or developer message
	Question                    // a user message
	Reasoning                   // from the assistant on analysis: never shown to the user
	Preamble                    // from the assistant on commentary, to nobody: shown before or between calls
	Answer                      // from the assistant on final, or on no channel
	FunctionCall                // a call of a function: Recipient is its full name, the text its arguments
	BuiltinCall                 // a call of python, browser.search, …: the text is code or arguments
	ToolResult                  // from a tool: Name is the tool's full name
)

var purposeNames = [...]string{"other", "instruction", "question", "reasoning", "preamble", "answer", "function call", "builtin call", "tool result"}

// String returns the purpose's name, in lower case.
func (p Purpose) String() string {
	if int(p) < len(purposeNames) {
		return purposeNames[p]
	}
	return purposeNames[Other]
}

// Purpose tells what m is for. For a message from the assistant the recipient decides first and the
// channel second, because models address calls on any channel: whatever is addressed to something that
// can be called is a call, and must not be shown as text. A recipient that is a participant (user,
// assistant, all, …) is no tool, and counts as none; a recipient that is present but empty is a call,
// of nothing.
func (m *Message) Purpose() Purpose {
	switch m.Role {
	case RoleSystem, RoleDeveloper:
		return Instruction
	case RoleUser:
		return Question
	case RoleTool:
		return ToolResult
	case RoleAssistant:
		if m.isCall() {
			return callPurpose(m.Recipient)
		}
		return channelPurpose(m.Channel)
	}
	return Other
}

func (m *Message) isCall() bool {
	switch m.Recipient {
	case "":
		return m.Empty.Has(FieldRecipient)
	case "all", "user", "assistant", "system", "developer":
		return false
	}
	return true
}

// callPurpose tells the built-in tools (Browser, Python) from functions.
func callPurpose(recipient string) Purpose {
	switch namespace, _, _ := strings.Cut(recipient, "."); namespace {
	case pythonNamespace, browserNamespace:
		return BuiltinCall
	}
	return FunctionCall
}

func channelPurpose(c Channel) Purpose {
	switch c {
	case ChannelAnalysis:
		return Reasoning
	case ChannelCommentary:
		return Preamble
	case ChannelFinal, "":
		return Answer
	}
	return Other
}
