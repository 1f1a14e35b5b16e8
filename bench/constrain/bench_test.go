package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

// BenchmarkCompile compiles our own schemas; an operation is one schema.
func BenchmarkCompile(b *testing.B) {
	rows, err := load("")
	require.NoError(b, err)
	docs := make([]*schema.Schema, len(rows))
	for i := range rows {
		docs[i], err = schema.Parse(rows[i].Schema)
		require.NoError(b, err)
	}
	constrain.Warm()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		_, err := constrain.Compile(docs[i%len(docs)], nil)
		require.NoError(b, err)
	}
}

// BenchmarkMask walks our own instances with a mask for every token, on grammars that have walked them before and on ones that have
// not. An operation is a walk over all instances; every decision is checked.
func BenchmarkMask(b *testing.B) {
	rows, err := load("")
	require.NoError(b, err)
	constrain.Warm()
	warm := compileAll(b, rows)
	walkAll(b, rows, warm)
	b.Run("warm", func(b *testing.B) { benchmarkWalks(b, rows, func() []*constrain.Matcher { return warm }) })
	b.Run("cold", func(b *testing.B) {
		benchmarkWalks(b, rows, func() []*constrain.Matcher { return compileAll(b, rows) })
	})
}

// benchmarkWalks reports, beside the time of a walk over all instances, what a token of them took.
func benchmarkWalks(b *testing.B, rows []row, matchers func() []*constrain.Matcher) {
	tokens := 0
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		ms := matchers()
		b.StartTimer()
		tokens += walkAll(b, rows, ms)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(tokens), "ns/token")
}

func compileAll(b *testing.B, rows []row) []*constrain.Matcher {
	ms := make([]*constrain.Matcher, len(rows))
	for i := range rows {
		doc, err := schema.Parse(rows[i].Schema)
		require.NoError(b, err)
		g, err := constrain.Compile(doc, nil)
		require.NoError(b, err, rows[i].ID)
		ms[i] = g.NewMatcher()
	}
	return ms
}

// walkAll walks every instance and returns how many tokens were accepted.
func walkAll(b *testing.B, rows []row, ms []*constrain.Matcher) (tokens int) {
	mask := make([]uint64, constrain.MaskWords)
	for i := range rows {
		for j := range rows[i].Tests {
			t := &rows[i].Tests[j]
			n, accepted := walkOnce(ms[i], mask, t)
			if accepted != t.Valid {
				b.Fatalf("%s: %s: expected %v, found %v", rows[i].ID, t.Text, t.Valid, accepted)
			}
			tokens += n
		}
	}
	return tokens
}

func walkOnce(m *constrain.Matcher, mask []uint64, t *test) (int, bool) {
	m.Reset()
	for n, tok := range t.IDs {
		m.Mask(mask)
		if mask[tok/64]>>(tok%64)&1 == 0 {
			return n, false
		}
		if m.Accept(tok) != nil {
			return n, false
		}
	}
	return len(t.IDs), m.Accepting()
}
