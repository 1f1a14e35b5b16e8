package constrain

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Unique items. A matcher keeps the text of arrays whose items must differ, and a hash of every item that has been read. A value
// must not end where it would equal an earlier one. Nor may it begin in a way that leaves it nothing else to become: where only
// a few values can follow, those that have been used are counted.

// An item is one that has been read of an array with unique items.
type item struct {
	next     int32 // in the list
	off, len int32 // its text in the matcher's text
	hash     uint64
	word     *textState // the word of an enumeration, if it is one
	number   decimal    // if it is one that is within the limits of a schema
	isNumber bool
}

// uniqueItems returns the array around a value if its items must differ and there are some.
func (m *Matcher) uniqueItems(top int32) *frame {
	if top < 0 || m.frames[top].array == nil || !m.frames[top].array.unique || m.frames[top].items < 0 {
		return nil
	}
	return &m.frames[top]
}

// endItem notes the item that ends at an offset of the text. It reports false where it equals an earlier one.
func (m *Matcher) endItem(t *thread, end int) bool {
	f := m.frames[t.top]
	if m.word == nil {
		m.walk.need = max(m.walk.need, needText)
	} else {
		m.look(t.top) // the text is known from the state
	}
	f.from = t.top
	it := item{next: f.items, off: f.start, len: int32(end) - f.start, word: m.word}
	it.read(m.text[f.start:end])
	if m.hasItem(&f, it.hash) {
		return false
	}
	m.items = append(m.items, it)
	f.items = int32(len(m.items) - 1)
	t.top = m.push(&f)
	return true
}

// usedLiteral reports whether an item that begins with a byte can only be a literal that has been used.
func (m *Matcher) usedLiteral(t *thread, next mode) bool {
	f := m.uniqueItems(t.top)
	if f == nil {
		return false
	}
	m.look(t.top)
	return m.hasItem(f, hashValue([]byte(literals[next])))
}

// read finds out what there is to know of the text of an item.
func (it *item) read(text []byte) {
	text = text[skipSpace(text, 0):]
	if numberClass(text[0]) == numberClasses {
		it.hash = hashValue(text)
		return
	}
	it.number, it.isNumber = parseDecimal(string(bytes.TrimRight(text, " \t\r\n")))
	it.hash = it.number.hash()
}

// hasItem reports whether an item with a hash has been read.
func (m *Matcher) hasItem(f *frame, h uint64) bool {
	for i := f.items; i >= 0; i = m.items[i].next {
		if m.items[i].hash == h {
			return true
		}
	}
	return false
}

// itemText returns the text of an item, without the white space before it.
func (m *Matcher) itemText(i int32) []byte {
	text := m.text[m.items[i].off:][:m.items[i].len]
	return text[skipSpace(text, 0):]
}

// unusedText reports whether a string item can go on, with one of the characters from lo to hi that lead to a state, to become
// one that has not been used.
func (m *Matcher) unusedText(t *thread, s *textState, lo, hi rune) bool {
	f := m.uniqueItems(t.top)
	if f == nil || t.text.m.free && t.text.m.max < 0 {
		return true
	}
	if t.text.m.set.op == textWords {
		m.look(t.top)
		if used, ok := m.usedWords(f, s); ok {
			return used < s.keys.hi-s.keys.lo
		}
	}
	m.walk.need = max(m.walk.need, needText)
	var buf [64]byte
	prefix := appendText(buf[:0], bytes.TrimLeft(m.text[f.start:m.textMark], " \t\r\n"))
	used := uint64(0)
	for i := f.items; i >= 0; i = m.items[i].next {
		word := m.itemText(i)
		if word[0] != '"' {
			continue
		}
		rest, ok := bytes.CutPrefix(appendText(nil, word), prefix)
		r, n := utf8.DecodeRune(rest)
		if ok && n > 0 && r >= lo && r <= hi && s.accepts(string(rest[n:]), t.nextSize()) {
			used++
		}
	}
	if used == 0 {
		return true
	}
	return s.more(used/uint64(hi-lo+1), t.nextSize()) // rounding down is exact: every character has as many continuations
}

// unusedString reports whether a string item that begins can become one that has not been used.
func (m *Matcher) unusedString(t *thread, s *textState) bool {
	f := m.uniqueItems(t.top)
	if f == nil || s.m.free && s.m.max < 0 {
		return true
	}
	if s.m.set.op == textWords {
		m.look(t.top)
		if used, ok := m.usedWords(f, s); ok {
			return used < s.keys.hi-s.keys.lo
		}
	}
	m.walk.need = max(m.walk.need, needText)
	used := uint64(0)
	for i := f.items; i >= 0; i = m.items[i].next {
		word := m.itemText(i)
		if word[0] == '"' && s.accepts(string(appendText(nil, word)), 0) {
			used++
		}
	}
	return used == 0 || s.more(used, 0)
}

// usedWords counts the words below a state of an enumeration that have been used. It reports false where other strings have, too.
func (m *Matcher) usedWords(f *frame, s *textState) (used int32, ok bool) {
	for i := f.items; i >= 0; i = m.items[i].next {
		switch word := m.items[i].word; {
		case word == nil && m.itemText(i)[0] == '"', word != nil && word.m != s.m:
			return 0, false
		case word != nil && word.keys.exact >= s.keys.lo && word.keys.exact < s.keys.hi:
			used++
		}
	}
	return used, true
}

// accepts reports whether a rest of a string leads to an accepted one, when n characters have been read.
func (s *textState) accepts(rest string, n int) bool {
	for _, r := range rest {
		if s = s.step(r); s == nil {
			return false
		}
		n++
	}
	return s.ends(n)
}

// more reports whether more than k strings go on from a state when n characters have been read.
func (s *textState) more(k uint64, n int) bool {
	total := uint64(0)
	for layer := map[*textState]uint64{s: 1}; len(layer) > 0; n++ {
		next := map[*textState]uint64{}
		for at, ways := range layer {
			if at.ends(n) {
				total += ways
			}
			for class := range at.next {
				to := at.stepClass(uint16(class))
				if to != nil && to.fits(n+1) {
					next[to] = min(next[to]+ways*s.m.classes.size[class], 1<<40)
				}
			}
		}
		if total > k {
			return true
		}
		layer = next
	}
	return false
}

// appendText appends the characters of a JSON string, from its quote on; an escape that is not complete is left out.
func appendText(dst, s []byte) []byte {
	for i := 1; i < len(s) && s[i] != '"'; {
		if s[i] != '\\' {
			dst = append(dst, s[i])
			i++
			continue
		}
		r, n := unescape(s[i:])
		if n == 0 {
			return dst
		}
		dst = utf8.AppendRune(dst, r)
		i += n
	}
	for len(dst) > 0 { // a character of several bytes may not be complete
		if r, n := utf8.DecodeLastRune(dst); r != utf8.RuneError || n > 1 {
			break
		}
		dst = dst[:len(dst)-1]
	}
	return dst
}

// unescape reads an escape; its length is 0 where it is not complete.
func unescape(s []byte) (r rune, n int) {
	switch {
	case len(s) < 2:
		return 0, 0
	case s[1] != 'u':
		return rune(escapes[s[1]]), 2
	case len(s) < 6:
		return 0, 0
	}
	for _, c := range s[2:6] {
		r = r<<4 | rune(hexDigit(c))
	}
	if r>>10 != 0xD800>>10 {
		return r, 6
	}
	if len(s) < 12 {
		return 0, 0
	}
	low, _ := unescape(s[6:12])
	return 0x10000 + (r-0xD800)<<10 + low&0x3FF, 12
}

// unusedNumber reports whether a number item that begins with the text so far can become one that has not been used.
func (m *Matcher) unusedNumber(t *thread) bool {
	f := m.uniqueItems(t.top)
	if f == nil {
		return true
	}
	m.walk.need = max(m.walk.need, needText)
	text := strings.TrimLeft(string(m.text[f.start:]), " \t\r\n")
	mantissa, _, exponent := strings.Cut(strings.ToLower(text), "e")
	d, _ := parseDecimal(strings.TrimSuffix(mantissa, "."))
	var used []decimal
	for i := f.items; i >= 0; i = m.items[i].next {
		u := m.items[i].number
		if m.items[i].isNumber && (u.zero() || u.neg == d.neg || d.zero()) && (strings.HasPrefix(u.digits, d.digits) || strings.HasPrefix(d.digits, u.digits)) {
			used = append(used, u)
		}
	}
	if len(used) == 0 {
		return true
	}
	p := m.retrace(t.numOf, text)
	if exponent {
		return slices.ContainsFunc(p.ranges, func(r exponentRange) bool { return p.unusedExponent(r, d, used) })
	}
	return t.numOf.aliveWithout(&p, used)
}

// retrace returns the prefix of a number as it is, where states keep only what matters to the machine.
func (m *Matcher) retrace(of *numberMachine, text string) numberPrefix {
	var p numberPrefix
	for i := range len(text) {
		p, _ = of.advance(&p, numberClass(text[i]))
	}
	return p
}

// unusedExponent reports whether the exponent can become one of r for which d is not a number that has been used.
func (p *numberPrefix) unusedExponent(r exponentRange, d decimal, used []decimal) bool {
	for e := r.lo; e <= r.hi; e++ {
		v := d
		if !v.zero() {
			v.pos += e
		}
		if p.reaches(exponentRange{e, e}) && !containsNumber(used, v) {
			return true
		}
	}
	return false
}

func containsNumber(list []decimal, d decimal) bool {
	return slices.ContainsFunc(list, func(u decimal) bool { return compare(u, d) == 0 })
}

// aliveWithout is alive for the numbers that have not been used.
func (m *numberMachine) aliveWithout(p *numberPrefix, used []decimal) bool {
	without := numberMachine{set: m.set, canonical: m.canonical, whole: m.whole}
	for _, u := range used {
		without.set = intersectNumbers(without.set, complementNumbers(pointSet(u)))
	}
	without.sign(p.negative).parts = without.set.magnitudes(p.negative)
	return without.alive(p)
}
