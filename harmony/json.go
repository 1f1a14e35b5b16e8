package harmony

import "slices"

// MarshalJSON returns m as AppendMessage writes it. It fails with a *JSONError on what no reader would
// take: an unknown role or effort, a nil content.
func (m Message) MarshalJSON() ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	return AppendMessage(nil, &m), nil
}

// UnmarshalJSON reads a message as ParseConversation reads one. It fails with a *JSONError, and then
// leaves m as it was.
func (m *Message) UnmarshalJSON(doc []byte) error {
	var read Message
	if err := decode(doc, func(d *decoder) error { return d.message(&read) }); err != nil {
		return err
	}
	*m = read
	return nil
}

// MarshalJSON returns c as AppendConversation writes it. It fails where Message.MarshalJSON fails.
func (c Conversation) MarshalJSON() ([]byte, error) {
	for i := range c.Messages {
		if err := c.Messages[i].check(); err != nil {
			return nil, under(underItem(err, i), "messages")
		}
	}
	return AppendConversation(nil, &c), nil
}

// UnmarshalJSON is ParseConversation. When it fails it leaves c as it was.
func (c *Conversation) UnmarshalJSON(doc []byte) error {
	read, err := ParseConversation(doc)
	if err == nil {
		*c = read
	}
	return err
}

// MarshalJSON returns c as a message's content holds it, with its type.
func (c SystemContent) MarshalJSON() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return appendSystem(nil, &c), nil
}

// UnmarshalJSON reads system content, with or without its type. It fails with a *JSONError, and then
// leaves c as it was.
func (c *SystemContent) UnmarshalJSON(doc []byte) error {
	rec := systemRecord
	rec.required = 0
	var read SystemContent
	if err := decode(doc, func(d *decoder) error { return d.systemContent(&read, &rec) }); err != nil {
		return err
	}
	*c = read
	return nil
}

// MarshalJSON returns c as a message's content holds it, with its type. It cannot fail.
func (c DeveloperContent) MarshalJSON() ([]byte, error) { return appendDeveloper(nil, &c), nil }

// UnmarshalJSON reads developer content, with or without its type. It fails with a *JSONError, and then
// leaves c as it was.
func (c *DeveloperContent) UnmarshalJSON(doc []byte) error {
	rec := developerRecord
	rec.required = 0
	var read DeveloperContent
	if err := decode(doc, func(d *decoder) error { return d.developerContent(&read, &rec) }); err != nil {
		return err
	}
	*c = read
	return nil
}

// MarshalJSON returns {"valid_channels":[…],"channel_required":…}. It cannot fail.
func (c ChannelConfig) MarshalJSON() ([]byte, error) { return appendChannels(nil, &c), nil }

// UnmarshalJSON reads a channel configuration. It fails with a *JSONError, and then leaves c as it was.
func (c *ChannelConfig) UnmarshalJSON(doc []byte) error {
	var read ChannelConfig
	if err := decode(doc, func(d *decoder) error { return d.channelConfig(&read) }); err != nil {
		return err
	}
	*c = read
	return nil
}

// MarshalJSON returns {"name":…,"description":…,"tools":[…]}. It cannot fail.
func (ns Namespace) MarshalJSON() ([]byte, error) { return appendNamespace(nil, &ns), nil }

// UnmarshalJSON reads a namespace. It fails with a *JSONError, and then leaves ns as it was.
func (ns *Namespace) UnmarshalJSON(doc []byte) error {
	var read Namespace
	if err := decode(doc, func(d *decoder) error { return d.namespace(&read) }); err != nil {
		return err
	}
	*ns = read
	return nil
}

// MarshalJSON returns {"name":…,"description":…,"parameters":…}. It cannot fail.
func (t Tool) MarshalJSON() ([]byte, error) { return appendTool(nil, &t), nil }

// UnmarshalJSON reads a tool. It fails with a *JSONError, and then leaves t as it was.
func (t *Tool) UnmarshalJSON(doc []byte) error {
	var read Tool
	if err := decode(doc, func(d *decoder) error { return d.tool(&read) }); err != nil {
		return err
	}
	*t = read
	return nil
}

// check says what keeps m from being written.
func (m *Message) check() error {
	if _, err := ParseRole(string(m.Role)); err != nil {
		return under(unwritable("a role", quote(string(m.Role))), "role")
	}
	for i, c := range m.Content {
		if err := checkContent(c); err != nil {
			return under(underItem(err, i), "content")
		}
	}
	return nil
}

func checkContent(c Content) error {
	switch c := c.(type) {
	case Text:
		return nil
	case *SystemContent:
		if c != nil {
			return c.check()
		}
	case *DeveloperContent:
		if c != nil {
			return nil
		}
	}
	return unwritable("content", "nil")
}

func (c *SystemContent) check() error {
	if c.ReasoningEffort == "" || slices.Contains(efforts, c.ReasoningEffort) {
		return nil
	}
	return under(unwritable("low, medium or high", quote(string(c.ReasoningEffort))), "reasoning_effort")
}

func unwritable(expected, found string) error {
	return mismatch(-1, expected, found)
}
