package constrain_test

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
)

func Example() {
	weather := schema.MustParse(`{"type":"object","properties":{"city":{"type":"string"},"unit":{"enum":["celsius","fahrenheit"]}},"required":["city"]}`)
	grammar, err := constrain.Compile(weather, &constrain.Options{Compact: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	m := grammar.NewMatcher()
	mask := make([]uint64, constrain.MaskWords)
	for _, tok := range tokenizer.O200kHarmony().Encode(`{"city":"Oslo","unit":"`) {
		m.Mask(mask)
		if mask[tok/64]>>(tok%64)&1 == 0 {
			fmt.Println("not allowed:", tok)
			return
		}
		if err := m.Accept(tok); err != nil {
			fmt.Println(err)
			return
		}
	}
	m.Mask(mask)
	for i, word := range mask {
		for ; word != 0; word &= word - 1 {
			text, _ := tokenizer.O200kHarmony().TokenString(tokenizer.Token(64*i + bits.TrailingZeros64(word)))
			if len(text) > 2 && text[0] != '\\' {
				fmt.Println(text)
			}
		}
	}
	fmt.Println(m.Accepting())
	// Output:
	// cel
	// fahr
	// fahren
	// false
}

func ExampleUnsupportedError() {
	_, err := constrain.Compile(schema.MustParse(`{"type":"object","properties":{"n":{"type":"integer","maximun":9}}}`), nil)
	var unsupported *constrain.UnsupportedError
	fmt.Println(errors.As(err, &unsupported))
	fmt.Println(err)
	// Output:
	// true
	// constrain: cannot enforce "maximun" at #/properties/n: is not a keyword of JSON Schema
}
