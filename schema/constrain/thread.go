package constrain

// A thread is one of the ways in which a matcher understands the text so far. Every thread can be completed.
type thread struct {
	top   int32 // the innermost open frame, or noFrame
	mode  mode
	part  part   // inside a character of a string
	char  uint32 // what is known of that character; in a literal, how much of it has been read
	size  int32  // characters of the string, as far as its machine counts them; bytes of the number; white space, where it is limited
	node  *node  // of the value that comes
	text  *textState
	num   *numberState
	numOf *numberMachine
}

// A mode says where in a text a thread is.
type mode uint8

const (
	modeValue  mode = iota // before a value
	modeText               // inside a string
	modeNumber             // inside a number
	modeTrue               // inside true
	modeFalse              // inside false
	modeNull               // inside null
	modeAfter              // behind a value in an array or object
	modeFirst              // behind the [ or { of a frame
	modeComma              // behind a comma in an object
	modeKey                // inside a key
	modeColon              // behind a key
	modeDone               // behind the whole value
)

// A part says what has been read of a character of a string that is not complete.
type part uint8

const (
	partNone   part = iota
	partEscape      // behind a backslash
	partHex1        // before the last of the four digits of \u
	partHex2
	partHex3
	partHex4   // before the first
	partLowEsc // behind a high surrogate: a backslash must come
	partLowU   // and an u
	partLow1   // before the last of the four digits of a low surrogate
	partLow2
	partLow3
	partLow4
	partTail1 // one more byte of UTF-8
	partTail2
	partTail3
)

var literals = [...]string{modeTrue: "true", modeFalse: "false", modeNull: "null"}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// step appends to out the threads behind one more byte: none if the text cannot go on so.
func (m *Matcher) step(t *thread, b byte, out []thread) []thread {
	switch t.mode {
	case modeText, modeKey:
		return m.stepString(t, b, out)
	case modeNumber:
		if n := t.numOf.step(t.num, b); n != nil {
			size := t.size + 1
			if !t.numOf.fits(n, int(size)) || !m.unusedNumber(t) {
				return out
			}
			out = append(out, *t)
			next := &out[len(out)-1]
			next.num, next.size = n, size
			return out
		}
		if !t.num.accept {
			return out
		}
		end := *t
		m.word = nil
		if !m.endValue(&end, m.textMark) {
			return out
		}
		return m.step(&end, b, out)
	case modeTrue, modeFalse, modeNull:
		word := literals[t.mode]
		if b != word[t.char] {
			return out
		}
		out = append(out, *t)
		next := &out[len(out)-1]
		m.word = nil
		if next.char++; int(next.char) == len(word) && !m.endValue(next, len(m.text)) {
			return out[:len(out)-1]
		}
		return out
	}
	if isSpace(b) {
		if t.size == m.g.space {
			return out
		}
		out = append(out, *t)
		if m.g.space > 0 {
			out[len(out)-1].size++
		}
		return out
	}
	switch t.mode {
	case modeValue:
		return m.begin(t, b, out)
	case modeAfter:
		return m.stepAfter(t, b, out)
	case modeFirst:
		return m.stepFirst(t, b, out)
	case modeComma:
		if b == '"' {
			return m.beginKey(t, out)
		}
	case modeColon:
		if b == ':' {
			out = append(out, *t)
			out[len(out)-1].mode, out[len(out)-1].size = modeValue, 0
		}
	}
	return out
}

// begin reads the first byte of a value.
func (m *Matcher) begin(t *thread, b byte, out []thread) []thread {
	n := t.node
	next := thread{top: t.top}
	switch b {
	case '"':
		if n.texts == nil || !m.unusedString(t, n.texts.start) {
			return out
		}
		next.mode, next.text = modeText, n.texts.start
	case '{':
		for _, p := range n.objects {
			if p.height > m.roomIn(t.top) {
				continue
			}
			out = append(out, thread{top: m.push(&frame{up: t.top, from: noFrame, object: p, extras: noFrame, items: noFrame, wide: m.newWide(p)}), mode: modeFirst})
		}
		return out
	case '[':
		for _, p := range n.arrays {
			if p.height > m.roomIn(t.top) {
				continue
			}
			out = append(out, thread{top: m.push(&frame{up: t.top, from: noFrame, array: p, extras: noFrame, items: noFrame}), mode: modeFirst})
		}
		return out
	case 't', 'f', 'n':
		switch {
		case b == 't' && n.yes:
			next.mode = modeTrue
		case b == 'f' && n.no:
			next.mode = modeFalse
		case b == 'n' && n.null:
			next.mode = modeNull
		default:
			return out
		}
		next.char = 1
		if m.usedLiteral(t, next.mode) {
			return out
		}
	default:
		if n.numbers == nil {
			return out
		}
		next.mode, next.numOf, next.size = modeNumber, n.numbers, 1
		if next.num = n.numbers.step(n.numbers.start, b); next.num == nil || !m.unusedNumber(&next) {
			return out
		}
	}
	return append(out, next)
}

// endValue moves a thread behind a value that ends at an offset of the matcher's text. It reports false where the value must not
// stand there.
func (m *Matcher) endValue(t *thread, end int) bool {
	*t = thread{top: t.top, mode: modeAfter}
	switch {
	case t.top == noFrame:
		t.mode = modeDone
	case m.frames[t.top].array != nil && m.frames[t.top].array.unique:
		return m.endItem(t, end)
	}
	return true
}

// stepAfter reads a byte behind a value in an array or object.
func (m *Matcher) stepAfter(t *thread, b byte, out []thread) []thread {
	f := &m.frames[t.top]
	switch {
	case b == ',' && f.mayGoOn:
		if f.object != nil {
			return append(out, thread{top: t.top, mode: modeComma})
		}
		return m.beginItems(t, len(m.text), out)
	case b == '}' && f.object != nil && f.mayEnd, b == ']' && f.array != nil && f.mayEnd:
		return m.pop(t, out)
	}
	return out
}

// pop closes the innermost frame.
func (m *Matcher) pop(t *thread, out []thread) []thread {
	end := thread{top: m.frames[t.top].up}
	m.word = nil
	if !m.endValue(&end, len(m.text)) {
		return out
	}
	return append(out, end)
}

// stepFirst reads a byte behind an opening bracket.
func (m *Matcher) stepFirst(t *thread, b byte, out []thread) []thread {
	f := &m.frames[t.top]
	if f.object != nil {
		switch {
		case b == '}' && f.mayEnd:
			return m.pop(t, out)
		case b == '"' && f.mayGoOn:
			return m.beginKey(t, out)
		}
		return out
	}
	if b == ']' {
		if f.mayEnd {
			return m.pop(t, out)
		}
		return out
	}
	if !f.mayGoOn {
		return out
	}
	first := len(out)
	out = m.beginItems(t, m.textMark, out)
	for n := len(out) - first; n > 0; n-- { // each thread before an item is replaced by those inside it
		item := out[first]
		out = append(out[:first], out[first+1:]...)
		out = m.begin(&item, b, out)
	}
	return out
}

// beginItems puts a thread before the next item of an array, which begins at an offset of the matcher's text or later, once for
// each of its options.
func (m *Matcher) beginItems(t *thread, start int, out []thread) []thread {
	f := m.frames[t.top]
	p := f.array
	for _, o := range m.nextOptions(&f) {
		top := t.top
		if p.counted {
			m.look(top)
			next := f
			next.from = top
			next.count++
			next.start = int32(start)
			next.tally, _ = raise(f.tally, o.inc, p.limits)
			top = m.push(&next)
		}
		out = append(out, thread{top: top, mode: modeValue, node: o.node})
	}
	return out
}

// newWide makes room for the names of a plan with many of them.
func (m *Matcher) newWide(p *objectPlan) int32 {
	if p.words <= 1 {
		return 0
	}
	at := len(m.words)
	m.grown++
	for range 2 * p.words {
		m.words = append(m.words, 0)
	}
	return int32(at)
}

// beginKey puts a thread inside a key.
func (m *Matcher) beginKey(t *thread, out []thread) []thread {
	m.keyStart = m.keyMark
	m.grown++
	return append(out, thread{top: t.top, mode: modeKey, text: m.frames[t.top].object.machine.start})
}
