package encoding

import (
	"bytes"
	"strings"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// held is input that is kept until it is known what it is: a header, or what may be one. Text is
// kept as its bytes, control tokens as what they are.
type held struct {
	buf   []byte
	items []item
	other int // items that are not text
}

// item is a piece of held input.
type item struct {
	kind       itemKind
	tok        Token // itemSpecial, itemBad
	start, end int   // its bytes in buf: none for what is not text
	off        int   // its place in the stream
}

type itemKind uint8

const (
	itemText    itemKind = iota
	itemSpecial          // a control token
	itemBad              // an id outside the vocabulary
)

func (h *held) reset() { h.buf, h.items, h.other = h.buf[:0], h.items[:0], 0 }

// size is what counts for the bounds.
func (h *held) size() int { return len(h.buf) + h.other }

// text keeps as much of s as limit allows and returns how much that is. Contiguous text is one item
// where offsets are bytes.
func (h *held) text(s string, off, limit int, byBytes bool) int {
	n := min(len(s), max(limit-h.size(), 0))
	if n == 0 {
		return 0
	}
	start := len(h.buf)
	h.buf = append(h.buf, s[:n]...)
	if last := len(h.items) - 1; byBytes && last >= 0 && h.items[last].kind == itemText {
		h.items[last].end = len(h.buf)
		return n
	}
	h.items = append(h.items, item{start: start, end: len(h.buf), off: off})
	return n
}

func (h *held) special(t Token, off int) {
	h.items = append(h.items, item{kind: itemSpecial, tok: t, start: len(h.buf), end: len(h.buf), off: off})
	h.other++
}

func (h *held) bad(t Token, off int) {
	h.items = append(h.items, item{kind: itemBad, tok: t, start: len(h.buf), end: len(h.buf), off: off})
	h.other++
}

// take moves what is held out, so that it can be read while the parser goes on.
func (h *held) take() held {
	t := *h
	*h = held{}
	return t
}

// restore puts back what take has taken.
func (h *held) restore(t held) { *h = t }

// recycle gives the memory of what was taken back.
func (h *held) recycle(t held) {
	if cap(h.buf) < cap(t.buf) || cap(h.items) < cap(t.items) {
		t.reset()
		if h.size() == 0 {
			*h = t
		}
	}
}

// begin returns the place of the first item, or off if there is none.
func (h *held) begin(off int) int {
	if len(h.items) > 0 {
		return h.items[0].off
	}
	return off
}

// string returns the held text.
func (h *held) string() string { return string(h.buf) }

// blank reports whether nothing but white space is held, which is ASCII white space, as between words.
func (h *held) blank() bool {
	return h.other == 0 && bytes.IndexFunc(h.buf, func(r rune) bool { return !isASCIISpaceRune(r) }) < 0
}

// Bounds of what is taken for a header although it stands in a wrong place.
const (
	maxGuessWords   = 6
	maxGuessMarkers = 6
)

// headerWords reports whether everything held may be part of a header: it is judged by its words, because
// it stands where there should be none. Nothing at all may be one too.
func (h *held) headerWords() bool { return h.judge(true) }

// cannotBeHeader reports whether some word that is complete rules out a header, whatever follows.
func (h *held) cannotBeHeader() bool { return !h.judge(false) }

// judge reports whether all words may stand in a header; the last one only if it is complete.
func (h *held) judge(complete bool) bool {
	if h.other > maxGuessMarkers {
		return false
	}
	n, free, pos := 0, false, 0 // free: the next word is a name after a marker
	for i := 0; i <= len(h.items); i++ {
		if i < len(h.items) && h.items[i].kind == itemText {
			continue
		}
		end := len(h.buf)
		if i < len(h.items) {
			end = h.items[i].start
		}
		text := string(h.buf[pos:end])
		words := strings.FieldsFunc(text, isASCIISpaceRune)
		for k, w := range words {
			open := !complete && i == len(h.items) && k == len(words)-1 && !isASCIISpace(text[len(text)-1])
			if n++; n > maxGuessWords || !free && !open && !headerWord(w) {
				return false
			}
			free = false
		}
		if i == len(h.items) {
			break
		}
		it := h.items[i]
		if it.kind == itemBad || it.tok != tokenizer.Channel && it.tok != tokenizer.Constrain {
			return false
		}
		free, pos = true, it.end
	}
	return true
}

// headerWord reports whether w is a word that headers are made of.
func headerWord(w string) bool {
	if strings.HasPrefix(w, "to=") || knownChannel(w) || knownFormat(w) || toolName(w) {
		return true
	}
	role, _, _ := strings.Cut(w, ":")
	return knownRole(harmony.Role(role))
}

// beginsWithRole reports whether the first word says who writes.
func (h *held) beginsWithRole() bool {
	if len(h.items) == 0 || h.items[0].kind != itemText {
		return false
	}
	end := len(h.buf)
	for _, it := range h.items {
		if it.kind != itemText {
			end = it.start
			break
		}
	}
	words := strings.FieldsFunc(string(h.buf[:end]), isASCIISpaceRune)
	if len(words) == 0 {
		return false
	}
	role, _, _ := strings.Cut(words[0], ":")
	return knownRole(harmony.Role(role)) || toolName(words[0]) && strings.Contains(string(h.buf), "to=assistant")
}

// onlyRole reports whether what is held is a role and nothing else, or nothing at all.
func (h *held) onlyRole() bool {
	if h.other > 0 {
		return false
	}
	role, _, _ := strings.Cut(strings.TrimFunc(string(h.buf), isASCIISpaceRune), ":")
	return role == "" || knownRole(harmony.Role(role))
}

// segment is a run of held text, a control token, or an id outside the vocabulary.
type segment struct {
	tok        Token // 0 for text; no control token and no bad id is 0
	start, end int
	off        int
}

// segments appends the runs of h to dst.
func (h *held) segments(dst []segment) []segment {
	text := false
	for _, it := range h.items {
		switch {
		case it.kind != itemText:
			dst = append(dst, segment{tok: it.tok, start: it.start, end: it.end, off: it.off})
			text = false
		case text:
			dst[len(dst)-1].end = it.end
		default:
			dst = append(dst, segment{start: it.start, end: it.end, off: it.off})
			text = true
		}
	}
	return dst
}

// place returns where byte pos of the held text stands in the stream.
func (h *held) place(pos int, u unit) int {
	lo, hi := 0, len(h.items)-1
	for lo < hi {
		if mid := (lo + hi) / 2; h.items[mid].end <= pos {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	off := h.items[lo].off
	if u == unitByte {
		off += pos - h.items[lo].start
	}
	return off
}

func isASCIISpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'
}

func isASCIISpaceRune(r rune) bool { return r < 128 && isASCIISpace(byte(r)) }

func knownChannel(s string) bool {
	return s == string(harmony.ChannelAnalysis) || s == string(harmony.ChannelCommentary) || s == string(harmony.ChannelFinal)
}

// knownFormat reports whether s is a content type that models write without <|constrain|>.
func knownFormat(s string) bool { return s == "json" || s == "code" || s == "text" }

// toolName reports whether s looks like the full name of a tool: python, browser, or a name in a namespace.
func toolName(s string) bool {
	if s == "python" || s == "browser" {
		return true
	}
	dot := strings.IndexByte(s, '.')
	return dot > 0 && dot < len(s)-1 && s[len(s)-1] != '.' && nameLen(s) == len(s) && (s[0] < '0' || s[0] > '9')
}

// nameLen returns the length of the leading part of s that is made of the characters of names.
func nameLen(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.') {
			return i
		}
	}
	return len(s)
}
