package encoding_test

import (
	"fmt"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

// The model must call one tool: the prompt ends where the arguments begin. The parser is given the
// opening as well as what was sampled after it.
func ExampleEncoding_OpenTool() {
	e := encoding.GPTOSS()
	prompt, err := e.RenderForCompletion([]harmony.Message{harmony.NewUser("Weather in Oslo?")}, harmony.RoleAssistant, nil)
	if err != nil {
		panic(err)
	}
	opening := e.OpenTool("functions.get_weather")
	prompt = append(prompt, opening...)

	sampled := generate(prompt, `{"city": "Oslo"}<|call|>`)

	result, err := e.Parse(append(opening, sampled...), harmony.RoleAssistant, nil)
	if err != nil {
		panic(err)
	}
	call := result.Messages[0]
	fmt.Println(call.Recipient, call.Channel, call.ContentType, call.Text())
	// Output: functions.get_weather commentary <|constrain|>json {"city": "Oslo"}
}

// The model must call a tool and chooses which: it goes on with the dot and the tool's name.
func ExampleEncoding_OpenAnyTool() {
	e := encoding.GPTOSS()
	opening := e.OpenAnyTool()
	sampled := generate(opening, `.get_time <|constrain|>json<|message|>{}<|call|>`)

	result, err := e.Parse(append(opening, sampled...), harmony.RoleAssistant, nil)
	if err != nil {
		panic(err)
	}
	call := result.Messages[0]
	fmt.Println(call.Recipient, call.Purpose(), call.Text())
	// Output: functions.get_time function call {}
}

// generate stands for an engine that goes on from a prompt with that text.
func generate(_ []encoding.Token, text string) []encoding.Token {
	return encoding.GPTOSS().Tokenizer().EncodeSpecial(text)
}
