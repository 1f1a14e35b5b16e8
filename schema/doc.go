// Package schema holds one JSON Schema: the parameters of a tool.
//
// A model is told about a tool in TypeScript. Parse reads the schema a program has, and TypeScript writes
// the type that gpt-oss sees; see the example.
//
// # Terms
//
// A document is the JSON text of a schema. It is kept byte for byte: the spelling of numbers, the order of
// properties and repeated keys all decide about what the model sees, so a schema should come here as the
// text it was written in, and not as a map that has been through encoding/json.
//
// # Guarantees
//
// TypeScript writes what openai-harmony 0.0.8 writes, byte for byte, its oddities included: the model was
// trained on that text, and a prompt that differs by a token is another prompt. A document is refused
// exactly where that library refuses it, with a *ParseError that has the byte offset. Checked are the
// conformance vectors and recorded random schemas (testdata); a campaign of 35,000 more found no
// difference.
//
// Nothing a document holds can make this package panic or hang. A document's nesting is limited to 127
// containers; the text is at most about 130 times as long as the document, and that only at full depth.
// A Schema is immutable and safe for concurrent use.
//
// # What TypeScript does not say
//
// The reference understands type, properties, required, items, enum of strings, oneOf, nullable, title,
// description, examples and default. anyOf, allOf, $ref, const, limits, patterns and formats are lost: an
// optional field of pydantic (anyOf with null) is any. Nothing is escaped: a newline in a description
// leaves its comment and can pretend to be a declaration, so schemas from strangers want a look first.
//
// # Sources
//
// openai/harmony v0.0.8, src/encoding.rs (json_schema_to_typescript); serde_json 1.0.140 with
// preserve_order for what is JSON and how numbers are read; ryu 1.0.20 for how they are printed.
package schema
