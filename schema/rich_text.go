package schema

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/harmony-go/sdk/internal/ojson"
)

// Text of the document enters the rich profile only through the functions of this file.

// appendRichComment appends a comment of as many lines as the text has.
func appendRichComment(dst []byte, indent int, text string) []byte {
	for line := range strings.SplitSeq(visibleText(text, "\n"), "\n") {
		dst = appendComment(dst, indent, line)
	}
	return dst
}

// oneLine makes one line of a text.
func oneLine(text string) string { return visibleText(text, " ") }

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// visibleText replaces everything that begins a new line, for TypeScript or for a reader, by a separator, and spells
// control characters out.
func visibleText(text, separator string) string {
	if plainText(text) {
		return text
	}
	lines := strings.Split(strings.TrimSuffix(lineBreaks.Replace(text), "\n"), "\n")
	for i, line := range lines {
		lines[i] = spellOut(line)
	}
	return strings.Join(lines, separator)
}

// plainText reports whether a text is one line without control characters.
func plainText(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r != '\t' && odd(r) }) < 0
}

// odd reports whether a character does not show as itself: controls, line and paragraph separators, marks
// that turn the direction of what follows.
func odd(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069
}

func spellOut(line string) string {
	if plainText(line) {
		return line
	}
	var b strings.Builder
	for _, r := range line {
		if r != '\t' && odd(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// richString writes a text as a string of TypeScript, which is also one of JSON.
func richString(text string) string {
	quoted := string(ojson.AppendString(nil, text))
	if strings.IndexFunc(quoted, odd) < 0 {
		return quoted
	}
	return spellOut(strings.ReplaceAll(quoted, "\t", `\t`))
}

// richJSON writes a value as JSON on one line. Numbers are printed as the reference prints them, unless
// that would change them.
func richJSON(v *ojson.Value) string {
	var b strings.Builder
	writeRichJSON(&b, v)
	return b.String()
}

func writeRichJSON(b *strings.Builder, v *ojson.Value) {
	switch v.Kind {
	case ojson.String:
		b.WriteString(richString(v.Str))
	case ojson.Number:
		b.WriteString(richNumber(v.Str))
	case ojson.Array:
		for i := range v.Items {
			b.WriteByte("[,"[min(i, 1)])
			writeRichJSON(b, &v.Items[i])
		}
		if len(v.Items) == 0 {
			b.WriteByte('[')
		}
		b.WriteByte(']')
	case ojson.Object:
		members := v.Unique()
		for i := range members {
			b.WriteByte("{,"[min(i, 1)])
			b.WriteString(richString(members[i].Key) + ":")
			writeRichJSON(b, &members[i].Value)
		}
		if len(members) == 0 {
			b.WriteByte('{')
		}
		b.WriteByte('}')
	default:
		b.Write(v.Append(nil))
	}
}

func richNumber(literal string) string {
	if printed := string(ojson.AppendNumber(nil, literal)); sameNumber(printed, literal) {
		return printed
	}
	return literal
}

// sameNumber reports whether two literals are the same float64.
func sameNumber(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}

// richDefault writes a default for a comment: like the reference without quotes where the schema has an
// enum, if the text is plain.
func richDefault(s, value *ojson.Value) string {
	if value.Kind == ojson.String && hasEnum(s) && plainText(value.Str) {
		return value.Str
	}
	return richJSON(value)
}

// richKey writes a property's name: as it is if it is an identifier, else as a string.
func richKey(key string) string {
	if isIdentifier(key) {
		return key
	}
	return richString(key)
}

// isIdentifier reports whether a text is a name in TypeScript.
func isIdentifier(text string) bool {
	for i, r := range text {
		if r != '_' && r != '$' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return text != ""
}

func itoa(i int) string { return strconv.Itoa(i) }

// moreThan reports whether a number is above n.
func moreThan(literal string, n int) bool {
	f, err := strconv.ParseFloat(literal, 64)
	return err == nil && f > float64(n)
}
