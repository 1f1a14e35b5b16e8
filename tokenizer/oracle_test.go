package tokenizer

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/dlclark/regexp2"
	"github.com/pkoukk/tiktoken-go-loader/assets"
)

// The oracle is what the tokenizer has to agree with: the published ranks, the pattern run by a regular-expression engine, and
// byte pair encoding in its plainest form.

// oracleRanks reads a ranks file of the loader module.
func oracleRanks(t testing.TB, name string) map[string]Token {
	t.Helper()
	file, err := assets.Assets.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	ranks := map[string]Token{}
	for line := range strings.Lines(string(file)) {
		b64, num, _ := strings.Cut(strings.TrimSpace(line), " ")
		tok, err1 := base64.StdEncoding.DecodeString(b64)
		id, err2 := strconv.Atoi(num)
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: bad line %q", name, line)
		}
		ranks[string(tok)] = Token(id)
	}
	return ranks
}

var oracle struct {
	sync.Once
	ranks   map[string]Token
	pattern *regexp2.Regexp
}

func loadOracle(t testing.TB) {
	t.Helper()
	oracle.Do(func() {
		oracle.ranks = oracleRanks(t, "o200k_base.tiktoken")
		oracle.pattern = regexp2.MustCompile(explicitPattern(readClasses(t)), regexp2.None)
	})
}

// oracleEncode encodes ordinary text.
func oracleEncode(t testing.TB, text string) []Token {
	loadOracle(t)
	var toks []Token
	for _, piece := range oraclePieces(t, text) {
		toks = append(toks, oracleMerge(oracle.ranks, piece)...)
	}
	return toks
}

// oracleMerge is byte pair encoding: while there are neighbours whose union has a rank, join those of the lowest one.
func oracleMerge(ranks map[string]Token, piece string) []Token {
	if t, ok := ranks[piece]; ok {
		return []Token{t}
	}
	parts := strings.Split(strings.Repeat("x", len(piece)), "")
	for i := range parts {
		parts[i] = piece[i : i+1]
	}
	for {
		best, at := Token(1<<31), -1
		for i := range len(parts) - 1 {
			if r, ok := ranks[parts[i]+parts[i+1]]; ok && r < best {
				best, at = r, i
			}
		}
		if at < 0 {
			break
		}
		parts[at] += parts[at+1]
		parts = append(parts[:at+1], parts[at+2:]...)
	}
	var toks []Token
	for _, p := range parts {
		toks = append(toks, ranks[p])
	}
	return toks
}

// oraclePieces cuts text with the pattern. A byte that is not UTF-8 is one character to regexp2, U+FFFD, which is of no
// class: just what the scanner makes of it.
func oraclePieces(t testing.TB, text string) []string {
	loadOracle(t)
	var starts []int // of characters, in bytes
	for i := range text {
		starts = append(starts, i)
	}
	starts = append(starts, len(text))
	var pieces []string
	at := 0
	m, err := oracle.pattern.FindStringMatch(text)
	for ; m != nil && err == nil; m, err = oracle.pattern.FindNextMatch(m) {
		if m.Index != at {
			t.Fatalf("the pattern leaves a gap at character %d of %q", at, text)
		}
		at = m.Index + m.Length
		pieces = append(pieces, text[starts[m.Index]:starts[at]])
	}
	if err != nil || at != len(starts)-1 {
		t.Fatalf("the pattern stops at character %d of %q: %v", at, text, err)
	}
	return pieces
}

// unicodeClasses are the ranges that the reference's engine has for each set; see internal/gen.
type unicodeClasses struct {
	L, N, M, Lu, Ll, Lt, Lm, Lo [][2]rune
	Space                       [][2]rune `json:"White_Space"`
}

func readClasses(t testing.TB) (u unicodeClasses) {
	t.Helper()
	data, err := os.ReadFile("internal/gen/unicode_classes.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &u); err != nil {
		t.Fatal(err)
	}
	return u
}

// explicitPattern is O200kPattern with the ranges of Unicode 16.0 in place of the classes, whose ranges in Go's tables, which
// regexp2 uses, are older. regexp2's (?i) knows nothing of the long s either, so that is spelled out.
func explicitPattern(u unicodeClasses) string {
	set := func(ranges [][2]rune) string {
		var b strings.Builder
		for _, r := range ranges {
			fmt.Fprintf(&b, "%s-%s", escape(r[0]), escape(r[1]))
		}
		return b.String()
	}
	p := strings.ReplaceAll(O200kPattern, `(?i:'s|'t|'re|'ve|'m|'ll|'d)`, `(?:'[sS\u017F]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])`)
	p = strings.ReplaceAll(p, `\p{N}{1,3}`, `[\p{N}]{1,3}`)
	p = strings.ReplaceAll(p, `\s*`, `[\s]*`)
	p = strings.ReplaceAll(p, `\s+`, `[\s]+`)
	p = strings.ReplaceAll(p, `(?!\S)`, `(?![^\s])`)
	return strings.NewReplacer(
		`\p{L}`, set(u.L), `\p{N}`, set(u.N), `\p{M}`, set(u.M), `\p{Lu}`, set(u.Lu), `\p{Ll}`, set(u.Ll),
		`\p{Lt}`, set(u.Lt), `\p{Lm}`, set(u.Lm), `\p{Lo}`, set(u.Lo), `\s`, set(u.Space)).Replace(p)
}

// escape spells a character in a set of a pattern.
func escape(r rune) string {
	if r < 0x10000 {
		return fmt.Sprintf(`\u%04X`, r)
	}
	return string(r)
}

// toks is for error messages: tokens with their text.
func show(t *Tokenizer, toks []Token) string {
	var b strings.Builder
	for _, tok := range toks {
		s, _ := t.TokenString(tok)
		fmt.Fprintf(&b, "%d=%q ", tok, s)
	}
	return b.String()
}
