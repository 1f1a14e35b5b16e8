package harmony_test

import (
	"encoding/json"
	"fmt"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// A conversation with a tool call, up to the point where the model answers.
func Example() {
	weather := harmony.Tool{
		Name:        "get_weather",
		Description: "Gets the current weather.",
		Parameters:  schema.MustParse(`{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`),
	}
	call := harmony.NewCall("functions.get_weather", `{"city":"Tokyo"}`)
	messages := []harmony.Message{
		harmony.NewSystem(harmony.NewSystemContent()),
		harmony.NewDeveloper(harmony.NewDeveloperContent("Be brief.", weather)),
		harmony.NewUser("What is the weather in Tokyo?"),
		call,
		harmony.NewResult(&call, `{"temperature":21}`),
	}
	for _, m := range messages {
		fmt.Printf("%s: %q\n", m.Purpose(), m.Text())
	}
	// Output:
	// instruction: ""
	// instruction: ""
	// question: "What is the weather in Tokyo?"
	// function call: "{\"city\":\"Tokyo\"}"
	// tool result: "{\"temperature\":21}"
}

func ExampleMessage_Purpose() {
	// Models address calls on any channel; the recipient says that it is one.
	m := harmony.Message{Role: harmony.RoleAssistant, Channel: harmony.ChannelAnalysis, Recipient: "functions.get_weather"}
	fmt.Println(m.Purpose())
	// Output: function call
}

func ExampleMessage_MarshalJSON() {
	doc, err := json.Marshal(harmony.NewCall("functions.get_weather", `{"city":"Tokyo"}`))
	fmt.Println(string(doc), err)

	m := harmony.NewAssistant(harmony.ChannelFinal, "2 < 3")
	fmt.Println(string(harmony.AppendMessage(nil, &m)))
	// Output:
	// {"role":"assistant","recipient":"functions.get_weather","content":"{\"city\":\"Tokyo\"}","channel":"commentary","content_type":"\u003c|constrain|\u003ejson"} <nil>
	// {"role":"assistant","content":"2 < 3","channel":"final"}
}

func ExampleParseConversation() {
	c, err := harmony.ParseConversation([]byte(`{"messages":[{"role":"user","content":"Hello"}]}`))
	fmt.Println(c.Messages[0].Role, c.Messages[0].Text(), err)

	_, err = harmony.ParseConversation([]byte(`{"messages":[{"role":"User","content":"Hello"}]}`))
	fmt.Println(err)
	// Output:
	// user Hello <nil>
	// harmony: expected a role, found "User" in /messages/0/role at byte 21
}
