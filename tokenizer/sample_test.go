package tokenizer

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// sampleTexts returns text of each kind, about 400 KB of each: code and its comments from the Go distribution, where it is
// installed; sentences of ours in many languages from testdata; JSON made up.
var sampleTexts = sync.OnceValue(func() map[string]string {
	code := goSources(400 << 10)
	return map[string]string{
		"english":      comments(code),
		"code":         code,
		"multilingual": shuffled("testdata/multilingual.txt", 400<<10),
		"json":         madeUpJSON(2000),
	}
})

// goSources joins source files of the standard library.
func goSources(size int) string {
	var b strings.Builder
	root := os.Getenv("GOROOT")
	if root == "" {
		root = goroot()
	}
	for _, dir := range []string{"net/http", "go/types", "encoding/json", "text/template", "math/big", "os"} {
		files, _ := filepath.Glob(filepath.Join(root, "src", dir, "*.go"))
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err == nil && b.Len()+len(data) <= size {
				b.Write(data)
			}
		}
	}
	if b.Len() == 0 { // no sources here: ours
		for _, name := range []string{"merge.go", "scan.go", "load.go"} {
			data, _ := os.ReadFile(name)
			b.Write(data)
		}
	}
	return b.String()
}

// comments keeps the words of the comments.
func comments(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "// "); ok {
			b.WriteString(text + "\n")
		} else if strings.TrimSpace(line) == "//" {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// shuffled repeats the words of a file in other orders, line by line, so that they do not come again in the same company.
func shuffled(name string, size int) string {
	data, err := os.ReadFile(name)
	if err != nil {
		panic(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	r := rand.New(rand.NewPCG(10, 11))
	var b strings.Builder
	b.Write(data)
	for b.Len() < size {
		words := strings.Fields(lines[r.IntN(len(lines))])
		r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		b.WriteString(strings.Join(words, " ") + "\n")
	}
	return b.String()
}

// madeUpJSON writes records with keys that come again and values that do not.
func madeUpJSON(n int) string {
	r := rand.New(rand.NewPCG(12, 13))
	words := strings.Fields("alpha beta gamma delta order shipped pending invoice customer Zürich naïve 東京 warehouse")
	var records []any
	for i := range n {
		records = append(records, map[string]any{
			"id": i, "uuid": r.Uint64(), "price": float64(r.IntN(100000)) / 100, "active": r.IntN(2) == 0, "note": nil,
			"name": words[r.IntN(len(words))] + " " + words[r.IntN(len(words))],
			"tags": []string{words[r.IntN(len(words))], words[r.IntN(len(words))]},
			"at":   map[string]int{"x": r.IntN(1000), "y": r.IntN(1000)},
		})
	}
	out, err := json.MarshalIndent(records, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(out)
}
