package encoding

import (
	"strings"
	"sync/atomic"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// A headerTrie holds the headers that may come, by their bytes and control tokens, from the <|start|> between two messages on.
// All of it is a tree but for what many headers have in common.
type headerTrie struct {
	nodes   []headerNode
	between int32 // before <|start|>
	role    int32 // behind "assistant"

	// What has been found out about nodes so far.
	masks  []atomic.Pointer[[]Token] // the tokens that may come
	forces []atomic.Pointer[[]Token] // the tokens that must
}

// A headerNode is a place in the headers.
type headerNode struct {
	next []headerEdge
	ends []headerEnd
	up   int32 // of the nodes of text, the one before; -1 where a text begins
	by   byte  // the byte between the two
}

// A headerEdge leads to a node by a byte.
type headerEdge struct {
	by byte
	to int32
}

// A headerEnd leads by a control token to a node, or to a content (toContent).
type headerEnd struct {
	tok     Token
	to      int32
	content int32 // what the message is to hold, where this token tells; contentUnknown otherwise
}

const (
	toContent      = -1
	contentUnknown = -1
)

// A headerBuilder makes a trie.
type headerBuilder struct{ nodes []headerNode }

// node adds a node at which a text begins.
func (b *headerBuilder) node() int32 {
	b.nodes = append(b.nodes, headerNode{up: -1})
	return int32(len(b.nodes) - 1)
}

// text returns the node behind a text.
func (b *headerBuilder) text(at int32, text string) int32 {
	for _, c := range []byte(text) {
		to, ok := b.nodes[at].step(c)
		if !ok {
			to = b.node()
			b.nodes[to].up, b.nodes[to].by = at, c
			b.link(at, c, to)
		}
		at = to
	}
	return at
}

func (b *headerBuilder) link(at int32, c byte, to int32) {
	b.nodes[at].next = append(b.nodes[at].next, headerEdge{c, to})
}

func (b *headerBuilder) end(at int32, tok Token, to, content int32) {
	b.nodes[at].ends = append(b.nodes[at].ends, headerEnd{tok, to, content})
}

func (n *headerNode) step(c byte) (int32, bool) {
	for i := range n.next {
		if n.next[i].by == c {
			return n.next[i].to, true
		}
	}
	return 0, false
}

// newHeaderTrie makes the headers of a set of kinds.
func newHeaderTrie(g *Grammar, kinds uint8) *headerTrie {
	b := &headerBuilder{}
	t := &headerTrie{between: b.node(), role: b.node()}
	before := b.node()
	b.end(t.between, tokenizer.Start, before, contentUnknown)
	word := string(harmony.RoleAssistant)
	last := b.text(before, word[:len(word)-1])
	b.link(last, word[len(word)-1], t.role)
	b.nodes[t.role].up, b.nodes[t.role].by = last, word[len(word)-1]

	channel := b.node() // behind <|channel|>, with no recipient so far
	b.end(t.role, tokenizer.Channel, channel, contentUnknown)
	if kinds&kindReasoning != 0 {
		b.end(b.text(channel, string(harmony.ChannelAnalysis)), tokenizer.Message, toContent, contentReasoning)
	}
	if kinds&kindPreamble != 0 {
		b.end(b.text(channel, string(harmony.ChannelCommentary)), tokenizer.Message, toContent, contentPreamble)
	}
	if kinds&kindLast != 0 {
		b.last(g, t.role, channel)
	}
	t.nodes = b.nodes
	t.masks = make([]atomic.Pointer[[]Token], len(t.nodes))
	t.forces = make([]atomic.Pointer[[]Token], len(t.nodes))
	return t
}

// last adds the headers of answers and calls.
func (b *headerBuilder) last(g *Grammar, role, channel int32) {
	constrained := map[string]int32{} // what follows <|constrain|>, by the formats
	suffixes := map[string]int32{}    // what follows <|channel|> behind a recipient, by channels and formats
	if answer := &g.contents[contentAnswer]; answer.allowed {
		var formats []string
		if answer.json != nil {
			formats = []string{"json"}
		}
		b.ending(b.text(channel, string(harmony.ChannelFinal)), formats, contentAnswer, constrained)
	}
	for i := contentCalls; i < len(g.contents); i++ {
		t := g.contents[i].callee
		to := " to=" + t.name
		key := strings.Join(t.channels, " ") + "/" + strings.Join(t.formats, " ")
		suffix, ok := suffixes[key]
		if !ok {
			suffix = b.node()
			suffixes[key] = suffix
			for _, c := range t.channels {
				b.ending(b.text(suffix, c), t.formats, contentUnknown, constrained)
			}
		}
		b.end(b.text(role, to), tokenizer.Channel, suffix, int32(i))
		for _, c := range t.channels {
			b.ending(b.text(channel, c+to), t.formats, int32(i), constrained)
		}
	}
}

// ending adds what may stand between the words of a header and its content: a content type, of some formats, or none.
func (b *headerBuilder) ending(at int32, formats []string, content int32, constrained map[string]int32) {
	b.end(at, tokenizer.Message, toContent, content)
	if len(formats) == 0 {
		return
	}
	key := strings.Join(formats, " ")
	behind, ok := constrained[key]
	if !ok {
		behind = b.node()
		constrained[key] = behind
		for _, f := range formats {
			b.end(b.text(behind, f), tokenizer.Message, toContent, contentUnknown)
		}
	}
	b.end(at, tokenizer.Constrain, behind, content)
	b.end(b.text(at, " "), tokenizer.Constrain, behind, content)
	for _, f := range formats {
		b.end(b.text(at, " "+f), tokenizer.Message, toContent, content)
	}
}

// walk returns the node behind a text.
func (t *headerTrie) walk(at int32, text string) (int32, bool) {
	for i := range len(text) {
		to, ok := t.nodes[at].step(text[i])
		if !ok {
			return at, false
		}
		at = to
	}
	return at, true
}

// end returns where a control token leads.
func (t *headerTrie) end(at int32, tok Token) (headerEnd, bool) {
	for _, e := range t.nodes[at].ends {
		if e.tok == tok {
			return e, true
		}
	}
	return headerEnd{}, false
}

// allowed returns the tokens that may follow a node.
func (t *headerTrie) allowed(n int32) []Token {
	if toks := t.masks[n].Load(); toks != nil {
		return *toks
	}
	var toks []Token
	for _, e := range t.nodes[n].ends {
		toks = append(toks, e.tok)
	}
	toks = t.textTokens(toks, n, hashStart, nil)
	t.masks[n].Store(&toks)
	return toks
}

// textTokens appends the tokens of text that lead from a node behind text, which has that hash, to others.
func (t *headerTrie) textTokens(dst []Token, n int32, hash uint64, text []byte) []Token {
	words := grammarWords()
	for _, e := range t.nodes[n].next {
		h, s := hashByte(hash, e.by), append(text, e.by)
		if tok, ok := words.find(h, s); ok {
			dst = append(dst, tok)
		}
		if len(s) < words.longest {
			dst = t.textTokens(dst, e.to, h, s)
		}
	}
	return dst
}
