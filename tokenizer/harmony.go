package tokenizer

import (
	_ "embed"
	"fmt"
	"sync"
)

//go:generate go run ./internal/gen -dir .

// packedMerges is o200k_base as internal/gen writes it: 256 bytes, the tokens of single bytes; then for each further
// token the ids of its left and its right half, 18 bits each, least significant bit first.
//
//go:embed o200k_base.merges
var packedMerges string

// Shape of o200k_harmony. Source: openai-harmony 0.0.8, src/tiktoken_ext/public_encodings.rs.
const (
	harmonyOrdinary = 199998 // ids below are ordinary tokens, without a gap
	harmonySize     = 201089 // ids from harmonyOrdinary up to this are special tokens, without a gap
	harmonyText     = 1397670
	harmonySpecials = 20 * (harmonySize - harmonyOrdinary) // an upper bound of the bytes of their spellings
)

// Special tokens of o200k_harmony that have a name. All others are spelled <|reserved_ID|>.
const (
	StartOfText Token = 199998 // <|startoftext|>
	EndOfText   Token = 199999 // <|endoftext|>
	Return      Token = 200002 // <|return|>: the assistant's turn is over
	Constrain   Token = 200003 // <|constrain|>: the content type that follows is a constraint
	Channel     Token = 200005 // <|channel|>: the name of the channel follows
	Start       Token = 200006 // <|start|>: a message begins with its header
	End         Token = 200007 // <|end|>: the message is over
	Message     Token = 200008 // <|message|>: the header is over, the content follows
	Call        Token = 200012 // <|call|>: the message is over and calls a tool
)

var harmonyNames = map[Token]string{
	StartOfText: "<|startoftext|>", EndOfText: "<|endoftext|>", Return: "<|return|>", Constrain: "<|constrain|>",
	Channel: "<|channel|>", Start: "<|start|>", End: "<|end|>", Message: "<|message|>", Call: "<|call|>",
}

var o200kHarmony = sync.OnceValue(func() *Tokenizer {
	t := &Tokenizer{vocab: unpack(packedMerges)}
	t.special = newSpecials(&t.vocab, harmonyOrdinary)
	return t
})

// O200kHarmony returns the tokenizer of the gpt-oss models. The vocabulary is part of the program: there is nothing to
// download and nothing that can fail. It is unpacked by the first call, which takes some milliseconds and about 10 MB; every
// call returns the same Tokenizer. Safe for concurrent use.
func O200kHarmony() *Tokenizer { return o200kHarmony() }

// unpack builds the vocabulary of o200k_harmony out of the merge list. Each token's halves are older than itself, so its
// bytes are copied from theirs.
func unpack(packed string) vocabulary {
	text := make([]byte, 0, harmonyText+harmonySpecials)
	v := vocabulary{
		off:      make([]uint32, 0, harmonySize+1),
		ordinary: harmonyOrdinary,
		bytePair: newBytePair(),
		pairs:    newPairs(harmonyOrdinary),
		whole:    newWhole(harmonyOrdinary),
	}
	v.off = append(v.off, 0)
	for t := range Token(256) {
		b := packed[t]
		text = append(text, b)
		v.off = append(v.off, uint32(len(text)))
		v.bytes[b] = t
	}
	for t := Token(256); t < harmonyOrdinary; t++ {
		left, right := mergeAt(packed, int(t))
		text = append(text, text[v.off[left]:v.off[left+1]]...)
		text = append(text, text[v.off[right]:v.off[right+1]]...)
		v.off = append(v.off, uint32(len(text)))
		v.addMerge(left, right, t, text)
	}
	for t := Token(harmonyOrdinary); t < harmonySize; t++ {
		if name, ok := harmonyNames[t]; ok {
			text = append(text, name...)
		} else {
			text = fmt.Appendf(text, "<|reserved_%d|>", t)
		}
		v.off = append(v.off, uint32(len(text)))
	}
	v.text = string(text)
	for t := range Token(harmonyOrdinary) {
		v.addWhole(t)
	}
	return v
}

// mergeAt reads the halves of token t, which is at bit 36*(t-256) after the first 256 bytes.
func mergeAt(packed string, t int) (left, right Token) {
	bit := 36 * (t - 256)
	at := 256 + bit/8
	var w uint64
	for i := 4; i >= 0; i-- {
		w = w<<8 | uint64(packed[at+i])
	}
	w >>= bit % 8
	return Token(w & (1<<18 - 1)), Token(w >> 18 & (1<<18 - 1))
}
