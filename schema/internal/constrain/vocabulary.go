package constrain

import (
	"slices"
	"strings"
	"sync"

	"github.com/harmony-go/sdk/tokenizer"
)

// MaskWords is the number of words of a mask: one bit for each of the 201,088 ids of o200k_harmony that the gpt-oss models
// have, that of id i in word i/64.
const MaskWords = 201088 / 64

// A bitset is a mask.
type bitset [MaskWords]uint64

func (b *bitset) add(tok uint32) { b[tok/64] |= 1 << (tok % 64) }

// A vocabulary is what masks need to know about the tokens of o200k_harmony. It is made once in a process.
type vocabulary struct {
	tokens *tokenizer.Tokenizer
	all    trie // the tokens of text

	spaces []uint32 // the tokens that are white space only
	starts trie     // those that begin with white space or a byte that JSON has outside of strings: without the white space

	inside   bitset // the tokens that stay inside a string where everything is allowed
	crossing trie   // those that leave it
	behind   trie   // those again, without what stands before the quote and the quote
}

// o200k returns the vocabulary of o200k_harmony.
var o200k = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{tokens: tokenizer.O200kHarmony()}
	n := min(v.tokens.Size(), 64*MaskWords)
	list := make([]piece, 0, n)
	for t := range uint32(n) {
		if s := v.text(tokenizer.Token(t)); s != "" {
			list = append(list, piece{s, t, prefixKey(s)})
		}
	}
	sortPieces(list)
	v.all = newTrie(list)
	v.classify(list)
	return v
})

// Warm makes the tables of the vocabulary, which otherwise the first matcher of a process makes. It takes about a tenth of a
// second.
func Warm() { o200k() }

// text returns the bytes of a token, or "" where it is none of text.
func (v *vocabulary) text(tok tokenizer.Token) string {
	if v.tokens.IsSpecial(tok) {
		return ""
	}
	s, _ := v.tokens.TokenString(tok)
	return s
}

// classify finds the tokens that may stand outside of strings, inside of them, and across their ends.
func (v *vocabulary) classify(list []piece) {
	var starts, crossing, behind []piece
	m := &Matcher{g: &Grammar{}}
	var here, next []thread
	for _, p := range list {
		rest := strings.TrimLeft(p.text, " \t\r\n")
		if rest == "" {
			v.spaces = append(v.spaces, p.tok)
		} else if strings.IndexByte(`"{}[]:,-0123456789tfn`, rest[0]) >= 0 {
			starts = append(starts, piece{rest, p.tok, prefixKey(rest)})
		}
		here = append(here[:0], thread{top: noFrame, mode: modeText, text: anyText.start})
		i := 0
		for ; i < len(p.text) && len(here) > 0 && here[0].mode == modeText; i++ {
			next = m.step(&here[0], p.text[i], next[:0])
			here, next = next, here
		}
		switch {
		case len(here) == 0:
		case here[0].mode == modeText:
			v.inside.add(p.tok)
		default:
			crossing = append(crossing, p)
			behind = append(behind, piece{p.text[i:], p.tok, prefixKey(p.text[i:])})
		}
	}
	sortPieces(starts)
	sortPieces(behind)
	v.starts, v.crossing, v.behind = newTrie(starts), newTrie(crossing), newTrie(behind)
}

// A piece is a token, or what is left of one behind something that has been read.
type piece struct {
	text string
	tok  uint32
	key  uint64 // the first eight bytes
}

func prefixKey(s string) uint64 {
	key := uint64(0)
	for i := range min(8, len(s)) {
		key |= uint64(s[i]) << (56 - 8*i)
	}
	return key
}

// sortPieces sorts by text.
func sortPieces(list []piece) {
	slices.SortFunc(list, func(a, b piece) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return strings.Compare(a.text, b.text)
	})
}
