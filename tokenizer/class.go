package tokenizer

// A class says which sets of the pattern a code point belongs to. A code point without any bit (punctuation, symbols, control
// characters, unassigned code points, and a byte that is not UTF-8) is "other".
type class uint8

// The bits are written into class_table.go by internal/gen; the names of the sets are those of the pattern.
const (
	classUpper   class = 1 << iota // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], what may begin a word
	classLower                     // [\p{Ll}\p{Lm}\p{Lo}\p{M}], what may end a word
	classLetter                    // \p{L}
	classNumber                    // \p{N}
	classSpace                     // \s
	classNewline                   // [\r\n]
)

// isWord: the code point can be part of a word.
func (c class) isWord() bool { return c&(classUpper|classLower) != 0 }

// isLead: the code point is in [^\r\n\p{L}\p{N}], so it can be glued to the front of a word. Marks are that too.
func (c class) isLead() bool { return c&(classLetter|classNumber|classNewline) == 0 }

// isOther: the code point is in [^\s\p{L}\p{N}], what runs of punctuation are made of. Marks are that too.
func (c class) isOther() bool { return c&(classLetter|classNumber|classSpace) == 0 }

// classOf returns the class of a code point.
func classOf(r rune) class {
	block := uint32(r) >> 7
	if block >= uint32(len(classIndex)) {
		return 0
	}
	return classBlocks[int(classIndex[block])<<7|int(r&127)]
}

// classAt returns the class of the character of s at i and its length in bytes. A byte that does not begin a well-formed
// character is a character of its own, of class "other". Requires i < len(s).
func classAt(s string, i int) (class, int) {
	b := s[i]
	if b < 0x80 {
		return classBlocks[b&127], 1 // block 0 is the first in the table: classIndex[0] is 0
	}
	return classAtMultibyte(s, i)
}

// classAtMultibyte is classAt for a byte of 0x80 and above. It decodes by hand because the class is all that is wanted, and a
// range check of the whole is cheaper than utf8.DecodeRuneInString's table.
func classAtMultibyte(s string, i int) (class, int) {
	const cont = 0xC0 // a continuation byte is 10xxxxxx
	b0 := s[i]
	rest := len(s) - i
	switch {
	case b0 < 0xC2 || b0 > 0xF4 || rest < 2 || s[i+1]&cont != 0x80:
		return 0, 1
	case b0 < 0xE0:
		return classOf(rune(b0&0x1F)<<6 | rune(s[i+1]&0x3F)), 2
	case rest < 3 || s[i+2]&cont != 0x80:
		return 0, 1
	case b0 < 0xF0:
		r := rune(b0&0x0F)<<12 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F)
		if r < 0x800 || r&^0x7FF == 0xD800 {
			return 0, 1 // overlong, or a surrogate
		}
		return classOf(r), 3
	case rest < 4 || s[i+3]&cont != 0x80:
		return 0, 1
	default:
		r := rune(b0&0x07)<<18 | rune(s[i+1]&0x3F)<<12 | rune(s[i+2]&0x3F)<<6 | rune(s[i+3]&0x3F)
		if r < 0x10000 || r > 0x10FFFF {
			return 0, 1
		}
		return classOf(r), 4
	}
}
