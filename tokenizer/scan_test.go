package tokenizer

import (
	"slices"
	"testing"
	"unicode/utf8"
)

// scanCases seed the fuzz targets too. Each is there for a rule of the pattern that is easy to get wrong.
var scanCases = []string{
	"", "a", " ", "\n", "Hello, World!", "  two", "three   ", "tab\tword", "\t\tx", " \n ", "\r\n\r\n a", "a\n\n  b",
	"it's It'S IT'S we'll WE'LL I'm you're they've he'd isn't", "it'\u017f it'\u017fx", "x's's", "it’s", "'s", "''s", " 's",
	"'re", "a're", "a'r", "a'l", "a'lx", "a'", "o'\xc5", "o'\xe5\xbf",
	"camelCase HTMLParser ABCdef ABC aB Ab AbC", "日本語A日本", "ΑΒΓαβγ", "ǅabc Aǅb", "ʰabc AʰB aʰ", "中'sx",
	"\u0301a \u0301 a\u0301 A\u0301B \u0301A \u0301AB !\u0301 !!\u0301 \u0301\u0301A", "\u0301'sA", " \u0301AB",
	"1234567", "12٣٤5", "²³¹x", "1a2", "x1", " 1", "Ⅷ12",
	"!!!", " !!!", "  !!!", "!!!\n\n/x", "!/\n/", "a/b//c", "/\r\n/", "#include <x>\n", "!\u2028", "\u00a0x", "\u3000\u3000x",
	"\u1680 \u2000\u2029\u202f\u205f\u0085x", "\x1c\x1d\x1e\x1f", "\u180e\u200b\u2060\ufeff", "\x00\x00a", "\x7f",
	"\ufffd", "\xff", "a\xffb", "\xc3", "\xc3(", "\xe2\x82", "\xe2\x82x", "\xf0\x9f\x98", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80",
	" \xff\xfe ", "1\xff2", "\U0001F600\U0001F468\u200d\U0001F469", "e\u0301\u0301", "क्षत्रिय", "ไทยภาษา", "한국어 텍스트",
	"\u1c89\u1c8a's", "\U000105c0's", "\ua7cb's", "\U0001e5d0's", "\U00016ea0's", "<|end|>", "<|start|>assistant<|channel|>",
	"    if x == 1 {\n\t\treturn nil\n\t}\n", `{"a": [1, 2.50, "x\u00e9"], "b": null}`, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"................................................", "                                                                        x",
	"ABCDEFGHIJKLMNOPqrstuvwxyz", "abcdefghijklmno's", "abcdefghijklmnop's", "abcdefghijkl're mno", "1.1.1.1.1.1.1.1", "\r\r\r\n\n\n/////",
}

// pieces cuts text with the scanner.
func pieces(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		end := scan(text, i)
		if end <= i || end > len(text) {
			return append(out, "scan returned nonsense")
		}
		out = append(out, text[i:end])
		i = end
	}
	return out
}

// checkScan compares the scanner with the pattern, and encodeRun, which has a scanner of its own for ASCII, by its tokens.
func checkScan(t *testing.T, text string) {
	t.Helper()
	want := oraclePieces(t, text)
	if got := pieces(text); !slices.Equal(got, want) {
		t.Errorf("scan %q\n got %q\nwant %q", text, got, want)
	}
	var toks []Token
	for _, p := range want {
		toks = append(toks, oracleMerge(oracle.ranks, p)...)
	}
	if got := O200kHarmony().Encode(text); !slices.Equal(got, toks) {
		t.Errorf("encode %q\n got %v\nwant %v", text, got, toks)
	}
}

func TestScanCases(t *testing.T) {
	for _, text := range scanCases {
		checkScan(t, text)
		// The same away from the end of the text, where the scanner for ASCII is at work.
		checkScan(t, text+" and then some more text to look ahead into")
		checkScan(t, "x"+text+text+"                            ")
	}
}

// representative stands for a code point in the oracle's text: one of the same class, and old enough for every engine.
func representative(c class) rune {
	switch {
	case c == classUpper|classLetter:
		return 'Б'
	case c == classLower|classLetter:
		return 'б'
	case c == classUpper|classLower|classLetter:
		return '中'
	case c == classUpper|classLower:
		return '\u0301'
	case c == classNumber:
		return '²'
	case c == classSpace:
		return '\u00a0'
	case c == classSpace|classNewline:
		return '\n'
	case c == 0:
		return '§'
	}
	return -1
}

// TestClassOfEveryCodePoint compares the table with the ranges it was made from, bit by bit.
func TestClassOfEveryCodePoint(t *testing.T) {
	u := readClasses(t)
	want := make([]class, utf8.MaxRune+1)
	for _, set := range []struct {
		ranges [][2]rune
		bits   class
	}{
		{u.L, classLetter}, {u.N, classNumber}, {u.Space, classSpace}, {u.M, classUpper | classLower}, {u.Lu, classUpper}, {u.Lt, classUpper},
		{u.Ll, classLower}, {u.Lm, classUpper | classLower}, {u.Lo, classUpper | classLower}, {[][2]rune{{'\n', '\n'}, {'\r', '\r'}}, classNewline},
	} {
		for _, r := range set.ranges {
			for c := r[0]; c <= r[1]; c++ {
				want[c] |= set.bits
			}
		}
	}
	for r := range want {
		if got := classOf(rune(r)); got != want[r] {
			t.Fatalf("class of U+%04X: got %06b, want %06b", r, got, want[r])
		}
		if !utf8.ValidRune(rune(r)) {
			continue
		}
		s := string(rune(r))
		if got, n := classAt(s, 0); got != want[r] || n != len(s) {
			t.Fatalf("class of %q: got %06b of %d bytes, want %06b of %d", s, got, n, want[r], len(s))
		}
		if representative(want[r]) < 0 {
			t.Fatalf("U+%04X has the new class %06b", r, want[r])
		}
	}
}

// TestEveryCodePointInContext scans every code point in contexts that tell the classes apart, and compares the lengths of the pieces,
// in characters, with those of the pattern on a representative.
func TestEveryCodePointInContext(t *testing.T) {
	contexts := [][2]string{{"", ""}, {"", "'s"}, {"a", "A"}, {"A", "a"}, {" ", "B!"}, {"1", "23"}, {"!", "\n/"}, {" \n", " x"}, {"\u0301", "BC"}, {"it'", " "}}
	cuts := func(parts []string) (out []int) {
		for _, p := range parts {
			out = append(out, utf8.RuneCountInString(p))
		}
		return out
	}
	special := "aAsStTmMdDrRvVlLeE\u017f'/ \n\r"
	for _, ctx := range contexts {
		want := map[rune][]int{}
		for r := rune(0); r <= utf8.MaxRune; r++ {
			if !utf8.ValidRune(r) {
				continue
			}
			stand := representative(classOf(r))
			for _, s := range special { // these mean more than their class
				if r == s {
					stand = r
				}
			}
			if want[stand] == nil {
				want[stand] = cuts(oraclePieces(t, ctx[0]+string(stand)+ctx[1]))
			}
			text := ctx[0] + string(r) + ctx[1]
			if got := cuts(pieces(text)); !slices.Equal(got, want[stand]) {
				t.Fatalf("scan %q (U+%04X): pieces of %v characters, want %v", text, r, got, want[stand])
			}
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, s := range scanCases {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return // the engine takes its time
		}
		checkScan(t, text)
		checkScan(t, text+"                                ")
	})
}
