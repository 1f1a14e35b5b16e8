package main

import (
	"bufio"
	"strings"
	"testing"
)

// FuzzBlock lays any text out: no line is wider than the screen, nothing but spaces gets lost, and no control
// character comes through.
func FuzzBlock(f *testing.F) {
	for _, text := range []string{"", "a", "one two three", strings.Repeat("long", 30), "a  b\n\n c ", "世界世界世界世界世界", "\x1b[2J\xff\r\t", "e\u0301 \u202e x"} {
		f.Add(text, 24)
	}
	f.Fuzz(func(t *testing.T, text string, width int) {
		width = 20 + (width%100+100)%100
		var out strings.Builder
		s := &screen{Writer: bufio.NewWriter(&out), width: width}
		b := s.newBlock("  | ")
		b.write(plain, text)
		b.end()
		s.Flush()
		var got strings.Builder
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if w := textWidth(line); w > width {
				t.Errorf("%q: a line of %d columns on a screen of %d: %q", text, w, width, line)
			}
			body, ok := strings.CutPrefix(line+" ", "  | ")
			if !ok {
				t.Errorf("%q: no margin in %q", text, line)
			}
			got.WriteString(body)
		}
		if strings.ContainsAny(out.String(), "\x1b\r\x00\x07") {
			t.Errorf("%q: control characters in %q", text, out.String())
		}
		want := ""
		for line := range strings.SplitSeq(text, "\n") {
			want += printable(line)
		}
		if spaceless(got.String()) != spaceless(want) {
			t.Errorf("%q became %q", text, got.String())
		}
	})
}

// spaceless drops spaces.
func spaceless(s string) string { return strings.ReplaceAll(s, " ", "") }

func TestTextWidth(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "é": 1, "e\u0301": 1, "世界": 4, "👋🏽": 4, "a\u200bb": 2, "ｆ": 2, "가": 2} {
		if got := textWidth(text); got != want {
			t.Errorf("width of %q: %d, want %d", text, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		text        string
		at, n       int
		line, caret string
	}{
		{"abc", 1, 1, "abc", " ^"},
		{"abc", 3, 1, "abc", "   ^"},
		{"", 0, 1, "", "^"},
		{"one\ntwo\nthree", 4, 3, "two", "^^^"},
		{"one\ntwo\nthree", 3, 1, "one", "   ^"},
		{"a\tb", 2, 1, "a    b", "     ^"},
		{"世界x", 6, 1, "世界x", "    ^"},
		{long + "Y" + long, 100, 1, "…" + strings.Repeat("x", 19) + "Y" + strings.Repeat("x", 9) + "…", strings.Repeat(" ", 20) + "^"},
		{"abc", 99, 1, "abc", "   ^"},
		{"one\ntwo\n\n", 9, 1, "two", "   ^"},
	} {
		line, caret := excerpt(c.text, c.at, c.n, 31)
		if line != c.line || caret != c.caret {
			t.Errorf("excerpt(%.20q, %d, %d):\n%s\n%s\nwant:\n%s\n%s", c.text, c.at, c.n, line, caret, c.line, c.caret)
		}
	}
}

// FuzzExcerpt: the excerpt fits, and the caret stands under the place.
func FuzzExcerpt(f *testing.F) {
	f.Add("one\ntwo <|end|> three", 8, 7, 40)
	f.Fuzz(func(t *testing.T, text string, at, n, width int) {
		width = 24 + (width%80+80)%80
		n = max(1, n%20)
		line, caret := excerpt(text, at, n, width)
		if textWidth(line) > width+1 || textWidth(caret) > width+1 {
			t.Errorf("%q at %d: %q, %q are wider than %d", text, at, line, caret, width)
		}
		if strings.ContainsAny(line, "\n\x1b") || !strings.HasSuffix(caret, "^") {
			t.Errorf("%q at %d: %q, %q", text, at, line, caret)
		}
	})
}

func TestSuggest(t *testing.T) {
	for _, c := range []struct{ word, want string }{
		{"rendr", `, did you mean "render"?`}, {"token", `, did you mean "tokens"?`}, {"prase", `, did you mean "parse"?`},
		{"xyzzyxyzzy", ""}, {strings.Repeat("a", 1000), ""},
	} {
		if got := suggest(c.word, []string{"render", "parse", "tokens"}); got != c.want {
			t.Errorf("suggest(%.20q): %q, want %q", c.word, got, c.want)
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]string{"1": "1", "64M": "64M", "65536": "64K", "1g": "1G", "1000": "1000", "64G": "64G"} {
		var s size
		if err := s.Set(text); err != nil || s.String() != want {
			t.Errorf("size %q: %s (%v), want %s", text, s.String(), err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "x", "K", "65G", "1T", "99999999999999999999", "1.5M"} {
		var s size
		if err := s.Set(text); err == nil {
			t.Errorf("size %q: %s, want an error", text, s.String())
		}
	}
}
