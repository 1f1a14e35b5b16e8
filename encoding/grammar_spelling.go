package encoding

import (
	"slices"
	"strings"
)

// forced returns the tokens that must follow a node, up to the next that need not: a control token where no other may come, or
// the tokens that all texts have in common which go on from here, each spelled as the renderer does it.
func (t *headerTrie) forced(n int32) []Token {
	if toks := t.forces[n].Load(); toks != nil {
		return *toks
	}
	toks := t.mustFollow(n)
	t.forces[n].Store(&toks)
	return toks
}

// mustFollow finds out what forced returns.
func (t *headerTrie) mustFollow(n int32) []Token {
	node := &t.nodes[n]
	switch {
	case len(node.ends) == 1 && len(node.next) == 0:
		return []Token{node.ends[0].tok}
	case len(node.ends) > 0 || len(node.next) != 1:
		return nil
	}
	before := t.before(n)
	var common []Token
	first := true
	count := 0
	all := t.spellings(n, before, func(text []byte) bool {
		toks := tokensBehind(spellHeader(string(text)), len(before))
		if first {
			common, first = toks, false
		}
		k := 0
		for k < min(len(common), len(toks)) && common[k] == toks[k] {
			k++
		}
		common = common[:k]
		count++
		return k > 0 && count < maxSpellings
	})
	if !all {
		return nil
	}
	return slices.Clip(common)
}

// maxSpellings is how many texts are compared to find out what is forced: a hundred tools have five hundred.
const maxSpellings = 4096

// tokensBehind returns the tokens behind the first n bytes; none if those end within a token.
func tokensBehind(toks []Token, n int) []Token {
	for i, t := range toks {
		if n == 0 {
			return toks[i:]
		}
		n -= len(grammarWords().text(t))
	}
	return nil
}

// before returns the text between the last control token and a node.
func (t *headerTrie) before(n int32) []byte {
	var text []byte
	for ; t.nodes[n].up >= 0; n = t.nodes[n].up {
		text = append(text, t.nodes[n].by)
	}
	slices.Reverse(text)
	return text
}

// spellings calls f with each text that may stand before a control token, of those that go on from a node behind text, as long as f
// wants more. It reports whether that were all.
func (t *headerTrie) spellings(n int32, text []byte, f func([]byte) bool) bool {
	if len(t.nodes[n].ends) > 0 && !f(text) {
		return false
	}
	for _, e := range t.nodes[n].next {
		if !t.spellings(e.to, append(text, e.by), f) {
			return false
		}
	}
	return true
}

// spellHeader returns the tokens of the words of a header, which the renderer encodes one by one.
func spellHeader(text string) []Token {
	var toks []Token
	for from := 0; from < len(text); {
		to := len(text)
		if i := strings.IndexByte(text[from+1:], ' '); i >= 0 {
			to = from + 1 + i
		}
		toks = GPTOSS().tok.AppendEncode(toks, text[from:to])
		from = to
	}
	return toks
}
