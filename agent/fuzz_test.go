package agent

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/tokenizer"
)

// vocabulary are tokens that a format's automaton cares about, and some that it does not.
var vocabulary = func() []encoding.Token {
	v := []encoding.Token{
		tokenizer.Start, tokenizer.End, tokenizer.Message, tokenizer.Channel, tokenizer.Constrain, tokenizer.Return, tokenizer.Call,
		tokenizer.EndOfText, tokenizer.StartOfText, 200001, 201087, 201088, 201089, 1 << 30, 9552, 220,
	}
	for _, word := range []string{
		"assistant", "user", "system", "tool", "analysis", "commentary", "final", " to=functions.get_weather", " to=functions.f", " to=", "functions.get_weather",
		"json", "code", `{"city":"Lisbon"}`, `{"city":`, "Hello", " ", "\n", "role:user", "python", " to=python", " to=user", " to=assistant", "😀",
	} {
		v = append(v, tokens(word)...)
	}
	return v
}()

// stream makes tokens of fuzz bytes: one byte is one of the vocabulary, 255 and three bytes any.
func stream(data []byte) []encoding.Token {
	var toks []encoding.Token
	for len(data) > 0 {
		if data[0] == 255 && len(data) >= 4 {
			toks = append(toks, encoding.Token(binary.LittleEndian.Uint32(append(data[1:4:4], 0))%201089))
			data = data[4:]
			continue
		}
		toks = append(toks, vocabulary[int(data[0])%len(vocabulary)])
		data = data[1:]
	}
	return toks
}

// bytesOf is the reverse of stream.
func bytesOf(text string) (data []byte) {
	for _, t := range tokens(text) {
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], uint32(t))
		data = append(append(data, 255), b[:3]...)
	}
	return data
}

// FuzzTurn: whatever a generator says, a turn ends, with an answer or a typed error; no token that it has said is lost; every call
// has its result; prompts within a turn grow as they should; and the session can be saved and loaded.
func FuzzTurn(f *testing.F) {
	for _, text := range []string{callsIt, answers, plainly, callsIt + answers, "<|return|>", lists, toolCall("functions.f", "{}"), "Hello<|end|><|start|>user<|message|>x", fixtureSays[2]} {
		f.Add(bytesOf(text), uint8(0))
		f.Add(bytesOf(text), uint8(5))
	}
	f.Add([]byte{0, 16, 2, 5, 3, 21, 23, 24, 4, 30, 2, 32, 6, 6, 1, 1, 0, 0}, uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, mode uint8) {
		if len(data) <= 2000 {
			checkTurns(t, data, mode)
		}
	})
}

// TestRandomTurns is FuzzTurn without a fuzzer, over streams that are denser in control tokens.
func TestRandomTurns(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	n := 2000
	if raced {
		n = 50 // the race detector is slow with what the tokenizer allocates
	}
	for range n {
		data := make([]byte, rnd.IntN(400))
		for i := range data {
			data[i] = byte(rnd.IntN(len(vocabulary)))
			if rnd.IntN(2) == 0 {
				data[i] = byte(rnd.IntN(9))
			}
		}
		checkTurns(t, data, uint8(rnd.IntN(16)))
	}
}

// checkTurns plays turns over a generator that says data; the bits of mode choose how it ends its outputs, and whether there are openings.
func checkTurns(t *testing.T, data []byte, mode uint8) {
	all := stream(data)
	given := 0
	rest := all
	g := generator(func(_ context.Context, r engine.Request, yield func(encoding.Token, error) bool) {
		for len(rest) > 0 {
			tok := rest[0]
			rest = rest[1:]
			given++
			if !yield(tok, nil) {
				return
			}
			if mode&1 == 0 && (tok == tokenizer.Return || tok == tokenizer.Call) {
				r.Stats.Stop = encoding.StopToken
				return
			}
			if mode&2 != 0 && given%17 == 0 {
				r.Stats.Stop = encoding.StopLength
				return
			}
		}
		if mode&4 != 0 {
			yield(0, errors.New("no more"))
		}
	})
	o := Options{Tools: []*Function{sharedTool}, Limits: Limits{Tokens: 200, Steps: 6}}
	if mode&8 != 0 {
		o.Open = func(g Generation) []encoding.Token {
			return [][]encoding.Token{nil, encoding.GPTOSS().OpenAnyTool(), encoding.GPTOSS().OpenFinal(), encoding.GPTOSS().OpenTool("functions.f")}[g.Step%4]
		}
	}
	a := newAgent(t, g, o)
	s := a.NewSession()
	for turn := range 3 {
		before := len(s.Sampled())
		_, err := s.Ask(background, "Hi")
		if err != nil {
			var run *RunError
			require.ErrorAs(t, err, &run)
		}
		require.Equal(t, err, s.Turn().Err)
		require.Equal(t, err == nil, s.Turn().Answer != "")
		wellFormed(t, s)
		require.LessOrEqual(t, len(s.Sampled())-before, 6, "turn %d", turn)
	}
	var said []encoding.Token
	for _, toks := range s.Sampled() {
		said = append(said, toks...)
	}
	require.True(t, slices.Equal(all[:given], said), "tokens are lost: %d were given, %d are kept", given, len(said))
	var file bytes.Buffer
	require.NoError(t, s.Save(&file))
	loaded, err := a.Load(bytes.NewReader(file.Bytes()))
	require.NoError(t, err)
	p, err := s.Prompt()
	require.NoError(t, err)
	q, err := loaded.Prompt()
	require.NoError(t, err)
	require.Equal(t, p, q)
}

// sharedTool is compiled once.
var sharedTool = weatherTool()
