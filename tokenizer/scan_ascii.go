package tokenizer

// Words of ASCII are found without a branch for each byte: a mispredicted branch costs as much as all the arithmetic, and
// where a word ends is not predictable. Eight bytes are looked at as one machine word; a set of bytes is a machine word with
// the top bits of those bytes set, and the end of a run is the lowest bit of its complement. See Tokenizer.encodeRun.

const (
	ones = 0x0101010101010101
	tops = 0x80 * ones
)

// letters marks the capital and the small letters of w.
func letters(w uint64) (up, low uint64) {
	folded := w&^tops | 0x20*ones // no other ASCII byte becomes a letter by that
	l := (folded + (0x80-'a')*ones) &^ (folded + (0x80-'z'-1)*ones) &^ w & tops
	return l &^ (w << 2), l & (w << 2)
}

// scanASCIIOther returns the length of the piece at the beginning of s, which is not a word and has runMargin bytes, if it is
// plain ASCII and short, or 0 if it has to be found by scan. These runs are short and much alike, so here the branches are
// foreseen, and plain loops beat arithmetic.
func scanASCIIOther(s string) int {
	s = s[:runMargin]
	b0 := s[0]
	c := asciiClasses[b0]
	end := 1
	switch {
	case b0 >= 0x80:
		return 0
	case c == classNumber:
		for end < 3 && asciiClasses[s[end]] == classNumber {
			end++
		}
		if end < 3 && s[end] >= 0x80 {
			return 0
		}
		return end
	case c == 0 || b0 == ' ' && asciiClasses[s[1]] == 0:
		for end < keyBytes && asciiClasses[s[end]] == 0 {
			end++
		}
		if s[end] >= 0x80 {
			return 0
		}
		for end < keyBytes && (s[end] == '\n' || s[end] == '\r' || s[end] == '/') {
			end++
		}
		if end == keyBytes {
			return 0
		}
		return end
	}
	return scanASCIISpace(s, c)
}

// scanASCIISpace is scanASCIIOther for white space: see scanSpace for the rules. c is the class of the first byte.
func scanASCIISpace(s string, c class) int {
	s = s[:runMargin]
	newline, end := 0, 0
	for end < keyBytes && c&classSpace != 0 {
		end++
		if c&classNewline != 0 {
			newline = end
		}
		c = asciiClasses[s[end]]
	}
	switch {
	case end == keyBytes || s[end] >= 0x80:
		return 0
	case newline > 0:
		return newline
	case end > 1:
		return end - 1
	}
	return 1
}

// asciiClasses are the classes of ASCII bytes, and classNone for all others.
var asciiClasses = makeASCIIClasses()

const classNone class = 1 << 7

func makeASCIIClasses() (t [256]class) {
	for b := range t {
		t[b] = classNone
		if b < 0x80 {
			t[b] = classBlocks[b]
		}
	}
	return t
}

// Kinds of first bytes, made for the test in encodeRun: kindWord says that a word may begin here, kindLead that it begins at
// the next byte (and is by how many bits to shift to see that byte).
const (
	kindWord = 0x80
	kindLead = 8
)

var asciiKinds = makeASCIIKinds()

func makeASCIIKinds() (t [256]uint8) {
	for b := range 128 {
		switch c := classBlocks[b]; {
		case c&classLetter != 0:
			t[b] = kindWord
		case c.isLead():
			t[b] = kindWord | kindLead
		}
	}
	return t
}
