package harmony

import (
	"github.com/harmony-go/sdk/internal/ojson"
)

// The records follow the structures of openai/harmony, src/chat.rs, version 0.0.8.
var (
	conversationRecord = record{
		what: "a conversation", names: []string{"messages"}, required: 1, lax: true,
	}
	// Conversation's unknown fields are skimmed, but Message's are buffered by serde (its author is
	// flattened into it), which checks them, and rules out the array form.
	messageRecord = record{
		what:     "a message",
		names:    []string{"role", "content", "name", "recipient", "channel", "content_type"},
		required: 1<<0 | 1<<1,
		noArray:  true,
	}
	textRecord = record{
		what: "text content", names: []string{"type", "text"}, required: 1<<0 | 1<<1,
	}
)

// ParseConversation reads a conversation in openai-harmony's JSON: {"messages":[…]}, or serde's array form
// [[…]]. It accepts what openai-harmony 0.0.8 (Rust) accepts, and refuses what it refuses, with a
// *JSONError. The result shares nothing with doc.
func ParseConversation(doc []byte) (Conversation, error) {
	var c Conversation
	err := decode(doc, func(d *decoder) error { return d.conversation(&c) })
	if err != nil {
		return Conversation{}, err
	}
	return c, nil
}

func (d *decoder) conversation(c *Conversation) error {
	return d.record(&conversationRecord, func(int) error {
		c.Messages = []Message{}
		return d.items(func(i int) error {
			c.Messages = append(c.Messages, Message{})
			return d.message(&c.Messages[i])
		})
	})
}

// message reads a message into the zero Message that m points to.
func (d *decoder) message(m *Message) error {
	return d.record(&messageRecord, func(field int) error {
		switch field {
		case 0:
			i, err := d.oneOf("a role", roleNames)
			if err == nil {
				m.Role = Role(roleNames[i])
			}
			return err
		case 1:
			return d.contents(m)
		case 2:
			return d.optional(&m.Name, &m.Empty, FieldName)
		case 3:
			return d.optional(&m.Recipient, &m.Empty, FieldRecipient)
		case 4:
			return d.optional((*string)(&m.Channel), &m.Empty, FieldChannel)
		}
		return d.optional(&m.ContentType, &m.Empty, FieldContentType)
	})
}

// contents reads a message's content: a string, or an array of parts.
func (d *decoder) contents(m *Message) error {
	switch d.r.Kind() {
	case ojson.String:
		s, err := d.r.String()
		m.Content = []Content{Text(s)}
		return err
	case ojson.Array:
		m.Content = []Content{}
		return d.items(func(int) error {
			c, err := d.content()
			m.Content = append(m.Content, c)
			return err
		})
	}
	return d.unexpected("a string or an array of content")
}

// contentTypes are the tags of the content types.
var contentTypes = []string{"text", "system_content", "developer_content"}

// content reads one part of a message. Its type may stand behind its other fields, so it is looked for
// first; the part is then read from its beginning.
func (d *decoder) content() (Content, error) {
	start, mark := d.r.Offset(), d.r.Mark()
	tag, err := d.tag()
	if err != nil {
		return nil, err
	}
	i, err := pick("a content type", contentTypes, tag, start)
	if err != nil {
		return nil, err
	}
	d.r.Reset(mark)
	switch i {
	case 0:
		return d.textContent()
	case 1:
		c := new(SystemContent)
		return c, d.systemContent(c, &systemRecord)
	}
	c := new(DeveloperContent)
	return c, d.developerContent(c, &developerRecord)
}

// tag finds the type of a content: the field "type", or the first item of the array form.
func (d *decoder) tag() ([]byte, error) {
	start := d.r.Offset()
	switch d.r.Kind() {
	case ojson.Object:
		return d.objectTag(start)
	case ojson.Array:
		if err := d.r.Open(); err != nil {
			return nil, err
		}
		ok, err := d.r.Item(true)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, noTag(start)
		}
		return d.tagValue()
	}
	return nil, d.unexpected("content with a field \"type\"")
}

func (d *decoder) objectTag(start int) ([]byte, error) {
	if err := d.r.Open(); err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		key, ok, err := d.r.Key(first)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, noTag(start)
		}
		if string(key) == "type" {
			tag, err := d.tagValue()
			if err != nil {
				return nil, under(err, "type")
			}
			return tag, nil
		}
		at := d.r.KeyOffset()
		if err := d.r.Skip(); err != nil {
			return nil, under(err, d.r.KeyAt(at))
		}
	}
}

func (d *decoder) tagValue() ([]byte, error) {
	if d.r.Kind() != ojson.String {
		return nil, d.unexpected("a content type")
	}
	return d.r.Bytes()
}

func noTag(offset int) error {
	return mismatch(offset, `content with a field "type"`, "none")
}

func (d *decoder) textContent() (Content, error) {
	var text Text
	err := d.record(&textRecord, func(field int) error {
		if field == 0 {
			return d.r.Skip() // the tag
		}
		if d.r.Kind() != ojson.String {
			return d.unexpected("a string")
		}
		s, err := d.r.String()
		text = Text(s)
		return err
	})
	return text, err
}
