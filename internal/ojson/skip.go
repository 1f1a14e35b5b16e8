package ojson

// Skip reads one value and drops it; all of it has to be acceptable.
func (r *Reader) Skip() error { return r.skip(false) }

// SkipIgnored reads one value and drops it the way serde_json ignores the value of an unknown field: the
// grammar is checked, but depth, the range of numbers and surrogates in escapes are not.
func (r *Reader) SkipIgnored() error { return r.skip(true) }

// skip keeps the kinds of the open containers on a stack of its own, so that depth costs no recursion.
func (r *Reader) skip(lax bool) error {
	var few [MaxDepth]Kind
	open := few[:0]
	first := true
	for {
		kind := r.Kind()
		if err := r.skipOne(kind, lax); err != nil {
			return err
		}
		if kind == Array || kind == Object {
			open = append(open, kind)
			first = true
		}
		for {
			if len(open) == 0 {
				return nil
			}
			more, err := r.skipStep(open[len(open)-1], first, lax)
			if err != nil {
				return err
			}
			first = false
			if more {
				break
			}
			open = open[:len(open)-1]
		}
	}
}

// skipStep steps to the next value of the innermost open container.
func (r *Reader) skipStep(container Kind, first, lax bool) (bool, error) {
	if container == Array {
		return r.step(first, ']')
	}
	more, err := r.step(first, '}')
	if !more {
		return false, err
	}
	if r.Kind() != String {
		return false, r.unexpected("a member's name in quotes")
	}
	if err := r.skipString(lax); err != nil {
		return false, err
	}
	return true, r.colon()
}

// skipOne reads a scalar, or the opening bracket of a container.
func (r *Reader) skipOne(kind Kind, lax bool) error {
	switch kind {
	case Null:
		return r.word("null")
	case Bool:
		_, err := r.Bool()
		return err
	case Number:
		return r.number(lax)
	case String:
		return r.skipString(lax)
	case Array, Object:
		if r.depth++; r.depth > r.maxDepth && !lax {
			return r.tooDeep()
		}
		r.pos++
		return nil
	}
	return r.unexpected("a value")
}

func (r *Reader) skipString(lax bool) error {
	if !lax {
		_, err := r.Bytes()
		return err
	}
	r.pos++ // the quote
	for {
		r.pos = plain(r.doc, r.pos)
		if r.pos == len(r.doc) {
			return r.unexpected("a closing quote")
		}
		switch r.doc[r.pos] {
		case '"':
			r.pos++
			return nil
		case '\\':
			if err := r.skipEscape(); err != nil {
				return err
			}
		default:
			return r.unexpected("no control character in a string")
		}
	}
}

// skipEscape reads an escape and lets any four digits pass.
func (r *Reader) skipEscape() error {
	if r.pos++; r.pos == len(r.doc) {
		return r.unexpected("an escape")
	}
	c := r.doc[r.pos]
	if c == 'u' {
		r.pos++
		_, err := r.hex4()
		return err
	}
	if simpleEscapes[c] == 0 {
		return r.unexpected(`one of "\/bfnrtu after a backslash`)
	}
	r.pos++
	return nil
}
