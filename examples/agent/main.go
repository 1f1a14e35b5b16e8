// Command agent is an agent with typed tools over the embedded demonstration model: it thinks, calls a Go function, reads the result and
// answers, then goes on in the same session. With the path of a checkpoint as its argument it runs gpt-oss instead.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/decoder/demo"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/schema/constrain"
)

type place struct {
	City string `json:"city"`
}

type weather struct {
	Temperature int    `json:"temperature"`
	Condition   string `json:"condition"`
}

type population struct {
	Population int `json:"population"`
}

// lookup is a tool over a table. Its error goes to the model, which tells the user.
func lookup[T any](table map[string]T) func(context.Context, place) (T, error) {
	return func(_ context.Context, p place) (T, error) {
		v, ok := table[p.City]
		if !ok {
			return v, fmt.Errorf("no data for %s", p.City)
		}
		return v, nil
	}
}

func main() {
	model, err := demo.Open(nil)
	if len(os.Args) > 1 {
		model, err = decoder.Open(os.Args[1], nil)
	}
	check(err)
	defer model.Close()
	a, err := agent.New(engine.Local(model, nil), &agent.Options{
		Tools: []*agent.Function{
			agent.Tool("get_weather", "Gets the weather in a city.", lookup(map[string]weather{"Lisbon": {21, "sunny"}, "Oslo": {-3, "snow"}})),
			agent.Tool("get_population", "Gets the population.", lookup(map[string]population{"Lisbon": {545796}})),
		},
		Limits: agent.Limits{Tokens: 1000},
		Mask:   agent.Constrained(&encoding.GrammarOptions{Constrain: &constrain.Options{Compact: true}}), // calls always fit their schemas
	})
	check(err)
	s := a.NewSession()
	for _, question := range []string{"What is the weather in Lisbon?", "And in Oslo?", "What is the population of Lisbon?", "And of Atlantis?", "Who are you?"} {
		fmt.Println("user:", question)
		for ev, err := range s.Run(context.Background(), question) {
			check(err)
			switch ev.Kind {
			case agent.KindEnd:
				fmt.Printf("  %s: %s\n", ev.Purpose(), ev.Message.Text())
			case agent.KindResult:
				fmt.Println("  result:", ev.Call.Result)
			}
		}
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
