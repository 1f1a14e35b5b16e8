package tokenizer

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// streamTokens makes a token of every byte but joins those that the cuts leave together and that are one.
func streamTokens(tk *Tokenizer, data []byte) []Token {
	var toks []Token
	for i := 0; i < len(data); {
		n := 1 + int(data[i])%3
		for ; n > 1; n-- {
			if i+n <= len(data) {
				if t := tk.vocab.findWhole(string(data[i : i+n])); t != noToken {
					toks = append(toks, t)
					break
				}
			}
		}
		if n == 1 {
			toks = append(toks, tk.vocab.bytes[data[i]])
		}
		i += n
	}
	return toks
}

func checkStream(t *testing.T, data []byte) {
	t.Helper()
	tk := O200kHarmony()
	d := tk.NewStreamDecoder()
	e := tk.NewStreamDecoder()
	var got, appended []byte
	fed := 0
	for _, tok := range streamTokens(tk, data) {
		s, err := d.Push(tok)
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.ValidString(s) {
			t.Fatalf("stream of %q: token %d gave %q", data, tok, s)
		}
		got = append(got, s...)
		if appended, err = e.AppendPush(appended, tok); err != nil || string(appended) != string(got) {
			t.Fatalf("stream of %q: AppendPush gave %q, Push %q; %v", data, appended, got, err)
		}
		// Nothing is held back but the beginning of a character.
		b, _ := tk.TokenString(tok)
		fed += len(b)
		if n := d.Pending(); n > 3 || n > 0 && utf8.FullRune(data[fed-n:fed]) || slowLossy(string(data[:fed-n])) != string(got) {
			t.Fatalf("stream of %q: after %d bytes %q is out and %d bytes are held", data, fed, got, n)
		}
	}
	got = append(got, d.Close()...)
	if want := slowLossy(string(data)); string(got) != want {
		t.Fatalf("stream of %q: got %q, want %q", data, got, want)
	}
}

var streamCases = []string{"", "plain", "héllo", "日本語", "😀😀", "a\xff", "\xe2\x82", "\xe2\x82x", "\xf0\x9f\x98", "\xf0\x9f\x98\x80", "\xf0\x9f\xe2\x82\xac",
	"\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80\x80", "\xe4abc", "ok\xc3", "\xc3\xc3\xa9", "\xf0\x90\x28\xbc", "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"}

func TestStream(t *testing.T) {
	for _, s := range streamCases {
		checkStream(t, []byte(s))
		checkStream(t, []byte(strings.Repeat(s+"é", 3)))
	}
}

// TestStreamKeepsGoing is what openai-harmony 0.0.8 gets wrong: after bytes that are not UTF-8 a word is missing from the
// stream, and after an unknown token everything is.
func TestStreamKeepsGoing(t *testing.T) {
	tk := O200kHarmony()
	d := tk.NewStreamDecoder()
	var got string
	for _, tok := range append([]Token{9552, 9552}, tk.Encode("worked")...) {
		s, err := d.Push(tok)
		if err != nil {
			t.Fatal(err)
		}
		got += s
	}
	if want := " \uFFFD \uFFFDworked"; got != want {
		t.Errorf("got %q before the end of the stream, want %q", got, want)
	}
	_, err := d.Push(201089)
	var de *DecodeError
	if !errors.As(err, &de) || de.Token != 201089 || de.Offset != 3 {
		t.Errorf("unknown token: %v, want a DecodeError at offset 3", err)
	}
	if s, err := d.Push(tk.Encode(" lost?")[0]); err != nil || s != " lost" {
		t.Errorf("after an unknown token: %q and %v", s, err)
	}
}

func TestStreamClose(t *testing.T) {
	tk := O200kHarmony()
	d := tk.NewStreamDecoder()
	for _, b := range []byte("\xf0\x9f\x98") {
		if s, _ := d.Push(tk.vocab.bytes[b]); s != "" {
			t.Errorf("got %q too early", s)
		}
	}
	if s := d.Close(); s != "\uFFFD" {
		t.Errorf("close: got %q, want one U+FFFD", s)
	}
	if s, _ := d.Push(13225); s != "Hello" || d.Close() != "" {
		t.Errorf("after close: got %q", s)
	}
}

func TestStreamNoAllocation(t *testing.T) {
	tk := O200kHarmony()
	toks := tk.Encode("Plain text with 日本語 and more of it.")
	d := tk.NewStreamDecoder()
	if n := testing.AllocsPerRun(100, func() {
		for _, tok := range toks {
			d.Push(tok)
		}
	}); n != 0 {
		t.Errorf("%v allocations for whole characters, want none", n)
	}
}

func FuzzStream(f *testing.F) {
	for _, s := range streamCases {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkStream(t, data) })
}
