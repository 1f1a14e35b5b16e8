// Package lossy is how text that is not UTF-8 is cut: into characters, and into the maximal subparts of ill-formed
// sequences, one U+FFFD for each (The Unicode Standard 16.0, section 3.9, table 3-8; also what Rust's
// String::from_utf8_lossy does). The streaming decoder and the parser share it, so that they always agree.
package lossy

import "unicode/utf8"

// ValidPrefix returns the length of the longest prefix of s that is whole characters.
func ValidPrefix(s string) int {
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(s)
}

// Subpart returns the length of the maximal subpart at the beginning of s, which must begin neither with a character
// nor with an unfinished one (utf8.FullRuneInString): the longest prefix that could have become a character, or one byte.
func Subpart(s string) int {
	for n := min(len(s), utf8.UTFMax-1); n > 1; n-- {
		if !utf8.FullRuneInString(s[:n]) {
			return n
		}
	}
	return 1
}
