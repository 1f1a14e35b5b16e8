package tokenizer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	tiktoken "github.com/pkoukk/tiktoken-go"
	tiktokenloader "github.com/pkoukk/tiktoken-go-loader"
)

// checkEncode holds every way to encode to the same tokens, and decodes them.
func checkEncode(t *testing.T, text string, want []Token) {
	t.Helper()
	tk := O200kHarmony()
	got := tk.Encode(text)
	if !slices.Equal(got, want) {
		t.Fatalf("encode %q\n got %s\nwant %s", text, show(tk, got), show(tk, want))
	}
	if n := tk.Count(text); n != len(want) {
		t.Fatalf("count %q: got %d, want %d", text, n, len(want))
	}
	// Into a slice with room for exactly the tokens, and nothing beyond it may change.
	room := make([]Token, len(want)+3)
	for i := range room {
		room[i] = 77
	}
	into := tk.AppendEncode(room[:1:1+len(want)], text)
	if &into[0] != &room[0] || !slices.Equal(into[1:], want) || into[0] != 77 || room[len(want)+1] != 77 || room[len(want)+2] != 77 {
		t.Fatalf("append %q: got %v, want 77 and %v in the same slice", text, into, want)
	}
	back, err := tk.Decode(got)
	if err != nil || back != text {
		t.Fatalf("decode %v: got %q and %v, want %q", got, back, err, text)
	}
}

// TestVectors runs the cases recorded from openai-harmony 0.0.8.
func TestVectors(t *testing.T) {
	f, err := os.Open("../conformance/testdata/vectors/tokenizer.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	n := 0
	for ; lines.Scan(); n++ {
		var c struct {
			Kind, Text string
			Tokens     []Token
			Allowed    string `json:"allowed_special"`
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		switch c.Allowed {
		case "none":
			checkEncode(t, c.Text, c.Tokens)
		case "all":
			if got := O200kHarmony().EncodeSpecial(c.Text); !slices.Equal(got, c.Tokens) {
				t.Errorf("%s: encode special %q: got %v, want %v", c.Kind, c.Text, got, c.Tokens)
			}
		default:
			t.Errorf("line %d: allowed_special is %q", n+1, c.Allowed)
		}
	}
	if err := lines.Err(); err != nil || n < 1800 {
		t.Fatalf("%d cases, expected at least 1800; %v", n, err)
	}
}

func TestEncodeCases(t *testing.T) {
	for _, text := range scanCases {
		checkEncode(t, text, oracleEncode(t, text))
		long := strings.Repeat(text+" ", 9)
		checkEncode(t, long, oracleEncode(t, long))
	}
}

// TestEveryToken holds every token to its published bytes, and the merge to giving it back for them.
func TestEveryToken(t *testing.T) {
	loadOracle(t)
	tk := O200kHarmony()
	if len(oracle.ranks) != harmonyOrdinary {
		t.Fatalf("%d ranks, expected %d", len(oracle.ranks), harmonyOrdinary)
	}
	var m merger
	for s, want := range oracle.ranks {
		if got, ok := tk.TokenString(want); !ok || got != s {
			t.Fatalf("token %d: got %q, want %q", want, got, s)
		}
		if got := tk.vocab.findWhole(s); got != want {
			t.Fatalf("find %q: got %d, want %d", s, got, want)
		}
		if got := m.append(&tk.vocab, nil, s); !slices.Equal(got, []Token{want}) {
			t.Fatalf("merge %q: got %v, want %d", s, got, want)
		}
		toks := tk.Encode(s)
		if back, err := tk.Decode(toks); err != nil || back != s {
			t.Fatalf("round trip of %q: %q, %v", s, back, err)
		}
		if len(s) <= 24 && !slices.Equal(toks, oracleEncode(t, s)) {
			t.Fatalf("encode %q: got %v, want %v", s, toks, oracleEncode(t, s))
		}
	}
}

// TestEveryCodePoint encodes every character alone and between letters.
func TestEveryCodePoint(t *testing.T) {
	loadOracle(t)
	tk := O200kHarmony()
	var buf []Token
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		s := string(r)
		buf = tk.AppendEncode(buf[:0], s)
		if want := oracleMerge(oracle.ranks, s); !slices.Equal(buf, want) {
			t.Fatalf("encode %q (U+%04X): got %v, want %v", s, r, buf, want)
		}
		if r%7 != 0 {
			continue // a part of them is enough for what follows
		}
		var want []Token
		text := "in " + s + s + "side, and more to look at"
		for _, p := range pieces(text) { // held to the pattern by TestEveryCodePointInContext
			want = append(want, oracleMerge(oracle.ranks, p)...)
		}
		if buf = tk.AppendEncode(buf[:0], text); !slices.Equal(buf, want) {
			t.Fatalf("encode %q (U+%04X): got %v, want %v", text, r, buf, want)
		}
	}
}

// randomText mixes what the scanner and the merge tell apart.
func randomText(r *rand.Rand, n int) string {
	stock := []string{"the", "The", "THE", "ing", "naïve", "Привет", "мир", "日本", "語", "ภาษา", "हिन्दी", "العربية", "한국어", "😀", "👨‍👩‍👧", "e\u0301",
		" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "'s", "'LL", "it'ſ", "!", "...", "//", "/*", "{", "}", "==", "1", "23", "456", "7890", "²", "ǅ", "ʰ",
		"\xff", "\xc3", "\xe2\x82", "\xf0\x9f", "\x00", "<|end|>", "supercalifragilistic", "aaaaaaaa", "--------------------"}
	var b strings.Builder
	for range n {
		if r.IntN(8) == 0 {
			b.WriteRune(rune(r.IntN(0x3000)))
		}
		b.WriteString(stock[r.IntN(len(stock))])
	}
	return b.String()
}

func TestRandomText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		text := randomText(r, 1+r.IntN(120))
		checkEncode(t, text, oracleEncode(t, text))
	}
}

// TestTiktokenGo compares with an implementation that shares no line with ours. Its classes are Unicode 15.0, and so is the
// text.
func TestTiktokenGo(t *testing.T) {
	other := tiktokenGo(t, "o200k_base")
	tk := O200kHarmony()
	for name, text := range sampleTexts() {
		text = text[:min(len(text), 60000)]
		for !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
		compareTiktokenGo(t, name, tk, other, text)
	}
}

func compareTiktokenGo(t *testing.T, name string, tk *Tokenizer, other *tiktoken.Tiktoken, text string) {
	t.Helper()
	want := other.EncodeOrdinary(text)
	got := tk.Encode(text)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || int(got[i]) != want[i] {
			t.Errorf("%s: token %d of %d differs from tiktoken-go, which has %d", name, i, len(got), len(want))
			return
		}
	}
}

func tiktokenGo(t *testing.T, encoding string) *tiktoken.Tiktoken {
	t.Helper()
	tiktoken.SetBpeLoader(tiktokenloader.NewOfflineLoader())
	enc, err := tiktoken.GetEncoding(encoding)
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

// TestLongPieces encodes what is one piece and longer than any window.
func TestLongPieces(t *testing.T) {
	tk := O200kHarmony()
	for _, unit := range []string{"a", "A", " ", "\n", "1", "!", "中", "ab", "\t", "é", "\xff", "ก", "xyzzy", "-=", "😀"} {
		for _, size := range []int{63, 64, 65, 127, 128, 129, 255, 256, 257, 300, 1000, 3001} {
			text := strings.Repeat(unit, size/len(unit)+1)
			if size < 300 {
				checkEncode(t, text, oracleEncode(t, text))
				continue
			}
			var want []Token
			for _, p := range pieces(text) {
				if tok := tk.vocab.findWhole(p); tok != noToken {
					want = append(want, tok)
				} else {
					want = new(largeMerge).append(&tk.vocab, want, p)
				}
			}
			checkEncode(t, text, want)
		}
	}
}

// TestLinear encodes long runs. A quadratic step anywhere would take hours.
func TestLinear(t *testing.T) {
	tk := O200kHarmony()
	const size = 1 << 20
	for _, unit := range []string{"a", " ", "1", "中", "!", "\n", "ab", "Ab", " \n", "a\u0301", "\u0301", "'", "\xff", "ก็", "-=", "<|", "/\n"} {
		text := strings.Repeat(unit, size/len(unit))
		start := time.Now()
		toks := tk.EncodeSpecial(text)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%d bytes of %q took %v", len(text), unit, took)
		}
		if back, err := tk.Decode(toks); err != nil || back != text {
			t.Errorf("%d bytes of %q do not come back: %v", len(text), unit, err)
		}
		if n := tk.Count(text); n != len(toks) {
			t.Errorf("%d bytes of %q: count %d, expected %d", len(text), unit, n, len(toks))
		}
	}
}

func TestNoAllocation(t *testing.T) {
	tk := O200kHarmony()
	text := strings.Repeat("Hello, naïve 世界! func main() { return 12345 } ภาษาไทยไม่มีช่องว่าง "+strings.Repeat("=-", 70)+"\n", 50)
	special := "<|start|>" + text + "<|end|>"
	buf := make([]Token, 0, len(text))
	bytes := make([]byte, 0, 2*len(text))
	toks := tk.Encode(text)
	for _, c := range []struct {
		name string
		want float64
		run  func()
	}{
		{"AppendEncode", 0, func() { buf = tk.AppendEncode(buf[:0], text) }},
		{"AppendEncodeSpecial", 0, func() { buf = tk.AppendEncodeSpecial(buf[:0], special, Start, End) }},
		{"Count", 0, func() { tk.Count(text) }},
		{"AppendDecode", 0, func() { bytes, _ = tk.AppendDecode(bytes[:0], toks) }},
		{"Decode", 1, func() { tk.Decode(toks) }},
		{"Encode", 1, func() { tk.Encode(text[:1000]) }},
		{"TokenString", 0, func() { tk.TokenString(toks[0]) }},
	} {
		c.run()
		if raceEnabled {
			continue // the race detector makes pools forget
		}
		if got := testing.AllocsPerRun(100, c.run); got != c.want {
			t.Errorf("%s: %v allocations, want %v", c.name, got, c.want)
		}
	}
}

// TestConcurrent has many goroutines use one Tokenizer; run it with -race.
func TestConcurrent(t *testing.T) {
	tk := O200kHarmony()
	var wg sync.WaitGroup
	for g := range 8 {
		r := rand.New(rand.NewPCG(uint64(g), 3))
		texts := make([]string, 20)
		want := make([][]Token, len(texts))
		for i := range texts {
			texts[i] = randomText(r, 60)
			want[i] = oracleEncode(t, texts[i])
		}
		wg.Go(func() {
			for round := range 20 {
				for i, text := range texts {
					if got := tk.Encode(text); !slices.Equal(got, want[i]) {
						t.Errorf("goroutine %d, round %d: %q: got %v, want %v", g, round, text, got, want[i])
						return
					}
					if back, err := tk.Decode(want[i]); err != nil || back != text {
						t.Errorf("goroutine %d: %q does not come back", g, text)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

func FuzzEncode(f *testing.F) {
	for _, s := range scanCases {
		f.Add(s)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 30 {
		f.Add(randomText(r, 20))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return // the oracle takes its time
		}
		checkEncode(t, text, oracleEncode(t, text))
	})
}

func ExampleTokenizer_Encode() {
	t := O200kHarmony()
	toks := t.Encode("Hello, <|end|>")
	text, _ := t.Decode(toks)
	fmt.Println(toks, text)
	fmt.Println(t.EncodeSpecial("Hello, <|end|>"))
	// Output:
	// [13225 11 464 91 419 91 29] Hello, <|end|>
	// [13225 11 220 200007]
}
