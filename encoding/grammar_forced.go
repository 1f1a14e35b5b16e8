package encoding

// maxForced is how many tokens Forced appends at most: more have never been wanted at once, and a schema could force very many.
const maxForced = 1 << 10

// Forced appends the tokens that must come next, because only one text is possible: the headers where there is one tool, <|start|>assistant between
// two messages, what a schema leaves no choice of. They are spelled as the renderer spells them, and need no model: accept them, and
// compute them with the token before. There are none where a text has begun that could be spelled another way. The matcher stays where it is.
func (m *GrammarMatcher) Forced(dst []Token) []Token {
	from := len(dst)
	for {
		n := len(dst)
		if dst = m.forcedHere(dst); len(dst) == n || len(dst)-from > maxForced {
			break
		}
		for i, t := range dst[n:] {
			if m.Accept(t) != nil {
				dst = dst[:n+i]
				m.Rollback(len(dst) - from)
				return dst
			}
		}
	}
	m.Rollback(len(dst) - from)
	return dst
}

// forcedHere appends some of the tokens that must come next.
func (m *GrammarMatcher) forcedHere(dst []Token) []Token {
	p := &m.at
	switch p.node {
	case inEnded:
	case inFree:
		if m.full() && p.char == charWhole {
			dst = append(dst, m.g.contents[p.content].stop)
		}
	case inJSON:
		n := len(dst)
		if dst = m.inner.Forced(dst); len(dst) == n && m.inner.Accepting() && m.onlyStop() {
			dst = append(dst, m.g.contents[p.content].stop)
		}
	default:
		dst = append(dst, m.g.head(p.kinds).forced(p.node)...)
	}
	return dst
}

// onlyStop reports whether the JSON cannot go on.
func (m *GrammarMatcher) onlyStop() bool {
	m.inner.Mask(m.buffer())
	for _, w := range m.buf {
		if w != 0 {
			return false
		}
	}
	return true
}
