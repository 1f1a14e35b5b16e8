package encoding

import (
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// A forced opening is the beginning of an assistant message that is put behind a prompt which ends in
// <|start|>assistant (RenderForCompletion with RoleAssistant), so that the model must go on from there.
// The openings are the tokens gpt-oss itself writes, channel first. To parse what the model
// then samples, give the parser the opening and the sampled tokens, with the role hint RoleAssistant.

// OpenFinal returns the opening of an answer to the user, without further reasoning:
// <|channel|>final<|message|>. The caller owns the slice.
func (e *Encoding) OpenFinal() []Token {
	return []Token{tokenizer.Channel, wordFinal[0], tokenizer.Message}
}

// OpenTool returns the opening of a call of one tool, up to where its arguments begin: the header of
// harmony.NewCall. A function is named with its namespace:
//
//	<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>
//
// The built-in tools are called on the analysis channel:
//
//	<|channel|>analysis to=python code<|message|>
//
// A name with white space in it cannot be told apart in a header; no tool should have one. The caller owns
// the slice.
func (e *Encoding) OpenTool(recipient string) []Token {
	m := harmony.NewCall(recipient, "")
	r := renderer{tok: e.tok, dst: make([]Token, 0, 16), profile: ProfileChannelFirst, scratch: getScratch()}
	defer r.scratch.put()
	_ = r.header(&m) // it refuses unknown roles and nameless tools only
	return r.dst[2:] // without <|start|>assistant
}

// OpenAnyTool returns the opening of a call of some function tool, which the model chooses:
// <|channel|>commentary to=functions. The model goes on with the dot and the name.
//
// The opening has no dot, because the model does not write one as a token of its own: ".get" of
// ".get_weather" is one token, and a prompt that ends within it would ask for tokens the model has
// never seen. After "functions" a token ends whatever name follows the dot. The caller owns the slice.
func (e *Encoding) OpenAnyTool() []Token {
	return append([]Token{tokenizer.Channel}, anyTool...)
}

// anyTool is "commentary" and " to=functions", as two pieces (o200k_base; a test encodes them afresh).
var anyTool = []Token{12606, 815, 316, 28, 44580}
