package engine_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// Ask a model in this process, and print its answer as it comes. The argument of the program is a checkpoint.
func Example() {
	m, err := decoder.Open(os.Args[1], nil)
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	enc := encoding.GPTOSS()
	prompt, err := enc.RenderForCompletion([]harmony.Message{
		harmony.NewSystem(harmony.NewSystemContent()),
		harmony.NewUser("What is 2 + 2?"),
	}, harmony.RoleAssistant, nil)
	if err != nil {
		log.Fatal(err)
	}
	var stats engine.Stats
	parser := enc.NewParser(harmony.RoleAssistant, nil)
	request := engine.Request{Prompt: prompt, Sampling: engine.Sampling{Temperature: 1, Seed: 7}, Stats: &stats}
	for tok, err := range engine.Local(m, nil).Generate(context.Background(), request) {
		if err != nil {
			log.Fatal(err)
		}
		events, _ := parser.Push(tok)
		for _, e := range events {
			if e.Kind == encoding.KindDelta && e.Message.Channel == harmony.ChannelFinal {
				fmt.Print(e.Text)
			}
		}
	}
	fmt.Printf("\n%.1f tokens/s\n", stats.DecodeSpeed())
}

// Test a program that talks to a model, without a model.
func ExampleReplay() {
	enc := encoding.GPTOSS()
	e := engine.Replay(
		enc.Tokenizer().EncodeSpecial("<|channel|>final<|message|>Four.<|return|>"),
	)
	var stats engine.Stats
	parser := enc.NewParser(harmony.RoleAssistant, nil)
	for tok, err := range e.Generate(context.Background(), engine.Request{Prompt: []tokenizer.Token{tokenizer.Start}, Stats: &stats}) {
		if err != nil {
			log.Fatal(err)
		}
		if _, err := parser.Push(tok); err != nil {
			log.Fatal(err)
		}
	}
	_, verdict, _ := parser.Close(stats.Stop)
	fmt.Println(parser.Messages()[0].Text(), verdict)
	// Output: Four. final
}

// Choose tokens from logits without an engine.
func ExampleSampler() {
	s, err := engine.NewSampler(4, &engine.Sampling{Temperature: 1, TopK: 2, Seed: 3}, nil)
	if err != nil {
		log.Fatal(err)
	}
	counts := map[tokenizer.Token]int{}
	for range 1000 {
		tok, err := s.Sample([]float32{1, 3, 0, 2}, nil)
		if err != nil {
			log.Fatal(err)
		}
		counts[tok]++
	}
	fmt.Println("tokens 1 and 3:", counts[1]+counts[3])
	fmt.Println("e times as often:", counts[1] > 2*counts[3] && counts[1] < 4*counts[3])
	// Output:
	// tokens 1 and 3: 1000
	// e times as often: true
}
