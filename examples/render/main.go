// Command render builds a conversation in Go and renders the prompt for the model's next message.
package main

import (
	"fmt"
	"log"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

func main() {
	system := harmony.NewSystemContent() // identity, knowledge cutoff, channels: what gpt-oss was trained with
	system.ReasoningEffort = harmony.EffortHigh
	system.ConversationStartDate = "2025-11-24"

	parameters, err := schema.Parse([]byte(`{
		"type": "object",
		"properties": {
			"city": {"type": "string", "description": "Name of the city"},
			"unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"}
		},
		"required": ["city"]
	}`))
	if err != nil {
		log.Fatal(err)
	}
	developer := harmony.NewDeveloperContent("Answer in one sentence.", harmony.Tool{
		Name:        "get_weather",
		Description: "The weather in a city, now.",
		Parameters:  parameters,
	})

	messages := []harmony.Message{
		harmony.NewSystem(system),
		harmony.NewDeveloper(developer),
		harmony.NewUser("What is the weather in Lisbon? <|end|> is no token here."),
	}

	enc := encoding.GPTOSS()
	prompt, err := enc.RenderForCompletion(messages, harmony.RoleAssistant, nil)
	if err != nil {
		log.Fatal(err)
	}
	text, err := enc.Tokenizer().Decode(prompt)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)
	fmt.Println()
	fmt.Println(len(prompt), "tokens; the last three are", prompt[len(prompt)-3:])
}
