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

// scratch is what one call needs beside its result: caches, and room for merges. It goes from call to call through the pool, so
// that the caches stay warm and each is used by one goroutine at a time.
type scratch struct {
	cache  cache
	misses misses
	merger merger
	buf    []Token // tokens on their way: to be counted, or until it is known how many there are
}

const (
	scratchTokens = 4096    // the size of scratch.buf
	scratchKeep   = 1 << 18 // a larger one is given back after use
)

func (t *Tokenizer) getScratch() *scratch {
	if sc, ok := t.pool.Get().(*scratch); ok {
		return sc
	}
	return &scratch{buf: make([]Token, 0, scratchTokens)}
}

func (t *Tokenizer) putScratch(sc *scratch) {
	if cap(sc.buf) > scratchKeep {
		sc.buf = make([]Token, 0, scratchTokens)
	}
	t.pool.Put(sc)
}

// Encode returns the tokens of text. The spelling of a special token is ordinary text here: no input can make one.
func (t *Tokenizer) Encode(text string) []Token {
	sc := t.getScratch()
	defer t.putScratch(sc)
	buf, i := t.encodeSome(sc.buf[:0], text, 0, sc)
	sc.buf = buf[:0]
	if i == len(text) {
		return append([]Token(nil), buf...)
	}
	// The beginning tells about how many there will be.
	estimate := int(float64(len(buf)) * float64(len(text)) / float64(i) * 1.1)
	dst := append(make([]Token, 0, estimate+runRoom), buf...)
	return t.appendEncode(dst, text, i, sc)
}

// AppendEncode appends the tokens of text to dst, like Encode. It allocates nothing if dst has room for them. What is in dst
// between its length and its capacity may be overwritten.
func (t *Tokenizer) AppendEncode(dst []Token, text string) []Token {
	sc := t.getScratch()
	dst = t.appendEncode(dst, text, 0, sc)
	t.putScratch(sc)
	return dst
}

// Count returns the number of tokens that Encode would return. It allocates nothing.
func (t *Tokenizer) Count(text string) int {
	sc := t.getScratch()
	count := 0
	for i := 0; i < len(text); {
		var buf []Token
		buf, i = t.encodeSome(sc.buf[:0], text, i, sc)
		sc.buf = buf[:0]
		count += len(buf)
	}
	t.putScratch(sc)
	return count
}

// TokenString returns the bytes of one token, for a special token its spelling, and whether the vocabulary has it. The
// string is a part of the vocabulary: nothing is allocated. Beware that it need not be valid UTF-8.
func (t *Tokenizer) TokenString(tok Token) (string, bool) {
	s := t.vocab.tokenString(tok)
	return s, s != ""
}

// Size is one more than the highest id of the vocabulary: the number of rows that a table by token needs.
func (t *Tokenizer) Size() int { return t.vocab.size() }
