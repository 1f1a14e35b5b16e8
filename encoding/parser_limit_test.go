package encoding

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// repeatParse parses n copies of unit behind head, pushing token by token, and returns the result, the bytes that
// stay in use, and the time.
func repeatParse(t *testing.T, role harmony.Role, head string, unit string, n int) (Result, int64, time.Duration) {
	t.Helper()
	e := GPTOSS()
	start, body := e.tok.EncodeSpecial(head), e.tok.EncodeSpecial(unit)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	p := e.NewParser(role, nil)
	for _, tok := range start {
		p.Push(tok)
	}
	for range n {
		for _, tok := range body {
			p.Push(tok)
		}
	}
	p.Close(StopLength)
	took := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	r := p.Result()
	runtime.KeepAlive(p)
	return r, int64(after.HeapAlloc) - int64(before.HeapAlloc), took
}

// Hostile streams: memory stays within a small multiple of the text, and time grows as the stream does.
func TestHostileStreams(t *testing.T) {
	n := 500_000
	if raceEnabled || testing.Short() {
		n = 50_000
	}
	for _, c := range []struct {
		name, head, unit string
		n                int
		bytes            int64 // at most in use afterwards, for each token
	}{
		{"ten million tokens of one message", "<|channel|>final<|message|>", " word", 20 * n, 20},
		{"starts", "", "<|start|>", n, 2},
		{"ends", "", "<|end|>", n, 16}, // their spelling is kept
		{"channels", "", "<|channel|>", n, 20},
		{"channels in content", "<|channel|>final<|message|>", "<|channel|>", n, 40},
		{"constrains in content", "<|channel|>final<|message|>", "<|constrain|>", n, 40},
		{"reserved in content", "<|channel|>final<|message|>", "<|endoftext|>a", n / 2, 40},
		{"header that never ends", "<|channel|>analysis", " word", n, 20},
		{"header of one word", "<|channel|>analysis ", "word", n, 20},
		{"white space between messages", "<|channel|>final<|message|><|end|>", "\n", n, 8},
		{"terminators and white space", "<|channel|>final<|message|><|end|>", "<|end|>\n", n / 2, 16},
		{"ten thousand nested headers", "", "<|start|>assistant<|channel|>analysis", 10_000, 400},
		{"empty messages", "<|message|><|end|>", "<|start|>user<|message|><|end|>", 10_000, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, used, b := repeatParse(t, harmony.RoleAssistant, c.head, c.unit, c.n)
			tokens := int64(c.n*len(GPTOSS().tok.EncodeSpecial(c.unit)) + 1000)
			if !raceEnabled {
				require.Less(t, used, 2<<20+c.bytes*tokens, "%d tokens", tokens)
			}
			require.LessOrEqual(t, len(r.Diagnostics), maxDiagnostics+1)
			if c.n > 0 {
				require.GreaterOrEqual(t, r.Usage.Total(), c.n)
			}
			for try := 0; ; try++ { // other programs take time too
				_, _, a := repeatParse(t, harmony.RoleAssistant, c.head, c.unit, c.n/4)
				if b < 16*a || b < 500*time.Millisecond { // 4 times the stream; 16 would be quadratic
					break
				}
				if try == 3 {
					t.Fatalf("%v for a quarter, %v for all", a, b)
				}
				_, _, b = repeatParse(t, harmony.RoleAssistant, c.head, c.unit, c.n)
			}
		})
	}
}

func TestLongHeaderIsCut(t *testing.T) {
	e := GPTOSS()
	words := strings.Repeat(" word", maxHeader/5+1000)
	r, err := e.ParseText("<|channel|>analysis"+words+"<|message|>x<|end|>", harmony.RoleAssistant, nil)
	require.NoError(t, err)
	require.Len(t, r.Messages, 1)
	require.Equal(t, harmony.ChannelAnalysis, r.Messages[0].Channel)
	require.Equal(t, words[1:]+"<|message|>x", r.Messages[0].Text())
	require.Equal(t, RuleMessage, r.Diagnostics[0].Rule)
}

func TestManyDiagnosticsAreFolded(t *testing.T) {
	e := GPTOSS()
	r, err := e.ParseText(strings.Repeat("<|end|>\n", 10_000), "", nil)
	require.NoError(t, err)
	require.Len(t, r.Diagnostics, maxDiagnostics+1)
	last := r.Diagnostics[maxDiagnostics]
	require.Equal(t, RuleManyDiagnostics, last.Rule)
	require.Equal(t, Error, last.Severity)
	require.Equal(t, "15904 more diagnostics from here on", last.Message)
	var text strings.Builder
	for _, d := range r.Diagnostics {
		text.WriteString(d.Text)
	}
	require.Equal(t, strings.Repeat("<|end|>\n", 10_000), text.String(), "nothing is lost")
}

func TestStreamingAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	e := GPTOSS()
	body := e.tok.Encode("The quick brown fox jumps over the lazy dog; 今日は天気がいい。😀 ")
	p := e.NewParser(harmony.RoleAssistant, nil)
	for _, tok := range e.tok.EncodeSpecial("<|channel|>final<|message|>") {
		p.Push(tok)
	}
	got := 0
	push := func() {
		for _, tok := range body {
			events, _ := p.Push(tok)
			for i := range events {
				got += len(events[i].Text)
			}
		}
	}
	push()
	if n := testing.AllocsPerRun(1000, push); n > 0 {
		t.Errorf("%v allocations while %d tokens stream", n, len(body))
	}
	require.Equal(t, len(decode(t, body))*1002, got)

	p.Reset(harmony.RoleAssistant, nil)
	p.PushText("<|channel|>final<|message|>")
	if n := testing.AllocsPerRun(1000, func() { p.PushText("some text, 今日は ") }); n > 0 {
		t.Errorf("%v allocations while text streams", n)
	}
}

// Whatever conforming messages are rendered, in any profile, the parser reads back, strictly and without a diagnostic.
func TestParseIsTheInverseOfRender(t *testing.T) {
	e := GPTOSS()
	var msgs []harmony.Message
	texts := []string{"", "Hi", " lead and trail \n", "<|end|><|start|>user", "日本 😀", "\"quoted\""}
	for i, text := range texts {
		c := []harmony.Content{harmony.Text(text)}
		msgs = append(msgs,
			harmony.Message{Role: harmony.RoleSystem, Content: c},
			harmony.Message{Role: harmony.RoleDeveloper, Content: c},
			harmony.Message{Role: harmony.RoleUser, Content: c},
			harmony.Message{Role: harmony.RoleAssistant, Channel: harmony.ChannelAnalysis, Content: c},
			harmony.Message{Role: harmony.RoleAssistant, Channel: harmony.ChannelCommentary, Content: c},
			harmony.Message{Role: harmony.RoleAssistant, Channel: harmony.ChannelFinal, Content: c},
			harmony.Message{Role: harmony.RoleAssistant, Channel: harmony.ChannelFinal, ContentType: "<|constrain|>json", Content: c},
			harmony.Message{Role: harmony.RoleAssistant, Channel: harmony.ChannelCommentary, Recipient: "functions.get_x", ContentType: "<|constrain|>json", Content: c},
			harmony.Message{Role: harmony.RoleAssistant, Channel: harmony.ChannelCommentary, Recipient: "functions.f", Content: c},
			harmony.Message{Role: harmony.RoleAssistant, Channel: harmony.ChannelAnalysis, Recipient: []string{"python", "browser.search", "browser.open"}[i%3], ContentType: []string{"code", "<|constrain|>code"}[i%2], Content: c},
			harmony.Message{Role: harmony.RoleTool, Name: "functions.get_x", Recipient: "assistant", Channel: harmony.ChannelCommentary, Content: c},
			harmony.Message{Role: harmony.RoleTool, Name: "python", Recipient: "assistant", Channel: harmony.ChannelAnalysis, Content: c},
			harmony.Message{Role: harmony.RoleTool, Name: "browser.search", Channel: harmony.ChannelCommentary, Content: c},
		)
	}
	for _, profile := range []Profile{ProfileOpenAI, ProfileOSS, ProfileChannelFirst} {
		toks, err := e.Render(msgs, &RenderOptions{Profile: profile, Retention: RetainAll})
		require.NoError(t, err)
		for _, role := range []harmony.Role{""} {
			r, err := e.Parse(toks, role, &ParseOptions{Strict: true})
			require.NoError(t, err)
			for _, d := range r.Diagnostics {
				require.Equal(t, RuleMarkerText, d.Rule, "%v", d) // one of the texts spells markers
			}
			require.Len(t, r.Messages, len(msgs))
			for i := range msgs {
				want := msgs[i]
				if profile == ProfileOSS && want.ContentType == "code" {
					want.ContentType = "<|constrain|>code" // that profile writes it so
				}
				require.Equal(t, want, r.Messages[i].Message, "%v %d", profile, i)
			}
			again, err := e.Render(messagesOf(r), &RenderOptions{Profile: profile, Retention: RetainAll})
			require.NoError(t, err)
			require.Equal(t, toks, again)
		}
		// Each message by itself, as what follows <|start|>role.
		for i := range msgs {
			m := &msgs[i]
			if m.Role == harmony.RoleTool {
				continue
			}
			toks, err := e.RenderMessage(m, &RenderOptions{Profile: profile})
			require.NoError(t, err)
			head := len(e.tok.Encode(string(m.Role))) + 1
			r, err := e.Parse(toks[head:], m.Role, &ParseOptions{Strict: true})
			require.NoError(t, err)
			require.Equal(t, m.Text(), r.Messages[0].Text())
			require.Equal(t, m.Recipient, r.Messages[0].Recipient)
			require.Equal(t, tokenizer.Start, toks[0])
		}
	}
}

func messagesOf(r Result) (msgs []harmony.Message) {
	for _, m := range r.Messages {
		msgs = append(msgs, m.Message)
	}
	return msgs
}
