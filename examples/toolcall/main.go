// Command toolcall makes the round trip of a tool call: prompt, sampled call, Go function, result, next prompt. The
// transcript keeps the model's own tokens, so that the engine's prefix cache holds.
package main

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// getWeather is the tool.
func getWeather(arguments string) (string, error) {
	var in struct{ City string }
	if err := json.Unmarshal([]byte(arguments), &in); err != nil {
		return "", err
	}
	return fmt.Sprintf(`{"city":%q,"sky":"clear","celsius":21}`, in.City), nil
}

// sampled is what the model wrote behind the first and the second prompt.
var sampled = []string{
	`<|channel|>analysis<|message|>Ask the tool.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather ` +
		`<|constrain|>json<|message|>{"city":"Lisbon"}<|call|>`,
	`<|channel|>final<|message|>Clear skies over Lisbon, 21 °C.<|return|>`,
}

func main() {
	enc := encoding.GPTOSS()
	parameters, err := schema.Parse([]byte(`{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`))
	check(err)
	tool := harmony.Tool{Name: "get_weather", Description: "The weather in a city.", Parameters: parameters}

	transcript := enc.NewTranscript(nil)
	check(transcript.Append(
		harmony.NewSystem(harmony.NewSystemContent()),
		harmony.NewDeveloper(harmony.NewDeveloperContent("", tool)),
		harmony.NewUser("How is the weather in Lisbon?"),
	))
	for _, text := range sampled {
		prompt, reuse, err := transcript.Prompt(harmony.RoleAssistant)
		check(err)
		fmt.Printf("prompt of %d tokens, %d of them known to the engine\n", len(prompt), reuse.Tokens)

		tokens := enc.Tokenizer().EncodeSpecial(text) // in place of an engine
		turn := transcript.AppendSampled(tokens, encoding.StopToken)
		for _, m := range turn.Messages {
			fmt.Printf("  %s: %s\n", m.Purpose(), m.Text())
		}
		if turn.Verdict != encoding.VerdictToolCall {
			break
		}
		call := &turn.Messages[len(turn.Messages)-1].Message
		result, err := getWeather(call.Text())
		if err != nil {
			result = "error: " + err.Error() // for the model, which can correct its call
		}
		fmt.Println("  result:", result)
		check(transcript.Append(harmony.NewResult(call, result)))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
