// Package ojson reads and writes JSON the way serde_json 1.0.140 does, which is what openai-harmony
// reads and writes its conversations with: strictly by RFC 8259, members in the order they stand in, and
// every value with its byte offset.
//
// A document is refused where serde_json refuses it: invalid UTF-8 anywhere, a lone surrogate in an
// escape, a control character in a string, a number too large for a float64, containers nested more than
// MaxDepth deep, text after the value. Duplicate keys are legal JSON and are kept; what they mean is the
// caller's business.
//
// Reader is the pull form, for decoders that know what they want. Parse builds a Value from it, for code
// that does not. Memory is bounded by a small multiple of the document's size in both.
package ojson
