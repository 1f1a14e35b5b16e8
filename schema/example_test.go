package schema_test

import (
	"fmt"

	"github.com/harmony-go/sdk/schema"
)

func Example() {
	s, err := schema.Parse([]byte(`{
		"type": "object",
		"properties": {
			"location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
			"format": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"}
		},
		"required": ["location"]
	}`))
	if err != nil {
		panic(err)
	}
	fmt.Printf("type get_weather = (_: %s) => any;\n", s.TypeScript())
	// Output:
	// type get_weather = (_: {
	// // The city and state, e.g. San Francisco, CA
	// location: string,
	// format?: "celsius" | "fahrenheit", // default: celsius
	// }) => any;
}

func ExampleParse_error() {
	_, err := schema.Parse([]byte(`{"type": "number", "maximum": 1e400}`))
	fmt.Println(err)
	// Output: schema: expected a number within float64, found 1e400 at byte 30
}
