package tokenizer

import (
	"slices"
	"strings"
)

// specials finds the spellings of special tokens in text.
type specials struct {
	tokens  map[string]Token
	ids     map[Token]struct{} // nil if exactly the ids from first on are special
	first   Token
	prefix  string // what all spellings begin with
	lengths []int  // the lengths of spellings, each once, the longest first
}

// newSpecials collects the special tokens of a vocabulary in which they are the ids from first on.
func newSpecials(v *vocabulary, first Token) specials {
	tokens := make(map[string]Token, v.size()-int(first))
	for t := first; int(t) < v.size(); t++ {
		tokens[v.tokenString(t)] = t
	}
	s := specialsOf(tokens)
	s.first = first
	return s
}

// specialsOf indexes spellings; first and ids are the caller's.
func specialsOf(tokens map[string]Token) specials {
	s := specials{tokens: tokens}
	seen := map[int]bool{}
	for spelling := range tokens {
		if len(seen) == 0 {
			s.prefix = spelling
		}
		for !strings.HasPrefix(spelling, s.prefix) {
			s.prefix = s.prefix[:len(s.prefix)-1]
		}
		if !seen[len(spelling)] {
			seen[len(spelling)] = true
			s.lengths = append(s.lengths, len(spelling))
		}
	}
	slices.SortFunc(s.lengths, func(a, b int) int { return b - a })
	return s
}

// next returns the first spelling in text at or after i: where it begins and ends, and its token. only, if not empty, says
// which tokens count. Where two spellings begin at the same place the longer one wins.
func (s *specials) next(text string, i int, only []Token) (start, end int, tok Token, ok bool) {
	for len(s.tokens) > 0 {
		n := strings.Index(text[i:], s.prefix)
		if n < 0 || i+n == len(text) {
			break
		}
		i += n
		for _, length := range s.lengths {
			if length > len(text)-i {
				continue
			}
			tok, ok := s.tokens[text[i:i+length]]
			if ok && (len(only) == 0 || slices.Contains(only, tok)) {
				return i, i + length, tok, true
			}
		}
		i++
	}
	return 0, 0, 0, false
}

// EncodeSpecial returns the tokens of text in which the spellings of special tokens stand for those tokens: all of them, or
// only those given. The text between two special tokens is encoded as if it stood alone. Use it for text that you wrote
// yourself, never for what a user, a tool or a model wrote.
func (t *Tokenizer) EncodeSpecial(text string, only ...Token) []Token {
	return t.AppendEncodeSpecial(make([]Token, 0, len(text)/3+runRoom), text, only...)
}

// AppendEncodeSpecial appends the tokens of text to dst, like EncodeSpecial. It allocates nothing if dst has room for them.
func (t *Tokenizer) AppendEncodeSpecial(dst []Token, text string, only ...Token) []Token {
	sc := t.getScratch()
	i := 0
	for {
		start, end, tok, ok := t.special.next(text, i, only)
		if !ok {
			break
		}
		dst = append(t.appendEncode(dst, text[i:start], 0, sc), tok)
		i = end
	}
	dst = t.appendEncode(dst, text[i:], 0, sc)
	t.putScratch(sc)
	return dst
}

// Special returns the special token that is spelled so.
func (t *Tokenizer) Special(spelling string) (Token, bool) {
	tok, ok := t.special.tokens[spelling]
	return tok, ok
}

// IsSpecial reports whether tok is a special token.
func (t *Tokenizer) IsSpecial(tok Token) bool {
	if t.special.ids != nil {
		_, ok := t.special.ids[tok]
		return ok
	}
	return tok >= t.special.first && int(tok) < t.vocab.size()
}
