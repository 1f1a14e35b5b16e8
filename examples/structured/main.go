// Command structured gets an answer that is a Go value. A script stands for a model that would rather chat: asked freely it fails,
// under the masks of a grammar it cannot.
package main

import (
	"context"
	"fmt"
	"iter"
	"log"
	"strings"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/schema/constrain"
)

// shoppingList is the answer.
type shoppingList struct {
	Shop  string         `json:"shop" jsonschema:"enum=bakery,enum=market"`
	Items map[string]int `json:"items" description:"how many of each"`
}

// model is an engine that would write its first text. Where the mask does not allow a token, it makes do with the next text.
type model []string

// Generate implements engine.Generator.
func (m model) Generate(_ context.Context, r engine.Request) iter.Seq2[encoding.Token, error] {
	return func(yield func(encoding.Token, error) bool) {
		tok, allowed, text := encoding.GPTOSS().Tokenizer(), make([]uint64, constrain.MaskWords), ""
		for _, wish := range m {
			for rest, ok := strings.CutPrefix(wish, text); ok && rest != ""; rest = wish[len(text):] {
				next := tok.EncodeSpecial(rest)[0]
				if r.Mask != nil {
					if r.Mask.Mask(allowed); allowed[next/64]>>(next%64)&1 == 0 {
						break
					}
					check(r.Mask.Accept(next))
				}
				spelling, _ := tok.TokenString(next)
				if text += spelling; !yield(next, nil) {
					return
				}
			}
		}
	}
}

func main() {
	chatty := model{
		`<|channel|>final<|message|>Sure! Two loaves of bread, and some eggs.<|return|>`,
		`<|channel|>final<|message|>{"shop":"supermarket"}<|return|>`,
		`<|channel|>final<|message|>{"shop":"market","items":{"eggs":"some"}}<|return|>`,
		`<|channel|>final<|message|>{"shop":"market","items":{"eggs":6,"bread":2}}<|return|>`,
	}
	ask := func(o agent.Options) (shoppingList, error) {
		a, err := agent.New(chatty, &o)
		check(err)
		return agent.Answer[shoppingList](context.Background(), a.NewSession(), "I need bread and eggs.")
	}
	_, err := ask(agent.Options{Limits: agent.Limits{Repairs: -1}})
	fmt.Println("asked freely:", err)
	list, err := ask(agent.Options{Mask: agent.Constrained(nil)})
	check(err)
	fmt.Printf("under masks: %+v\n", list)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
