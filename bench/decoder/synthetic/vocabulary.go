package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/harmony-go/sdk/tokenizer"
)

const (
	harmonyVocabulary = 201088 // openai/gpt-oss-20b, config.json, vocab_size
	harmonySpecial    = 199998 // the first token that is not ordinary
	harmonyNone       = 200019 // from here on rows of the embedding have no token
)

// Kinds of tokens. Source: ggml-org/llama.cpp, gguf-py/gguf/constants.py, TokenType.
const (
	normalToken  = 1
	controlToken = 3
	unusedToken  = 5
)

// tokenizerMetadata describes o200k_harmony as llama.cpp reads it.
func tokenizerMetadata() []keyValue {
	t := tokenizer.O200kHarmony()
	tokens, kinds := make([]string, harmonyVocabulary), make([]int32, harmonyVocabulary)
	for i := range tokens {
		text, _ := t.TokenString(tokenizer.Token(i))
		switch {
		case i < harmonySpecial:
			tokens[i], kinds[i] = spell(text), normalToken
		case i == 200018:
			tokens[i], kinds[i] = "<|endofprompt|>", controlToken
		case i < harmonyNone:
			tokens[i], kinds[i] = text, controlToken
		default:
			tokens[i], kinds[i] = fmt.Sprintf("[PAD%d]", i), unusedToken
		}
	}
	return []keyValue{
		{"tokenizer.ggml.model", "gpt2"},
		{"tokenizer.ggml.pre", "gpt-4o"},
		{"tokenizer.ggml.tokens", tokens},
		{"tokenizer.ggml.token_type", kinds},
		{"tokenizer.ggml.merges", merges(t)},
		{"tokenizer.ggml.bos_token_id", uint32(tokenizer.StartOfText)},
		{"tokenizer.ggml.eos_token_id", uint32(tokenizer.Return)},
		{"tokenizer.ggml.padding_token_id", uint32(tokenizer.EndOfText)},
	}
}

// merges lists every way to make a token of two others, the tokens in the order of their ranks, which are their ids, and
// the ways of one token in the order of the ranks of its parts. That is how transformers derives merges from a
// vocabulary that has none: convert_slow_tokenizer.py, TikTokenConverter.extract_vocab_merges_from_model.
func merges(t *tokenizer.Tokenizer) []string {
	ranks := make(map[string]int, harmonySpecial)
	tokens := make([]string, harmonySpecial)
	for i := range tokens {
		tokens[i], _ = t.TokenString(tokenizer.Token(i))
		ranks[tokens[i]] = i
	}
	type split struct {
		at, left, right int
	}
	var list []string
	var ways []split
	for _, tok := range tokens {
		ways = ways[:0]
		for at := 1; at < len(tok); at++ {
			left, isLeft := ranks[tok[:at]]
			right, isRight := ranks[tok[at:]]
			if isLeft && isRight {
				ways = append(ways, split{at, left, right})
			}
		}
		slices.SortFunc(ways, func(a, b split) int { return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right)) })
		for _, w := range ways {
			list = append(list, spell(tok[:w.at])+" "+spell(tok[w.at:]))
		}
	}
	return list
}

// spell writes bytes as GGUF does: a printable character for each.
// Source: openai/gpt-2, src/encoder.py, bytes_to_unicode.
func spell(token string) string {
	var b strings.Builder
	for i := range len(token) {
		b.WriteRune(byteRunes[token[i]])
	}
	return b.String()
}

// byteRunes: a byte that prints in Latin-1 stands for itself, the others for the characters from U+0100 on.
var byteRunes = func() (runes [256]rune) {
	next := rune(256)
	for b := range runes {
		if b >= '!' && b <= '~' || b >= '¡' && b <= '¬' || b >= '®' {
			runes[b] = rune(b)
		} else {
			runes[b] = next
			next++
		}
	}
	return runes
}()
