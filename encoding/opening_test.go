package encoding

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// TestWords encodes afresh every token list that stands in the source.
func TestWords(t *testing.T) {
	tok := GPTOSS().Tokenizer()
	words := []string{"system", "developer", "user", "assistant", "tool", "analysis", "commentary", "final", "json"}
	for _, w := range words {
		require.Equal(t, tok.Encode(w), wordTokens(w), w)
	}
	require.Nil(t, wordTokens("User"))
	require.Nil(t, wordTokens(""))
	require.Equal(t, append(tok.Encode(" "), tokenizer.Constrain), spaceConstrain)
	require.Equal(t, append(tok.Encode("commentary"), tok.Encode(" to=functions")...), anyTool)
}

// TestOpenings checks that an opening is what the model writes: the tokens of the whole text, which
// are also those of the header that ProfileChannelFirst renders.
func TestOpenings(t *testing.T) {
	e := GPTOSS()
	whole := func(text string) []Token { return e.Tokenizer().EncodeSpecial(text) }
	require.Equal(t, whole("<|channel|>final<|message|>"), e.OpenFinal())
	require.Equal(t, whole("<|channel|>commentary to=functions"), e.OpenAnyTool())

	for recipient, text := range map[string]string{
		"functions.get_weather": "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>",
		"functions.2fa":         "<|channel|>commentary to=functions.2fa <|constrain|>json<|message|>",
		"python":                "<|channel|>analysis to=python code<|message|>",
		"browser.search":        "<|channel|>analysis to=browser.search code<|message|>",
		// A name is text. It cannot bring structure into the header.
		"functions.<|message|>": "",
	} {
		got := e.OpenTool(recipient)
		if text != "" {
			require.Equal(t, whole(text), got, recipient)
		}
		require.Equal(t, len(got)-1, indexOf(got, tokenizer.Message), recipient)
	}

	m := harmony.NewCall("functions.get_weather", "")
	toks, spans, err := e.RenderSpans([]harmony.Message{m}, &RenderOptions{Profile: ProfileChannelFirst})
	require.NoError(t, err)
	require.Equal(t, toks[2:spans[0].End], e.OpenTool("functions.get_weather"))
}

// TestOpenAnyToolIsCanonical joins the opening with what follows it for names of every kind: the tokens
// must be those of the whole header, so the model continues from a place it has seen.
func TestOpenAnyToolIsCanonical(t *testing.T) {
	e := GPTOSS()
	for _, name := range []string{"f", "get_weather", "F", "2fa", "_x", "-a", "日本", "é", "'s", ".", "/", "functions", "\u0301x"} {
		rest := "." + name + " <|constrain|>json<|message|>{}<|call|>"
		want := e.Tokenizer().EncodeSpecial("<|channel|>commentary to=functions" + rest)
		opening := e.OpenAnyTool()
		require.Equal(t, opening, want[:len(opening)], name)
		require.Equal(t, want, append(opening, e.Tokenizer().EncodeSpecial(rest)...), name)
	}
}

// TestOpeningsAreTheCallers changes what was returned: the next call must not see it.
func TestOpeningsAreTheCallers(t *testing.T) {
	e := GPTOSS()
	for _, open := range []func() []Token{e.OpenFinal, e.OpenAnyTool, func() []Token { return e.OpenTool("python") }} {
		want := append([]Token(nil), open()...)
		got := open()
		for i := range got {
			got[i] = 0
		}
		require.Equal(t, want, open())
	}
}

func indexOf(toks []Token, tok Token) int {
	for i := range toks {
		if toks[i] == tok {
			return i
		}
	}
	return -1
}
