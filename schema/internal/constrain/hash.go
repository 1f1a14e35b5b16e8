package constrain

import (
	"strings"
)

// hashValue hashes a JSON value: equal values have equal hashes, whatever their spelling. The text is one that a grammar accepts.
func hashValue(text []byte) uint64 {
	h, _ := hashAt(text, 0)
	return h
}

// hashAt hashes the value that begins at text[i], after white space, and returns the offset behind it.
func hashAt(text []byte, i int) (uint64, int) {
	i = skipSpace(text, i)
	switch text[i] {
	case '"':
		end := stringEnd(text, i)
		return mix(2, hashBytes(appendText(nil, text[i:end]))), end
	case '[':
		return hashArray(text, i+1)
	case '{':
		return hashObject(text, i+1)
	case 't', 'n':
		return mix(1, uint64(text[i])), i + 4
	case 'f':
		return mix(1, uint64(text[i])), i + 5
	}
	end := i
	for end < len(text) && numberClass(text[end]) != numberClasses {
		end++
	}
	return hashNumber(string(text[i:end])), end
}

// hashNumber hashes a number by its value. Its exponent is within the limits of a numberMachine.
func hashNumber(lit string) uint64 {
	d, _ := parseDecimal(strings.ToLower(lit))
	h := mix(mix(3, uint64(boolByte(d.neg))), uint64(d.pos))
	return mix(h, hashBytes([]byte(d.digits)))
}

func skipSpace(text []byte, i int) int {
	for i < len(text) && isSpace(text[i]) {
		i++
	}
	return i
}

// stringEnd returns the offset behind the string that begins at text[i].
func stringEnd(text []byte, i int) int {
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func hashArray(text []byte, i int) (uint64, int) {
	h := uint64(4)
	for {
		i = skipSpace(text, i)
		if text[i] == ']' {
			return mix(h, 5), i + 1
		}
		if text[i] == ',' {
			i++
		}
		var v uint64
		v, i = hashAt(text, i)
		h = mix(h, v)
	}
}

// hashObject hashes an object; the order of its properties does not matter.
func hashObject(text []byte, i int) (uint64, int) {
	sum := uint64(0)
	for {
		i = skipSpace(text, i)
		if text[i] == '}' {
			return mix(6, sum), i + 1
		}
		if text[i] == ',' {
			i++
		}
		var k, v uint64
		k, i = hashAt(text, i)
		i = skipSpace(text, i) + 1 // the colon
		v, i = hashAt(text, i)
		sum += mix(k, v)
	}
}
