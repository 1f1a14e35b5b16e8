package tokenizer

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestDecodeError(t *testing.T) {
	tk := O200kHarmony()
	for _, bad := range []Token{201089, 1 << 21, 1<<31 - 1, 1<<32 - 1} {
		_, err := tk.Decode([]Token{13225, bad, 11})
		var de *DecodeError
		if !errors.As(err, &de) || de.Offset != 1 || de.Token != bad {
			t.Errorf("decode of %d: got %v, want a DecodeError at offset 1", bad, err)
		}
		dst := []byte("before")
		got, err := tk.AppendDecode(dst, []Token{13225, bad})
		if err == nil || string(got) != "before" {
			t.Errorf("append decode of %d: got %q and %v, want what was there and an error", bad, got, err)
		}
		if s, ok := tk.TokenString(bad); ok || s != "" || tk.IsSpecial(bad) {
			t.Errorf("token %d: %q, %v", bad, s, ok)
		}
	}
}

func TestDecodeRandom(t *testing.T) {
	tk := O200kHarmony()
	r := rand.New(rand.NewPCG(8, 9))
	for range 200 {
		var want strings.Builder
		toks := make([]Token, r.IntN(50))
		for i := range toks {
			toks[i] = Token(r.IntN(tk.Size()))
			s, _ := tk.TokenString(toks[i])
			want.WriteString(s)
		}
		got, err := tk.Decode(toks)
		if err != nil || got != want.String() {
			t.Fatalf("decode %v: got %q and %v, want %q", toks, got, err, want.String())
		}
		room := slices.Repeat([]byte{7}, want.Len()+4)
		into, err := tk.AppendDecode(room[:2:2+want.Len()], toks)
		if err != nil || &into[0] != &room[0] || string(into[2:]) != want.String() || room[want.Len()+2] != 7 || room[want.Len()+3] != 7 {
			t.Fatalf("append decode %v: got %q", toks, into)
		}
	}
}

// slowLossy decodes bytes by the definition: at each step the longest prefix that begins some character, as table 3-7 of the Unicode
// Standard lists them, or one byte.
func slowLossy(b string) string {
	var out strings.Builder
	for len(b) > 0 {
		n, whole := 1, b[0] < 0x80
		ranges := map[bool][][2]byte{}[false]
		switch c := b[0]; {
		case c >= 0xC2 && c <= 0xDF:
			ranges = [][2]byte{{0x80, 0xBF}}
		case c == 0xE0:
			ranges = [][2]byte{{0xA0, 0xBF}, {0x80, 0xBF}}
		case c == 0xED:
			ranges = [][2]byte{{0x80, 0x9F}, {0x80, 0xBF}}
		case c >= 0xE1 && c <= 0xEF:
			ranges = [][2]byte{{0x80, 0xBF}, {0x80, 0xBF}}
		case c == 0xF0:
			ranges = [][2]byte{{0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}
		case c >= 0xF1 && c <= 0xF3:
			ranges = [][2]byte{{0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}
		case c == 0xF4:
			ranges = [][2]byte{{0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}
		}
		for _, r := range ranges {
			if n == len(b) || b[n] < r[0] || b[n] > r[1] {
				break
			}
			n++
			whole = n == len(ranges)+1
		}
		if whole {
			out.WriteString(b[:n])
		} else {
			out.WriteString("\uFFFD")
		}
		b = b[n:]
	}
	return out.String()
}
