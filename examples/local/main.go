// Command local generates with a model on this machine, token by token: the prompt, the loop and the parser, without the agent around
// them. It takes the path of a gpt-oss checkpoint; without one it is the embedded demonstration model.
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/decoder/demo"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
)

func main() {
	model, err := demo.Open(nil)
	if len(os.Args) > 1 {
		model, err = decoder.Open(os.Args[1], nil)
	}
	check(err)
	defer model.Close()
	enc, eng := encoding.GPTOSS(), engine.Local(model, nil)

	conversation := []harmony.Message{harmony.NewSystem(harmony.NewSystemContent())}
	for _, question := range []string{"Hello!", "Who are you?"} {
		conversation = append(conversation, harmony.NewUser(question))
		conversation = generate(enc, eng, conversation)
	}
}

// generate prints what the model writes as it comes, and returns the conversation with it.
func generate(enc *encoding.Encoding, eng engine.Generator, conversation []harmony.Message) []harmony.Message {
	prompt, err := enc.RenderForCompletion(conversation, harmony.RoleAssistant, nil)
	check(err)
	var stats engine.Stats
	parser := enc.NewParser(harmony.RoleAssistant, nil)
	request := engine.Request{Prompt: prompt, MaxTokens: 200, Stop: enc.ActionStopTokens(), Logprobs: 1, Stats: &stats}
	logprob := 0.0
	for token, err := range eng.Generate(context.Background(), request) {
		check(err)
		logprob += stats.Logprobs[len(stats.Logprobs)-1].Chosen.Logprob
		events, err := parser.Push(token)
		check(err)
		for _, ev := range events {
			switch ev.Kind {
			case encoding.KindHeader:
				fmt.Printf("%s: ", ev.Message.Purpose())
			case encoding.KindDelta:
				fmt.Print(ev.Text)
			case encoding.KindEnd:
				fmt.Println()
			}
		}
	}
	_, verdict, err := parser.Close(stats.Stop)
	check(err)
	fmt.Printf("%d tokens of prompt, %d of them known from before; %d of output, with a probability of %.2f; %s\n\n",
		len(prompt), stats.Cached, stats.Output, math.Exp(logprob), verdict)
	for _, m := range parser.Messages() {
		conversation = append(conversation, m.Message)
	}
	return conversation
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
