package encoding

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/tokenizer"
)

// pieces encodes a rendering piece by piece: special tokens by name, all else as ordinary text that is
// encoded on its own. It is how the rows below say which tokens they expect.
func pieces(t testing.TB, parts ...string) []Token {
	special := map[string]Token{
		"<|start|>": tokenizer.Start, "<|message|>": tokenizer.Message, "<|channel|>": tokenizer.Channel,
		"<|constrain|>": tokenizer.Constrain, "<|end|>": tokenizer.End, "<|call|>": tokenizer.Call, "<|return|>": tokenizer.Return,
	}
	var out []Token
	for _, p := range parts {
		if tok, ok := special[p]; ok {
			out = append(out, tok)
			continue
		}
		out = append(out, GPTOSS().Tokenizer().Encode(strings.TrimPrefix(p, "text:"))...)
	}
	return out
}

// TestRenderMessage has a row for each rule of the header and of the end.
func TestRenderMessage(t *testing.T) {
	text := func(parts ...string) (out []harmony.Content) {
		for _, p := range parts {
			out = append(out, harmony.Text(p))
		}
		return out
	}
	for _, row := range []struct {
		name string
		m    harmony.Message
		want []string
	}{
		{"user", harmony.Message{Role: "user", Content: text("hi")}, []string{"<|start|>", "user", "<|message|>", "hi", "<|end|>"}},
		{"name is a piece", harmony.Message{Role: "user", Name: "alice"}, []string{"<|start|>", "user", ":alice", "<|message|>", "<|end|>"}},
		{"empty name", harmony.Message{Role: "user", Empty: harmony.FieldName}, []string{"<|start|>", "user", ":", "<|message|>", "<|end|>"}},
		{"tool has its name only", harmony.Message{Role: "tool", Name: "functions.f"}, []string{"<|start|>", "functions.f", "<|message|>", "<|end|>"}},
		{"tool with an empty name", harmony.Message{Role: "tool", Empty: harmony.FieldName}, []string{"<|start|>", "<|message|>", "<|end|>"}},
		{"call", harmony.Message{Role: "assistant", Recipient: "f"}, []string{"<|start|>", "assistant", " to=f", "<|message|>", "<|call|>"}},
		{"empty recipient", harmony.Message{Role: "assistant", Empty: harmony.FieldRecipient}, []string{"<|start|>", "assistant", " to=", "<|message|>", "<|call|>"}},
		{"all is not written but ends as a call", harmony.Message{Role: "assistant", Recipient: "all"}, []string{"<|start|>", "assistant", "<|message|>", "<|call|>"}},
		{"others end with end", harmony.Message{Role: "user", Recipient: "f"}, []string{"<|start|>", "user", " to=f", "<|message|>", "<|end|>"}},
		{"channel", harmony.Message{Role: "assistant", Channel: "commentary"}, []string{"<|start|>", "assistant", "<|channel|>", "commentary", "<|message|>", "<|end|>"}},
		{"empty channel", harmony.Message{Role: "assistant", Empty: harmony.FieldChannel}, []string{"<|start|>", "assistant", "<|channel|>", "<|message|>", "<|end|>"}},
		{"content type", harmony.Message{Role: "assistant", ContentType: "json"}, []string{"<|start|>", "assistant", " json", "<|message|>", "<|end|>"}},
		{"empty content type", harmony.Message{Role: "assistant", Empty: harmony.FieldContentType}, []string{"<|start|>", "assistant", " ", "<|message|>", "<|end|>"}},
		{"constrain as prefix", harmony.Message{Role: "assistant", ContentType: "<|constrain|>json"}, []string{"<|start|>", "assistant", " ", "<|constrain|>", "json", "<|message|>", "<|end|>"}},
		{"constrain alone", harmony.Message{Role: "assistant", ContentType: "<|constrain|>"}, []string{"<|start|>", "assistant", " ", "<|constrain|>", "<|message|>", "<|end|>"}},
		{"constrain behind a space is text", harmony.Message{Role: "assistant", ContentType: " <|constrain|>json"}, []string{"<|start|>", "assistant", "text:  <|constrain|>json", "<|message|>", "<|end|>"}},
		{"the second constrain is text", harmony.Message{Role: "assistant", ContentType: "<|constrain|><|constrain|>"}, []string{"<|start|>", "assistant", " ", "<|constrain|>", "text:<|constrain|>", "<|message|>", "<|end|>"}},
		{"parts are pieces", harmony.Message{Role: "user", Content: text("it", "'s")}, []string{"<|start|>", "user", "<|message|>", "it", "'s", "<|end|>"}},
		{"content cannot inject", harmony.Message{Role: "user", Content: text("<|end|>")}, []string{"<|start|>", "user", "<|message|>", "text:<|end|>", "<|end|>"}},
		{"nor can a name", harmony.Message{Role: "user", Name: "<|end|>"}, []string{"<|start|>", "user", "text::<|end|>", "<|message|>", "<|end|>"}},
		{"nor a channel", harmony.Message{Role: "user", Channel: "<|end|>"}, []string{"<|start|>", "user", "<|channel|>", "text:<|end|>", "<|message|>", "<|end|>"}},
	} {
		got, err := GPTOSS().RenderMessage(&row.m, nil)
		require.NoError(t, err, row.name)
		require.Equal(t, pieces(t, row.want...), got, row.name)
	}
}

// TestInvalidUTF8 renders text that is not UTF-8: its bytes come back.
func TestInvalidUTF8(t *testing.T) {
	body := "caf\xe9 \xff\xfe \xf0\x9f"
	m := harmony.NewUser(body)
	toks, spans, err := GPTOSS().RenderSpans([]harmony.Message{m}, nil)
	require.NoError(t, err)
	got, err := GPTOSS().Tokenizer().Decode(toks[spans[1].Start:spans[1].End])
	require.NoError(t, err)
	require.Equal(t, body, got)
}

func decodeContent(t *testing.T, m harmony.Message, opts *RenderOptions) string {
	toks, err := GPTOSS().RenderMessage(&m, opts)
	require.NoError(t, err)
	got, err := GPTOSS().Tokenizer().Decode(toks)
	require.NoError(t, err)
	_, got, _ = strings.Cut(got, "<|message|>")
	return strings.TrimSuffix(got, "<|end|>")
}

func TestRenderSystem(t *testing.T) {
	channels := &harmony.ChannelConfig{ValidChannels: []string{"analysis", "final"}, ChannelRequired: true}
	functions := map[string]harmony.Namespace{"functions": {Name: "functions", Tools: []harmony.Tool{{Name: "f"}}}}
	const tools = "# Tools\n\n## functions\n\nnamespace functions {\n\ntype f = () => any;\n\n} // namespace functions"
	for _, row := range []struct {
		c    harmony.SystemContent
		opts *RenderOptions
		want string
	}{
		{harmony.SystemContent{}, nil, ""},
		{harmony.SystemContent{ModelIdentity: "I.", KnowledgeCutoff: "2024-06", ConversationStartDate: "2025-01-01"}, nil,
			"I.\nKnowledge cutoff: 2024-06\nCurrent date: 2025-01-01"},
		{harmony.SystemContent{Empty: harmony.FieldModelIdentity | harmony.FieldKnowledgeCutoff | harmony.FieldConversationStartDate}, nil,
			"\nKnowledge cutoff: \nCurrent date: "},
		{harmony.SystemContent{ReasoningEffort: harmony.EffortHigh}, nil, "Reasoning: high"},
		{harmony.SystemContent{ModelIdentity: "I.", ReasoningEffort: harmony.EffortLow, ChannelConfig: channels}, nil,
			"I.\n\nReasoning: low\n\n# Valid channels: analysis, final. Channel must be included for every message."},
		{harmony.SystemContent{ChannelConfig: channels}, &RenderOptions{HasFunctionTools: true},
			"# Valid channels: analysis, final. Channel must be included for every message.\nCalls to these tools must go to the commentary channel: 'functions'."},
		{harmony.SystemContent{ChannelConfig: &harmony.ChannelConfig{ChannelRequired: true}}, &RenderOptions{HasFunctionTools: true}, ""},
		{harmony.SystemContent{Tools: functions, ChannelConfig: &harmony.ChannelConfig{ValidChannels: []string{""}}}, nil,
			tools + "\n\n# Valid channels: ."},
		{harmony.SystemContent{Tools: map[string]harmony.Namespace{}}, nil, ""},
	} {
		require.Equal(t, row.want, decodeContent(t, harmony.NewSystem(&row.c), row.opts))
	}
}

func TestRenderDeveloper(t *testing.T) {
	ns := func(n harmony.Namespace) map[string]harmony.Namespace { return map[string]harmony.Namespace{n.Name: n} }
	number := schema.MustParse(`{"type":"number"}`)
	for _, row := range []struct {
		c    harmony.DeveloperContent
		want string
	}{
		{harmony.DeveloperContent{}, ""},
		{harmony.DeveloperContent{Instructions: "Be brief."}, "# Instructions\n\nBe brief."},
		{harmony.DeveloperContent{Empty: harmony.FieldInstructions}, "# Instructions\n\n"},
		{harmony.DeveloperContent{Empty: harmony.FieldInstructions, Tools: ns(harmony.Namespace{Name: "n"})}, "# Instructions\n\n\n\n# Tools\n\n## n\n"},
		{harmony.DeveloperContent{Tools: ns(harmony.Namespace{Name: "python", Description: "Runs.\n\nMore.\n"})}, "# Tools\n\n## python\n\nRuns.\n\nMore."},
		{harmony.DeveloperContent{Tools: ns(harmony.Namespace{Name: "n", Description: "a\r\nb\rc\r", Tools: []harmony.Tool{
			{Name: "f", Description: "one\n\ntwo", Parameters: number}, {Name: "g"},
		}})}, "# Tools\n\n## n\n\n// a\n// b\rc\r\nnamespace n {\n\n// one\n// \n// two\ntype f = (_: number) => any;\n\ntype g = () => any;\n\n} // namespace n"},
		{harmony.DeveloperContent{Instructions: "I", Tools: map[string]harmony.Namespace{
			"b": {Name: "first"}, "a": {Name: "second"}, "Z": {Name: "third"}, "é": {Name: "fourth"},
		}}, "# Instructions\n\nI\n\n# Tools\n\n## third\n\n\n## second\n\n\n## first\n\n\n## fourth\n"},
	} {
		require.Equal(t, row.want, decodeContent(t, harmony.NewDeveloper(&row.c), nil))
	}
}

// TestFunctionToolsAreFoundAnywhere moves the developer message around; the system message's line depends
// on the map key alone.
func TestFunctionToolsAreFoundAnywhere(t *testing.T) {
	system := harmony.NewSystem(&harmony.SystemContent{ChannelConfig: &harmony.ChannelConfig{ValidChannels: []string{"final"}}})
	developer := func(key, name string, tools ...harmony.Tool) harmony.Message {
		return harmony.NewDeveloper(&harmony.DeveloperContent{Tools: map[string]harmony.Namespace{key: {Name: name, Tools: tools}}})
	}
	f := harmony.Tool{Name: "f"}
	inSystem := harmony.NewSystem(&harmony.SystemContent{Tools: map[string]harmony.Namespace{"functions": {Name: "functions", Tools: []harmony.Tool{f}}}})
	for _, row := range []struct {
		msgs []harmony.Message
		want bool
	}{
		{[]harmony.Message{system, developer("functions", "functions", f)}, true},
		{[]harmony.Message{developer("functions", "other", f), system}, true},
		{[]harmony.Message{system, developer("other", "functions", f)}, false},
		{[]harmony.Message{system, developer("functions", "functions")}, false},
		{[]harmony.Message{system, inSystem}, false},
	} {
		toks, err := GPTOSS().Render(row.msgs, nil)
		require.NoError(t, err)
		text, err := GPTOSS().Tokenizer().Decode(toks)
		require.NoError(t, err)
		require.Equal(t, row.want, strings.Contains(text, "commentary channel: 'functions'."))
	}
}

func TestRenderForTraining(t *testing.T) {
	user := harmony.NewUser("hi")
	final := harmony.NewAssistant(harmony.ChannelFinal, "hello")
	addressed := final
	addressed.Recipient = "user"
	for _, row := range []struct {
		name string
		msgs []harmony.Message
		want Token
	}{
		{"final", []harmony.Message{user, final}, tokenizer.Return},
		{"final with a recipient", []harmony.Message{user, addressed}, tokenizer.Return},
		{"not last", []harmony.Message{final, user}, tokenizer.End},
		{"another channel", []harmony.Message{user, harmony.NewAssistant(harmony.ChannelCommentary, "x")}, tokenizer.End},
		{"another role", []harmony.Message{{Role: harmony.RoleUser, Channel: harmony.ChannelFinal}}, tokenizer.End},
		{"a call", []harmony.Message{user, harmony.NewCall("functions.f", "{}")}, tokenizer.Call},
	} {
		got, err := GPTOSS().RenderForTraining(row.msgs, nil)
		require.NoError(t, err, row.name)
		require.Equal(t, row.want, got[len(got)-1], row.name)
		plain, err := GPTOSS().Render(row.msgs, nil)
		require.NoError(t, err, row.name)
		require.Equal(t, plain[:len(plain)-1], got[:len(got)-1], row.name)
	}
}

func TestRenderForCompletion(t *testing.T) {
	msgs := []harmony.Message{harmony.NewUser("hi")}
	plain, err := GPTOSS().Render(msgs, nil)
	require.NoError(t, err)
	for _, next := range []harmony.Role{"assistant", "user", "system", "developer", "tool"} {
		got, err := GPTOSS().RenderForCompletion(msgs, next, nil)
		require.NoError(t, err)
		require.Equal(t, append(plain[:len(plain):len(plain)], pieces(t, "<|start|>", string(next))...), got)
	}
}

func TestRenderErrors(t *testing.T) {
	user := harmony.NewUser("hi")
	with := func(role harmony.Role, parts ...harmony.Content) harmony.Message {
		return harmony.Message{Role: role, Content: parts}
	}
	for _, row := range []struct {
		m    harmony.Message
		want RenderError
		text string
	}{
		{harmony.Message{Role: "tool"}, RenderError{Message: 1, Content: -1, Err: ErrToolName},
			"encoding: tool message without a name, message 1"},
		{harmony.Message{Role: "Assistant"}, RenderError{Message: 1, Content: -1, Err: ErrUnknownRole},
			`encoding: unknown role, message 1: found "Assistant", expected system, developer, user, assistant or tool`},
		{with("user", harmony.Text("a"), &harmony.SystemContent{}), RenderError{Message: 1, Content: 1, Err: ErrContentRole},
			"encoding: content does not belong to this role, message 1, content 1: system content in a message of role user, expected role system"},
		{with("system", &harmony.DeveloperContent{}), RenderError{Message: 1, Err: ErrContentRole},
			"encoding: content does not belong to this role, message 1, content 0: developer content in a message of role system, expected role developer"},
		{with("system", &harmony.SystemContent{ReasoningEffort: "extreme"}), RenderError{Message: 1, Err: ErrUnknownEffort},
			`encoding: unknown reasoning effort, message 1, content 0: found "extreme", expected low, medium or high`},
		{with("user", nil), RenderError{Message: 1, Err: ErrNilContent},
			"encoding: content is nil, message 1, content 0"},
		{with("system", (*harmony.SystemContent)(nil)), RenderError{Message: 1, Err: ErrNilContent}, "encoding: content is nil, message 1, content 0: found a nil *harmony.SystemContent"},
		{with("developer", (*harmony.DeveloperContent)(nil)), RenderError{Message: 1, Err: ErrNilContent}, "encoding: content is nil, message 1, content 0: found a nil *harmony.DeveloperContent"},
	} {
		msgs := []harmony.Message{user, row.m}
		dst := make([]Token, 3, 100)
		got, err := GPTOSS().AppendRender(dst, msgs, nil)
		require.Equal(t, make([]Token, 3), got, "a failing call changes nothing")
		var re *RenderError
		require.ErrorAs(t, err, &re)
		require.EqualError(t, err, row.text)
		require.ErrorIs(t, err, row.want.Err)
		require.Equal(t, [2]int{row.want.Message, row.want.Content}, [2]int{re.Message, re.Content})

		_, err = GPTOSS().Count(msgs, nil)
		require.EqualError(t, err, row.text)
		_, err = GPTOSS().Usage(msgs, nil)
		require.EqualError(t, err, row.text)
		toks, spans, err := GPTOSS().RenderSpans(msgs, nil)
		require.EqualError(t, err, row.text)
		require.Nil(t, toks)
		require.Nil(t, spans)
	}

	_, err := GPTOSS().RenderForCompletion(nil, "Assistant", nil)
	require.ErrorIs(t, err, ErrUnknownRole)
	require.EqualError(t, err, `encoding: unknown role: next role "Assistant"`)
	_, err = GPTOSS().CountForCompletion(nil, harmony.Role(strings.Repeat("x", 1000)), nil)
	require.Less(t, len(err.Error()), 120)

	// What is left out is not looked at, as in the reference.
	left := harmony.Message{Role: "tool", Channel: harmony.ChannelAnalysis}
	_, err = GPTOSS().Render([]harmony.Message{left, harmony.NewAssistant(harmony.ChannelFinal, "x")}, nil)
	require.NoError(t, err)
}

// agent is the conversation of the benchmarks: 40 messages and 20 function tools, with the reference's tokens.
func agent(t testing.TB) ([]harmony.Message, renderVector) {
	v := readRenderVectors(t, "testdata/agent.jsonl")[0]
	conv, err := harmony.ParseConversation(v.document())
	require.NoError(t, err)
	require.Len(t, conv.Messages, 40)
	return conv.Messages, v
}

// TestAppendAllocatesNothing renders the agent conversation into a slice that has room.
func TestAppendAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops items at random under the race detector")
	}
	msgs, v := agent(t)
	e := GPTOSS()
	dst := make([]Token, 0, len(v.Tokens)+1)
	for name, f := range map[string]func(){
		"render": func() { _, _ = e.AppendRender(dst, msgs, nil) },
		"completion": func() {
			_, _ = e.AppendRenderForCompletion(dst, msgs, harmony.RoleAssistant, &RenderOptions{Profile: ProfileOSS})
		},
		"training": func() { _, _ = e.AppendRenderForTraining(dst, msgs, &RenderOptions{Profile: ProfileChannelFirst}) },
		"message":  func() { _, _ = e.AppendRenderMessage(dst, &msgs[1], nil) },
		"count":    func() { _, _ = e.Count(msgs, nil) },
		"usage":    func() { _, _ = e.Usage(msgs, nil) },
	} {
		require.Zero(t, testing.AllocsPerRun(20, f), name)
	}
}

// TestRenderConcurrently renders one conversation, whose schemas nobody has rendered yet, from many goroutines.
func TestRenderConcurrently(t *testing.T) {
	msgs, v := agent(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 10 {
				got, err := v.renderAs(msgs, i)
				if err != nil || !slices.Equal(got, v.Tokens) {
					t.Errorf("goroutine %d: wrong tokens, error %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// renderAs renders by one of two ways that give the same tokens.
func (v *renderVector) renderAs(msgs []harmony.Message, way int) ([]Token, error) {
	if way%2 == 0 {
		return GPTOSS().RenderForCompletion(msgs, harmony.RoleAssistant, nil)
	}
	toks, _, err := v.render(msgs, nil)
	return toks, err
}

// TestUsage counts a conversation in which every field has its share.
func TestUsage(t *testing.T) {
	e := GPTOSS()
	result := harmony.NewCall("functions.f", "")
	msgs := []harmony.Message{
		harmony.NewSystem(&harmony.SystemContent{ReasoningEffort: harmony.EffortLow}),
		harmony.NewDeveloper(&harmony.DeveloperContent{Instructions: "Be brief."}),
		harmony.NewUser("one two three"),
		harmony.NewAssistant(harmony.ChannelAnalysis, "one two three four"),
		harmony.NewAssistant(harmony.ChannelCommentary, "one two three four five"),
		harmony.NewCall("functions.f", `{"a": 1}`),
		harmony.NewResult(&result, "one two three four five six"),
		harmony.NewAssistant("", "one two"),
		harmony.NewAssistant(harmony.ChannelFinal, "one two three four five six seven"),
	}
	count := func(s string) int { return len(e.Tokenizer().Encode(s)) }
	got, err := e.UsageForCompletion(msgs, harmony.RoleAssistant, &RenderOptions{Retention: RetainAll})
	require.NoError(t, err)
	total, err := e.CountForCompletion(msgs, harmony.RoleAssistant, &RenderOptions{Retention: RetainAll})
	require.NoError(t, err)
	require.Equal(t, total, got.Total())
	want := Usage{
		System: count("Reasoning: low"), Developer: count("# Instructions\n\nBe brief."), User: 3, Tool: 6,
		Analysis: 4, Commentary: 5, Arguments: count(`{"a": 1}`), Other: 2, Final: 7,
	}
	want.Framing = total - want.Total()
	require.Equal(t, want, got)

	dropped, err := e.Usage(msgs, nil)
	require.NoError(t, err)
	require.Zero(t, dropped.Analysis)
}
