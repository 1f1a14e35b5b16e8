package tokenizer

// O200kPattern is the pattern of o200k_base and o200k_harmony: seven alternatives, the first that matches wins. Source:
// openai-harmony 0.0.8, src/tiktoken_ext/public_encodings.rs; the same text stands in tiktoken 0.14.0, tiktoken_ext/openai_public.py.
// A vocabulary that is loaded with exactly this pattern is cut by the hand-written scanner.
const O200kPattern = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?` +
	`|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?` +
	`|\p{N}{1,3}` +
	`| ?[^\s\p{L}\p{N}]+[\r\n/]*` +
	`|\s*[\r\n]+` +
	`|\s+(?!\S)` +
	`|\s+`

// scan returns the end of the piece of s that begins at i, as O200kPattern cuts it. Requires i < len(s). Every character is
// looked at a bounded number of times except in a run of white space, which is looked at twice.
func scan(s string, i int) int {
	c, n := classAt(s, i)
	// Alternatives 1 and 2, the lead taken: an optional lead, then a word.
	if c.isLead() && i+n < len(s) {
		if next, _ := classAt(s, i+n); next.isWord() {
			if end := scanWord(s, i+n, c.isWord()); end > 0 {
				return end
			}
		}
	}
	switch {
	case c.isWord():
		return scanWord(s, i, false)
	case c&classNumber != 0:
		return scanNumber(s, i+n)
	case c.isOther():
		return scanOther(s, i+n)
	}
	// White space from here on. A single space may still lead a run of punctuation.
	if s[i] == ' ' && i+1 < len(s) {
		if next, m := classAt(s, i+1); next.isOther() {
			return scanOther(s, i+1+m)
		}
	}
	return scanSpace(s, i)
}

// scanWord returns the end of the word that begins at i, contraction included: alternatives 1 and 2 without their lead. Its
// first character must be a word character.
//
// Alternative 1 is upper* lower+. If a character that is only lower follows the upper run, the lower run goes on from there.
// Otherwise the engine gives characters of the upper run back until it stands before one that is lower as well (a mark, or
// a letter without case), and the word ends after that one: "日本A" is cut before the A. Only where there is no such
// character alternative 2 applies: the run of capitals.
//
// With mustAlt1, alternative 1 has another way to match (its lead is a mark, which is a word character itself), and
// this way counts only if it is alternative 1 that matches; otherwise scanWord returns 0.
func scanWord(s string, i int, mustAlt1 bool) int {
	both := 0 // end of the last character that is upper and lower
	for i < len(s) {
		c, n := classAt(s, i)
		if c&classUpper == 0 {
			if c&classLower != 0 {
				return scanContraction(s, scanLower(s, i+n))
			}
			break
		}
		i += n
		if c&classLower != 0 {
			both = i
		}
	}
	if both > 0 {
		return scanContraction(s, both)
	}
	if mustAlt1 {
		return 0
	}
	return scanContraction(s, i)
}

// scanLower returns the end of the run of lower characters.
func scanLower(s string, i int) int {
	for i < len(s) {
		c, n := classAt(s, i)
		if c&classLower == 0 {
			break
		}
		i += n
	}
	return i
}

// scanContraction returns the end of (?i:'s|'t|'re|'ve|'m|'ll|'d) at i, or i. Case is Unicode's simple folding, in which the
// long s (U+017F) is an s; no other character folds to these letters.
func scanContraction(s string, i int) int {
	if i+1 >= len(s) || s[i] != '\'' {
		return i
	}
	switch s[i+1] | 0x20 {
	case 's', 't', 'm', 'd':
		return i + 2
	case 'r', 'v':
		if i+2 < len(s) && s[i+2]|0x20 == 'e' {
			return i + 3
		}
	case 'l':
		if i+2 < len(s) && s[i+2]|0x20 == 'l' {
			return i + 3
		}
	case 0xC5 | 0x20: // ſ is C5 BF; 0xE5 has the same bits and cannot be followed by BF and mean it
		if s[i+1] == 0xC5 && i+2 < len(s) && s[i+2] == 0xBF {
			return i + 3
		}
	}
	return i
}

// scanNumber returns the end of \p{N}{1,3} whose first character ends at i.
func scanNumber(s string, i int) int {
	for range 2 {
		if i == len(s) {
			break
		}
		c, n := classAt(s, i)
		if c&classNumber == 0 {
			break
		}
		i += n
	}
	return i
}

// scanOther returns the end of [^\s\p{L}\p{N}]+[\r\n/]* whose first character ends at i.
func scanOther(s string, i int) int {
	for i < len(s) {
		c, n := classAt(s, i)
		if !c.isOther() {
			break
		}
		i += n
	}
	for i < len(s) && (s[i] == '\n' || s[i] == '\r' || s[i] == '/') {
		i++
	}
	return i
}

// scanSpace returns the end of the piece of white space at i: alternatives 5 to 7. A run that holds a line end is cut after
// its last one; a run at the end of the text is taken whole; otherwise its last character is left to lead the next piece,
// unless it is the only one.
func scanSpace(s string, i int) int {
	newline, last, end := 0, i, i
	for end < len(s) {
		c, n := classAt(s, end)
		if c&classSpace == 0 {
			break
		}
		last = end
		end += n
		if c&classNewline != 0 {
			newline = end
		}
	}
	switch {
	case newline > 0:
		return newline
	case end == len(s) || last == i:
		return end
	}
	return last
}
