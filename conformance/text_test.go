package conformance

import (
	"slices"
	"strings"

	"github.com/harmony-go/sdk/encoding"
)

func equalTokens(a, b []encoding.Token) bool { return slices.Equal(a, b) }

// spell is the text of tokens, control tokens by their spelling, unknown ids as <?>.
func spell(toks []encoding.Token) string {
	tok := encoding.GPTOSS().Tokenizer()
	var b strings.Builder
	for _, id := range toks {
		s, ok := tok.TokenString(id)
		if !ok {
			s = "<?>"
		}
		b.WriteString(s)
	}
	return b.String()
}

func shorten(s string) string {
	if len(s) > 600 {
		return s[:300] + " […] " + s[len(s)-300:]
	}
	return s
}

func deref(s *string) string {
	if s == nil {
		return "none"
	}
	return *s
}

func errText(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}
