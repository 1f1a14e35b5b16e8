// Command typedtool makes a tool of a Go struct, and masks under which a model, here a script, can call it with nothing else.
package main

import (
	"fmt"
	"log"
	"strings"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

// query is what the tool takes.
type query struct {
	City string `json:"city" description:"Name of the city"`
	Days int    `json:"days" jsonschema:"minimum=1,maximum=7"`
	Unit string `json:"unit,omitempty" jsonschema:"enum=celsius,enum=fahrenheit"`
}

const call = `<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>`

// wishes are what the model would write, best first: where a token is not allowed, it makes do with the next.
var wishes = []string{
	`<|channel|>final<|message|>It is sunny.<|return|>`,
	`<|channel|>commentary to=functions.get_wether <|constrain|>json<|message|>{"city":"Lisbon"}<|call|>`,
	call + `{"town":"Lisbon"}<|call|>`,
	call + `{"city":"Lisbon"}<|call|>`,
	call + `{"city":"Lisbon","days":14}<|call|>`,
	call + `{"city":"Lisbon","days":1,"unit":"kelvin"}<|call|>`,
	call + `{"city":"Lisbon","days":1,"unit":"celsius"}<|call|>`,
}

func main() {
	enc := encoding.GPTOSS()
	parameters := schema.MustFor[query]()
	tool := harmony.Tool{Name: "get_weather", Description: "The weather of the next days.", Parameters: parameters}
	messages := []harmony.Message{
		harmony.NewSystem(harmony.NewSystemContent()), harmony.NewDeveloper(harmony.NewDeveloperContent("", tool)),
		harmony.NewUser("How will the weather be in Lisbon?"),
	}
	prompt, err := enc.RenderForCompletion(messages, harmony.RoleAssistant, nil)
	check(err)
	fmt.Printf("in a prompt of %d tokens the model is shown\ntype get_weather = (_: %s) => any;\n", len(prompt), parameters.TypeScript())
	grammar, err := enc.Grammar(&encoding.GrammarOptions{Tools: encoding.DeclaredTools(messages), Choice: encoding.ChoiceRequired})
	check(err)
	result, err := enc.Parse(write(enc, grammar.NewMatcher()), harmony.RoleAssistant, &encoding.ParseOptions{Strict: true})
	check(err)
	m := result.Messages[0]
	fmt.Printf("%s of %s: %s\n", m.Purpose(), m.Recipient, m.Text())
	arguments, err := schema.DecodeArguments[query](parameters, []byte(m.Text()))
	check(err)
	fmt.Printf("as a Go value: %+v\n", arguments)
}

// write is the model under the masks of m.
func write(enc *encoding.Encoding, m *encoding.GrammarMatcher) (written []encoding.Token) {
	allowed, text := make([]uint64, constrain.MaskWords), ""
	for _, wish := range wishes {
		for rest, ok := strings.CutPrefix(wish, text); ok && rest != ""; rest = wish[len(text):] {
			next := enc.Tokenizer().EncodeSpecial(rest)[0]
			spelling, _ := enc.Tokenizer().TokenString(next)
			if m.Mask(allowed); allowed[next/64]>>(next%64)&1 == 0 {
				fmt.Printf("after %q it would write %q, and cannot\n", text[max(0, len(text)-16):], spelling)
				break
			}
			check(m.Accept(next))
			written, text = append(written, next), text+spelling
		}
	}
	return written
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
