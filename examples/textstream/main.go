// Command textstream reads a completion from an engine that sends text with the markers spelled out, in chunks that are
// cut anywhere, even inside a marker or a character.
package main

import (
	"fmt"
	"log"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

func main() {
	chunks := []string{
		"<|chan", "nel|>analysis<|message|>Greet th", "em.<|e", "nd|><|start|>assistant<|channel|>fin", "al<|message|>Ol",
		"\xc3", "\xa1! Write <", "|x|> as it stands.<|ret", "urn|>",
	}
	parser := encoding.GPTOSS().NewParser(harmony.RoleAssistant, nil)
	for _, chunk := range chunks {
		events, err := parser.PushText(chunk)
		if err != nil {
			log.Fatal(err)
		}
		for _, e := range events {
			fmt.Printf("byte %3d  %-6s  %-8s  %q\n", e.Offset, e.Kind, e.Message.Channel, e.Text)
		}
	}
	_, verdict, err := parser.Close(encoding.StopToken)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range parser.Messages() {
		fmt.Printf("%s: %s\n", m.Purpose(), m.Text())
	}
	fmt.Println("verdict:", verdict)
}
