package harmony_test

import (
	"fmt"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

func ExampleNewDeveloperWithFormats() {
	m, err := harmony.NewDeveloperWithFormats(harmony.NewDeveloperContent("You are a helpful shopping assistant"), harmony.ResponseFormat{
		Name:        "shopping_list",
		Description: "What to buy.",
		Schema:      schema.MustParse(`{"type":"object","properties":{"items":{"type":"array","items":{"type":"string"}}}}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Content[0].(*harmony.DeveloperContent).Instructions)
	// Output:
	// You are a helpful shopping assistant
	//
	// # Response Formats
	//
	// ## shopping_list
	//
	// // What to buy.
	// {"type":"object","properties":{"items":{"type":"array","items":{"type":"string"}}}}
}
