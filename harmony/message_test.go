package harmony

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPurpose(t *testing.T) {
	to := func(recipient string, c Channel) Message {
		return Message{Role: RoleAssistant, Recipient: recipient, Channel: c}
	}
	rows := []struct {
		m    Message
		want Purpose
	}{
		{NewSystem(NewSystemContent()), Instruction},
		{NewDeveloper(NewDeveloperContent("i")), Instruction},
		{NewUser("q"), Question},
		{NewAssistant(ChannelAnalysis, "r"), Reasoning},
		{NewAssistant(ChannelCommentary, "p"), Preamble},
		{NewAssistant(ChannelFinal, "a"), Answer},
		{NewAssistant("", "a"), Answer},
		{NewAssistant("scratch", "a"), Other},
		{to("functions.f", ChannelCommentary), FunctionCall},
		{to("functions.f", ChannelAnalysis), FunctionCall},
		{to("functions.f", ChannelFinal), FunctionCall},
		{to("functions.f", ""), FunctionCall},
		{to("functions.f", "scratch"), FunctionCall},
		{to("functions.python", ChannelCommentary), FunctionCall},
		{to("lookup_weather", ChannelCommentary), FunctionCall},
		{to("pythonic", ChannelCommentary), FunctionCall},
		{to("python", ChannelAnalysis), BuiltinCall},
		{to("python", ChannelFinal), BuiltinCall},
		{to("python.exec", ""), BuiltinCall},
		{to("browser.search", ChannelCommentary), BuiltinCall},
		{to("browser", ""), BuiltinCall},
		{to("all", ChannelFinal), Answer},
		{to("user", ChannelCommentary), Preamble},
		{to("assistant", ChannelAnalysis), Reasoning},
		{Message{Role: RoleAssistant, Channel: ChannelFinal, Empty: FieldRecipient}, FunctionCall},
		{Message{Role: RoleTool, Name: "python", Recipient: "assistant", Channel: ChannelFinal}, ToolResult},
		{Message{Role: RoleUser, Recipient: "functions.f"}, Question},
		{Message{}, Other},
		{Message{Role: "Assistant", Channel: ChannelFinal}, Other},
	}
	for _, row := range rows {
		assert.Equalf(t, row.want, row.m.Purpose(), "%+v is %v", row.m, row.m.Purpose())
	}
	assert.Equal(t, "function call", FunctionCall.String())
	assert.Equal(t, "tool result", ToolResult.String())
	assert.Equal(t, "other", Purpose(200).String())
}

func TestNewCallAndResult(t *testing.T) {
	call := NewCall("functions.get_weather", `{"a":1}`)
	assert.Equal(t, Message{Role: RoleAssistant, Recipient: "functions.get_weather", Channel: "commentary", ContentType: "<|constrain|>json", Content: []Content{Text(`{"a":1}`)}}, call)
	assert.Equal(t, Message{Role: RoleTool, Name: "functions.get_weather", Recipient: "assistant", Channel: "commentary", Content: []Content{Text("20")}}, NewResult(&call, "20"))
	call = NewCall("python", "1+1")
	assert.Equal(t, Message{Role: RoleAssistant, Recipient: "python", Channel: "analysis", ContentType: "code", Content: []Content{Text("1+1")}}, call)
	assert.Equal(t, ChannelAnalysis, NewResult(&call, "2").Channel)
	call.Channel = ""
	assert.Equal(t, ChannelCommentary, NewResult(&call, "2").Channel)
}

func TestNewDeveloperContent(t *testing.T) {
	assert.Equal(t, &DeveloperContent{}, NewDeveloperContent(""))
	f := Tool{Name: "f"}
	assert.Equal(t, &DeveloperContent{Instructions: "i", Tools: map[string]Namespace{"functions": {Name: "functions", Tools: []Tool{f}}}}, NewDeveloperContent("i", f))
}

func TestText(t *testing.T) {
	for want, content := range map[string][]Content{
		"":    nil,
		"a":   {Text("a")},
		"abc": {Text("a"), &DeveloperContent{}, Text("bc")},
	} {
		m := Message{Content: content}
		assert.Equal(t, want, m.Text())
	}
	system := NewSystem(NewSystemContent())
	assert.Empty(t, system.Text())
	user := NewUser("a longer text that would have to be allocated")
	assert.Zero(t, testing.AllocsPerRun(10, func() { user.Text() }))
}

func TestParseRole(t *testing.T) {
	for _, name := range []string{"system", "developer", "user", "assistant", "tool"} {
		role, err := ParseRole(name)
		assert.NoError(t, err)
		assert.Equal(t, Role(name), role)
	}
	for _, name := range []string{"", "User", "tool ", "function"} {
		role, err := ParseRole(name)
		assert.Empty(t, role)
		assert.True(t, errors.Is(err, ErrUnknownRole))
	}
	_, err := ParseRole("User")
	assert.EqualError(t, err, `harmony: unknown role: expected system, developer, user, assistant or tool, found "User"`)
}
