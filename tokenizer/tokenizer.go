package tokenizer

import (
	"sync"

	"github.com/dlclark/regexp2"
)

// A Token is the id of a token.
type Token uint32

// A Tokenizer turns text into tokens and back. It is immutable: any number of goroutines may share one.
type Tokenizer struct {
	vocab   vocabulary
	special specials
	pattern *regexp2.Regexp // cuts text into pieces; nil: the scanner of O200kPattern does
	pool    sync.Pool       // of *scratch
}

// scratch is what one call needs beside its result. It goes from call to call through the pool.
type scratch struct {
	merger merger
	cache  cache
	buf    []Token // tokens of which only the number is wanted, or not yet the final place
}

func (t *Tokenizer) getScratch() *scratch {
	if sc, ok := t.pool.Get().(*scratch); ok {
		return sc
	}
	return new(scratch)
}

// Encode returns the tokens of text. The spelling of a special token is ordinary text here: no input can make one.
func (t *Tokenizer) Encode(text string) []Token { return t.AppendEncode(nil, text) }

// AppendEncode appends the tokens of text to dst, like Encode. It allocates nothing if dst has room for them.
func (t *Tokenizer) AppendEncode(dst []Token, text string) []Token {
	sc := t.getScratch()
	dst = t.appendEncode(dst, text, sc)
	t.pool.Put(sc)
	return dst
}

// Count returns the number of tokens that Encode would return, without making them.
func (t *Tokenizer) Count(text string) int {
	sc := t.getScratch()
	sc.buf = t.appendEncode(sc.buf[:0], text, sc)
	n := len(sc.buf)
	t.pool.Put(sc)
	return n
}

// TokenString returns the bytes of one token, for a special token its spelling, and whether the vocabulary has it. The
// string is a part of the vocabulary: nothing is allocated. Beware that it need not be valid UTF-8.
func (t *Tokenizer) TokenString(tok Token) (string, bool) {
	s := t.vocab.tokenString(tok)
	return s, s != ""
}

// Size is one more than the highest id of the vocabulary: the number of rows that a table by token needs.
func (t *Tokenizer) Size() int { return t.vocab.size() }
