package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/harmony-go/sdk/harmony"
)

// placed is a fault at a byte of a text file: the message, the line and column, and the line with a caret.
func placed(name string, data []byte, at int, msg string) error {
	line := 1 + bytes.Count(data[:at], []byte("\n"))
	column := 1 + utf8.RuneCount(data[bytes.LastIndexByte(data[:at], '\n')+1:at])
	text, caret := excerpt(string(data), at, 1, 78)
	return fmt.Errorf("%s:%d:%d: %s\n  %s\n  %s", name, line, column, msg, text, caret)
}

// jsonFault is what a conversation's fault says, without its position.
func jsonFault(e *harmony.JSONError) string { return e.Msg }

// excerpt returns the part of text's line around byte at that fits into width columns, and a line with carets
// under the n bytes there.
func excerpt(text string, at, n, width int) (line, caret string) {
	at = min(max(at, 0), len(text))
	for at == len(text) && strings.HasSuffix(text[:at], "\n") {
		text = text[:at-1] // the end of a text is behind its last line, not in an empty one
		at--
	}
	from := strings.LastIndexByte(text[:at], '\n') + 1
	to := len(text)
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		to = at + i
	}
	from, cutLeft := windowStart(text, from, at, width*2/3-1)
	before := printable(text[from:at])
	if cutLeft {
		before = "…" + before
	}
	room := width - textWidth(before)
	marked, cutMark := fit(printable(text[at:min(to, at+n)]), room)
	after, _ := fit(printable(cutBytes(text[min(to, at+n):to], 4*width)), room-textWidth(marked))
	if cutMark {
		after = ""
	}
	caret = strings.Repeat(" ", textWidth(before)) + strings.Repeat("^", max(textWidth(marked), 1))
	return before + marked + after, caret
}

// fit cuts text to a width, with an ellipsis in the last column where something is cut off.
func fit(text string, width int) (string, bool) {
	if textWidth(text) <= width {
		return text, false
	}
	if width < 2 {
		return "", true
	}
	return cutWidth(text, width-1) + "…", true
}

// windowStart returns where an excerpt begins so that at most width columns stand before byte at, and whether
// something of the line is left out.
func windowStart(text string, from, at, width int) (int, bool) {
	start, used := at, 0
	for start > from {
		r, n := utf8.DecodeLastRuneInString(text[from:start])
		w := textWidth(printable(text[start-n : start]))
		if used+w > width || r == '\n' {
			return start, true
		}
		used += w
		start -= n
	}
	return start, false
}

// cutBytes returns at most n bytes of text, cut between characters.
func cutBytes(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
