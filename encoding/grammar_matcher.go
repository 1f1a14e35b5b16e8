package encoding

import (
	"slices"

	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
)

// A GrammarMatcher follows one turn through a Grammar: it says which tokens may come next, and takes those that come. It is an
// engine.Mask. It belongs to one goroutine.
//
// Every place has a token that may come, until the turn has ended: whatever is accepted can be completed. Once the slices of a matcher have
// grown, and the grammar has seen the places, nothing is allocated. Memory is proportional to the tokens.
type GrammarMatcher struct {
	g       *Grammar
	at      grammarPlace
	history []grammarPlace // before each accepted token
	counted int            // tokens accepted before that

	inner   *constrain.Matcher // follows the JSON of a content; nil where none was needed yet
	innerOf int32              // which content

	buf []uint64 // a mask
}

// A grammarPlace is a state of a matcher.
type grammarPlace struct {
	node    int32 // of the header; or one of the following
	content int32 // what the message holds; contentUnknown if that is open yet
	spent   int32 // tokens of reasoning
	kinds   uint8 // whose headers they are
	seen    uint8 // the kinds of messages that were there
	char    charState
}

// What is no header.
const (
	inFree  = -1 - iota // free text
	inJSON              // JSON
	inEnded             // the turn has ended
)

func (g *Grammar) newMatcher() *GrammarMatcher {
	m := &GrammarMatcher{g: g, innerOf: contentUnknown}
	m.at = grammarPlace{content: contentUnknown, kinds: g.kinds(0, 0)}
	m.at.node = g.head(m.at.kinds).role
	return m
}

// Mask sets the bits of the tokens that may come next and clears all others: that of id i is in allowed[i/64]. allowed may be
// of any length; constrain.MaskWords words are enough for all ids.
func (m *GrammarMatcher) Mask(allowed []uint64) {
	p := &m.at
	switch p.node {
	case inEnded:
		clear(allowed)
	case inFree:
		m.maskFree(allowed)
	case inJSON:
		m.maskJSON(allowed)
		if m.inner.Accepting() {
			setToken(allowed, m.g.contents[p.content].stop)
		}
	default:
		clear(allowed)
		for _, t := range m.g.head(p.kinds).allowed(p.node) {
			setToken(allowed, t)
		}
	}
}

func (m *GrammarMatcher) maskFree(allowed []uint64) {
	p, w := &m.at, grammarWords()
	if m.full() {
		clear(allowed)
		for _, t := range w.rest[p.char] {
			setToken(allowed, t)
		}
	} else {
		copyMask(allowed, w.all[:])
	}
	if p.char == charWhole {
		setToken(allowed, m.g.contents[p.content].stop)
	}
}

func (m *GrammarMatcher) maskJSON(allowed []uint64) {
	if len(allowed) >= constrain.MaskWords {
		m.inner.Mask(allowed)
		clear(allowed[constrain.MaskWords:])
		return
	}
	m.inner.Mask(m.buffer())
	copy(allowed, m.buf)
}

// buffer returns the matcher's own mask.
func (m *GrammarMatcher) buffer() []uint64 {
	if m.buf == nil {
		m.buf = make([]uint64, constrain.MaskWords)
	}
	return m.buf
}

// full reports whether there may be no more of a content.
func (m *GrammarMatcher) full() bool {
	most := m.g.opts.MaxReasoning
	return m.at.content == contentReasoning && most > 0 && int(m.at.spent) >= most
}

// Allowed reports whether a token may come next, without making a mask.
func (m *GrammarMatcher) Allowed(tok Token) bool {
	p, w := &m.at, grammarWords()
	if int64(tok) >= 64*constrain.MaskWords {
		return false
	}
	text := w.text(tok)
	switch {
	case p.node == inEnded:
		return false
	case p.node == inJSON && text != "":
		return m.inner.Allowed(tok)
	case p.node == inJSON:
		return tok == m.g.contents[p.content].stop && m.inner.Accepting()
	case p.node == inFree && text != "":
		return !m.full() || slices.Contains(w.rest[p.char], tok)
	case p.node == inFree:
		return tok == m.g.contents[p.content].stop && p.char == charWhole
	case text != "":
		_, ok := m.g.head(p.kinds).walk(p.node, text)
		return ok
	}
	_, ok := m.g.head(p.kinds).end(p.node, tok)
	return ok
}

// Accept takes a token. The error is a *GrammarTokenError where it is not allowed; the matcher is unchanged then.
func (m *GrammarMatcher) Accept(tok Token) error {
	text := ""
	if int64(tok) < 64*constrain.MaskWords {
		text = grammarWords().text(tok)
	}
	next, ok := m.at, false
	var err error
	switch {
	case next.node == inEnded:
	case text == "":
		next, ok = m.control(tok)
	case next.node == inJSON:
		if err = m.inner.Accept(tok); err == nil {
			ok = true
		}
	case next.node == inFree:
		if ok = m.Allowed(tok); ok {
			next.char = next.char.text(text)
			if next.content == contentReasoning {
				next.spent++
			}
		}
	default:
		next.node, ok = m.g.head(next.kinds).walk(next.node, text)
	}
	if !ok {
		return m.refuse(tok, err)
	}
	if next.node == inJSON && m.at.node != inJSON {
		m.begin(next.content)
	}
	m.history = append(m.history, m.at)
	m.at = next
	return nil
}

// control returns the place behind a control token.
func (m *GrammarMatcher) control(tok Token) (next grammarPlace, ok bool) {
	next = m.at
	if next.node < 0 {
		return m.stop(tok)
	}
	e, ok := m.g.head(next.kinds).end(next.node, tok)
	if e.content != contentUnknown {
		next.content = e.content
	}
	next.node = e.to
	if !ok || e.to != toContent {
		return next, ok
	}
	c := &m.g.contents[next.content]
	next.node, next.char = inFree, charWhole
	if c.json != nil {
		next.node = inJSON
	}
	return next, true
}

// stop returns the place behind a token that ends a message.
func (m *GrammarMatcher) stop(tok Token) (next grammarPlace, ok bool) {
	next = m.at
	if tok != m.g.contents[next.content].stop {
		return next, false
	}
	if next.node == inJSON && !m.inner.Accepting() || next.node == inFree && next.char != charWhole {
		return next, false
	}
	if tok != tokenizer.End {
		next.node = inEnded
		return next, true
	}
	next.seen |= kindReasoning << next.content
	next.kinds = m.g.kinds(int(next.spent), next.seen)
	next.node, next.content = m.g.head(next.kinds).between, contentUnknown
	return next, true
}

// begin makes the matcher of a content's JSON ready.
func (m *GrammarMatcher) begin(content int32) {
	if m.innerOf == content {
		m.inner.Reset()
		return
	}
	m.inner, m.innerOf = m.g.contents[content].json.NewMatcher(), content
}

// refuse makes the error of a token that is not allowed.
func (m *GrammarMatcher) refuse(tok Token, cause error) error {
	e := &GrammarTokenError{Offset: m.counted + len(m.history), Token: tok, In: "header", Err: cause}
	e.Text, _ = m.g.enc.tok.TokenString(tok)
	switch {
	case m.at.node == inEnded:
		e.In = "turn that has ended"
	case m.at.node < 0:
		e.In = m.g.contents[m.at.content].name
	}
	return e
}

// Accepting reports whether the turn may end here, which is behind its last token only: <|call|> or <|return|>. Nothing may come
// then.
func (m *GrammarMatcher) Accepting() bool { return m.at.node == inEnded }

// Rollback undoes the last n calls of Accept that succeeded, since the matcher was made or reset; all of them if there were fewer.
func (m *GrammarMatcher) Rollback(n int) {
	if n = min(n, len(m.history)); n <= 0 {
		return
	}
	inner := 0
	after := m.at.node
	for i := len(m.history) - 1; i >= len(m.history)-n; i-- {
		before := m.history[i].node
		if before == inJSON && after == inJSON {
			inner++
		}
		after = before
	}
	if inner > 0 {
		m.inner.Rollback(inner)
	}
	m.at = m.history[len(m.history)-n]
	m.history = m.history[:len(m.history)-n]
}

// Steps returns how many times Rollback can go back.
func (m *GrammarMatcher) Steps() int { return len(m.history) }

// Reset goes back to where the matcher was made: behind the opening.
func (m *GrammarMatcher) Reset() {
	first := m.g.first
	m.at, m.history, m.counted = first.at, m.history[:0], first.counted
	if first.inner != nil {
		m.inner, m.innerOf = first.inner.Clone(), first.innerOf
	}
}

// Clone returns a matcher that goes its own way from here on. Both can go back to where they have been before.
func (m *GrammarMatcher) Clone() *GrammarMatcher {
	c := &GrammarMatcher{g: m.g, at: m.at, history: slices.Clone(m.history), counted: m.counted, innerOf: contentUnknown}
	if m.inner != nil {
		c.inner, c.innerOf = m.inner.Clone(), m.innerOf
	}
	return c
}
