package ojson

import (
	"fmt"
	"unicode/utf8"
)

// MaxDepth is how many containers may stand inside each other: serde_json (src/de.rs, remaining_depth)
// starts at 128 and refuses the container that brings it to 0.
const MaxDepth = 127

// Kind is the type of a JSON value. The zero Kind is no value at all.
type Kind uint8

// The kinds of JSON values.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
	Printed // a number that prints as Str stands; no reader makes one
)

var kindNames = [...]string{"no value", "null", "boolean", "number", "string", "array", "object", "number"}

// String returns the kind's name as error messages use it.
func (k Kind) String() string { return kindNames[k] }

// SyntaxError says where a document stops being JSON that serde_json accepts.
type SyntaxError struct {
	Offset int    // byte offset in the document
	Msg    string // "expected …, found …"
}

// Error says where the fault is, what was expected and what was found.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("ojson: %s at byte %d", e.Msg, e.Offset)
}

func syntaxError(offset int, expected, found string) error {
	return &SyntaxError{offset, "expected " + expected + ", found " + found}
}

// Reader reads one document from front to back. A method that fails leaves the reader where it can no
// longer be used; the caller returns the error. A Reader belongs to one goroutine.
type Reader struct {
	doc      []byte
	pos      int
	depth    int // containers open now
	maxDepth int
	key      int    // offset of the last key
	scratch  []byte // an unescaped string
}

// NewReader returns a reader of doc, which must not change while it is read. Containers nested deeper
// than maxDepth are refused. The error is a *SyntaxError: doc is not UTF-8.
func NewReader(doc []byte, maxDepth int) (Reader, error) {
	if !utf8.Valid(doc) {
		at := invalidUTF8(doc)
		return Reader{}, syntaxError(at, "UTF-8", fmt.Sprintf("byte 0x%02x", doc[at]))
	}
	return Reader{doc: doc, maxDepth: maxDepth}, nil
}

// invalidUTF8 returns the offset of the first byte of doc that is not UTF-8.
func invalidUTF8(doc []byte) int {
	for i := 0; i < len(doc); {
		r, n := utf8.DecodeRune(doc[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(doc)
}

// Offset skips white space and returns the offset of what comes next.
func (r *Reader) Offset() int {
	for r.pos < len(r.doc) {
		switch r.doc[r.pos] {
		case ' ', '\n', '\r', '\t':
			r.pos++
		default:
			return r.pos
		}
	}
	return r.pos
}

// Last returns the offset behind the last byte read.
func (r *Reader) Last() int { return r.pos }

// KeyOffset returns the offset of the key that Key returned last.
func (r *Reader) KeyOffset() int { return r.key }

// KeyAt returns the key at an offset that KeyOffset returned.
func (r *Reader) KeyAt(offset int) string {
	again := Reader{doc: r.doc, pos: offset}
	key, _ := again.String()
	return key
}

// Mark is a place in a document that a Reader can go back to.
type Mark struct{ pos, depth int }

// Mark returns the reader's place.
func (r *Reader) Mark() Mark { return Mark{r.pos, r.depth} }

// Reset goes back to a place of the same reader.
func (r *Reader) Reset(m Mark) { r.pos, r.depth = m.pos, m.depth }

// Kind skips white space and returns the kind of the value that comes next, judged by its first byte.
// It is Invalid when no value can begin there.
func (r *Reader) Kind() Kind {
	if r.Offset() == len(r.doc) {
		return Invalid
	}
	return kindOf[r.doc[r.pos]]
}

var kindOf = func() (t [256]Kind) {
	t['{'], t['['], t['"'], t['n'], t['t'], t['f'], t['-'] = Object, Array, String, Null, Bool, Bool, Number
	for c := '0'; c <= '9'; c++ {
		t[c] = Number
	}
	return t
}()

// End checks that nothing but white space is left.
func (r *Reader) End() error {
	if r.Offset() < len(r.doc) {
		return r.unexpected("the end of the document")
	}
	return nil
}

// Open enters an object or array, whose first byte Kind has just seen.
func (r *Reader) Open() error {
	if r.depth++; r.depth > r.maxDepth {
		return r.tooDeep()
	}
	r.pos++
	return nil
}

func (r *Reader) tooDeep() error {
	return syntaxError(r.pos, fmt.Sprintf("at most %d nested arrays and objects", r.maxDepth), "one more")
}

// Item steps to the next item of an array: first says that none has been read yet. It reports false at the
// end of the array, which it leaves.
func (r *Reader) Item(first bool) (bool, error) {
	return r.step(first, ']')
}

// Key steps to the next member of an object and returns its key, which is valid until the next string is
// read. It reports false at the end of the object, which it leaves. The reader stands before the value.
func (r *Reader) Key(first bool) (key []byte, ok bool, err error) {
	if ok, err = r.step(first, '}'); !ok {
		return nil, false, err
	}
	if r.Kind() != String {
		return nil, false, r.unexpected("a member's name in quotes")
	}
	r.key = r.pos
	if key, err = r.Bytes(); err != nil {
		return nil, false, err
	}
	if err = r.colon(); err != nil {
		return nil, false, err
	}
	return key, true, nil
}

func (r *Reader) colon() error {
	if r.Offset() == len(r.doc) || r.doc[r.pos] != ':' {
		return r.unexpected("a colon")
	}
	r.pos++
	return nil
}

// step reads what stands between the values of a container: nothing, a comma, or its closing bracket.
func (r *Reader) step(first bool, closing byte) (bool, error) {
	if r.Offset() == len(r.doc) {
		return false, r.unexpected(afterValue(first, closing))
	}
	switch c := r.doc[r.pos]; {
	case c == closing:
		r.pos++
		r.depth--
		return false, nil
	case first:
		return true, nil
	case c == ',':
		r.pos++
		if r.Offset() < len(r.doc) && r.doc[r.pos] == closing {
			return false, r.unexpected("a value after the comma")
		}
		return true, nil
	}
	return false, r.unexpected(afterValue(first, closing))
}

func afterValue(first bool, closing byte) string {
	if first {
		return fmt.Sprintf("a value or %q", closing)
	}
	return fmt.Sprintf("a comma or %q", closing)
}

// Null reads null.
func (r *Reader) Null() error { return r.word("null") }

// Bool reads true or false.
func (r *Reader) Bool() (bool, error) {
	if r.Offset() < len(r.doc) && r.doc[r.pos] == 't' {
		return true, r.word("true")
	}
	return false, r.word("false")
}

func (r *Reader) word(w string) error {
	for i := 0; i < len(w); i++ {
		if r.pos == len(r.doc) || r.doc[r.pos] != w[i] {
			return r.unexpected(w)
		}
		r.pos++
	}
	return nil
}

// unexpected says what was expected at the reader's position and what is found there.
func (r *Reader) unexpected(expected string) error {
	if r.pos >= len(r.doc) {
		return syntaxError(len(r.doc), expected, "the end of the document")
	}
	c, _ := utf8.DecodeRune(r.doc[r.pos:])
	return syntaxError(r.pos, expected, fmt.Sprintf("%q", c))
}

// Since returns the part of the document between a place and the last byte read. It must not be changed.
func (r *Reader) Since(m Mark) []byte { return r.doc[m.pos:r.pos] }
