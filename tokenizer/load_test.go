package tokenizer

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pkoukk/tiktoken-go-loader/assets"
)

// cl100kPattern is the pattern of cl100k_base. Source: tiktoken 0.8.0, tiktoken_ext/openai_public.py, without its
// possessive quantifiers, which only save time.
const cl100kPattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

func writeRank(w io.Writer, s string, id int) {
	fmt.Fprintf(w, "%s %d\n", base64.StdEncoding.EncodeToString([]byte(s)), id)
}

// byteRanks is the smallest vocabulary: every byte, with itself as its id.
func byteRanks() string {
	var b strings.Builder
	for i := range 256 {
		writeRank(&b, string([]byte{byte(i)}), i)
	}
	return b.String()
}

func openAsset(t testing.TB, name string) io.Reader {
	t.Helper()
	f, err := assets.Assets.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestLoadCL100k(t *testing.T) {
	tk, err := Load(openAsset(t, "cl100k_base.tiktoken"), cl100kPattern, map[string]Token{"<|endoftext|>": 100257, "<|endofprompt|>": 100276})
	if err != nil {
		t.Fatal(err)
	}
	other := tiktokenGo(t, "cl100k_base")
	for name, text := range sampleTexts() {
		text = text[:min(len(text), 40000)]
		compareTiktokenGo(t, name, tk, other, strings.ToValidUTF8(text, ""))
	}
	for _, text := range scanCases {
		if back, err := tk.Decode(tk.Encode(text)); err != nil || back != text {
			t.Errorf("round trip of %q: %q, %v", text, back, err)
		}
	}
	if got := tk.EncodeSpecial("a<|endoftext|>"); !slices.Equal(got, []Token{64, 100257}) {
		t.Errorf("special tokens: got %v", got)
	}
	ranks := oracleRanks(t, "cl100k_base.tiktoken")
	for s, id := range ranks {
		if got, _ := tk.TokenString(id); got != s {
			t.Fatalf("token %d: got %q, want %q", id, got, s)
		}
	}
	for _, s := range []string{"interoperability", " Überraschung", "日本語で", "\xff\xfe\xfd", strings.Repeat("ab", 100)} {
		if got, want := tk.Encode(s), oracleMerge(ranks, s); len(pieces(s)) == 1 && !slices.Equal(got, want) {
			t.Errorf("encode %q: got %v, want %v", s, got, want)
		}
	}
}

// TestLoadO200k loads the published file and finds the embedded tokenizer again, with the scanner and with the pattern.
func TestLoadO200k(t *testing.T) {
	tk, err := Load(openAsset(t, "o200k_base.tiktoken"), O200kPattern, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tk.pattern != nil {
		t.Error("the scanner was not chosen")
	}
	for name, text := range sampleTexts() {
		if got, want := tk.Encode(text), O200kHarmony().Encode(text); !slices.Equal(got, want) {
			t.Errorf("%s: %d tokens, embedded %d", name, len(got), len(want))
		}
	}
	if tk.Size() != harmonyOrdinary || tk.IsSpecial(199999) {
		t.Errorf("size %d", tk.Size())
	}
}

// TestLoadGaps: text that the pattern does not match is kept.
func TestLoadGaps(t *testing.T) {
	tk, err := Load(strings.NewReader(byteRanks()), `[a-z]+`, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "abc", "12", "ab12cd", "é\xffa 1", "日本a語"} {
		if back, err := tk.Decode(tk.Encode(text)); err != nil || back != text {
			t.Errorf("round trip of %q: %q, %v", text, back, err)
		}
	}
}

// TestLoadOddRanks: ranks need not grow with length, tokens need not be reachable.
func TestLoadOddRanks(t *testing.T) {
	ranks := map[string]Token{}
	var file strings.Builder
	add := func(s string, id int) { writeRank(&file, s, id); ranks[s] = Token(id) }
	add("abc", 0) // older than its halves
	add("ab", 900)
	add("bc", 901)
	add("xyz", 5) // cannot be reached: no pair of its bytes merges
	add("cc", 6)
	add("abcc", 7)
	for i := range 256 {
		add(string([]byte{byte(i)}), 10+i)
	}
	tk, err := Load(strings.NewReader(file.String()), `[a-z]+|[^a-z]+`, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"abc", "ab", "xyz", "xxyz", "abcc", "abcabc", "aabcc", "abccc", "bcc", "ccc", "cabcabccab", strings.Repeat("abcc", 100)} {
		if got, want := tk.Encode(text), oracleMerge(ranks, text); !slices.Equal(got, want) {
			t.Errorf("encode %q: got %v, want %v", text, got, want)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	good := byteRanks()
	for _, c := range []struct {
		name, ranks, pattern string
		special              map[string]Token
		line                 int
		want                 string
	}{
		{"empty", "", ".", nil, 0, "single byte 0x00"},
		{"no rank", good + "YWI=\n", ".", nil, 257, "expected base64, a space and a rank"},
		{"bad base64", good + "!!! 256\n", ".", nil, 257, "expected base64"},
		{"empty token", good + " 256\n", ".", nil, 257, "expected base64, a space"},
		{"no bytes", good + "= 256\n", ".", nil, 257, "base64"},
		{"rank no number", good + "YWI= x\n", ".", nil, 257, "expected a rank"},
		{"negative rank", good + "YWI= -1\n", ".", nil, 257, "expected a rank"},
		{"huge rank", good + "YWI= 99999999999999999999\n", ".", nil, 257, "expected a rank"},
		{"rank beyond the limit", good + "YWI= 2097151\n", ".", nil, 257, "expected a rank below 2097151"},
		{"rank twice", good + "YWI= 7\n", ".", nil, 257, "rank 7 is used twice"},
		{"token twice", good + "YQ== 256\n", ".", nil, 0, "two ranks"},
		{"byte missing", strings.SplitN(good, "\n", 2)[1], ".", nil, 0, "single byte 0x00"},
		{"token too long", good + base64.StdEncoding.EncodeToString(make([]byte, 1025)) + " 256\n", ".", nil, 257, "1 to 1024 bytes"},
		{"line too long", good + strings.Repeat("A", 1<<20), ".", nil, 257, "longer than"},
		{"pattern", good, "(", nil, 0, "pattern"},
		{"special without spelling", good, ".", map[string]Token{"": 300}, 0, "no spelling"},
		{"special beyond the limit", good, ".", map[string]Token{"x": 1 << 30}, 0, "below 2097151"},
		{"special on a used id", good, ".", map[string]Token{"<s>": 7}, 0, "id 7 is used"},
		{"two specials on an id", good, ".", map[string]Token{"<s>": 300, "<t>": 300}, 0, "id 300 is used"},
	} {
		tk, err := Load(strings.NewReader(c.ranks), c.pattern, c.special)
		var le *LoadError
		if tk != nil || !errors.As(err, &le) || le.Line != c.line || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want line %d and %q", c.name, err, c.line, c.want)
		}
	}
	broken := errors.New("broken")
	if _, err := Load(iotest.ErrReader(broken), ".", nil); !errors.Is(err, broken) {
		t.Errorf("reader's error: got %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("YWI= 256\nYWJj 257\n"), "ab abc")
	f.Add([]byte("YWI= 99\n"), "x")
	f.Fuzz(func(t *testing.T, more []byte, text string) {
		if len(more) > 4000 || len(text) > 2000 {
			return
		}
		tk, err := Load(strings.NewReader(byteRanks()+string(more)), `\w+|\W+`, nil)
		if err != nil {
			return
		}
		if back, err := tk.Decode(tk.Encode(text)); err != nil || back != text {
			t.Fatalf("round trip of %q: %q, %v", text, back, err)
		}
	})
}
