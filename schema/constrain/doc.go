// Package constrain makes a model write instances of a JSON Schema: before every token it says which tokens may come next.
//
//	grammar, err := constrain.Compile(schema, nil) // once; for any number of texts, at the same time
//	m := grammar.NewMatcher()                      // for one text
//	mask := make([]uint64, constrain.MaskWords)
//	for !m.Accepting() {
//		m.Mask(mask)                           // a bit for every token that may come next
//		err := m.Accept(choose(logits, mask))
//	}
//
// # Terms
//
// A grammar accepts the JSON texts of the values that a schema allows. A matcher follows one text through it. A mask is a set of
// tokens of o200k_harmony, one bit for each id. Special tokens are in no mask: what ends a text is the business of whoever reads
// the message around it, who asks Accepting. Pointers are JSON pointers (RFC 6901), offsets count bytes.
//
// # Guarantees
//
// Sound: a text that is accepted to its end is an instance, as schema.Validate has it, formats included. Complete: an instance is
// accepted in every order of its keys, every spelling of its strings and numbers, with any white space, and in any tokens. Exact:
// a mask holds exactly the tokens that can be accepted. Alive: after every accepted token the text can be completed. Options narrow
// what is accepted, and keep the rest. What cannot be enforced so is refused when the schema is compiled, by an *UnsupportedError with
// pointer and keyword; nothing is ignored unless Options say so.
//
// The tests check this on random walks and spellings, against schema.Validate and by trying every token. Of the official test suite
// of draft 2020-12 (commit 44401e0c, 1,299 tests without the optional ones) 1,189 are decided rightly in three spellings and two
// ways to cut them into tokens, 109 have schemas that are refused, 40 of them because nothing satisfies them, and one valid
// instance is not accepted; no invalid one is. See suite_test.go, and testdata/disagreements.txt for how others decide the
// acceptance set.
//
// # What is enforced
//
// All assertions and applicators of drafts 2020-12, 2019-09, 7, 6 and 4, as $schema says, 2020-12 without it:
//
//	any type       type, enum, const, allOf, anyOf, oneOf, not, if/then/else, $ref with recursion, dependentSchemas
//	numbers        minimum, maximum, exclusive ones, multipleOf, all by exact value: 1.0 and 1e2 are integers
//	strings        minLength, maxLength by characters; pattern, format by decoded characters, so that \u00e9 is é
//	arrays         items, prefixItems, minItems, maxItems, contains with its counts, uniqueItems, unevaluatedItems
//	objects        properties, patternProperties, additionalProperties, propertyNames, required, dependentRequired, dependencies,
//	               minProperties, maxProperties, unevaluatedProperties; no key twice
//	formats        date, time, date-time, duration, email, hostname, ipv4, ipv6, uuid, uri, uri-reference, iri, iri-reference,
//	               uri-template, json-pointer, relative-json-pointer
//
// Annotations, content keywords among them, and keywords that begin with x- say nothing about a value.
//
// # What is refused
//
//	$ref                        out of the document, or in a circle with nothing between
//	$dynamicRef, $recursiveRef  with several anchors of the name in the document
//	format                      others than above
//	pattern                     back-references, look-behind, look-ahead anywhere but behind a ^ at the beginning, and what has more
//	                            than a few thousand states
//	uniqueItems                 below not; where items have few values and there is more to know than their number; where items are
//	                            arrays or objects of which there is not always another
//	minProperties               with maxProperties and dependencies
//	unknown keywords            unless Options.IgnoreUnknown: most are spelling mistakes
//	keywords of a wrong type
//	contradictions              ErrNoInstance
//	what is too complex         more than 512 alternatives of arrays or objects in one place, 4 conditions on how many of a kind there
//	                            are, a million steps of compiling
//
// Options.Lenient goes on without the keyword, but where the schema is contradictory or too complex.
//
// # Limits
//
// A grammar is narrower than its schema in this: a host name has no A-label (xn--…), because whether one is well-formed is no matter of
// finite automata; a number has at most 990 characters before its exponent, and 450 where it has to be a multiple; of more than 1,024
// ways to understand a text the last are given up. The limits of schema.Validate hold: 127 containers inside each other, and
// schema.MaxInstance bytes, at which a text that is not complete has no next token. Only that the keys on the way to a value have at
// most 16 KiB is not looked at.
//
// # Cost
//
// Compiling takes about a tenth of a millisecond for the schema of a tool, and does no work on the vocabulary. A mask takes about a
// microsecond where its state has been seen before, tens of microseconds at the first time, and up to a few milliseconds at the first
// time inside a string with a pattern. A grammar remembers up to about 8 MB of masks. The tables of the vocabulary are made once in a
// process, take a fifth of a second and about 20 MB; Warm makes them beforehand. Once it has seen the states, a matcher
// allocates nothing, except to compare values where items are unique. bench/constrain measures all this.
//
// # Concurrency
//
// A Grammar is safe for concurrent use, and so are grammars that share automata. A Matcher belongs to one goroutine.
//
// # How it works
//
// A schema becomes a set of values by type: numbers as intervals and multiples, strings as formulas over automata, arrays and objects as
// unions of shapes; not, oneOf and if are set operations on them (set.go, ways.go). Each becomes a machine with lazy states (textmachine.go,
// numstate.go) or a plan that counts what is left to do (objectplan.go, arrayplan.go). A matcher is a set of threads, mostly one, with a
// stack of immutable frames (frame.go). A mask is a walk through a prefix tree of the tokens; what stays inside a string does not depend on
// what stands around it and is remembered for the state of its automaton, so that only tokens across the quote are tried in their place
// (stringmask.go, inside.go).
//
// # Sources
//
// JSON: RFC 8259. JSON Schema: drafts 4 to 2020-12, and the official test suite. Formats: RFC 3339, 5321, 1123, 5890, 3986, 3987, 6570,
// 6901, 4291, 4122. Patterns: ECMA-262 with the flag u. Prefix trees laid out in the order of a walk, and tokens that stay inside a string
// told beforehand from those that leave it, are ideas of llguidance 1.9.1; masks by the state of an automaton, of XGrammar. No code is taken
// from either.
package constrain
