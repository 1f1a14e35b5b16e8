package tokenizer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestMerges compares the three merges with the oracle on pieces of all lengths, out of few letters so that much merges.
func TestMerges(t *testing.T) {
	loadOracle(t)
	v := &O200kHarmony().vocab
	r := rand.New(rand.NewPCG(3, 4))
	alphabets := []string{"ab", "aeinrst", " -", "=-_", "abc ", "\xd0\xb0\xb8\xbe", "\xe4\xb8\xad\x96", "\x00\xff\x80", "012", "nN \n\t"}
	for size := 1; size <= 400; size = size + 1 + size/40 {
		for _, letters := range alphabets {
			piece := randomPiece(r, letters, size)
			want := oracleMerge(oracle.ranks, piece) // merging reaches every token: TestEveryToken
			var m merger
			if got := m.append(v, nil, piece); !slices.Equal(got, want) {
				t.Fatalf("merger %q: got %v, want %v", piece, got, want)
			}
			if got := new(largeMerge).append(v, nil, piece); !slices.Equal(got, want) {
				t.Fatalf("largeMerge %q: got %v, want %v", piece, got, want)
			}
			if size > smallMax {
				continue
			}
			if got := new(smallMerge).append(v, nil, piece); !slices.Equal(got, want) {
				t.Fatalf("smallMerge %q: got %v, want %v", piece, got, want)
			}
		}
	}
}

func randomPiece(r *rand.Rand, letters string, size int) string {
	b := make([]byte, size)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return string(b)
}

// TestWindows makes the seams of the windows move: the vocabulary prefers pairs that end far to the right, so what a
// window finds at its end is wrong again and again.
func TestWindows(t *testing.T) {
	letters := "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"
	var ranks strings.Builder
	id := 0
	add := func(s string) {
		writeRank(&ranks, s, id)
		id++
	}
	for b := range 256 {
		add(string([]byte{byte(b)}))
	}
	for i := len(letters) - 1; i >= 0; i-- { // the later in the alphabet, the sooner merged
		add(string([]byte{letters[i], letters[(i+1)%len(letters)]}))
	}
	tk, err := Load(strings.NewReader(ranks.String()), `[^ ]+| `, nil)
	if err != nil {
		t.Fatal(err)
	}
	for size := 60; size < 3000; size += 61 {
		text := strings.Repeat(letters, size/len(letters)+1)[:size]
		want := new(largeMerge).append(&tk.vocab, nil, text)
		if got := tk.Encode(text); !slices.Equal(got, want) {
			t.Fatalf("%d bytes: got %v, want %v", size, got, want)
		}
	}
}
