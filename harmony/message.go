package harmony

import "strings"

// Channel says what part of the assistant's output a message belongs to.
type Channel string

// The channels gpt-oss is trained with.
const (
	ChannelAnalysis   Channel = "analysis"   // reasoning: never shown to the user
	ChannelCommentary Channel = "commentary" // function calls, their results, and preambles the user may see
	ChannelFinal      Channel = "final"      // the answer
)

// Content types that gpt-oss writes into the headers of its calls.
const (
	ContentTypeJSON = "<|constrain|>json" // a function's arguments
	ContentTypeCode = "code"              // what it hands to python and the browser
)

// Message is one message: a header (role, name, recipient, channel, content type) and content.
//
// The zero value of a header field means that the field is absent. A field that is present but
// empty on the wire (a header that ends in "to=", a channel marker with nothing after it) is marked
// in Empty, so that nothing openai-harmony's JSON can carry is lost; ordinary programs leave it zero.
//
// A Message is plain data: the zero value is usable, and it may be copied. A copy shares Content.
type Message struct {
	Role        Role      // who wrote it
	Name        string    // author's name; for RoleTool the tool's full name ("functions.get_weather", "python")
	Recipient   string    // who it is addressed to: a tool for a call, "assistant" for a tool's result
	Channel     Channel   // analysis, commentary or final; empty for system, developer and user messages
	ContentType string    // "<|constrain|>json", "code", …; written as it stands in the header
	Content     []Content // the parts, in order; parsed messages have exactly one Text
	Empty       Fields    // header fields that are present although empty
}

// Content is one part of a message: Text, *SystemContent or *DeveloperContent.
type Content interface{ isContent() }

// Text is ordinary text. It never holds control tokens: a spelled-out "<|end|>" stays text.
type Text string

func (Text) isContent()              {}
func (*SystemContent) isContent()    {}
func (*DeveloperContent) isContent() {}

// Fields is a set of optional string fields that are present although they are empty.
type Fields uint16

// The fields that can be present and empty.
const (
	FieldName                  Fields = 1 << iota // Message.Name
	FieldRecipient                                // Message.Recipient
	FieldChannel                                  // Message.Channel
	FieldContentType                              // Message.ContentType
	FieldModelIdentity                            // SystemContent.ModelIdentity
	FieldKnowledgeCutoff                          // SystemContent.KnowledgeCutoff
	FieldConversationStartDate                    // SystemContent.ConversationStartDate
	FieldInstructions                             // DeveloperContent.Instructions
	FieldDescription                              // Namespace.Description
)

// Has reports whether every field of g is in f.
func (f Fields) Has(g Fields) bool { return f&g == g }

// Conversation is a list of messages in order.
type Conversation struct {
	Messages []Message
}

// Text returns the Text parts of m, joined without anything between them. It allocates only if there is
// more than one.
func (m *Message) Text() string {
	if len(m.Content) == 1 {
		text, _ := m.Content[0].(Text)
		return string(text)
	}
	var b strings.Builder
	for _, c := range m.Content {
		if text, ok := c.(Text); ok {
			b.WriteString(string(text))
		}
	}
	return b.String()
}
