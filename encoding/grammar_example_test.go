package encoding_test

import (
	"fmt"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// A matcher is what engines take for a mask.
var _ engine.Mask = (*encoding.GrammarMatcher)(nil)

// The model has one tool, and must call it: undeclared tools, missing parameters and unknown units have no tokens.
func ExampleEncoding_Grammar() {
	e := encoding.GPTOSS()
	system := harmony.NewSystem(harmony.NewSystemContent())
	developer := harmony.NewDeveloper(harmony.NewDeveloperContent("", harmony.Tool{
		Name:        "get_weather",
		Description: "The weather in a city.",
		Parameters:  schema.MustParse(`{"type":"object","properties":{"city":{"type":"string"},"unit":{"enum":["celsius","kelvin"]}},"required":["city"],"additionalProperties":false}`),
	}))
	conversation := []harmony.Message{system, developer, harmony.NewUser("Weather in Oslo?")}

	grammar, err := e.Grammar(&encoding.GrammarOptions{
		Tools:        encoding.DeclaredTools(conversation),
		Choice:       encoding.ChoiceRequired,
		MaxReasoning: 500,
	})
	if err != nil {
		panic(err)
	}
	for _, sampled := range []string{
		`<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Oslo"}<|call|>`,
		`<|channel|>commentary to=functions.get_time <|constrain|>json<|message|>{}<|call|>`,
		`<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"unit":"fahrenheit"}<|call|>`,
		`<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"unit":"kelvin"}<|call|>`,
		`<|channel|>final<|message|>I do not know.<|return|>`,
	} {
		m := grammar.NewMatcher()
		var err error
		for _, tok := range e.Tokenizer().EncodeSpecial(sampled) {
			if err = m.Accept(tok); err != nil {
				break
			}
		}
		fmt.Println(m.Accepting(), err)
	}
	// Output:
	// true <nil>
	// false encoding: expected a token that the header may go on with, found 6425 "_time" at token 7
	// false encoding: expected a token that the arguments of functions.get_weather may go on with, found 40364 "fahren" at token 15
	// false encoding: expected a token that the arguments of functions.get_weather may go on with, found 18583 "\"}" at token 17
	// false encoding: expected a token that the header may go on with, found 17196 "final" at token 1
}
