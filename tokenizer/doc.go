// Package tokenizer turns text into the tokens of o200k_harmony, the vocabulary of the gpt-oss models, and back: exactly as
// openai-harmony and tiktoken do, with the vocabulary inside the program.
//
//	t := tokenizer.O200kHarmony()
//	toks := t.Encode("Hello, world!")       // [13225 11 2375 0]
//	text, err := t.Decode(toks)             // "Hello, world!"
//	n := t.Count("How many tokens is this?")
//
// # Terms
//
// A token is a number that stands for some bytes; the vocabulary says which. Text is first cut into pieces by a pattern
// (words with the space before them, numbers of up to three digits, runs of punctuation, white space), then each piece is
// encoded on its own by byte pair encoding. A special token is one that no text can contain: it structures a conversation, and
// has a spelling such as <|start|> only for people to read.
//
// # Guarantees
//
// Encode never makes a special token, whatever the text: spellings of special tokens are ordinary text to it. EncodeSpecial
// makes them, all or those that are named; it is for text of your own.
//
// Decoding what was encoded gives the same bytes, also where they are not UTF-8. Encoding the same text gives the same
// tokens, everywhere and always.
//
// Time is proportional to the length of the text, whatever the text: a million spaces, letters or Han characters without
// a break are no special case. Beside the result an encoder needs about one and a half megabytes, which are kept for the
// next call; only a single piece of more than a megabyte of text makes it take more for the while.
//
// Every method of Tokenizer is safe for concurrent use; goroutines share nothing that is written to.
//
// # Text that is not UTF-8
//
// A byte that is not part of a well-formed character is taken for a character of its own that is neither letter, number
// nor white space: pieces are cut as if U+FFFD stood there, but the byte itself is encoded. openai-harmony and tiktoken take
// only Python strings, and replace or refuse lone surrogates before they begin; there is nothing to agree with.
//
// # Where it differs from others
//
// From tiktoken's o200k_harmony: <|endofprompt|> is ordinary text and 200018 is <|reserved_200018|>, and there is a
// <|reserved_201088|>, all as in openai-harmony 0.0.8. The models' own vocabulary ends at 201087.
//
// From openai-harmony: it stops with a panic at pieces of a million characters, and takes quadratic time before that.
//
// The classes of characters are those of Unicode 16.0, as in the reference. Package unicode of Go 1.26 has those of
// Unicode 15.0, in which some letters are not letters yet.
//
// # How it is fast
//
// The pattern is run by hand (scan.go), for words of ASCII eight bytes at a time (scan_ascii.go, encode.go). Pieces are
// looked up in a small cache (cache.go). Those that it does not know are put off and resolved several at a time, to wait
// for memory once instead of again and again (miss.go). The merge asks a perfect hash table of pairs of tokens, and takes
// long pieces window by window; characters of several bytes it joins at once where that is sure to come first (merge.go).
//
// # Sources
//
// The ranks are those of o200k_base as published by OpenAI (see NOTICE), packed by internal/gen. Pattern and special tokens:
// openai-harmony 0.0.8, src/tiktoken_ext/public_encodings.rs. That an encoding can be checked at its seams is shown by
// github.com/github/rust-gems, crates/bpe.
package tokenizer
