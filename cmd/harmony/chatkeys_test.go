package main

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// keysOf returns what the editor reads of what a terminal sends, and how it ends.
func keysOf(in io.Reader) (string, error) {
	var b strings.Builder
	_, err := io.Copy(&b, &keyFilter{in: in})
	return b.String(), err
}

// keyRows are sequences that terminals send, and what the editor reads.
var keyRows = []struct{ sent, read string }{
	{"hello\r", "hello\r"},
	{"naïve 日本🌤️\n", "naïve 日本🌤️\n"},
	{"a\x1b\rb\r", "a⏎b\r"},
	{"a\x1b[13;2ub\x1b[27;3;13~c", "a⏎b⏎c"},
	{"\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F\x1b[3~", "\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F\x1b[3~"},
	{"\x1bOA\x1bOH\x1b[1~\x1b[4~\x1b[1;5C\x1b[1;5D", "\x1b[A\x1b[H\x1b[H\x1b[F\x1b[1;3C\x1b[1;3D"},
	{"\x1b[5~\x1b[6~\x1b[15~\x1b[I\x1b[<0;1;1Mx", "x"},
	{"\x1bx\x1b\x1b[Ay", "x\x1b[Ay"},
	{"\x01\x05\x0b\x15\x17\x7f\t\x04", "\x01\x05\x0b\x15\x17\x7f\t\x04"},
	{"\x1b[200~a\r\nb\nc\rd\te\x1b[31m\x07\x1b[201~!\r", "\x1b[200~a⏎b⏎c⏎d    e[31m\x1b[201~!\r"},
	{"\x1b[200~\x03\x1b[A\u202e\u009b\x1b[201~", "\x1b[200~[A\x1b[201~"},
	{"x\xff\xc3\u0085y", "xy"},
	{"\x1b[" + strings.Repeat("1;", 40) + "Ax", strings.Repeat("1;", 25) + "Ax"},
}

// TestKeys: the filter reads the same whatever pieces it gets.
func TestKeys(t *testing.T) {
	for _, row := range keyRows {
		for name, in := range map[string]io.Reader{"whole": strings.NewReader(row.sent), "bytes": iotest.OneByteReader(strings.NewReader(row.sent))} {
			got, err := keysOf(in)
			require.NoError(t, err)
			assert.Equal(t, row.read, got, "%q, %s", row.sent, name)
		}
	}
}

// TestKeysInterrupt: Ctrl-C is an error, and what was typed behind it is lost.
func TestKeysInterrupt(t *testing.T) {
	k := &keyFilter{in: strings.NewReader("ab\x03cd")}
	b := make([]byte, 10)
	n, err := k.Read(b)
	require.NoError(t, err)
	assert.Equal(t, "ab", string(b[:n]))
	_, err = k.Read(b)
	assert.Equal(t, errInterrupted, err)
	_, err = k.Read(b)
	assert.Equal(t, io.EOF, err)
}

// FuzzKeys: whatever a terminal sends, pasted text holds nothing that would drive it, and the pieces do not matter.
func FuzzKeys(f *testing.F) {
	for _, row := range keyRows {
		f.Add(row.sent)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		got, err := keysOf(strings.NewReader(sent))
		again, err2 := keysOf(iotest.OneByteReader(strings.NewReader(sent)))
		if got != again || err != err2 {
			t.Errorf("%q is read as %q (%v) and as %q (%v)", sent, got, err, again, err2)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%q is read as %q", sent, got)
		}
		for _, part := range strings.Split(got, string(pasteBegin))[1:] {
			text, _, _ := strings.Cut(part, string(pasteEnd))
			if strings.ContainsFunc(text, hidden) {
				t.Errorf("%q pastes %q", sent, text)
			}
		}
	})
}

// TestHistory: the last comes first, nothing twice in a row, and old prompts are forgotten.
func TestHistory(t *testing.T) {
	h := &history{}
	for _, text := range []string{"a", "b", "b", "", "a\xff", "c"} {
		h.add(text)
	}
	h.Add("a line that the editor would remember")
	require.Equal(t, 3, h.Len())
	assert.Equal(t, "c", h.At(0))
	assert.Equal(t, "a", h.At(2))
	for range maxHistory {
		h.add("x")
		h.add("y")
	}
	assert.Equal(t, maxHistory, h.Len())
}
