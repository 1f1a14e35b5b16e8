package decoder

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/tokenizer"
)

// checkVocabulary returns an error if a GGUF file lists tokens that are not those of o200k_harmony. A file without a list, as
// tests use it, and a directory, whose tokens lie in a file of their own, are not checked.
func checkVocabulary(c *checkpoint.Checkpoint) error {
	const key = "tokenizer.ggml.tokens"
	list := c.Meta[key]
	if !list.There() {
		return nil
	}
	fail := func(format string, args ...any) error {
		return &FileError{File: c.ConfigPath, Key: key, What: fmt.Sprintf(format, args...)}
	}
	t := tokenizer.O200kHarmony()
	if list.Len() != harmonyTokens {
		return fail("expected the %d tokens of o200k_harmony, found %s", harmonyTokens, list)
	}
	tok, text := tokenizer.Token(0), make([]byte, 0, 512)
	for found, err := range list.Strings() {
		if err != nil {
			return fileError(err)
		}
		want, _ := t.TokenString(tok)
		if !t.IsSpecial(tok) {
			text = appendByteText(text[:0], want)
		} else {
			text = append(text[:0], want...)
			if strings.HasPrefix(want, "<|reserved_") || want == "<|endofprompt|>" {
				text = text[:0] // converters name what has no meaning as they like
			}
		}
		if len(text) > 0 && string(found) != string(text) {
			return fail("token %d: expected %s of o200k_harmony, found %s", tok, checkpoint.Quote(string(text)), checkpoint.Quote(string(found)))
		}
		tok++
	}
	return nil
}

// appendByteText appends the form in which GGUF spells tokens: a printable character for each byte, as GPT-2 chose them.
// Source: openai/gpt-2, src/encoder.py, bytes_to_unicode.
func appendByteText(dst []byte, token string) []byte {
	for i := range len(token) {
		dst = utf8.AppendRune(dst, byteRunes[token[i]])
	}
	return dst
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
