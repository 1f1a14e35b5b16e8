package tokenizer

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// corpusVariable names a folder of .txt files to measure with instead of the samples, each a kind of text.
const corpusVariable = "TOKENIZER_CORPUS"

// corpus returns the texts to measure with: the samples, or the files of a folder, and what is worst for a tokenizer.
func corpus(b *testing.B) map[string]string {
	texts := maps.Clone(sampleTexts())
	if dir := os.Getenv(corpusVariable); dir != "" {
		clear(texts)
		names, _ := filepath.Glob(filepath.Join(dir, "*.txt"))
		if len(names) == 0 {
			b.Fatalf("%s=%s: no .txt files", corpusVariable, dir)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				b.Fatal(err)
			}
			texts[strings.TrimSuffix(filepath.Base(name), ".txt")] = string(data)
		}
	}
	texts["worst-spaces"] = strings.Repeat(" ", 100_000) + "x"
	texts["worst-letters"] = strings.Repeat("a", 100_000)
	texts["worst-han"] = strings.Repeat("中", 100_000)
	texts["worst-random"] = uniqueWords(100_000)
	return texts
}

// uniqueWords makes words that no cache has seen and no vocabulary knows.
func uniqueWords(n int) string {
	var b strings.Builder
	for x := uint64(1); b.Len() < n; {
		x = x*6364136223846793005 + 1442695040888963407
		b.WriteByte(' ')
		for y := x >> 20; y > 0; y /= 26 {
			b.WriteByte('a' + byte(y%26))
		}
	}
	return b.String()
}

// eachText runs a benchmark for every text, after it has checked the tokens: all of them by the round trip, the first by
// the oracle.
func eachText(b *testing.B, run func(b *testing.B, tk *Tokenizer, text string, toks []Token)) {
	tk := O200kHarmony()
	texts := corpus(b)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		text := texts[name]
		b.Run(name, func(b *testing.B) {
			toks := tk.Encode(text)
			if back, err := tk.Decode(toks); err != nil || back != text {
				b.Fatalf("round trip: %v", err)
			}
			if head := text[:min(len(text), 300)]; !slices.Equal(tk.Encode(head), oracleEncode(b, head)) {
				b.Fatal("the tokens are wrong")
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			b.ResetTimer()
			run(b, tk, text, toks)
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	eachText(b, func(b *testing.B, tk *Tokenizer, text string, toks []Token) {
		buf := make([]Token, 0, len(toks)+runRoom)
		for b.Loop() {
			buf = tk.AppendEncode(buf[:0], text)
		}
	})
}

func BenchmarkCount(b *testing.B) {
	eachText(b, func(b *testing.B, tk *Tokenizer, text string, toks []Token) {
		for b.Loop() {
			tk.Count(text)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	eachText(b, func(b *testing.B, tk *Tokenizer, text string, toks []Token) {
		buf := make([]byte, 0, len(text))
		for b.Loop() {
			buf, _ = tk.AppendDecode(buf[:0], toks)
		}
		b.ReportMetric(float64(len(toks))*float64(b.N)/1e6/b.Elapsed().Seconds(), "Mtok/s")
	})
}

func BenchmarkStreamDecoder(b *testing.B) {
	eachText(b, func(b *testing.B, tk *Tokenizer, text string, toks []Token) {
		d := tk.NewStreamDecoder()
		for b.Loop() {
			for _, tok := range toks {
				if _, err := d.Push(tok); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N*len(toks)), "ns/token")
	})
}

// BenchmarkParallel encodes on one goroutine and on as many as there are processors: MB/s should grow with them.
func BenchmarkParallel(b *testing.B) {
	tk := O200kHarmony()
	text := sampleTexts()["english"]
	for procs := 1; procs <= runtime.GOMAXPROCS(0); procs *= 2 {
		b.Run(strings.Repeat("+", procs), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			b.SetBytes(int64(len(text)))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					tk.Count(text)
				}
			})
		})
	}
}

// BenchmarkShort encodes what a conversation is made of.
func BenchmarkShort(b *testing.B) {
	tk := O200kHarmony()
	buf := make([]Token, 0, 100)
	for _, text := range []string{"assistant", " to=functions.get_weather", "What is the weather in Tokyo today?"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				buf = tk.AppendEncode(buf[:0], text)
			}
		})
	}
}

func BenchmarkTokenString(b *testing.B) {
	tk := O200kHarmony()
	toks := tk.Encode(sampleTexts()["english"])
	n := 0
	for b.Loop() {
		for _, tok := range toks {
			s, _ := tk.TokenString(tok)
			n += len(s)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N*len(toks)), "ns/token")
	if n == 0 {
		b.Fatal("no text")
	}
}

// BenchmarkFirstUse unpacks the vocabulary, which the first call of O200kHarmony does.
func BenchmarkFirstUse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if t := newHarmony(); t.Size() != harmonySize {
			b.Fatal("wrong size")
		}
	}
}
