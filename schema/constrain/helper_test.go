package constrain_test

import (
	"os"
	"strconv"
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

// text returns the bytes of tokens.
func text(toks []tokenizer.Token) string {
	s, err := tokenizer.O200kHarmony().Decode(toks)
	if err != nil {
		panic(err)
	}
	return s
}

func tokenText(tok tokenizer.Token) string {
	s, _ := tokenizer.O200kHarmony().TokenString(tok)
	return s
}

// campaign is a number that random tests begin with: 0, or what HARMONY_CAMPAIGN says, so that each run can try something new.
func campaign() uint64 {
	n, _ := strconv.ParseUint(os.Getenv("HARMONY_CAMPAIGN"), 10, 64)
	return n
}
