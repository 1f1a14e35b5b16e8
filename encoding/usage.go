package encoding

import "github.com/harmony-go/sdk/harmony"

// Usage says what tokens were spent on: those of a prompt (Encoding.Usage) or those a model wrote
// (Result.Usage, Parser.Usage). Every token is counted in exactly one field; Total sums them.
type Usage struct {
	Framing int // headers, ends, the opening of a completion, what stood between messages

	System    int // content of system messages
	Developer int // content of developer messages: instructions and tool definitions
	User      int // content of user messages
	Tool      int // content of tool results

	Analysis   int // content of the assistant's messages on the analysis channel, calls excepted
	Commentary int // … on the commentary channel
	Final      int // … on the final channel
	Other      int // … on any other channel or none
	Arguments  int // content of the assistant's messages with a recipient, on any channel
}

// Total returns the number of tokens counted.
func (u Usage) Total() int {
	return u.Framing + u.System + u.Developer + u.User + u.Tool +
		u.Analysis + u.Commentary + u.Final + u.Other + u.Arguments
}

// add counts one message.
func (u *Usage) add(m *harmony.Message, content, framing int) {
	u.Framing += framing
	*u.of(m) += content
}

// of returns the counter that the content of m belongs to.
func (u *Usage) of(m *harmony.Message) *int {
	switch m.Role {
	case harmony.RoleSystem:
		return &u.System
	case harmony.RoleDeveloper:
		return &u.Developer
	case harmony.RoleUser:
		return &u.User
	case harmony.RoleTool:
		return &u.Tool
	}
	if hasRecipient(m) {
		return &u.Arguments
	}
	switch m.Channel {
	case harmony.ChannelAnalysis:
		return &u.Analysis
	case harmony.ChannelCommentary:
		return &u.Commentary
	case harmony.ChannelFinal:
		return &u.Final
	default:
		return &u.Other
	}
}

// Count returns how many tokens Render gives, without making them. The error is a *RenderError.
func (e *Encoding) Count(msgs []harmony.Message, opts *RenderOptions) (int, error) {
	r := renderer{tok: e.tok, counting: true}
	if err := r.run(msgs, job{}, opts); err != nil {
		return 0, err
	}
	return r.count, nil
}

// CountForCompletion returns how many tokens RenderForCompletion gives: the length of the prompt.
func (e *Encoding) CountForCompletion(msgs []harmony.Message, next harmony.Role, opts *RenderOptions) (int, error) {
	r := renderer{tok: e.tok, counting: true}
	if err := r.run(msgs, job{open: true, next: next}, opts); err != nil {
		return 0, err
	}
	return r.count, nil
}

// Usage returns what the tokens that Render gives are spent on, without making them.
func (e *Encoding) Usage(msgs []harmony.Message, opts *RenderOptions) (Usage, error) {
	return e.usage(msgs, job{}, opts)
}

// UsageForCompletion returns what the tokens that RenderForCompletion gives are spent on.
func (e *Encoding) UsageForCompletion(msgs []harmony.Message, next harmony.Role, opts *RenderOptions) (Usage, error) {
	return e.usage(msgs, job{open: true, next: next}, opts)
}

func (e *Encoding) usage(msgs []harmony.Message, j job, opts *RenderOptions) (Usage, error) {
	r := renderer{tok: e.tok, counting: true, metered: true}
	if err := r.run(msgs, j, opts); err != nil {
		return Usage{}, err
	}
	return r.usage, nil
}
