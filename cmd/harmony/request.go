package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/internal/ojson"
)

// requestError says why a line cannot be answered.
type requestError struct {
	offset  int    // byte in the line, -1 where none is known
	pointer string // JSON pointer of the value at fault
	msg     string
}

func (e *requestError) Error() string {
	if e.pointer == "" {
		return e.msg
	}
	return e.pointer + ": " + e.msg
}

// fields reads the members of a request. Reading stops at the first fault.
type fields struct {
	r      ojson.Reader
	doc    []byte
	known  []string // the fields a request may have
	others bool     // others may stand beside them, and are read with no name
	seen   uint32   // bit i: known[i] has been read
	name   string   // the field that is being read
	at     int      // where its value begins
}

// readFields calls read for each field of the JSON object doc that is not null. known are the fields there may be.
func readFields(doc []byte, known []string, read func(f *fields, name string) error) error {
	r, err := ojson.NewReader(doc, ojson.MaxDepth)
	if err != nil {
		return syntaxFault(err, 0, "")
	}
	return (&fields{r: r, doc: doc, known: known}).read(read)
}

// read calls read for each field that is not null.
func (f *fields) read(read func(f *fields, name string) error) error {
	at := f.r.Offset()
	switch kind := f.r.Kind(); {
	case at == len(f.doc):
		return &requestError{at, "", "an empty line, want a JSON object"}
	case kind != ojson.Object:
		return &requestError{at, "", "want a JSON object, found " + f.found()}
	}
	if err := f.r.Open(); err != nil {
		return syntaxFault(err, 0, "")
	}
	for first := true; ; first = false {
		more, err := f.next(first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if f.r.Kind() == ojson.Null {
			err = f.syntax(f.r.Null())
		} else {
			err = read(f, f.name)
		}
		if err != nil {
			return err
		}
	}
	return syntaxFault(f.r.End(), 0, "")
}

// next steps to the value of the next field.
func (f *fields) next(first bool) (bool, error) {
	key, more, err := f.r.Key(first)
	if err != nil || !more {
		return false, syntaxFault(err, 0, "")
	}
	f.name, f.at = "", f.r.Offset()
	for i, name := range f.known {
		if string(key) != name {
			continue
		}
		if f.seen&(1<<i) != 0 {
			return false, &requestError{f.r.KeyOffset(), "/" + name, "given twice"}
		}
		f.seen |= 1 << i
		f.name = name
		return true, nil
	}
	if f.others {
		return true, nil
	}
	return false, &requestError{f.r.KeyOffset(), "", fmt.Sprintf("unknown field %s%s", quote(string(key)), suggest(string(key), f.known))}
}

// found names what stands at the reader.
func (f *fields) found() string {
	at := f.r.Offset()
	rest := f.doc[at:]
	switch kind := f.r.Kind(); {
	case len(rest) == 0:
		return "the end of the line"
	case kind == ojson.Null && !bytes.HasPrefix(rest, []byte("null")):
	case kind == ojson.Bool && !bytes.HasPrefix(rest, []byte("true")) && !bytes.HasPrefix(rest, []byte("false")):
	case kind != ojson.Invalid:
		return article(kind.String())
	}
	return fmt.Sprintf("%q", []rune(string(f.doc[at:min(at+4, len(f.doc))]))[0])
}

func article(kind string) string {
	switch kind {
	case "array", "object":
		return "an " + kind
	case "null", "no value":
		return kind
	}
	return "a " + kind
}

// faultf is a fault of the value that is being read.
func (f *fields) faultf(format string, args ...any) error {
	return &requestError{f.at, "/" + f.name, fmt.Sprintf(format, args...)}
}

// syntax makes the reader's error one of the field that is being read.
func (f *fields) syntax(err error) error { return syntaxFault(err, 0, "/"+f.name) }

// syntaxFault turns the JSON reader's error into a requestError; base is where its document begins in the line.
func syntaxFault(err error, base int, pointer string) error {
	if err == nil {
		return nil
	}
	if s, ok := errors.AsType[*ojson.SyntaxError](err); ok {
		return &requestError{base + s.Offset, pointer, fmt.Sprintf("%s at byte %d of the line", s.Msg, base+s.Offset)}
	}
	return &requestError{-1, pointer, err.Error()}
}

// str reads a string.
func (f *fields) str() (string, error) {
	if f.r.Kind() != ojson.String {
		return "", f.faultf("want a string, found %s", f.found())
	}
	s, err := f.r.String()
	return s, f.syntax(err)
}

// boolean reads true or false.
func (f *fields) boolean() (bool, error) {
	if f.r.Kind() != ojson.Bool {
		return false, f.faultf("want true or false, found %s", f.found())
	}
	b, err := f.r.Bool()
	return b, f.syntax(err)
}

// word reads a string that is one of words.
func (f *fields) word(words ...string) (string, error) {
	s, err := f.str()
	if err != nil {
		return "", err
	}
	for _, w := range words {
		if s == w {
			return s, nil
		}
	}
	return "", f.faultf("want %s, found %s%s", oneOf(words), quote(s), suggest(s, words))
}

// role reads the name of a role.
func (f *fields) role() (harmony.Role, error) {
	s, err := f.word(roleWords...)
	return harmony.Role(s), err
}

// roleWords are the roles as the contract names them.
var roleWords = []string{
	string(harmony.RoleSystem), string(harmony.RoleDeveloper), string(harmony.RoleUser),
	string(harmony.RoleAssistant), string(harmony.RoleTool),
}

// raw returns the bytes of a value, which has been checked to be JSON, and where they begin.
func (f *fields) raw() ([]byte, int, error) {
	if err := f.syntax(f.r.SkipIgnored()); err != nil {
		return nil, 0, err
	}
	return f.doc[f.at:f.r.Last()], f.at, nil
}

// tokens reads an array of token ids into dst. Ids that no vocabulary has are fine here, as long as they are ids.
func (f *fields) tokens(dst []encoding.Token) ([]encoding.Token, error) {
	if f.r.Kind() != ojson.Array {
		return dst, f.faultf("want an array of token ids, found %s", f.found())
	}
	list, base, err := f.raw()
	if err != nil {
		return dst, err
	}
	for i, n := 1, 0; ; n++ { // list is a JSON array: only its items need a look
		for isBetweenIDs(list[i]) {
			i++
		}
		if list[i] == ']' {
			return dst, nil
		}
		id, end := plainID(list, i)
		if end == 0 {
			return dst, f.tokenFault(list, i, base, n)
		}
		dst = append(dst, id)
		i = end
	}
}

// plainID reads decimal digits; end is 0 where something else stands, or more than a token id can be.
func plainID(list []byte, at int) (id encoding.Token, end int) {
	v, i := uint64(0), at
	for list[i]-'0' <= 9 && v <= math.MaxUint32 {
		v = v*10 + uint64(list[i]-'0')
		i++
	}
	if i == at || v > math.MaxUint32 || !isBetweenIDs(list[i]) && list[i] != ']' {
		return 0, 0
	}
	return encoding.Token(v), i
}

// tokenFault says why item n of a list, which begins at byte i of it, is no token id.
func (f *fields) tokenFault(list []byte, i, base, n int) error {
	fault := ""
	if c := list[i]; c == '-' || c-'0' <= 9 {
		end := i
		for !isBetweenIDs(list[end]) && list[end] != ']' {
			end++
		}
		_, fault = parseID(string(list[i:end]))
	} else {
		kind := map[byte]string{'"': "a string", '[': "an array", '{': "an object", 'n': "null"}[c]
		if kind == "" {
			kind = "a boolean"
		}
		fault = "want a token id, found " + kind
	}
	return &requestError{base + i, fmt.Sprintf("/%s/%d", f.name, n), fault}
}

// parseID reads a token id from decimal digits; fault says why it is none.
func parseID(digits string) (id encoding.Token, fault string) {
	v := uint64(0)
	for i := range len(digits) {
		c := digits[i]
		if c < '0' || c > '9' {
			if digits[0] == '-' {
				return 0, fmt.Sprintf("a token id is not negative, found %s", shorten(digits))
			}
			return 0, fmt.Sprintf("a token id is a whole number, found %s", shorten(digits))
		}
		if v = v*10 + uint64(c-'0'); v > math.MaxUint32 {
			return 0, fmt.Sprintf("a token id has 32 bits at most, found %s", shorten(digits))
		}
	}
	return encoding.Token(v), ""
}

// shorten cuts what an error message quotes.
func shorten(s string) string {
	if len(s) <= 40 {
		return s
	}
	return s[:40] + "…"
}
