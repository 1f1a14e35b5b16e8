// Package tokenizer turns text into the tokens of o200k_harmony, the vocabulary of the gpt-oss models, and back.
package tokenizer
