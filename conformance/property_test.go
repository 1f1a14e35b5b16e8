package conformance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
	"github.com/stretchr/testify/require"
)

// bytesSource deals out the bytes of a fuzz input; at the end it deals zeros.
type bytesSource struct{ data []byte }

func (b *bytesSource) next() int {
	if len(b.data) == 0 {
		return 0
	}
	c := b.data[0]
	b.data = b.data[1:]
	return int(c)
}

func pick[T any](b *bytesSource, from []T) T { return from[b.next()%len(from)] }

// text deals out up to 40 bytes as valid UTF-8.
func (b *bytesSource) text() string {
	n := min(b.next()%41, len(b.data))
	s := strings.ToValidUTF8(string(b.data[:n]), "\uFFFD")
	b.data = b.data[n:]
	return s
}

// conforming deals out messages that keep to the format's rules.
func conforming(b *bytesSource) []harmony.Message {
	var out []harmony.Message
	for range 1 + b.next()%5 {
		m := harmony.Message{Content: []harmony.Content{harmony.Text(pick(b, []string{"", "It's 4.", "<|end|> spelled", " \n", "{\"a\": 1}", "中文 🙂"}) + b.text())}}
		tool := pick(b, []string{"functions.f", "functions.get_weather", "browser.search", "python"})
		switch b.next() % 6 {
		case 0:
			m.Role = pick(b, []harmony.Role{harmony.RoleSystem, harmony.RoleDeveloper, harmony.RoleUser})
		case 1:
			m.Role, m.Channel = harmony.RoleAssistant, harmony.ChannelAnalysis
		case 2:
			m.Role, m.Channel = harmony.RoleAssistant, harmony.ChannelFinal
		case 3:
			m.Role, m.Channel = harmony.RoleAssistant, harmony.ChannelCommentary
		case 4:
			m.Role, m.Channel = harmony.RoleAssistant, pick(b, []harmony.Channel{harmony.ChannelAnalysis, harmony.ChannelCommentary})
			m.Recipient, m.ContentType = tool, pick(b, []string{"<|constrain|>json", "", "<|constrain|>code"})
		case 5:
			m.Role, m.Name, m.Recipient, m.Channel = harmony.RoleTool, tool, "assistant", harmony.ChannelCommentary
		}
		out = append(out, m)
	}
	return out
}

// FuzzParseRender: conforming messages come back from their rendering, in every profile, strictly,
// token by token and as text.
func FuzzParseRender(f *testing.F) {
	f.Add([]byte("\x03\x00\x01\x02\x00abc\x04\x01\x02\x03\x05\x01 tool"))
	f.Add([]byte("\x04\x05\x08\xc3\xa9\xff\x04\x04\x04\x04\x01\x05\x05\x05\x02\x02"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b := &bytesSource{data}
		profile := pick(b, []encoding.Profile{encoding.ProfileOpenAI, encoding.ProfileOSS, encoding.ProfileChannelFirst})
		msgs := conforming(b)
		e := encoding.GPTOSS()
		toks, err := e.Render(msgs, &encoding.RenderOptions{Profile: profile, Retention: encoding.RetainAll})
		require.NoError(t, err)
		result, err := e.Parse(toks, "", &encoding.ParseOptions{Strict: true})
		require.NoError(t, err, "%v: %s", profile, spell(toks))
		sameMessages(t, msgs, result.Messages, spell(toks))
		for i, m := range result.Messages {
			want := tokenizer.End
			if msgs[i].Role == harmony.RoleAssistant && msgs[i].Recipient != "" {
				want = tokenizer.Call
			}
			require.Equal(t, want, m.Stop, "stop token of message %d of %s", i, spell(toks))
		}
		// Text that spells a marker reads as one when it comes as text: only other contents come back.
		if !strings.Contains(textOf(msgs), "<|") {
			result, err = e.ParseText(spell(toks), "", &encoding.ParseOptions{Strict: true})
			require.NoError(t, err, "%s", spell(toks))
			sameMessages(t, msgs, result.Messages, spell(toks))
		}
	})
}

func textOf(msgs []harmony.Message) string {
	var b strings.Builder
	for i := range msgs {
		b.WriteString(msgs[i].Text() + "\n")
	}
	return b.String()
}

func sameMessages(t *testing.T, want []harmony.Message, got []encoding.Parsed, of string) {
	require.Len(t, got, len(want), "messages of %s", of)
	for i := range want {
		require.Equal(t, want[i], got[i].Message, "message %d of %s", i, of)
	}
}

// alphabet is what random streams are made of: control tokens, header words, letters, broken bytes, ids that do not exist.
var alphabet = func() []encoding.Token {
	out := []encoding.Token{tokenizer.Start, tokenizer.Message, tokenizer.Channel, tokenizer.Constrain, tokenizer.End, tokenizer.Return, tokenizer.Call,
		tokenizer.StartOfText, tokenizer.EndOfText, 200014, 201088, 201089, 1 << 31, 1<<32 - 1, 9552, 220, 198, 127, 102, 245}
	for _, word := range []string{"assistant", "user", "tool", "analysis", "commentary", "final", " to=", " to=functions.f", "functions.f", "json", " json", "code", "x", " hello there", ".", ":", "<|end|>", "{\"a\": 1}", "\n\n", "中"} {
		out = append(out, encoding.GPTOSS().Tokenizer().Encode(word)...)
	}
	return out
}()

// FuzzStream: any tokens parse without panic, and keep every promise of the parser.
func FuzzStream(f *testing.F) {
	f.Add([]byte{2, 23, 1, 27, 5}, uint8(1))
	f.Add([]byte{0, 0, 2, 4, 4, 30, 1, 14, 14, 11, 27, 2, 25, 1, 5, 5, 0}, uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, mode uint8) {
		if len(data) > 600 {
			return
		}
		v := &parseVector{Role: []harmony.Role{"", harmony.RoleAssistant, harmony.RoleTool, harmony.RoleUser}[mode>>1&3], Strict: mode&1 == 1}
		for _, c := range data {
			v.Tokens = append(v.Tokens, alphabet[int(c)%len(alphabet)])
		}
		got := ours(t, v)
		requireLossless(t, v, got)
		again := ours(t, v)
		require.Equal(t, got.messages, again.messages)
	})
}

// FuzzChunks: any cutting of a text gives the same events, less the cuts within one delta.
func FuzzChunks(f *testing.F) {
	for i, s := range []string{
		"<|channel|>analysis<|message|>Think 🙂.<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\":1}<|call|>",
		"final answer<|end|> <|start|>assistant<|channel|>final<|message|>x<|channel|>y<|end|><|end|>",
		"<|start|>role:assistant,type:reasoning<|message|>a<|b<|<|end<|end|>", "<|channel|>final<|message|>\xf0\x9f\x98<|return|>\xff",
	} {
		f.Add(s, uint64(i))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) > 2000 {
			return
		}
		random := rand.New(rand.NewPCG(seed, 1))
		role := []harmony.Role{harmony.RoleAssistant, ""}[random.IntN(2)]
		whole := pushText(t, role, []string{text})
		var chunks, single []string
		for at := 0; at < len(text); {
			n := min(1+random.IntN(1+random.IntN(12)), len(text)-at)
			chunks = append(chunks, text[at:at+n])
			at += n
		}
		for i := range len(text) {
			single = append(single, text[i:i+1])
		}
		require.Equal(t, whole, pushText(t, role, chunks), "chunks %q", chunks)
		require.Equal(t, whole, pushText(t, role, single), "bytes of %q", text)
	})
}

// pushText parses chunks of text and returns the events, one a line, the deltas of a message joined.
func pushText(t *testing.T, role harmony.Role, chunks []string) []string {
	p := encoding.GPTOSS().NewParser(role, nil)
	var out []string
	delta := ""
	take := func(events []encoding.Event) {
		for _, ev := range events {
			if ev.Kind == encoding.KindDelta {
				delta += ev.Text
				continue
			}
			out = append(out, fmt.Sprintf("%q", delta), fmt.Sprintf("%v at %d stop %d %s/%s/%s/%s/%s", ev.Kind, ev.Offset, ev.Stop, ev.Message.Role, ev.Message.Name, ev.Message.Recipient, ev.Message.Channel, ev.Message.ContentType))
			delta = ""
		}
	}
	for _, c := range chunks {
		events, err := p.PushText(c)
		require.NoError(t, err)
		take(events)
	}
	events, verdict, err := p.Close(encoding.StopUnknown)
	require.NoError(t, err)
	take(events)
	out = append(out, verdict.String())
	for _, d := range p.Diagnostics() {
		out = append(out, d.String()+fmt.Sprintf(" %q", d.Text))
	}
	return out
}

// requireLossless holds a reading of ours to the promise that nothing the model wrote is dropped:
// every letter of the stream's ordinary text stands in a content, in a header field, or in the text of a diagnostic.
func requireLossless(t testing.TB, v *parseVector, r *reading) {
	tokens := v.Tokens
	if r.err != nil {
		return // strict: the stream ends at its first error
	}
	missing := map[rune]int{}
	for _, s := range ordinaryText(tokens) {
		count(missing, s, 1)
	}
	for _, m := range r.parsed {
		count(missing, m.Text(), -1)
		for _, s := range []string{string(m.Role), m.Name, m.Recipient, string(m.Channel), m.ContentType, "to="} {
			count(missing, s, -1)
		}
		count(missing, string(m.Role)+":", -1) // the role word may stand twice: given, and repeated by the model
	}
	for _, d := range r.diagnostics {
		count(missing, d.Text, -1)
	}
	for c, n := range missing {
		require.LessOrEqual(t, n, 0, "%v: %d of %q of the stream are in no message and no diagnostic: %s", v.source, n, c, shorten(spell(tokens)))
	}
}

// ordinaryText is the text of each run of ordinary tokens, less what is not UTF-8.
func ordinaryText(tokens []encoding.Token) []string {
	tok := encoding.GPTOSS().Tokenizer()
	var out []string
	var run []byte
	for _, id := range slices.Concat(tokens, []encoding.Token{tokenizer.Start}) {
		s, ok := tok.TokenString(id)
		if ok && !tok.IsSpecial(id) {
			run = append(run, s...)
			continue
		}
		out = append(out, strings.ToValidUTF8(string(run), " "))
		run = run[:0]
	}
	return out
}

// count adds n for every rune of s that is neither white space nor U+FFFD.
func count(into map[rune]int, s string, n int) {
	for _, c := range s {
		if c != utf8.RuneError && !unicode.IsSpace(c) {
			into[c] += n
		}
	}
}
