package schema_test

import (
	"errors"
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

// Unit lists its values: For makes an enum of them.
type Unit string

func (Unit) JSONSchemaEnum() []any { return []any{"celsius", "fahrenheit"} }

// Weather is what the model is to write.
type Weather struct {
	Location string `json:"location" jsonschema:"The city and state, e.g. San Francisco, CA"`
	Format   Unit   `json:"format,omitempty" jsonschema:"default=celsius"`
	Days     int    `json:"days,omitempty" jsonschema:"minimum=1,maximum=7"`
}

func ExampleFor() {
	s, err := schema.For[Weather]()
	if err != nil {
		panic(err)
	}
	fmt.Printf("type get_weather = (_: %s) => any;\n", s.TypeScript())
	// Output:
	// type get_weather = (_: {
	// // The city and state, e.g. San Francisco, CA
	// location: string,
	// format?: "celsius" | "fahrenheit", // default: celsius
	// days?: number,
	// }) => any;
}

func ExampleDecodeArguments() {
	s := schema.MustFor[Weather]()
	for _, arguments := range []string{
		`{"location": "Lisbon", "days": 3.0}`,
		`{"Location": "Lisbon", "format": "kelvin"}`,
	} {
		weather, err := schema.DecodeArguments[Weather](s, []byte(arguments))
		if err != nil {
			fmt.Println(schema.Feedback(err))
			continue
		}
		fmt.Printf("%+v\n", weather)
	}
	// Output:
	// {Location:Lisbon Format: Days:3}
	// The JSON does not fit its schema. Mend this and send all of it again:
	// - expected the property "location", found none of that name, at the top level
	// - expected no property beyond those declared ("location" is meant?), found the property "Location", at /Location
	// - expected one of "celsius", "fahrenheit", found the string "kelvin", at /format
}

func ExampleRepair() {
	fixed, changes, err := schema.Repair([]byte(`{'city': "Lisbon",}]`))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", fixed)
	for _, c := range changes {
		fmt.Printf("%s at byte %d: %q became %q\n", c.Kind, c.Offset, c.Old, c.New)
	}
	_, _, err = schema.Repair([]byte(`{"city": "Lis`))
	var refused *schema.RepairError
	fmt.Println(errors.As(err, &refused), err)
	// Output:
	// {"city": "Lisbon"}
	// single quotes at byte 1: "'city'" became "\"city\""
	// trailing comma at byte 17: "," became ""
	// trailing bracket at byte 19: "]" became ""
	// true schema: cannot repair: expected a closing quote, found the end of the text at byte 13
}

func ExampleSchema_Losses() {
	s := schema.MustParse(`{
		"type": "object",
		"properties": {
			"unit": {"anyOf": [{"enum": ["celsius", "fahrenheit"]}, {"type": "null"}], "default": null},
			"days": {"type": "integer", "minimum": 1, "description": "How many days.\nAt most a week."}
		}
	}`)
	fmt.Println(s.TypeScript())
	for _, loss := range s.Losses() {
		fmt.Printf("%s: %s (%s)\n", loss.Pointer, loss.Message, loss.Kind)
	}
	fmt.Println(s.TypeScriptRich())
	// Output:
	// {
	// unit?: any, // default: null
	// // How many days.
	// At most a week.
	// days?: number,
	// }
	// /properties/unit/anyOf: it is not shown, the type is any (lost)
	// /properties/days/description: a line break ends its comment (unsafe)
	// /properties/days/minimum: it is not shown (lost)
	// /properties/days/type: integer is shown as number (lost)
	// {
	// unit?: "celsius" | "fahrenheit" | null, // default: null
	// // How many days.
	// // At most a week.
	// days?: number, // integer, minimum: 1
	// }
}
