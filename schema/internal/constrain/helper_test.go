package constrain_test

import (
	"sync"

	"github.com/harmony-go/sdk/tokenizer"
)

// byteTokens are the tokens of the single bytes.
var byteTokens = sync.OnceValue(func() *[256]tokenizer.Token {
	var toks [256]tokenizer.Token
	tk := tokenizer.O200kHarmony()
	for id := range tokenizer.Token(tk.Size()) {
		if s, ok := tk.TokenString(id); ok && len(s) == 1 && !tk.IsSpecial(id) {
			toks[s[0]] = id
		}
	}
	return &toks
})
