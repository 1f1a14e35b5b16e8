// Package schema holds one JSON Schema, the parameters of a tool or the form of an answer, for its four
// uses: it is made from a Go type or read, shown to the model as TypeScript, checked against what the model
// wrote, and read into a Go value.
//
//	tool, err := schema.For[Query]()                              // from a type, or schema.Parse(document)
//	fmt.Println(tool.TypeScript(), tool.Losses())                 // what the model sees, and what it does not
//	query, err := schema.DecodeArguments[Query](tool, arguments)  // validated, typed
//	answer := schema.Feedback(err)                                // what to tell the model, if it was wrong
//
// # Terms
//
// A document is the JSON text of a schema. It is kept byte for byte: the spelling of numbers, the order of
// properties and repeated keys all decide about what the model sees, so a schema should come here as the
// text it was written in, and not as a map that has been through encoding/json. An instance is a JSON text
// that is checked. Pointers are JSON pointers (RFC 6901), offsets count bytes.
//
// # From Go types
//
// For follows encoding/json: names and options of json tags, embedded structs, order of fields. Three tags
// say more:
//
//	City string `json:"city" jsonschema:"The city, e.g. Paris"`                  a description, as in the Go SDK of MCP
//	Unit string `json:"unit" jsonschema:"enum=c,enum=f,default=c,description=…"` key=value and flags, as in invopop/jsonschema
//	Days int    `json:"days" jsonschema:"minimum=1" description:"At most 7."`    description (or jsonschema_description) beside it
//
// A jsonschema tag is a list if its first part is a flag or begins with a word and "=", and a description
// otherwise. A comma within a value is written \\, in the source. Keys: title, description, enum and example
// (both repeatable), const, default, minLength, maxLength, pattern, format, contentEncoding,
// contentMediaType, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, minItems, maxItems,
// minProperties, maxProperties. Flags: required, optional, uniqueItems, deprecated, readOnly, writeOnly.
// "-" leaves the field out. What is about texts or numbers, and enum, goes to the items of an array. Any other
// key, and a value that does not fit, is an error. The tag of a blank field, _ struct{}, is about the struct.
//
// A type with a method JSONSchema (Describer) describes itself, one with JSONSchemaEnum (Enumerator) lists
// its values.
//
// # Two profiles of TypeScript
//
// TypeScript, the exact profile, writes what openai-harmony 0.0.8 writes, byte for byte, its oddities
// included: the model was trained on that text, and a prompt that differs by a token is another prompt. It
// understands type, properties, required, items, enum of strings, oneOf, nullable, title, description,
// examples and default. Losses lists the rest, with pointers. Nothing in it is escaped: TypeScriptStrict is
// the same text, refused where a document could forge a declaration.
//
// TypeScriptRich, the rich profile, says all of a schema and escapes everything. It is not what the model
// was trained on. Where nothing is lost the two are equal.
//
// # Guarantees
//
// A document is refused exactly where openai-harmony refuses it, with a *ParseError. Checked are the
// conformance vectors and recorded random schemas (testdata); a campaign of 35,000 more found no difference.
//
// Validate decides the official test suite of draft 2020-12 as it should but for what suite_test.go lists:
// 1,230 of its 1,299 tests right, 49 refused (they refer to documents elsewhere), and the others but two ask
// that formats be not asserted. Drafts 4, 6, 7 and 2019-09 are understood where $schema names them.
//
// Nothing a document, an instance or a tag holds can make this package panic or hang, or read a file or the
// network. Containers nest at most 127 deep; an instance has at most MaxInstance bytes. A Schema is
// immutable and safe for concurrent use.
//
// # Deviations
//
// Patterns run in linear time: look-behind, back-references, and look-ahead anywhere but behind a ^ at the
// beginning are refused when the document is compiled, and so are counts above 10,000. The formats of the
// drafts are asserted in every draft; idn-hostname and unknown ones are not checked. Contents
// (contentEncoding, contentMediaType) are not. In draft 4, 1.0 is an integer, as it is in all later ones.
//
// # Sources
//
// openai/harmony v0.0.8, src/encoding.rs (json_schema_to_typescript); serde_json 1.0.140 with
// preserve_order for what is JSON and how numbers are read; ryu 1.0.20 for how they are printed;
// santhosh-tekuri/jsonschema v5.3.1 validates, behind a guard; Go's encoding/json for what For describes.
package schema
