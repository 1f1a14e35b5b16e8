package encoding

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// fuzzWords are the tokens that fuzzed streams are made of: byte b of the input is fuzzWords[b mod len].
// Whatever structure streams can have is reachable, with plain text, broken characters and bad ids between.
var fuzzWords = func() (words [][]Token) {
	e := GPTOSS()
	for _, s := range []string{
		"<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|call|>", "<|return|>", "<|constrain|>",
		"assistant", "user", "tool", "analysis", "commentary", "final", " to=", "functions.f", "python", "json", " json", " code",
		" ", "\n", "Hello", " world", "to", "=", "{\"a\":1}", ":", "user:alice", "é", "😀", "\u00a0", "<", "|>", "<|", "role:assistant,type:reasoning",
		"<|endoftext|>", "<|reserved_200013|>", "<|start|>assistant", "<|channel|>final<|message|>", " to=functions.f <|constrain|>json<|message|>",
		"<|start|>assistant<|channel|>analysis<|message|>", "functions.f to=assistant", strings.Repeat("word ", 60),
	} {
		words = append(words, e.tok.EncodeSpecial(s))
	}
	words = append(words, []Token{9552}, []Token{tokenizer.Token(5257)}, []Token{201089}, []Token{1 << 31}, []Token{^Token(0)}, []Token{114}, []Token{222})
	return words
}()

func fuzzTokens(data []byte) (toks []Token) {
	for _, b := range data {
		toks = append(toks, fuzzWords[int(b)%len(fuzzWords)]...)
	}
	return toks
}

var fuzzRoles = []harmony.Role{harmony.RoleAssistant, "", harmony.RoleUser, harmony.RoleTool}

func FuzzParse(f *testing.F) {
	f.Add([]byte{1, 12, 2, 21, 3}, byte(0))
	f.Add([]byte{0, 7, 1, 10, 2, 21, 1, 12, 2, 22, 5, 19, 0, 7, 38, 21}, byte(1))
	f.Add([]byte{1, 11, 13, 14, 1, 16, 2, 25, 4, 11, 1, 10, 2}, byte(0))
	f.Add([]byte{45, 46, 47, 1, 12, 2, 43, 44, 21, 45, 43}, byte(0))
	f.Add([]byte{21, 22, 3, 20, 35, 3, 3, 7, 1, 12, 21, 22, 20, 5}, byte(0))
	f.Fuzz(func(t *testing.T, data []byte, r byte) {
		if len(data) > 64 {
			return
		}
		checkStream(t, fuzzTokens(data), fuzzRoles[int(r)%len(fuzzRoles)])
	})
}

// checkStream holds a stream to everything that is promised of all streams.
func checkStream(t *testing.T, toks []Token, role harmony.Role) {
	t.Helper()
	e := GPTOSS()
	batch, err := e.Parse(toks, role, nil)
	defer func() {
		if t.Failed() {
			t.Logf("role %q, tokens %v", role, toks)
		}
	}()
	if err != nil {
		t.Fatalf("lax parsing failed: %v", err)
	}
	events := pushAll(t, e.NewParser(role, nil), toks)
	checkEvents(t, events, batch)
	for _, m := range batch.Messages {
		for _, field := range []string{m.Name, m.Recipient, string(m.Channel), m.ContentType, m.Text()} {
			if !utf8.ValidString(field) {
				t.Fatalf("%q is not UTF-8", field)
			}
		}
	}
	checkKept(t, toks, role, batch)
	if n := batch.Usage.Total(); n != len(toks) {
		t.Fatalf("usage counts %d of %d tokens: %+v", n, len(toks), batch.Usage)
	}

	strict, err := e.Parse(toks, role, &ParseOptions{Strict: true})
	first := -1
	for i, d := range batch.Diagnostics {
		if d.Severity == Error {
			first = i
			break
		}
	}
	switch {
	case (first >= 0) != (err != nil):
		t.Fatalf("strict: error %v, but lax diagnostics %v", err, batch.Diagnostics)
	case err == nil && !reflect.DeepEqual(strict, batch):
		t.Fatalf("strict and lax differ without an error:\n%+v\n%+v", strict, batch)
	case err != nil && !reflect.DeepEqual(err.(*ParseError).Diagnostic, batch.Diagnostics[first]):
		t.Fatalf("strict stops at %v, the first error is %v", err, batch.Diagnostics[first])
	}

	text, ok := spelled(e, toks)
	if !ok {
		return
	}
	whole := pushTextAll(t, e.NewParser(role, nil), text, len(text)+1)
	if a, b := outline(whole), outline(events); a != b {
		t.Fatalf("text and tokens differ:\ntext   %s\ntokens %s", a, b)
	}
	for _, n := range []int{1, 2, 3, 7} {
		if cut := pushTextAll(t, e.NewParser(role, nil), text, n); !reflect.DeepEqual(joined(cut), joined(whole)) {
			t.Fatalf("chunks of %d bytes differ:\n%+v\n%+v", n, joined(cut), joined(whole))
		}
	}
}

func pushAll(t *testing.T, p *Parser, toks []Token) (all []Event) {
	t.Helper()
	for _, tok := range toks {
		events, err := p.Push(tok)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, events...)
	}
	events, _, err := p.Close(StopUnknown)
	if err != nil {
		t.Fatal(err)
	}
	return append(all, events...)
}

func pushTextAll(t *testing.T, p *Parser, text string, n int) (all []Event) {
	t.Helper()
	for i := 0; i < len(text); i += n {
		events, err := p.PushText(text[i:min(i+n, len(text))])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, events...)
	}
	events, _, err := p.Close(StopUnknown)
	if err != nil {
		t.Fatal(err)
	}
	return append(all, events...)
}

// checkEvents checks the order of events, and that they say what the messages say.
func checkEvents(t *testing.T, events []Event, r Result) {
	t.Helper()
	n, diags := 0, 0
	var text strings.Builder
	var open *harmony.Message
	at := 0
	for _, ev := range events {
		if ev.Offset < at {
			t.Fatalf("offset %d behind %d", ev.Offset, at)
		}
		at = ev.Offset
		diags += len(ev.Diagnostics)
		switch ev.Kind {
		case KindHeader:
			if open != nil {
				t.Fatal("Header within a message")
			}
			open = ev.Message
			text.Reset()
		case KindDelta:
			if ev.Message != open || ev.Text == "" || !utf8.ValidString(ev.Text) {
				t.Fatalf("bad delta %+v", ev)
			}
			text.WriteString(ev.Text)
		case KindEnd:
			if ev.Message != open || n == len(r.Messages) || !reflect.DeepEqual(*ev.Message, r.Messages[n].Message) || ev.Stop != r.Messages[n].Stop {
				t.Fatalf("bad end %+v", ev)
			}
			if got := string(ev.Message.Content[0].(harmony.Text)); got != text.String() {
				t.Fatalf("deltas %q, content %q", text.String(), got)
			}
			open = nil
			n++
		}
	}
	if open != nil || n != len(r.Messages) {
		t.Fatalf("%d of %d messages ended", n, len(r.Messages))
	}
	if diags > len(r.Diagnostics) {
		t.Fatalf("events have %d diagnostics, the parser %d", diags, len(r.Diagnostics))
	}
}

// checkKept checks that no text is lost: of every ASCII byte but white space there is at least as much in messages
// and diagnostics as in the ordinary tokens, and that messages lie in the stream in order, apart.
func checkKept(t *testing.T, toks []Token, role harmony.Role, r Result) {
	t.Helper()
	e := GPTOSS()
	var in, out [128]int
	count := func(c *[128]int, s string) {
		for i := 0; i < len(s); i++ {
			if s[i] > ' ' && s[i] < 128 {
				c[s[i]]++
			}
		}
	}
	for _, tok := range toks {
		if s, ok := e.tok.TokenString(tok); ok && !e.tok.IsSpecial(tok) {
			count(&in, s)
		}
	}
	end := 0
	for _, m := range r.Messages {
		count(&out, string(m.Role)+":"+m.Name+"to="+m.Recipient+string(m.Channel)+m.ContentType)
		count(&out, string(m.Content[0].(harmony.Text)))
		if m.Start < end || m.End < m.Start || m.End > len(toks) {
			t.Fatalf("message at [%d,%d) after %d", m.Start, m.End, end)
		}
		end = m.End
		if m.Stop != 0 && toks[m.End-1] != m.Stop {
			t.Fatalf("stop %d, token %d", m.Stop, toks[m.End-1])
		}
	}
	for _, d := range r.Diagnostics {
		count(&out, d.Text)
		if d.Offset < 0 || d.Offset > len(toks) {
			t.Fatalf("diagnostic at %d of %d", d.Offset, len(toks))
		}
	}
	for c := range in {
		if in[c] > out[c] {
			t.Fatalf("%q: %d in, %d out\n%+v", rune(c), in[c], out[c], r)
		}
	}
}

// spelled returns the stream as text, and whether that text says the same: no id is unknown, and no
// ordinary text spells a marker.
func spelled(e *Encoding, toks []Token) (string, bool) {
	var b strings.Builder
	specials := 0
	for _, tok := range toks {
		s, ok := e.tok.TokenString(tok)
		if !ok {
			return "", false
		}
		if e.tok.IsSpecial(tok) {
			specials++
		}
		b.WriteString(s)
	}
	p := e.NewParser("", nil)
	for s := b.String(); ; {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		s = s[i:]
		if _, n, _ := p.marker(s); n > 0 {
			specials--
			s = s[n:]
			continue
		}
		s = s[1:]
	}
	return b.String(), specials == 0
}

// outline is what events say but for places and for how deltas are cut.
func outline(events []Event) string {
	var b strings.Builder
	for _, ev := range joined(events) {
		var rules []Rule
		for _, d := range ev.Diagnostics {
			rules = append(rules, d.Rule)
		}
		slices.Sort(rules) // two places of one token are two places of its text
		fmt.Fprintf(&b, "%v %q %d %v %+v\n", ev.Kind, ev.Text, ev.Stop, rules, *ev.Message)
	}
	return b.String()
}

// joined returns events with adjacent deltas made one. Messages are copied, so that they can be compared.
func joined(events []Event) (out []Event) {
	for _, ev := range events {
		if n := len(out); n > 0 && ev.Kind == KindDelta && out[n-1].Kind == KindDelta {
			out[n-1].Text += ev.Text
			out[n-1].Diagnostics = append(out[n-1].Diagnostics[:len(out[n-1].Diagnostics):len(out[n-1].Diagnostics)], ev.Diagnostics...)
			continue
		}
		out = append(out, ev)
	}
	return out
}

func TestFuzzSeeds(t *testing.T) {
	// Streams of up to three words, every one; the fuzz target goes on from there.
	n := len(fuzzWords)
	for a := range n {
		for b := range n {
			checkStream(t, fuzzTokens([]byte{byte(a), byte(b)}), fuzzRoles[(a+b)%4])
		}
	}
	x := uint32(1)
	for range 3000 {
		var data [24]byte
		for i := range data {
			x = x*1664525 + 1013904223
			data[i] = byte(x >> 24)
		}
		checkStream(t, fuzzTokens(data[:1+x%24]), fuzzRoles[x>>5%4])
	}
}
