package encoding

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

// grammarTurn is a turn as gpt-oss writes it: reasoning, what it announces, a call.
var grammarTurn = `<|channel|>analysis<|message|>The user wants the weather in Lisbon and in Porto, for tomorrow afternoon. There is a tool for that; it takes one city, so I begin with Lisbon. Celsius will do, they write in Portuguese: "Que tempo faz?"<|end|>` +
	`<|start|>assistant<|channel|>commentary<|message|>Vou ver o tempo em Lisboa e no Porto.<|end|>` +
	`<|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city":"Lisboa","unit":"celsius"}<|call|>`

// BenchmarkGrammar is what a grammar costs a token: a mask and its acceptance.
func BenchmarkGrammar(b *testing.B) {
	for _, c := range []struct {
		name, text string
		o          GrammarOptions
	}{
		{"turn", grammarTurn, GrammarOptions{Tools: grammarToolset()}},
		{"answer", `<|channel|>final <|constrain|>json<|message|>{"items": ["a", "b", "b"]}<|return|>`, GrammarOptions{Response: grammarResponse}},
		{"budget", grammarTurn, GrammarOptions{Tools: grammarToolset(), MaxReasoning: 4096}},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := newGrammar(b, &c.o).NewMatcher()
			toks := special(c.text)
			refused, ended := accept(m.g, toks)
			require.True(b, refused < 0 && ended)
			var mask [constrain.MaskWords]uint64
			b.ReportAllocs()
			for b.Loop() {
				m.Reset()
				for _, tok := range toks {
					m.Mask(mask[:])
					if m.Accept(tok) != nil {
						b.Fatal(tok)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(toks)), "ns/token")
		})
	}
}

// BenchmarkGrammarMake is what a request costs a server whose tools are known, and one of a hundred tools.
func BenchmarkGrammarMake(b *testing.B) {
	many := harmony.Namespace{Name: "functions"}
	for i := range 100 {
		many.Tools = append(many.Tools, harmony.Tool{Name: "tool_" + string(rune('a'+i/10)) + string(rune('a'+i%10)), Parameters: schema.MustParse(`{"type":"object","properties":{"city":{"type":"string"},"n":{"type":"integer"}},"required":["city"]}`)})
	}
	for _, c := range []struct {
		name  string
		tools []harmony.Namespace
	}{{"few", grammarToolset()}, {"100", []harmony.Namespace{many}}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var mask [constrain.MaskWords]uint64
			for b.Loop() {
				m := newGrammar(b, &GrammarOptions{Tools: c.tools}).NewMatcher()
				m.Mask(mask[:])
			}
		})
	}
}
