// Package harmony holds the nouns of the Harmony response format: messages, their headers and content,
// tools, and conversations, with their JSON. It renders and parses nothing; package encoding does.
//
//	call := harmony.NewCall("functions.get_weather", `{"city":"Tokyo"}`)
//	messages := []harmony.Message{
//		harmony.NewSystem(harmony.NewSystemContent()),
//		harmony.NewDeveloper(harmony.NewDeveloperContent("Be brief.", weather)),
//		harmony.NewUser("What is the weather in Tokyo?"),
//		call,
//		harmony.NewResult(&call, `{"temperature":21}`),
//	}
//
// # Terms
//
// A message has a header and content. The header says who wrote it (role, and a name), who it is for
// (recipient), which channel it is on, and of what type its content is, in this order. A channel tells
// the assistant's reasoning (analysis), its calls and announcements (commentary) and its answer (final)
// apart. A call is a message from the assistant to a tool; the tool answers with a message of role tool
// that bears the tool's full name, such as functions.get_weather. A namespace groups tools under a name.
// Purpose sums the header up in one word.
//
// # JSON
//
// The JSON is openai-harmony's own, both ways: what its to_json writes is read here, what is written here
// its from_json reads. Read is what the Rust crate (serde) accepts, with the crate's forms of the same
// thing: content as a string or an array, a conversation as an object or an array, structures as arrays of
// their fields, {"user":null} for "user". Names are compared byte for byte; a known field that is repeated
// is an error, an unknown one is ignored. An error is a *JSONError with a JSON pointer and a byte offset.
//
// A field that is absent, or null, differs from one that is there and empty: "" renders. A Go string cannot
// tell them apart, so the Empty sets of Message, SystemContent, DeveloperContent and Namespace do. Tools
// that are nil are absent, an empty map is not.
//
// # Guarantees
//
// Reading what was written gives the same message, for every message that MarshalJSON accepts and whose
// strings are UTF-8, with two limits that openai-harmony's JSON has itself: a nil and an empty list are the
// same, and parameters that are the schema null are none. A document may nest 127 containers, so schemas
// nested more than about 117 deep can be written, but neither we nor the crate read them back.
//
// Reading takes time and memory in proportion to the document, whatever it holds, and never panics. A call
// that fails changes nothing. The types are plain data without locks: share them for reading, or own them.
//
// # Deviations
//
// The crate writes a schema as it has understood it: a repeated key once, 1E5 as 100000.0. Here a schema
// keeps its spelling and loses only its white space, because a float that goes through the crate's parser
// twice can change. The Python wheel leaves out absent fields of system content, and its constructors then
// fill in defaults when it reads them; here they are null, as in the crate, and stay absent.
// json.Marshal escapes <, > and & in what MarshalJSON returns, and refuses nothing more; AppendMessage and
// AppendConversation write the crate's bytes.
//
// # Sources
//
// openai/harmony v0.0.8: src/chat.rs for the types, their JSON, the defaults and the built-in tools;
// docs/format.md for what channels and recipients mean, and for response formats. serde 1, serde_json 1.0.140 for
// what is accepted.
package harmony
