package encoding

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// fits reports whether the assistant may write m in a turn, by the fields of m: what the grammar is held to.
func fits(m *harmony.Message, tools []harmony.Namespace) bool {
	types := func(formats ...string) bool {
		t := strings.TrimPrefix(m.ContentType, "<|constrain|>")
		return m.ContentType == "" && m.Empty == 0 || slices.Contains(formats, t)
	}
	if m.Empty != 0 || m.Name != "" || m.Role != harmony.RoleAssistant {
		return false
	}
	if m.Recipient == "" {
		return m.ContentType == "" && (m.Channel == harmony.ChannelAnalysis || m.Channel == harmony.ChannelCommentary || m.Channel == harmony.ChannelFinal)
	}
	for _, ns := range tools {
		builtin := ns.Name == "python" || ns.Name == "browser"
		switch {
		case m.Channel != harmony.ChannelAnalysis && m.Channel != harmony.ChannelCommentary,
			builtin && m.Channel != harmony.ChannelAnalysis,
			ns.Name == "functions" && m.Channel != harmony.ChannelCommentary:
			continue
		}
		if len(ns.Tools) == 0 && ns.Name != "functions" && m.Recipient == ns.Name {
			return types("code")
		}
		for _, f := range ns.Tools {
			if m.Recipient != ns.Name+"."+f.Name {
				continue
			}
			s := f.Parameters
			if s == nil {
				s = schema.MustParse(`{"type":"object","maxProperties":0}`)
			}
			object := strings.HasPrefix(strings.TrimSpace(m.Text()), "{")
			if ns.Name == "functions" && !types("json") || ns.Name != "functions" && !types("json", "code") {
				return false
			}
			return object && s.Validate([]byte(m.Text())) == nil
		}
	}
	return false
}

// checkMessage renders m as the only message of a turn, in every profile and in random tokens, and compares what the grammar says
// with fits. Reasoning and preambles are followed by an answer.
func checkMessage(t *testing.T, r *rand.Rand, g *Grammar, m *harmony.Message, want bool) {
	t.Helper()
	for _, p := range []Profile{ProfileOpenAI, ProfileOSS, ProfileChannelFirst} {
		rendered, err := GPTOSS().RenderForTraining([]harmony.Message{*m}, &RenderOptions{Profile: p, Retention: RetainAll})
		require.NoError(t, err)
		rendered = rendered[2:]
		for i, toks := range [][]Token{rendered, chop(r, rendered)} {
			if want && m.Recipient == "" && m.Channel != harmony.ChannelFinal {
				toks = append(slices.Clone(toks), special("<|start|>assistant<|channel|>final<|message|>x<|return|>")...)
			}
			refused, ended := accept(g, toks)
			got := refused < 0 && ended
			text, _ := GPTOSS().tok.Decode(toks)
			require.Equal(t, want, got, "%s, spelling %d: %s, refused at token %d", p, i, text, refused)
		}
	}
}

// TestGrammarRenders: of what the renderer writes, exactly the messages are accepted that fit the tools.
func TestGrammarRenders(t *testing.T) {
	tools := grammarToolset()
	g := newGrammar(t, &GrammarOptions{Tools: tools})
	r := rand.New(rand.NewPCG(5, 6))
	count := map[bool]int{}
	for _, recipient := range []string{"", "functions.get", "functions.get_weather", "functions.now", "functions.ge", "get", "functions.", "functions.nowhere",
		"browser.search", "browser.find", "browser", "python", "python3", "files.list", "files", "all", "user", "assistant"} {
		for _, channel := range []harmony.Channel{"", "analysis", "commentary", "final", "other"} {
			for _, typ := range []string{"", "json", "<|constrain|>json", "code", "<|constrain|>code", "<|constrain|> json", " <|constrain|>json", "yaml", "<|constrain|>", "text"} {
				for _, text := range []string{"", "It is 7 °C. 😀", `{}`, `{"n":1}`, ` { "n" : 10e-1 } `, `{"n":"1"}`, `{"city":"Os\u006co"}`, `{"city":"Oslo","unit":"kelvin"}`, `{"query":"<|call|>"}`, `{"pattern":"x","cursor":1}`, `{"all":true}`, `[]`, `{"n":1}]`} {
					m := harmony.Message{Role: harmony.RoleAssistant, Recipient: recipient, Channel: channel, ContentType: typ, Content: []harmony.Content{harmony.Text(text)}}
					if recipient == "all" || raceEnabled && r.IntN(30) > 0 {
						continue // to all, the renderer writes a message to nobody that ends with <|call|>
					}
					want := fits(&m, tools)
					count[want]++
					checkMessage(t, r, g, &m, want)
				}
			}
		}
	}
	if !raceEnabled {
		require.Greater(t, count[true], 100)
		require.Greater(t, count[false], 5000)
	}
}

// TestGrammarVectors: the assistant's messages in the conversations that openai-harmony has rendered are accepted if they fit the tools that
// these conversations declare.
func TestGrammarVectors(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	count := map[bool]int{}
	for _, file := range []string{"../conformance/testdata/vectors/render.jsonl", "../conformance/testdata/generated/openai-harmony-0.0.8/render.jsonl", "testdata/agent.jsonl"} {
		for _, v := range readRenderVectors(t, file) {
			conv, err := harmony.ParseConversation(v.document())
			if err != nil || v.Error != "" {
				continue
			}
			g, err := GPTOSS().Grammar(&GrammarOptions{Tools: DeclaredTools(conv.Messages)})
			if err != nil || raceEnabled && r.IntN(20) > 0 { // names, and schemas, that are none
				continue
			}
			for i := range conv.Messages {
				m := &conv.Messages[i]
				if m.Role != harmony.RoleAssistant || m.Recipient == "all" || len(m.Content) == 0 && m.Recipient != "" {
					continue
				}
				want := fits(m, g.opts.Tools)
				count[want]++
				checkMessage(t, r, g, m, want)
			}
		}
	}
	if !raceEnabled {
		require.Greater(t, count[true], 100)
		require.Greater(t, count[false], 100)
	}
}
