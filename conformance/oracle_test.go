package conformance

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/harmony-go/sdk/encoding"
	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"
	"github.com/stretchr/testify/require"
)

// The slow oracle: tiktoken-go, which cuts text with the published pattern run by regexp2. It knows
// Unicode as the Go release does (15.0), not as o200k_harmony is specified (16.0): texts with a code point that the two
// class otherwise are not asked.

var slow = sync.OnceValues(func() (*tiktoken.Tiktoken, error) {
	tiktoken.SetBpeLoader(loader.NewOfflineLoader())
	return tiktoken.GetEncoding(tiktoken.MODEL_O200K_BASE)
})

// newer holds the code points whose class changed between Go's Unicode tables and 16.0.
var newer = sync.OnceValue(func() map[rune]bool {
	data, err := os.ReadFile("testdata/vectors/unicode_classes.json")
	if err != nil {
		panic(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		panic(err)
	}
	out := map[rune]bool{}
	for name, table := range map[string]*unicode.RangeTable{"L": unicode.L, "N": unicode.N, "M": unicode.M, "Lu": unicode.Lu, "Ll": unicode.Ll, "Lt": unicode.Lt, "Lm": unicode.Lm, "Lo": unicode.Lo, "White_Space": unicode.White_Space} {
		var ranges [][2]rune
		if err := json.Unmarshal(raw[name], &ranges); err != nil {
			panic(err)
		}
		in := map[rune]bool{}
		for _, r := range ranges {
			for c := r[0]; c <= r[1]; c++ {
				in[c] = true
				if !unicode.Is(table, c) {
					out[c] = true
				}
			}
		}
		for c := rune(0); c <= unicode.MaxRune; c++ {
			if unicode.Is(table, c) && !in[c] {
				out[c] = true
			}
		}
	}
	return out
})

// askable reports whether the slow oracle is right about text by its own account.
func askable(text string) bool {
	if len(text) > 2000 || !utf8.ValidString(text) { // it is quadratic, and replaces what is not UTF-8
		return false
	}
	return strings.IndexFunc(text, func(c rune) bool { return newer()[c] || c == 'ſ' }) < 0 // regexp2 folds no case into ſ
}

func checkOracle(t *testing.T, text string) {
	oracle, err := slow()
	require.NoError(t, err)
	tok := encoding.GPTOSS().Tokenizer()
	got, want := tok.Encode(text), oracle.EncodeOrdinary(text)
	same := len(got) == len(want)
	for i := 0; same && i < len(got); i++ {
		same = int(got[i]) == want[i]
	}
	if !same {
		t.Fatalf("tokens of %q: %v, the oracle has %v", text, got, want)
	}
}

// TestOracle asks tiktoken-go about every text of the vectors.
func TestOracle(t *testing.T) {
	asked := 0
	for _, f := range folders {
		for _, v := range load[encodeVector](t, f.path, "tokenizer.jsonl") {
			if v.Special == "none" && askable(v.Text) {
				checkOracle(t, v.Text)
				asked++
			}
		}
	}
	require.Greater(t, asked, 1500)
}

// FuzzOracle: any text has the tokens that tiktoken-go gives it.
func FuzzOracle(f *testing.F) {
	for _, s := range []string{"", "it's  12345\r\n\n\tfunc(x) {}", "ǅ'LL e\u0301\u0301 中文 ١٢", " \u00a0 \u3000x\r\r\n /", "🙂👩‍🚀'sA'S"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if askable(text) {
			checkOracle(t, text)
		}
	})
}

// FuzzRoundTrip: any bytes come back from their tokens, with special tokens and without.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{"", "plain", "<|start|>assistant<|channel|>final<|message|>x<|return|>", "\xff\xf0\x9f<|end|>\x80", "<|end|<|reserved_201088|>|>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tok := encoding.GPTOSS().Tokenizer()
		ordinary := tok.Encode(text)
		for _, toks := range [][]encoding.Token{ordinary, tok.EncodeSpecial(text)} {
			back, err := tok.Decode(toks)
			require.NoError(t, err)
			require.Equal(t, text, back)
		}
		for i, id := range ordinary {
			require.False(t, tok.IsSpecial(id), "ordinary text %q made special token %d at %d", text, id, i)
		}
		require.Equal(t, len(ordinary), tok.Count(text))
	})
}
