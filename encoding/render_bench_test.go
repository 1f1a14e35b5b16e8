package encoding

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
)

// The conversation of these benchmarks has the shape of the one that openai-harmony's Rust renderer was
// timed with: 40 messages, 20 function tools, about 7,500 tokens (8.1 ms there).

func BenchmarkRenderAgent(b *testing.B) {
	msgs, v := agent(b)
	e := GPTOSS()
	dst, err := e.AppendRenderForCompletion(nil, msgs, harmony.RoleAssistant, nil)
	require.NoError(b, err)
	require.Equal(b, v.Tokens, dst)
	b.ReportAllocs()
	for b.Loop() {
		if dst, err = e.AppendRenderForCompletion(dst[:0], msgs, harmony.RoleAssistant, nil); err != nil {
			b.Fatal(err)
		}
	}
	reportTokens(b, len(dst))
}

// BenchmarkRenderAgentNew renders into a new slice each time.
func BenchmarkRenderAgentNew(b *testing.B) {
	msgs, v := agent(b)
	toks, err := GPTOSS().RenderForCompletion(msgs, harmony.RoleAssistant, nil)
	require.NoError(b, err)
	require.Equal(b, v.Tokens, toks)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = GPTOSS().RenderForCompletion(msgs, harmony.RoleAssistant, nil)
	}
	reportTokens(b, len(v.Tokens))
}

func BenchmarkCountAgent(b *testing.B) {
	msgs, v := agent(b)
	n, err := GPTOSS().CountForCompletion(msgs, harmony.RoleAssistant, nil)
	require.NoError(b, err)
	require.Equal(b, len(v.Tokens), n)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = GPTOSS().CountForCompletion(msgs, harmony.RoleAssistant, nil)
	}
	reportTokens(b, n)
}

func BenchmarkRenderCall(b *testing.B) {
	m := harmony.NewCall("functions.get_weather", `{"city": "Oslo"}`)
	dst, err := GPTOSS().RenderMessage(&m, nil)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = GPTOSS().AppendRenderMessage(dst[:0], &m, nil)
	}
	reportTokens(b, len(dst))
}

func reportTokens(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/token")
}
