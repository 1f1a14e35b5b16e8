package tokenizer

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/dlclark/regexp2"

	"github.com/harmony-go/sdk/tokenizer/internal/perfect"
)

// Limits of what Load accepts. The largest published vocabularies have 200,000 tokens of at most 128 bytes.
const (
	maxTokenBytes = 1 << 10
	maxVocabBytes = 64 << 20
)

// A LoadError says what is wrong with a vocabulary, and where.
type LoadError struct {
	Line int // of the ranks, from 1; 0 if the fault is not in a line
	Err  error
}

// Error says where the fault is, what was expected and what was found.
func (e *LoadError) Error() string {
	if e.Line == 0 {
		return "tokenizer: load: " + e.Err.Error()
	}
	return fmt.Sprintf("tokenizer: load: line %d: %v", e.Line, e.Err)
}

// Unwrap returns the cause.
func (e *LoadError) Unwrap() error { return e.Err }

// Load reads a vocabulary in the .tiktoken form: lines of a token in base64, a space and its rank, which is its id. Text is cut
// by pattern, in the syntax of regexp2 (which is .NET's, and close to that of the engines for which such patterns are
// published; possessive quantifiers are not in it), or by the scanner if it is O200kPattern. Text that the pattern does not
// match is kept as a piece of its own: nothing is lost. special gives the special tokens by their spelling.
//
// Every single byte must be a token, ids must be below 2,097,151 and tokens at most 1,024 bytes long. The error is a
// *LoadError, or the reader's.
func Load(ranks io.Reader, pattern string, special map[string]Token) (*Tokenizer, error) {
	tokens, err := readRanks(ranks)
	if err != nil {
		return nil, err
	}
	t := &Tokenizer{}
	if pattern != O200kPattern {
		if t.pattern, err = regexp2.Compile(pattern, regexp2.None); err != nil {
			return nil, &LoadError{Err: fmt.Errorf("pattern: %w", err)}
		}
	}
	if tokens, err = addSpecials(tokens, special); err != nil {
		return nil, err
	}
	if t.vocab, err = buildVocabulary(tokens, special); err != nil {
		return nil, err
	}
	t.special = specialsOf(maps.Clone(special))
	t.special.ids = make(map[Token]struct{}, len(special))
	for _, id := range special {
		t.special.ids[id] = struct{}{}
	}
	return t, nil
}

// readRanks reads the lines of a .tiktoken file into a list by id, "" where there is no token.
func readRanks(r io.Reader) ([]string, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 4*maxTokenBytes)
	var tokens []string
	total, n := 0, 1
	for ; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		tok, rank, err := parseRank(lines.Bytes())
		if err != nil {
			return nil, &LoadError{Line: n, Err: err}
		}
		for rank >= len(tokens) {
			tokens = append(tokens, "")
		}
		if tokens[rank] != "" {
			return nil, &LoadError{Line: n, Err: fmt.Errorf("rank %d is used twice, by %q and %q", rank, tokens[rank], tok)}
		}
		tokens[rank] = tok
		if total += len(tok); total > maxVocabBytes {
			return nil, &LoadError{Line: n, Err: fmt.Errorf("more than %d bytes of tokens", maxVocabBytes)}
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, &LoadError{Line: n, Err: fmt.Errorf("the line is longer than %d bytes", 4*maxTokenBytes)}
	} else if err != nil {
		return nil, fmt.Errorf("tokenizer: load: %w", err)
	}
	return tokens, nil
}

// parseRank reads one line: base64, a space, a number.
func parseRank(line []byte) (string, int, error) {
	b64, num, ok := bytes.Cut(bytes.TrimSpace(line), []byte(" "))
	if !ok {
		return "", 0, fmt.Errorf("expected base64, a space and a rank, found %.40q", line)
	}
	tok, err := base64.StdEncoding.DecodeString(string(b64))
	if err != nil {
		return "", 0, fmt.Errorf("expected base64, found %.40q: %w", b64, err)
	}
	if len(tok) == 0 || len(tok) > maxTokenBytes {
		return "", 0, fmt.Errorf("expected a token of 1 to %d bytes, found %d", maxTokenBytes, len(tok))
	}
	rank, err := strconv.ParseUint(string(num), 10, 64)
	if err != nil || rank >= maxTokens {
		return "", 0, fmt.Errorf("expected a rank below %d, found %.40q", maxTokens, num)
	}
	return string(tok), int(rank), nil
}

// addSpecials puts the spellings into the list by id, and checks them.
func addSpecials(tokens []string, special map[string]Token) ([]string, error) {
	for _, spelling := range slices.Sorted(maps.Keys(special)) {
		id := special[spelling]
		switch {
		case spelling == "":
			return nil, &LoadError{Err: fmt.Errorf("special token %d has no spelling", id)}
		case id >= maxTokens:
			return nil, &LoadError{Err: fmt.Errorf("special token %.40q: expected an id below %d, found %d", spelling, maxTokens, id)}
		}
		for int(id) >= len(tokens) {
			tokens = append(tokens, "")
		}
		if tokens[id] != "" {
			return nil, &LoadError{Err: fmt.Errorf("special token %.40q: id %d is used by %.40q", spelling, id, tokens[id])}
		}
		tokens[id] = spelling
	}
	return tokens, nil
}

// buildVocabulary makes the tables for a list of tokens by id.
func buildVocabulary(tokens []string, special map[string]Token) (vocabulary, error) {
	v := vocabulary{
		off:      make([]uint32, 1, len(tokens)+1),
		bytePair: newBytePair(),
		edge:     newBytePair(),
		long:     newLong(len(tokens)),
	}
	for i := range v.bytes {
		v.bytes[i] = noToken
	}
	var text []byte
	for _, tok := range tokens {
		text = append(text, tok...)
		v.off = append(v.off, uint32(len(text)))
	}
	v.setText(text)
	ids := make(map[string]Token, len(tokens))
	for i, tok := range tokens {
		if tok == "" {
			continue
		}
		if s, ok := special[tok]; ok && s == Token(i) {
			continue
		}
		if other, ok := ids[tok]; ok {
			return v, &LoadError{Err: fmt.Errorf("token %.40q has two ranks, %d and %d", tok, other, i)}
		}
		ids[tok] = Token(i)
		if len(tok) == 1 {
			v.bytes[tok[0]] = Token(i)
		}
	}
	for b, t := range v.bytes {
		if t == noToken {
			return v, &LoadError{Err: fmt.Errorf("no token for the single byte 0x%02X", b)}
		}
	}
	if err := v.addWholes(ids); err != nil {
		return v, err
	}
	return v, v.addPairs(tokens, ids)
}

// addWholes fills the tables of whole tokens.
func (v *vocabulary) addWholes(ids map[string]Token) error {
	var keys []uint64
	for tok := range ids {
		if len(tok) <= inlineBytes {
			keys = append(keys, hashKey(keyOf(tok)))
		}
	}
	var err error
	if v.inlinePilots, err = perfect.Pilots(keys); err != nil {
		return &LoadError{Err: err}
	}
	v.inline = make([]inlineSlot, perfect.Places(len(keys)))
	for tok, id := range ids {
		v.addWhole(id, tok)
	}
	return nil
}

// addPairs fills the pair table.
func (v *vocabulary) addPairs(tokens []string, ids map[string]Token) error {
	var merges [][3]Token
	var keys []uint64
	for i, tok := range tokens {
		if t, ok := ids[tok]; ok && t == Token(i) && len(tok) > 1 {
			if left, right, ok := halves(tok, ids); ok {
				merges = append(merges, [3]Token{left, right, t})
				keys = append(keys, perfect.Mix(pairKey(left, right)))
			}
		}
	}
	var err error
	if v.pilots, err = perfect.Pilots(keys); err != nil {
		return &LoadError{Err: err}
	}
	v.pairs = newPairs(len(keys))
	for _, m := range merges {
		v.addPair(m[0], m[1], m[2])
		s := v.tokenString(m[2])
		if len(s) == 2 {
			v.addBytePair(s, m[2])
		}
		seam := len(v.tokenString(m[0]))
		v.addEdge(s[seam-1], s[seam], m[2])
	}
	return nil
}

// halves returns the two tokens that merge into tok: those that are left when byte pair encoding has joined all but two
// parts of its bytes. A token that merging cannot reach has none; it is then only ever a piece of its own.
func halves(tok string, ids map[string]Token) (left, right Token, ok bool) {
	ends := make([]int, 0, len(tok)+1) // part i is tok[ends[i]:ends[i+1]]
	for i := range len(tok) + 1 {
		ends = append(ends, i)
	}
	for len(ends) > 3 {
		best, at := noToken, 0
		for i := 1; i+1 < len(ends); i++ {
			if t, ok := ids[tok[ends[i-1]:ends[i+1]]]; ok && t < best {
				best, at = t, i
			}
		}
		if at == 0 {
			return 0, 0, false
		}
		ends = slices.Delete(ends, at, at+1)
	}
	return ids[tok[:ends[1]]], ids[tok[ends[1]:]], true
}

// appendPattern appends the tokens of text as the pattern cuts it. regexp2 counts in characters, a byte that is not UTF-8
// being one.
func (t *Tokenizer) appendPattern(dst []Token, text string, sc *scratch) []Token {
	at, runes := 0, 0 // a position in text, in bytes and in characters
	m, err := t.pattern.FindStringMatch(text)
	for m != nil && err == nil {
		start := at + runeBytes(text[at:], m.Index-runes)
		if start > at {
			dst = t.appendPiece(dst, text[at:start], sc)
		}
		end := start + runeBytes(text[start:], m.Length)
		if end > start {
			dst = t.appendPiece(dst, text[start:end], sc)
		}
		at, runes = end, m.Index+m.Length
		m, err = t.pattern.FindNextMatch(m)
	}
	if at < len(text) {
		dst = t.appendPiece(dst, text[at:], sc)
	}
	return dst
}

// runeBytes is the number of bytes of the first n characters of s.
func runeBytes(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}
