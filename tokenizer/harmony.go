package tokenizer

import (
	_ "embed"
	"strconv"
	"sync"

	"github.com/harmony-go/sdk/tokenizer/internal/perfect"
)

//go:generate go run ./internal/gen -dir .

// packedMerges is o200k_base as internal/gen writes it: 256 bytes, the tokens of single bytes; then for each further
// token the ids of its left and its right half, 18 bits each, least significant bit first; then the pilots of two perfect
// hashes, 16 bits each: of the pair table and of the inline table.
//
//go:embed o200k_base.merges
var packedMerges string

// Shape of o200k_harmony. Source: openai-harmony 0.0.8, src/tiktoken_ext/public_encodings.rs.
const (
	harmonyOrdinary = 199998                               // ids below are ordinary tokens, without a gap
	harmonySize     = 201089                               // ids from harmonyOrdinary up to this are special tokens, without a gap
	harmonyText     = 1397670                              // bytes of the ordinary tokens
	harmonyInline   = 186777                               // tokens of at most inlineBytes bytes
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

var o200kHarmony = sync.OnceValue(newHarmony)

func newHarmony() *Tokenizer {
	t := &Tokenizer{vocab: unpack(packedMerges)}
	t.special = newSpecials(&t.vocab, harmonyOrdinary)
	return t
}

// O200kHarmony returns the tokenizer of the gpt-oss models. The vocabulary is part of the program: there is nothing to
// download and nothing that can fail. It is unpacked by the first call, which takes about 10 ms and 9 MB; every
// call returns the same Tokenizer. Safe for concurrent use.
func O200kHarmony() *Tokenizer { return o200kHarmony() }

// unpack builds the vocabulary of o200k_harmony out of the merge list. Each token's halves are older than itself, so its
// bytes are copied from theirs.
func unpack(packed string) vocabulary {
	const merges = harmonyOrdinary - 256
	v := vocabulary{
		off:          make([]uint32, 1, harmonySize+1),
		ordinary:     harmonyOrdinary,
		bytePair:     newBytePair(),
		edge:         newBytePair(),
		pairs:        newPairs(merges),
		pilots:       make([]uint16, perfect.Buckets(merges)),
		inline:       make([]inlineSlot, perfect.Places(harmonyInline)),
		inlinePilots: make([]uint16, perfect.Buckets(harmonyInline)),
		long:         newLong(harmonyOrdinary - harmonyInline),
	}
	tail := packed[256+(36*merges+7)/8:]
	tail = unpackPilots(v.pilots, tail)
	unpackPilots(v.inlinePilots, tail)
	v.setText(unpackText(packed, &v))
	for t := range Token(256) {
		v.bytes[packed[t]] = t
	}
	for t := Token(256); t < harmonyOrdinary; t++ {
		left, right := mergeAt(packed, int(t))
		v.addPair(left, right, t)
		if left < 256 && right < 256 {
			v.addBytePair(v.tokenString(t), t)
		}
	}
	for t := range Token(harmonyOrdinary) {
		v.addWhole(t, v.tokenString(t))
	}
	return v
}

// unpackPilots reads numbers of 16 bits and returns what follows them.
func unpackPilots(dst []uint16, packed string) string {
	for i := range dst {
		dst[i] = uint16(packed[2*i]) | uint16(packed[2*i+1])<<8
	}
	return packed[2*len(dst):]
}

// unpackText returns the bytes of all tokens and fills v.off and v.edge.
func unpackText(packed string, v *vocabulary) []byte {
	text := make([]byte, harmonyText+harmonySpecials+textPadding)
	off := v.off[:harmonySize+1]
	at := copy(text, packed[:256])
	for t := range 256 {
		off[t+1] = uint32(t + 1)
	}
	for t := 256; t < harmonyOrdinary; t++ {
		left, right := mergeAt(packed, t)
		at += copyToken(text, at, int(off[left]), int(off[left+1]))
		seam := at
		at += copyToken(text, at, int(off[right]), int(off[right+1]))
		v.addEdge(text[seam-1], text[seam], Token(t))
		off[t+1] = uint32(at)
	}
	text = text[:at]
	for t := Token(harmonyOrdinary); t < harmonySize; t++ {
		if name, ok := harmonyNames[t]; ok {
			text = append(text, name...)
		} else {
			text = append(strconv.AppendUint(append(text, "<|reserved_"...), uint64(t), 10), "|>"...)
		}
		off[t+1] = uint32(len(text))
	}
	v.off = off
	return text
}

// copyToken copies text[from:to] to at and returns its length. Nearly all tokens are short, and what is copied too much is
// overwritten by the next one.
func copyToken(text []byte, at, from, to int) int {
	*(*[textPadding]byte)(text[at:]) = *(*[textPadding]byte)(text[from:])
	if to-from > textPadding {
		copy(text[at:], text[from:to])
	}
	return to - from
}

// mergeAt reads the halves of token t, which is at bit 36*(t-256) after the first 256 bytes.
func mergeAt(packed string, t int) (left, right Token) {
	bit := 36 * (t - 256)
	at := 256 + bit/8
	w := load64(packed, at) >> (bit % 8) // the pilots lie behind the last one
	w &= 1<<36 - 1
	return Token(w & (1<<18 - 1)), Token(w >> 18)
}
