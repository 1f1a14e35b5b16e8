// Package conformance holds an implementation of Harmony to the reference: vectors recorded from
// the PyPI wheels openai-harmony 0.0.8 and oss-harmony 0.0.11, the generator that makes more of them, and the list of
// the places where this module deliberately reads a stream otherwise, each with its reason.
//
// There is nothing to import yet. The package's tests are its content:
//
//	go test ./conformance                       every vector, every difference, the peer's own tests
//	go test ./conformance -run Differences -update   write differences.txt again after a deliberate change
//	HARMONY_VECTORS=DIR go test ./conformance -run Live   vectors that gen/generate.py --out DIR has just made
//
// Another implementation runs the same vectors with run.py, through the JSON Lines contract of
// cmd/harmony. README.md in this folder describes the files and formats.
package conformance
