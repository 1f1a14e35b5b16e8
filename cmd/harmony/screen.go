package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ink is how text is shown: the parameters of an ANSI "select graphic rendition" sequence. Only attributes and
// the eight basic colours are used, and neither black nor white: they follow the terminal's own palette, light
// or dark.
type ink string

const (
	plain       ink = ""
	bold        ink = "1"
	faint       ink = "2"
	inkError    ink = "1;31"
	inkWarning  ink = "1;33"
	inkInfo     ink = "1;34"
	inkSpecial  ink = "35"   // special tokens
	inkHeader   ink = "36"   // role, channel, recipient and content type
	inkAnswer   ink = "1;32" // the final channel
	inkCall     ink = "1;36" // calls to tools
	inkThinking ink = "2"    // the analysis channel
)

// screen lays out text for people.
type screen struct {
	*bufio.Writer
	color bool
	width int // columns, 0: lines are not broken
}

// newScreen returns a screen over w, which writes to f in the end.
func newScreen(w *bufio.Writer, f *os.File, o *options) *screen {
	s := &screen{Writer: w, color: wantColor(o.color.value, f), width: o.width}
	if s.width < 0 {
		s.width = terminalWidth(f)
	}
	if s.width > 0 && s.width < 20 {
		s.width = 20 // narrower columns leave no room for a word
	}
	return s
}

// wantColor decides --color auto: a terminal, and no wish to the contrary in the environment (no-color.org,
// bixense.com/clicolors).
func wantColor(mode string, f *os.File) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	}
	if os.Getenv("NO_COLOR") != "" {
		return false
	}
	if v := os.Getenv("CLICOLOR_FORCE"); v != "" && v != "0" {
		return true
	}
	if os.Getenv("CLICOLOR") == "0" || os.Getenv("TERM") == "dumb" {
		return false
	}
	return isTerminal(f) && enableColor(f)
}

// terminalWidth returns the columns to lay out for: the terminal's, or 0 where the output is no terminal, so
// that what a pipe reads has the line breaks of the content alone.
func terminalWidth(f *os.File) int {
	if !isTerminal(f) {
		return 0
	}
	if w := columns(f); w > 0 {
		return w
	}
	if w, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && w > 0 {
		return w
	}
	return 80
}

// paint returns text in ink.
func (s *screen) paint(i ink, text string) string {
	if !s.color || i == plain || text == "" {
		return text
	}
	return "\x1b[" + string(i) + "m" + text + "\x1b[0m"
}

// printf writes formatted text.
func (s *screen) printf(format string, args ...any) { fmt.Fprintf(s.Writer, format, args...) }

// headline writes left and, at the right edge where it fits, right; left is broken at "  " where it is longer
// than a line. Both are given without ink for measuring and painted by the functions.
func (s *screen) headline(left []painted, right painted) {
	col := 0
	for i, p := range left {
		w := textWidth(p.text)
		switch {
		case i == 0:
		case s.width > 0 && col+2+w > s.width:
			s.WriteString("\n    ")
			col = 4
		default:
			s.WriteString("  ")
			col += 2
		}
		s.WriteString(s.paint(p.ink, p.text))
		col += w
	}
	if right.text != "" {
		gap := s.width - col - textWidth(right.text)
		if s.width > 0 && gap < 2 {
			s.WriteString("\n")
			gap = max(s.width-textWidth(right.text), 4)
		}
		s.WriteString(strings.Repeat(" ", max(gap, 2)))
		s.WriteString(s.paint(right.ink, right.text))
	}
	s.WriteString("\n")
}

// painted is text with the ink it is shown in.
type painted struct {
	ink  ink
	text string
}

// block writes text with a margin before each line, broken at spaces where the screen has a width.
type block struct {
	s       *screen
	margin  string
	columns int // room beside the margin, 0: unlimited
	col     int // columns used in this line
	open    bool
	spaces  int // spaces not yet written: they vanish where the line is broken
	ink     ink // what the line is being written in
}

// messageMargin is the margin of what a message says.
const messageMargin = "  │ "

// newBlock starts a block whose lines begin with margin.
func (s *screen) newBlock(margin string) *block {
	b := &block{s: s, margin: margin}
	if s.width > 0 {
		b.columns = max(s.width-textWidth(margin), 8)
	}
	return b
}

// line shows a text behind a margin.
func (s *screen) line(margin string, i ink, text string) {
	b := s.newBlock(margin)
	b.write(i, text)
	b.end()
}

// beside shows a text behind a label, which is painted already and stands in place of the first line's margin.
func (s *screen) beside(label string, margin int, text string) {
	b := s.newBlock(strings.Repeat(" ", margin))
	s.WriteString(label)
	b.open = true
	b.write(plain, text)
	b.end()
}

// write adds text in ink. Control characters are shown, not sent: model output must not drive the terminal.
func (b *block) write(i ink, text string) {
	for len(text) > 0 {
		line, rest, newline := strings.Cut(text, "\n")
		b.line(i, printable(line))
		if newline {
			b.newline()
		}
		text = rest
	}
}

// line adds text that holds no line break.
func (b *block) line(i ink, text string) {
	if b.columns == 0 {
		b.put(i, text, 0)
		return
	}
	for len(text) > 0 {
		if text[0] == ' ' {
			b.spaces++
			text = text[1:]
			continue
		}
		end := wordEnd(text)
		b.word(i, text[:end])
		text = text[end:]
	}
}

// wordEnd returns where a line may be broken first: at a space, before a marker, behind a marker.
func wordEnd(text string) int {
	for i := range len(text) {
		switch {
		case text[i] == ' ', i > 0 && strings.HasPrefix(text[i:], "<|"):
			return i
		case strings.HasPrefix(text[i:], "|>"):
			return i + 2
		}
	}
	return len(text)
}

// word adds text without spaces, in a new line where it does not fit behind what is there.
func (b *block) word(i ink, word string) {
	w := textWidth(word)
	if b.col > 0 && b.col+b.spaces+w > b.columns {
		b.spaces = 0
		b.newline()
	}
	if b.col == 0 {
		b.spaces = min(b.spaces, b.columns/2) // however deep the text indents, there is room for it
	}
	for b.col+b.spaces+w > b.columns {
		head := cutWidth(word, b.columns-b.spaces)
		b.put(i, head, b.columns)
		b.newline()
		word = word[len(head):]
		w -= textWidth(head)
	}
	b.put(i, word, w)
}

// put writes text of width w, after the margin where a line begins and after the spaces that are due.
func (b *block) put(i ink, text string, w int) {
	if text == "" {
		return
	}
	if !b.open {
		b.edge(b.margin)
		b.open = true
	}
	for ; b.spaces > 0; b.spaces-- {
		b.s.WriteString(" ")
		b.col++
	}
	b.dip(i)
	b.s.WriteString(text)
	b.col += w
}

// edge writes a line's margin, what is drawn in it faint: it is not the text.
func (b *block) edge(margin string) {
	i := faint
	if strings.TrimSpace(margin) == "" {
		i = plain
	}
	b.s.WriteString(b.s.paint(i, margin))
}

// dip changes the ink.
func (b *block) dip(i ink) {
	if !b.s.color || i == b.ink {
		return
	}
	if b.ink != plain {
		b.s.WriteString("\x1b[0m")
	}
	if i != plain {
		b.s.WriteString("\x1b[" + string(i) + "m")
	}
	b.ink = i
}

// newline ends the line.
func (b *block) newline() {
	if !b.open {
		b.edge(strings.TrimRight(b.margin, " "))
	}
	b.dip(plain)
	b.s.WriteString("\n")
	b.open, b.col, b.spaces = false, 0, 0
}

// end ends the block: the line in work is ended.
func (b *block) end() {
	if b.open {
		b.newline()
	}
}

// cutWidth returns the longest prefix of text that fits into w columns, but at least one character.
func cutWidth(text string, w int) string {
	used := 0
	for i, r := range text {
		used += runeWidth(r)
		if used > w && i > 0 {
			return text[:i]
		}
	}
	return text
}

// printable returns text with the characters that would drive a terminal, or hide what stands in the text,
// spelled as Go escapes. Tabs become four spaces.
func printable(text string) string {
	clean := true
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < 0x20 || c >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\t':
			b.WriteString("    ")
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case hidden(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteString(text[i : i+n])
		}
		i += n
	}
	return b.String()
}

// hidden reports whether r drives a terminal or changes the order in which text is shown.
func hidden(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 ||
		r == 0x2028 || r == 0x2029 || r == 0xfeff
}
