package encoding

import "github.com/harmony-go/sdk/harmony"

// headerMemo remembers the last few headers that had nothing wrong with them: streams repeat their headers,
// and comparing is cheaper than reading.
type headerMemo struct {
	known [8]knownHeader
	next  int
}

// knownHeader is a held header and its reading.
type knownHeader struct {
	text string
	tok  [maxMemoMarkers]Token // control tokens, 0 where there are no more
	pos  [maxMemoMarkers]int   // and where they stand in text
	hint harmony.Role
	name string
	m    harmony.Message
}

const (
	maxMemoMarkers = 4
	maxMemoText    = 128 // bytes
)

// markers returns the control tokens of h, and whether the memo can hold it.
func (h *held) markers() (tok [maxMemoMarkers]Token, pos [maxMemoMarkers]int, ok bool) {
	if h.other > maxMemoMarkers || len(h.buf) > maxMemoText {
		return tok, pos, false
	}
	n := 0
	for i := range h.items {
		switch it := &h.items[i]; it.kind {
		case itemSpecial:
			tok[n], pos[n] = it.tok, it.start
			n++
		case itemBad:
			return tok, pos, false
		}
	}
	return tok, pos, true
}

// recall returns the reading of the held header if it is remembered.
func (p *Parser) recall() (m harmony.Message, ok bool) {
	if p.memo == nil {
		return m, false
	}
	tok, pos, ok := p.held.markers()
	if !ok {
		return m, false
	}
	for i := range p.memo.known {
		k := &p.memo.known[i]
		if k.text == string(p.held.buf) && k.tok == tok && k.pos == pos && k.hint == p.hint && k.name == p.hintName && k.m.Role != "" {
			return k.m, true
		}
	}
	return m, false
}

// remember keeps the reading m of the held header.
func (p *Parser) remember(m harmony.Message) {
	tok, pos, ok := p.held.markers()
	if !ok {
		return
	}
	if p.memo == nil {
		p.memo = new(headerMemo)
	}
	p.memo.known[p.memo.next] = knownHeader{text: string(p.held.buf), tok: tok, pos: pos, hint: p.hint, name: p.hintName, m: m}
	p.memo.next = (p.memo.next + 1) % len(p.memo.known)
}
