package harmony

import (
	"maps"
	"slices"

	"github.com/harmony-go/sdk/internal/ojson"
)

// AppendMessage appends m as the Rust crate openai-harmony 0.0.8 writes it: the fields role, name,
// recipient, content, channel and content_type in this order, absent ones left out, a single Text as a
// plain string; inside system and developer content absent fields are null. A schema is written with its
// own spelling of numbers and strings and its own keys, only without white space, so it renders the same
// after a round trip (the crate prints what it made of them).
//
// Text that is not UTF-8 gets U+FFFD in place of each bad byte, as encoding/json does it. m must be what
// MarshalJSON accepts; otherwise the result is JSON all the same, but no reader will take it.
func AppendMessage(dst []byte, m *Message) []byte {
	dst = append(dst, `{"role":`...)
	dst = ojson.AppendString(dst, string(m.Role))
	dst = appendPresent(dst, `,"name":`, m.Name, m.Empty.Has(FieldName))
	dst = appendPresent(dst, `,"recipient":`, m.Recipient, m.Empty.Has(FieldRecipient))
	dst = append(dst, `,"content":`...)
	dst = appendContents(dst, m.Content)
	dst = appendPresent(dst, `,"channel":`, string(m.Channel), m.Empty.Has(FieldChannel))
	dst = appendPresent(dst, `,"content_type":`, m.ContentType, m.Empty.Has(FieldContentType))
	return append(dst, '}')
}

// AppendConversation appends c as {"messages":[…]}, each message as AppendMessage writes it.
func AppendConversation(dst []byte, c *Conversation) []byte {
	dst = append(dst, `{"messages":[`...)
	for i := range c.Messages {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendMessage(dst, &c.Messages[i])
	}
	return append(dst, "]}"...)
}

// appendPresent appends a field unless it is absent.
func appendPresent(dst []byte, field, value string, empty bool) []byte {
	if value == "" && !empty {
		return dst
	}
	return ojson.AppendString(append(dst, field...), value)
}

// appendNullable appends a field; an absent one is null.
func appendNullable(dst []byte, field, value string, empty bool) []byte {
	dst = append(dst, field...)
	if value == "" && !empty {
		return append(dst, "null"...)
	}
	return ojson.AppendString(dst, value)
}

func appendContents(dst []byte, content []Content) []byte {
	if len(content) == 1 {
		if text, ok := content[0].(Text); ok {
			return ojson.AppendString(dst, string(text))
		}
	}
	dst = append(dst, '[')
	for i, c := range content {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendContent(dst, c)
	}
	return append(dst, ']')
}

func appendContent(dst []byte, c Content) []byte {
	switch c := c.(type) {
	case Text:
		dst = append(dst, `{"type":"text","text":`...)
		return append(ojson.AppendString(dst, string(c)), '}')
	case *SystemContent:
		if c != nil {
			return appendSystem(dst, c)
		}
	case *DeveloperContent:
		if c != nil {
			return appendDeveloper(dst, c)
		}
	}
	return append(dst, "null"...)
}

func appendSystem(dst []byte, c *SystemContent) []byte {
	dst = append(dst, `{"type":"system_content"`...)
	dst = appendNullable(dst, `,"model_identity":`, c.ModelIdentity, c.Empty.Has(FieldModelIdentity))
	dst = appendNullable(dst, `,"reasoning_effort":`, effortName(c.ReasoningEffort), false)
	dst = append(dst, `,"tools":`...)
	dst = appendNamespaces(dst, c.Tools)
	dst = appendNullable(dst, `,"conversation_start_date":`, c.ConversationStartDate, c.Empty.Has(FieldConversationStartDate))
	dst = appendNullable(dst, `,"knowledge_cutoff":`, c.KnowledgeCutoff, c.Empty.Has(FieldKnowledgeCutoff))
	dst = append(dst, `,"channel_config":`...)
	if c.ChannelConfig == nil {
		return append(dst, "null}"...)
	}
	return append(appendChannels(dst, c.ChannelConfig), '}')
}

// effortName returns an effort's name in JSON, or an unknown effort as it is.
func effortName(e Effort) string {
	if i := slices.Index(efforts, e); i >= 0 {
		return effortNames[i]
	}
	return string(e)
}

func appendChannels(dst []byte, c *ChannelConfig) []byte {
	dst = append(dst, `{"valid_channels":[`...)
	for i, channel := range c.ValidChannels {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = ojson.AppendString(dst, channel)
	}
	if c.ChannelRequired {
		return append(dst, `],"channel_required":true}`...)
	}
	return append(dst, `],"channel_required":false}`...)
}

func appendDeveloper(dst []byte, c *DeveloperContent) []byte {
	dst = append(dst, `{"type":"developer_content"`...)
	dst = appendNullable(dst, `,"instructions":`, c.Instructions, c.Empty.Has(FieldInstructions))
	dst = append(dst, `,"tools":`...)
	return append(appendNamespaces(dst, c.Tools), '}')
}

// appendNamespaces appends namespaces in the byte order of their keys.
func appendNamespaces(dst []byte, tools map[string]Namespace) []byte {
	if tools == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	for i, key := range slices.Sorted(maps.Keys(tools)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(ojson.AppendString(dst, key), ':')
		ns := tools[key]
		dst = appendNamespace(dst, &ns)
	}
	return append(dst, '}')
}

func appendNamespace(dst []byte, ns *Namespace) []byte {
	dst = append(dst, `{"name":`...)
	dst = ojson.AppendString(dst, ns.Name)
	dst = appendNullable(dst, `,"description":`, ns.Description, ns.Empty.Has(FieldDescription))
	dst = append(dst, `,"tools":[`...)
	for i := range ns.Tools {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendTool(dst, &ns.Tools[i])
	}
	return append(dst, "]}"...)
}

func appendTool(dst []byte, t *Tool) []byte {
	dst = append(dst, `{"name":`...)
	dst = ojson.AppendString(dst, t.Name)
	dst = append(dst, `,"description":`...)
	dst = ojson.AppendString(dst, t.Description)
	dst = append(dst, `,"parameters":`...)
	if t.Parameters == nil {
		return append(dst, "null}"...)
	}
	return append(t.Parameters.AppendCompact(dst), '}')
}
