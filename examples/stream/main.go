// Command stream reads a completion token by token, as an engine produces it, and takes each channel where it belongs:
// reasoning aside, the preamble and the answer to the user, a call to its tool.
package main

import (
	"fmt"
	"log"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

// completion is what a model wrote behind <|start|>assistant.
const completion = `<|channel|>analysis<|message|>They want the weather. I will ask the tool.<|end|>` +
	`<|start|>assistant<|channel|>commentary<|message|>One moment 🌤️, I look it up.<|end|>` +
	`<|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Lisbon"}<|call|>`

func main() {
	enc := encoding.GPTOSS()
	tokens := enc.Tokenizer().EncodeSpecial(completion) // in place of an engine

	parser := enc.NewParser(harmony.RoleAssistant, nil)
	for _, token := range tokens {
		events, err := parser.Push(token)
		if err != nil {
			log.Fatal(err)
		}
		show(events)
	}
	events, verdict, err := parser.Close(encoding.StopToken)
	if err != nil {
		log.Fatal(err)
	}
	show(events)
	fmt.Println("\nverdict:", verdict)
	fmt.Println("diagnostics:", len(parser.Diagnostics()))
}

// show prints text as it arrives. Only whole characters ever do.
func show(events []encoding.Event) {
	for _, e := range events {
		switch e.Kind {
		case encoding.KindHeader:
			fmt.Printf("%s", e.Message.Purpose())
			if e.Message.Recipient != "" {
				fmt.Printf(" to %s", e.Message.Recipient)
			}
			fmt.Print(": ")
		case encoding.KindDelta:
			fmt.Printf("%s|", e.Text)
		case encoding.KindEnd:
			fmt.Println()
		}
	}
}
