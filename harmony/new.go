package harmony

// NewSystem returns a system message.
func NewSystem(c *SystemContent) Message {
	return Message{Role: RoleSystem, Content: []Content{c}}
}

// NewDeveloper returns a developer message.
func NewDeveloper(c *DeveloperContent) Message {
	return Message{Role: RoleDeveloper, Content: []Content{c}}
}

// NewUser returns a message from the user.
func NewUser(text string) Message {
	return Message{Role: RoleUser, Content: []Content{Text(text)}}
}

// NewAssistant returns a message from the assistant to nobody: reasoning on ChannelAnalysis, a preamble
// on ChannelCommentary, the answer on ChannelFinal.
func NewAssistant(channel Channel, text string) Message {
	return Message{Role: RoleAssistant, Channel: channel, Content: []Content{Text(text)}}
}

// NewCall returns the assistant's call of a tool, by its full name ("functions.get_weather", "python").
// Channel and content type are those gpt-oss itself uses: a function is called on commentary with JSON,
// python and the browser on analysis with code.
func NewCall(recipient, arguments string) Message {
	m := NewAssistant(ChannelCommentary, arguments)
	m.Recipient, m.ContentType = recipient, ContentTypeJSON
	if callPurpose(recipient) == BuiltinCall {
		m.Channel, m.ContentType = ChannelAnalysis, ContentTypeCode
	}
	return m
}

// NewResult returns a tool's answer to a call: from the tool that was called, to the assistant, on the
// channel of the call, or on commentary if that has none.
func NewResult(call *Message, body string) Message {
	channel := call.Channel
	if channel == "" {
		channel = ChannelCommentary
	}
	return Message{
		Role: RoleTool, Name: call.Recipient, Recipient: string(RoleAssistant), Channel: channel,
		Content: []Content{Text(body)},
	}
}
