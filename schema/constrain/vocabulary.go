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

	digits    trie // the tokens of digits only, of which none has more than three
	inNumbers trie // those that begin with something else that a number may go on with

	// The tokens that may stand between the parts of a text: with white space at the beginning, and without.
	loose, compact outside

	runes    runeTrie            // the tokens that stay inside a string and are well-formed text without escapes
	odd      trie                // the others that stay inside a string
	inside   bitset              // the tokens that stay inside a string where everything is allowed
	escapes  bitset              // the tokens with a backslash that stay inside of a string or begin one
	escaped  trie                // those that stay inside
	upTo     [maxUpTo + 1]bitset // those of them that need no more characters than so many
	longer   []longToken         // the others, by what they need
	crossing trie                // those that leave it
	behind   trie                // those again, without what stands before the quote and the quote: as their places in crossing.tokens
	before   int                 // the most characters that one of them has before the quote
}

// An outside holds the tokens that may follow where a string does not go on: those of white space only, and by what is left of
// them behind white space, those that begin with a byte of JSON's structure.
type outside struct {
	spaces      []uint32
	starts      trie       // those that do not begin with a quote or consist of digits
	digits      trie       // those of digits
	quoted      trie       // those that do, by what is behind the quote
	quotedIn    insideMask // of these, those that stay inside a string where everything is allowed
	quotedCross trie       // and those that leave it
	// those that stay inside and have escapes
	quotedEscaped trie
}

// Tokens of more characters than maxUpTo are few.
const maxUpTo = 24

// A longToken is a token of many characters.
type longToken struct {
	tok  uint32
	need int32
}

// o200k returns the vocabulary of o200k_harmony.
var o200k = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{tokens: tokenizer.O200kHarmony()}
	n := min(v.tokens.Size(), 64*MaskWords)
	list := make([]piece, 0, n)
	for t := range uint32(n) {
		if s := v.text(tokenizer.Token(t)); s != "" {
			list = append(list, newPiece(s, t))
		}
	}
	sortPieces(list)
	v.all = newTrie(list)
	v.classify(list)
	return v
})

// Warm makes the tables of the vocabulary, and of the formats that take long, which otherwise the first matcher and the first
// grammar of a process make. It takes about a fifth of a second.
func Warm() {
	o200k()
	formatSet("email")
	formatSet("hostname")
}

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
	var crossing, behind, runes, odd, escaped []piece
	m := &Matcher{g: &Grammar{}}
	for _, p := range list {
		end, need := m.stringPart(p.text)
		switch {
		case end < 0:
		case end == len(p.text):
			v.inside.add(p.tok)
			if plainText(p.text) {
				runes = append(runes, p)
			} else {
				odd = append(odd, p)
			}
			if strings.IndexByte(p.text, '\\') >= 0 {
				v.escapes.add(p.tok)
				escaped = append(escaped, p)
			}
			v.sortByNeed(p.tok, need)
		default:
			v.before = max(v.before, end)
			behind = append(behind, newPiece(p.text[end+1:], uint32(len(crossing))))
			crossing = append(crossing, p)
		}
	}
	for k := range v.upTo[:maxUpTo] {
		for i, w := range v.upTo[k] {
			v.upTo[k+1][i] |= w
		}
	}
	slices.SortFunc(v.longer, func(a, b longToken) int { return int(a.need - b.need) })
	sortPieces(behind)
	v.crossing, v.behind = newTrie(crossing), newTrie(behind)
	v.runes, v.odd, v.escaped = newRuneTrie(runes), newTrie(odd), newTrie(escaped)
	v.splitDigits(list)
	v.loose.build(v, list, " \t\r\n")
	v.compact.build(v, list, "")
}

func (v *vocabulary) splitDigits(list []piece) {
	var digits, others []piece
	for _, p := range list {
		switch {
		case len(p.text) <= 3 && strings.Trim(p.text, "0123456789") == "":
			digits = append(digits, p)
		case strings.IndexByte("+-.eE", p.text[0]) >= 0 || p.text[0] >= '0' && p.text[0] <= '9':
			others = append(others, p)
		}
	}
	v.digits, v.inNumbers = newTrie(digits), newTrie(others)
}

// build sorts the tokens that begin with some of the white space given, or with none.
func (o *outside) build(v *vocabulary, list []piece, space string) {
	var starts, digits, quoted, cross, escaped []piece
	m := &Matcher{g: &Grammar{}}
	for _, p := range list {
		rest := strings.TrimLeft(p.text, space)
		switch {
		case rest == "":
			o.spaces = append(o.spaces, p.tok)
		case rest[0] == '"':
			q := newPiece(rest[1:], p.tok)
			quoted = append(quoted, q)
			if end, _ := m.stringPart(q.text); end == len(q.text) {
				o.quotedIn.list = append(o.quotedIn.list, p.tok)
				if strings.IndexByte(q.text, '\\') >= 0 {
					v.escapes.add(p.tok)
					escaped = append(escaped, q)
				}
			} else if end >= 0 {
				cross = append(cross, q)
			}
		case strings.Trim(rest, "0123456789") == "":
			digits = append(digits, newPiece(rest, p.tok))
		case strings.IndexByte(`{}[]:,-0123456789tfn`, rest[0]) >= 0:
			starts = append(starts, newPiece(rest, p.tok))
		}
	}
	sortPieces(starts)
	sortPieces(digits)
	sortPieces(quoted)
	sortPieces(cross)
	sortPieces(escaped)
	o.quotedEscaped = newTrie(escaped)
	o.starts, o.digits, o.quoted, o.quotedCross = newTrie(starts), newTrie(digits), newTrie(quoted), newTrie(cross)
}

// stringPart returns how much of a text stays inside a string where everything is allowed, negative if it cannot stand there at
// all, and how many characters the string needs for that. The matcher is unchanged.
func (m *Matcher) stringPart(text string) (end int, need int32) {
	var buf [2]thread
	here := thread{top: noFrame, mode: modeText, text: countText.start}
	for i := range len(text) {
		if here.part == partNone && text[i] == '"' {
			return i, here.size
		}
		out := m.stepString(&here, text[i], buf[:0])
		if len(out) == 0 {
			return -1, 0
		}
		here = out[0]
	}
	return len(text), here.size + int32(boolByte(here.part != partNone))
}

// countText is a machine that counts all characters of a token.
var countText = func() *textMachine {
	m, err := newTextMachine(lengthSet(0, maxCount))
	if err != nil {
		panic(err)
	}
	return m
}()

// sortByNeed notes how many characters a token needs room for.
func (v *vocabulary) sortByNeed(tok uint32, need int32) {
	if need <= maxUpTo {
		v.upTo[need].add(tok)
	} else {
		v.longer = append(v.longer, longToken{tok, need})
	}
}

// A piece is a token, or what is left of one behind something that has been read.
type piece struct {
	text string
	tok  uint32
	key  uint64 // the first eight bytes
}

func newPiece(s string, tok uint32) piece {
	key := uint64(0)
	for i := range min(8, len(s)) {
		key |= uint64(s[i]) << (56 - 8*i)
	}
	return piece{s, tok, key}
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
