package encoding

import (
	"sync"

	"github.com/harmony-go/sdk/tokenizer"
)

// Token is a token of the o200k_harmony vocabulary.
type Token = tokenizer.Token

// Encoding turns messages into tokens and tokens into messages. It is immutable and safe for
// concurrent use; GPTOSS returns the only one.
type Encoding struct {
	tok *tokenizer.Tokenizer
}

var gptOSS = sync.OnceValue(func() *Encoding { return &Encoding{tok: tokenizer.O200kHarmony()} })

// GPTOSS returns the encoding of gpt-oss-20b and gpt-oss-120b. The vocabulary is embedded and is
// set up by the first call (some milliseconds); it cannot fail.
func GPTOSS() *Encoding { return gptOSS() }

// Tokenizer returns the encoding's tokenizer.
func (e *Encoding) Tokenizer() *tokenizer.Tokenizer { return e.tok }

// StopTokens returns the tokens that end a message: <|return|>, <|end|> and <|call|>, in the
// order of their ids. The caller owns the slice.
func (e *Encoding) StopTokens() []Token {
	return []Token{tokenizer.Return, tokenizer.End, tokenizer.Call}
}

// ActionStopTokens returns the tokens at which an engine must stop generating for the assistant:
// <|return|> and <|call|>, in the order of their ids. The caller owns the slice.
func (e *Encoding) ActionStopTokens() []Token {
	return []Token{tokenizer.Return, tokenizer.Call}
}
