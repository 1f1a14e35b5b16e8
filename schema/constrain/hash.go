package constrain

// hashValue hashes a JSON value: equal values have equal hashes, whatever their spelling. The text is one that a grammar accepts.
func hashValue(text []byte) uint64 {
	var buf [64]byte    // of a string without its escapes
	var open []openHash // the arrays and objects around, from the outside in: no recursion, however deep they are
	for i := 0; ; {
		i = skipSpace(text, i)
		var h uint64
		switch c := text[i]; c {
		case '[', '{':
			open = append(open, openHash{object: c == '{', h: uint64(c)})
			i++
			continue
		case ',', ':':
			i++
			continue
		case ']', '}':
			top := open[len(open)-1]
			open = open[:len(open)-1]
			h = mix(mix(top.h, top.sum), uint64(c))
			i++
		case '"':
			end := stringEnd(text, i)
			h, i = mix(2, hashBytes(appendText(buf[:0], text[i:end]))), end
		case 't', 'n', 'f':
			h, i = mix(1, uint64(c)), i+4
			if c == 'f' {
				i++
			}
		default:
			end := i
			for end < len(text) && numberClass(text[end]) != numberClasses {
				end++
			}
			d, _ := parseDecimal(string(text[i:end])) // its exponent is within the limits of a numberMachine
			h, i = d.hash(), end
		}
		if len(open) == 0 {
			return h
		}
		open[len(open)-1].add(h)
	}
}

// An openHash is the hash of an array or object that is not complete.
type openHash struct {
	object, hasKey bool
	h, key, sum    uint64
}

// add adds an item, or a key or value of an object, where the order of the properties does not matter.
func (o *openHash) add(h uint64) {
	switch {
	case !o.object:
		o.h = mix(o.h, h)
	case !o.hasKey:
		o.key, o.hasKey = h, true
	default:
		o.sum += mix(o.key, h)
		o.hasKey = false
	}
}

// hash hashes a number by its value.
func (d decimal) hash() uint64 {
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
