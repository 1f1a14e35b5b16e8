package ojson

// Value is one JSON value with everything in it. It shares nothing with the document.
type Value struct {
	Kind    Kind
	Bool    bool
	Offset  int      // byte offset of its first byte in the document
	Str     string   // String: the text; Number: the literal as it stands in the document
	Items   []Value  // Array
	Members []Member // Object: in the document's order, duplicate keys kept
}

// Member is one member of an object.
type Member struct {
	Key    string
	Offset int // byte offset of the key's quote
	Value  Value
}

// Parse reads a whole document. Containers nested deeper than maxDepth are refused (MaxDepth is
// serde_json's limit). The error is a *SyntaxError.
func Parse(doc []byte, maxDepth int) (Value, error) {
	r, err := NewReader(doc, maxDepth)
	if err != nil {
		return Value{}, err
	}
	v, err := r.Value()
	if err != nil {
		return Value{}, err
	}
	return v, r.End()
}

// Value reads one value. It recurses once a container, which the reader's limit bounds.
func (r *Reader) Value() (v Value, err error) {
	v.Kind, v.Offset = r.Kind(), r.pos
	switch v.Kind {
	case Null:
		err = r.Null()
	case Bool:
		v.Bool, err = r.Bool()
	case Number:
		v.Str, err = r.Number()
	case String:
		v.Str, err = r.String()
	case Array:
		v.Items, err = r.items()
	case Object:
		v.Members, err = r.members()
	default:
		err = r.unexpected("a value")
	}
	return v, err
}

func (r *Reader) items() (items []Value, err error) {
	if err = r.Open(); err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		ok, err := r.Item(first)
		if !ok || err != nil {
			return items, err
		}
		v, err := r.Value()
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
}

func (r *Reader) members() (members []Member, err error) {
	if err = r.Open(); err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		key, ok, err := r.Key(first)
		if !ok || err != nil {
			return members, err
		}
		m := Member{Key: string(key), Offset: r.KeyOffset()}
		if m.Value, err = r.Value(); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
}

// Get returns the value of a member of an object: of the last one when the key stands there more than
// once, as in serde_json's maps. It reports false for other kinds.
func (v *Value) Get(key string) (*Value, bool) {
	for i := len(v.Members) - 1; i >= 0; i-- {
		if v.Members[i].Key == key {
			return &v.Members[i].Value, true
		}
	}
	return nil, false
}

// Unique returns an object's members as a map that keeps insertion order sees them (serde_json's, with
// the feature preserve_order): each key once, at its first place, with its last value. The result is
// Members itself when no key is repeated.
func (v *Value) Unique() []Member {
	if !v.repeats() {
		return v.Members
	}
	at := make(map[string]int, len(v.Members))
	unique := make([]Member, 0, len(v.Members))
	for _, m := range v.Members {
		i, seen := at[m.Key]
		if !seen {
			at[m.Key] = len(unique)
			unique = append(unique, m)
			continue
		}
		unique[i].Value = m.Value
	}
	return unique
}

// repeats reports whether a key stands more than once in an object.
func (v *Value) repeats() bool {
	if len(v.Members) <= 8 {
		for i := range v.Members {
			for j := range i {
				if v.Members[i].Key == v.Members[j].Key {
					return true
				}
			}
		}
		return false
	}
	seen := make(map[string]struct{}, len(v.Members))
	for i := range v.Members {
		seen[v.Members[i].Key] = struct{}{}
	}
	return len(seen) < len(v.Members)
}

// Append appends v as serde_json prints a value it has read: compact, every key once, strings and numbers
// in its own spelling.
func (v *Value) Append(dst []byte) []byte {
	switch v.Kind {
	case Bool:
		if v.Bool {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case Number:
		return AppendNumber(dst, v.Str)
	case Printed:
		return append(dst, v.Str...)
	case String:
		return AppendString(dst, v.Str)
	case Array:
		return v.appendArray(dst)
	case Object:
		return v.appendObject(dst)
	}
	return append(dst, "null"...)
}

func (v *Value) appendArray(dst []byte) []byte {
	dst = append(dst, '[')
	for i := range v.Items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = v.Items[i].Append(dst)
	}
	return append(dst, ']')
}

func (v *Value) appendObject(dst []byte) []byte {
	dst = append(dst, '{')
	for i, m := range v.Unique() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, m.Key), ':')
		dst = m.Value.Append(dst)
	}
	return append(dst, '}')
}

// AppendCompact appends doc, which must be JSON, without the white space between its tokens and
// otherwise byte for byte.
func AppendCompact(dst, doc []byte) []byte {
	for i := 0; i < len(doc); {
		switch c := doc[i]; c {
		case ' ', '\n', '\r', '\t':
			i++
		case '"':
			end := stringEnd(doc, i)
			dst = append(dst, doc[i:end]...)
			i = end
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

// stringEnd returns the offset behind the string that begins at doc[i].
func stringEnd(doc []byte, i int) int {
	for i = plain(doc, i+1); i < len(doc) && doc[i] != '"'; i = plain(doc, i) {
		i = min(i+2, len(doc)) // a backslash and what it escapes
	}
	return min(i+1, len(doc))
}
