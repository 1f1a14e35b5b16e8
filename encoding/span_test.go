package encoding

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// checkSpans holds the spans of a rendering to their contract: they cover the tokens in order without
// gap or overlap, and special tokens stand only where structure is.
func checkSpans(t testing.TB, msgs []harmony.Message, toks []Token, spans []Span) {
	t.Helper()
	at := 0
	for i, s := range spans {
		require.Equal(t, at, s.Start, "span %d", i)
		require.LessOrEqual(t, s.Start, s.End, "span %d", i)
		at = s.End
		part := toks[s.Start:s.End]
		switch s.Part {
		case PartHeader:
			require.Equal(t, tokenizer.Start, part[0])
			require.Equal(t, tokenizer.Message, part[len(part)-1])
			channels, constrains := 0, 0
			for _, tok := range part[1 : len(part)-1] {
				switch {
				case tok == tokenizer.Channel:
					channels++
				case tok == tokenizer.Constrain:
					constrains++
				default:
					require.Less(t, tok, tokenizer.StartOfText, "special token in a header's text")
				}
			}
			require.LessOrEqual(t, channels, 1)
			require.LessOrEqual(t, constrains, 1)
		case PartContent:
			require.Less(t, s.Content, len(msgs[s.Message].Content))
			for _, tok := range part {
				require.Less(t, tok, tokenizer.StartOfText, "special token in content")
			}
		case PartEnd:
			require.Len(t, part, 1)
			require.Contains(t, []Token{tokenizer.End, tokenizer.Call, tokenizer.Return}, part[0])
		case PartOpening:
			require.Equal(t, len(spans)-1, i, "an opening is last")
			require.Equal(t, -1, s.Message)
			require.Equal(t, tokenizer.Start, part[0])
		}
	}
	require.Equal(t, len(toks), at)
}

// checkCounts compares the counting forms with a rendering of n tokens.
func checkCounts(t testing.TB, v *renderVector, msgs []harmony.Message, n int) {
	t.Helper()
	e := GPTOSS()
	opts := v.options(t)
	var count int
	var usage Usage
	var err error
	if v.Mode == "completion" {
		count, err = e.CountForCompletion(msgs, harmony.Role(v.NextRole), opts)
		require.NoError(t, err)
		usage, err = e.UsageForCompletion(msgs, harmony.Role(v.NextRole), opts)
	} else {
		count, err = e.Count(msgs, opts)
		require.NoError(t, err)
		usage, err = e.Usage(msgs, opts)
	}
	require.NoError(t, err)
	require.Equal(t, n, count)
	require.Equal(t, n, usage.Total())
}

// TestAssistantMask marks, in a conversation of two turns and a call, what the model writes.
func TestAssistantMask(t *testing.T) {
	call := harmony.NewCall("functions.f", "{}")
	msgs := []harmony.Message{
		harmony.NewUser("q"),
		harmony.NewAssistant(harmony.ChannelAnalysis, "a"),
		call,
		harmony.NewResult(&call, "r"),
		harmony.NewAssistant(harmony.ChannelFinal, "f"),
	}
	e := GPTOSS()
	toks, spans, err := e.RenderForTrainingSpans(msgs, &RenderOptions{Profile: ProfileChannelFirst, Retention: RetainAll})
	require.NoError(t, err)
	mask := AssistantMask(msgs, toks, spans)
	require.Len(t, mask, len(toks))

	// Runs of tokens that the model writes, and of those it is given.
	var runs []string
	for i := 0; i < len(toks); {
		j := i
		for j < len(toks) && mask[j] == mask[i] {
			j++
		}
		text, err := e.Tokenizer().Decode(toks[i:j])
		require.NoError(t, err)
		runs = append(runs, text)
		i = j
	}
	require.Equal(t, []string{
		"<|start|>user<|message|>q<|end|><|start|>assistant",
		"<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>",
		"<|start|>functions.f to=assistant<|channel|>commentary<|message|>r<|end|><|start|>assistant",
		"<|channel|>final<|message|>f<|return|>",
	}, runs)

	toks, spans, err = e.RenderForCompletionSpans(msgs[:1], harmony.RoleAssistant, nil)
	require.NoError(t, err)
	require.NotContains(t, AssistantMask(msgs[:1], toks, spans), true)
	require.Empty(t, AssistantMask(nil, nil, nil))
}

func TestPartString(t *testing.T) {
	for p, want := range map[Part]string{PartHeader: "header", PartContent: "content", PartEnd: "end", PartOpening: "opening", 9: "unknown"} {
		require.Equal(t, want, p.String())
	}
}
