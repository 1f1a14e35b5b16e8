package agent_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
)

// model says one text after the other, in place of a real one.
func model(texts ...string) engine.Generator {
	var turns [][]encoding.Token
	for _, text := range texts {
		turns = append(turns, encoding.GPTOSS().Tokenizer().EncodeSpecial(text))
	}
	return engine.Replay(turns...)
}

func Example() {
	type sum struct {
		A int `json:"a"`
		B int `json:"b"`
	}
	add := agent.Tool("add", "Adds two numbers.", func(_ context.Context, in sum) (int, error) { return in.A + in.B, nil })
	a, err := agent.New(model(
		`<|channel|>analysis<|message|>I add them.<|end|><|start|>assistant<|channel|>commentary to=functions.add <|constrain|>json<|message|>{"a":2,"b":3}<|call|>`,
		"<|channel|>final<|message|>It is 5.<|return|>",
	), &agent.Options{Tools: []*agent.Function{add}})
	if err != nil {
		panic(err)
	}
	s := a.NewSession()
	for ev, err := range s.Run(context.Background(), "What is 2 + 3?") {
		if err != nil {
			panic(err)
		}
		if ev.Visible() {
			fmt.Print(ev.Text)
		}
	}
	fmt.Println()
	fmt.Println("reasoning:", s.Turn().Reasoning)
	fmt.Println("tool said:", s.Turn().Calls[0].Result)
	// Output:
	// It is 5.
	// reasoning: I add them.
	// tool said: 5
}

// A structured answer: the model is told of the type's schema, and the answer is checked against it.
func ExampleAnswer() {
	type shoppingList struct {
		Items []string `json:"items"`
	}
	a, err := agent.New(model(`<|channel|>final <|constrain|>json<|message|>{"items":["coffee","eggs"]}<|return|>`), nil)
	if err != nil {
		panic(err)
	}
	list, err := agent.Answer[shoppingList](context.Background(), a.NewSession(), "I need to buy coffee and eggs")
	fmt.Println(list.Items, err)
	// Output: [coffee eggs] <nil>
}

// A session is saved with the model's own tokens, and goes on where it was.
func ExampleSession_Save() {
	a, err := agent.New(model("<|channel|>final<|message|>Hello!<|return|>", "<|channel|>final<|message|>You said hi.<|return|>"), nil)
	if err != nil {
		panic(err)
	}
	s := a.NewSession()
	if _, err := s.Ask(context.Background(), "Hi"); err != nil {
		panic(err)
	}
	var file bytes.Buffer
	if err := s.Save(&file); err != nil {
		panic(err)
	}
	loaded, err := a.Load(&file)
	if err != nil {
		panic(err)
	}
	answer, err := loaded.Ask(context.Background(), "What did I say?")
	fmt.Println(answer, err)
	// Output: You said hi. <nil>
}
