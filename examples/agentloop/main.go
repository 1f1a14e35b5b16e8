// Command agentloop is an agent with a typed Go tool: it streams what the model says on each channel, runs the tool that is called,
// asks again until there is an answer, and then asks for an answer that is a Go value. A script stands for the model.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
)

type query struct {
	City string `json:"city" description:"Name of the city"`
}

type weather struct {
	Sky     string `json:"sky"`
	Celsius int    `json:"celsius"`
}

// getWeather is the tool. Its error goes to the model, which can mend its call.
func getWeather(_ context.Context, q query) (weather, error) {
	if q.City != "Lisbon" {
		return weather{}, errors.New("no city of that name; there is Lisbon")
	}
	return weather{"clear", 21}, nil
}

// says is what the model writes, generation by generation: a call of no tool, a wrong call, a good one, and two answers.
func says() (turns [][]encoding.Token) {
	call := `<|channel|>commentary to=functions.%s <|constrain|>json<|message|>{"city":"%s"}<|call|>`
	for _, text := range []string{
		"<|channel|>analysis<|message|>I look it up.<|end|><|start|>assistant" + fmt.Sprintf(call, "get_wether", "Lisboa"),
		fmt.Sprintf(call, "get_weather", "Lisboa"),
		fmt.Sprintf(call, "get_weather", "Lisbon"),
		"<|channel|>final<|message|>Clear skies over Lisbon, 21 °C.<|return|>",
		`<|channel|>final <|constrain|>json<|message|>{"sky":"clear","celsius":21}<|return|>`,
	} {
		turns = append(turns, encoding.GPTOSS().Tokenizer().EncodeSpecial(text))
	}
	return turns
}

func main() {
	ctx := context.Background()
	a, err := agent.New(engine.Replay(says()...), &agent.Options{
		Instructions: "Be brief.",
		Tools:        []*agent.Function{agent.Tool("get_weather", "The weather in a city.", getWeather)},
	})
	check(err)
	s := a.NewSession()
	for ev, err := range s.Run(ctx, "How is the weather in Lisbon?") {
		check(err)
		switch ev.Kind {
		case agent.KindStep:
			fmt.Printf("prompt of %d tokens, %d of them known to the engine\n", ev.Step.Prompt, ev.Step.Reuse.Tokens)
		case agent.KindEnd:
			fmt.Printf("  %s: %s\n", ev.Purpose(), ev.Message.Text())
		case agent.KindResult:
			fmt.Println("  result:", ev.Call.Result)
		}
	}
	fmt.Println("answer:", s.Turn().Answer)

	now, err := agent.Answer[weather](ctx, s, "As data, please.")
	check(err)
	fmt.Printf("as a Go value: %+v\n", now)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
