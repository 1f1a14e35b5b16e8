package main

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/harmony-go/sdk/bench/internal/worker"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// Cutting a text at its cut points must not change its tokens: one peer gets pieces.
func TestCutPoints(t *testing.T) {
	text := "one\n\ntwo\n/three\n  four\r\n\r\n five{\n    \"six\": 7,\n\n\n\t8\n\u3000nine\n\u0301ten\n" +
		"end.\n\n//\n 'll x\n's\n   \n \n eleven\n(\n)\n中\n文\n…\n"
	cuts := cutPoints([]byte(text), 1)
	assert.Greater(t, len(cuts), 10)
	enc := tokenizer.O200kHarmony()
	var toks []tokenizer.Token
	from := 0
	for _, end := range append(cuts, len(text)) {
		toks = enc.AppendEncode(toks, text[from:end])
		from = end
	}
	assert.Equal(t, enc.Encode(text), toks)
}

func TestCutAt(t *testing.T) {
	assert.Equal(t, "ab\n", string(cutAt([]byte("ab\ncd\n"), 4)))
	assert.Equal(t, "ab\ncd\n", string(cutAt([]byte("ab\ncd\n"), 6)))
}

func TestSpread(t *testing.T) {
	assert.Equal(t, spread{Median: 2, Min: 1, Max: 9}, spreadOf([]float64{9, 1, 2}))
	assert.Equal(t, spread{Median: 2.5, Min: 1, Max: 9}, spreadOf([]float64{3, 9, 1, 2}))
}

// The ratio is that of each round: a slow moment that both felt does not count.
func TestRatio(t *testing.T) {
	ours, theirs := figure{ns: []float64{1, 10, 1}}, figure{ns: []float64{4, 40, 4}}
	assert.Equal(t, 4.0, theirs.ratio(&ours))
	assert.Zero(t, (&figure{err: errors.New("no")}).ratio(&ours))
}

func TestSameTokens(t *testing.T) {
	a := worker.TokenBytes([]tokenizer.Token{1, 2, 3})
	assert.NoError(t, sameTokens(a, slices.Clone(a)))
	assert.EqualError(t, sameTokens(a, worker.TokenBytes([]tokenizer.Token{1, 9, 3})), "token 1 of 3")
	assert.EqualError(t, sameTokens(a, a[:8]), "2 tokens, not 3")
}

func TestSameMessages(t *testing.T) {
	plain := []byte(`[{"role":"assistant","content":"hi","channel":null}]`)
	list := []byte(`[{"role":"assistant","content":[{"type":"text","text":"hi"}]}]`)
	assert.NoError(t, sameMessages(plain, list))
	assert.EqualError(t, sameMessages(plain, []byte(`[{"role":"user","content":"hi"}]`)), "message 0 of 1")
	assert.Error(t, sameMessages([]byte(`[]`), []byte(`[]`)))
}

// The streams have the lengths they say.
func TestWorkloads(t *testing.T) {
	b := &bench{texts: []text{{data: []byte("the quick brown fox jumps over the lazy dog, again and again. ")}}}
	assert.Len(t, b.stream(10_000), 10_000)
	assert.Len(t, b.longMessage(2_000), 2_000)
	doc, err := b.conversation()
	assert.NoError(t, err)
	c, err := harmony.ParseConversation(doc)
	assert.NoError(t, err)
	assert.Len(t, c.Messages, 40)
}

func TestAppendMessages(t *testing.T) {
	var out bytes.Buffer
	appendMessages(&out, []byte("msgid \"Yes\"\nmsgstr \"Oui\"\n\nmsgid \"\"\n\"a\\n\"\n\"b\"\nmsgstr \"\"\n\"un\\n\"\n\"« deux »\"\n"))
	assert.Equal(t, "Oui\nun\n\n« deux »\n", out.String())
}
