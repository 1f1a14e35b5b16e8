package harmony

import (
	"math/bits"
	"slices"
	"strconv"

	"github.com/harmony-go/sdk/internal/ojson"
)

// decoder reads one document. Its methods read a value each, and fail with a *JSONError or with the
// reader's *ojson.SyntaxError; under gives both their place.
type decoder struct {
	r ojson.Reader
}

// decode reads a whole document with read.
func decode(doc []byte, read func(d *decoder) error) error {
	r, err := ojson.NewReader(doc, ojson.MaxDepth)
	if err != nil {
		return jsonError(err)
	}
	d := decoder{r}
	if err := read(&d); err != nil {
		return jsonError(err)
	}
	if err := d.r.End(); err != nil {
		return jsonError(err)
	}
	return nil
}

// record describes a structure of openai-harmony's JSON the way the Rust library serde reads it: names are
// compared byte for byte, a known name may stand there once, unknown names are ignored. Most structures
// may also be written as an array of all their fields, in order.
type record struct {
	what     string   // for errors: "a tool"
	names    []string // in the order of the Rust declaration
	required uint64   // bit i: names[i] has to be there
	noArray  bool     // the array form is refused
	lax      bool     // values of unknown names are only skimmed (see ojson.Reader.SkipIgnored)
}

// record reads a structure and calls read before the value of each field it knows.
func (d *decoder) record(rec *record, read func(field int) error) error {
	switch kind := d.r.Kind(); {
	case kind == ojson.Object:
		return d.fields(rec, read)
	case kind == ojson.Array && !rec.noArray:
		return d.positions(rec, read)
	}
	return d.unexpected(rec.what)
}

// fields reads the object form.
func (d *decoder) fields(rec *record, read func(field int) error) error {
	start := d.r.Offset()
	if err := d.r.Open(); err != nil {
		return err
	}
	var seen uint64
	for first := true; ; first = false {
		key, ok, err := d.r.Key(first)
		if err != nil {
			return err
		}
		if !ok {
			return rec.missing(seen, start)
		}
		field := rec.index(key)
		if field < 0 {
			at := d.r.KeyOffset()
			if err := d.skip(rec.lax); err != nil {
				return under(err, d.r.KeyAt(at))
			}
			continue
		}
		if seen&(1<<field) != 0 {
			return mismatch(d.r.KeyOffset(), "each field once", "another "+strconv.Quote(rec.names[field]))
		}
		seen |= 1 << field
		if err := read(field); err != nil {
			return under(err, rec.names[field])
		}
	}
}

func (d *decoder) skip(lax bool) error {
	if lax {
		return d.r.SkipIgnored()
	}
	return d.r.Skip()
}

func (rec *record) index(key []byte) int {
	for i, name := range rec.names {
		if string(key) == name {
			return i
		}
	}
	return -1
}

// missing complains about the first required field that has not been seen in the object at offset.
func (rec *record) missing(seen uint64, offset int) error {
	if gone := rec.required &^ seen; gone != 0 {
		name := rec.names[bits.TrailingZeros64(gone)]
		return mismatch(offset, rec.what+" with a field "+strconv.Quote(name), "none")
	}
	return nil
}

// positions reads the array form: every field, in order, and nothing else.
func (d *decoder) positions(rec *record, read func(field int) error) error {
	start := d.r.Offset()
	n := 0
	err := d.items(func(i int) error {
		if n++; i == len(rec.names) {
			return rec.length(start, "more")
		}
		return read(i)
	})
	if err == nil && n < len(rec.names) {
		return rec.length(start, strconv.Itoa(n))
	}
	return err
}

func (rec *record) length(offset int, found string) error {
	return mismatch(offset, rec.what+" as an array of "+strconv.Itoa(len(rec.names))+" values", found)
}

// items reads an array and calls read before each of its items.
func (d *decoder) items(read func(i int) error) error {
	if d.r.Kind() != ojson.Array {
		return d.unexpected("an array")
	}
	if err := d.r.Open(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		ok, err := d.r.Item(i == 0)
		if !ok || err != nil {
			return err
		}
		if err := read(i); err != nil {
			return underItem(err, i)
		}
	}
}

// null reads null if that is what comes.
func (d *decoder) null() (bool, error) {
	if d.r.Kind() != ojson.Null {
		return false, nil
	}
	return true, d.r.Null()
}

// text reads a string.
func (d *decoder) text() (string, error) {
	if d.r.Kind() != ojson.String {
		return "", d.unexpected("a string")
	}
	b, err := d.r.Bytes()
	if err != nil {
		return "", err
	}
	return intern(b), nil
}

// intern returns b as a string, without allocating for the words that nearly every header holds.
func intern(b []byte) string {
	switch string(b) {
	case string(ChannelAnalysis):
		return string(ChannelAnalysis)
	case string(ChannelCommentary):
		return string(ChannelCommentary)
	case string(ChannelFinal):
		return string(ChannelFinal)
	case string(RoleAssistant):
		return string(RoleAssistant)
	case ContentTypeJSON:
		return ContentTypeJSON
	case FunctionsNamespace:
		return FunctionsNamespace
	}
	return string(b)
}

// optional reads a string or null. An empty string is marked in empty, so that it differs from null.
func (d *decoder) optional(dst *string, empty *Fields, field Fields) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	s, err := d.text()
	if err != nil {
		return err
	}
	*dst = s
	if s == "" {
		*empty |= field
	}
	return nil
}

// oneOf reads a word of a list, and returns its index. Serde also takes {"word": null} and {"word": {}}.
func (d *decoder) oneOf(what string, words []string) (int, error) {
	start := d.r.Offset()
	switch d.r.Kind() {
	case ojson.String:
		b, err := d.r.Bytes()
		if err != nil {
			return 0, err
		}
		return pick(what, words, b, start)
	case ojson.Object:
		return d.oneOfObject(what, words, start)
	}
	return 0, d.unexpected(what)
}

func (d *decoder) oneOfObject(what string, words []string, start int) (int, error) {
	if err := d.r.Open(); err != nil {
		return 0, err
	}
	key, ok, err := d.r.Key(true)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, mismatch(start, what, "an empty object")
	}
	i, err := pick(what, words, key, start)
	if err != nil {
		return 0, err
	}
	if err := d.nothing(); err != nil {
		return 0, under(err, words[i])
	}
	if _, ok, err := d.r.Key(false); ok || err != nil {
		return 0, firstError(err, mismatch(start, what, "an object with more than one member"))
	}
	return i, nil
}

// nothing reads null or {}.
func (d *decoder) nothing() error {
	if d.r.Kind() != ojson.Object {
		if null, err := d.null(); null || err != nil {
			return err
		}
		return d.unexpected("null")
	}
	if err := d.r.Open(); err != nil {
		return err
	}
	at := d.r.Offset()
	if _, ok, err := d.r.Key(true); ok || err != nil {
		return firstError(err, mismatch(at, "an empty object", "a member"))
	}
	return nil
}

func firstError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func pick(what string, words []string, b []byte, offset int) (int, error) {
	i := slices.Index(words, string(b))
	if i < 0 {
		return 0, mismatch(offset, what, quote(string(b)))
	}
	return i, nil
}

// unexpected says that a value of the wrong kind comes next.
func (d *decoder) unexpected(expected string) error {
	kind := d.r.Kind()
	found := kind.String()
	switch kind {
	case ojson.Invalid:
		return d.r.Skip() // a syntax error
	case ojson.Null:
	case ojson.Array, ojson.Object:
		found = "an " + found
	default:
		found = "a " + found
	}
	return mismatch(d.r.Offset(), expected, found)
}
