package encoding

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// TestProfileGoldens checks the two profiles that follow a Python wheel against what that wheel renders
// (testdata/generate.py made the files).
func TestProfileGoldens(t *testing.T) {
	for _, profile := range []Profile{ProfileOpenAI, ProfileOSS} {
		t.Run(profile.String(), func(t *testing.T) {
			vectors := readRenderVectors(t, filepath.Join("testdata", "headers-"+profile.String()+".jsonl"))
			require.Greater(t, len(vectors), 200)
			require.Equal(t, profile.String(), vectors[0].Profile)
			checkRenderVectors(t, vectors)
		})
	}
}

// TestProfileHeaders shows what the profiles do, header by header.
func TestProfileHeaders(t *testing.T) {
	call := func(recipient string, channel harmony.Channel, contentType string) harmony.Message {
		return harmony.Message{Role: harmony.RoleAssistant, Recipient: recipient, Channel: channel, ContentType: contentType}
	}
	for _, row := range []struct {
		m                         harmony.Message
		openai, oss, channelFirst string
	}{
		{
			call("functions.f", "commentary", "<|constrain|>json"),
			"<|start|>assistant to=functions.f<|channel|>commentary <|constrain|>json<|message|>",
			"<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>",
			"<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>",
		},
		{
			call("functions.f", "commentary", "json"),
			"<|start|>assistant to=functions.f<|channel|>commentary json<|message|>",
			"<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>",
			"<|start|>assistant<|channel|>commentary to=functions.f json<|message|>",
		},
		{
			call("python", "analysis", "code"),
			"<|start|>assistant to=python<|channel|>analysis code<|message|>",
			"<|start|>assistant to=python<|channel|>analysis <|constrain|>code<|message|>",
			"<|start|>assistant<|channel|>analysis to=python code<|message|>",
		},
		{
			call("functions.f", "", ""), // no channel section to go to
			"<|start|>assistant to=functions.f<|message|>",
			"<|start|>assistant to=functions.f<|message|>",
			"<|start|>assistant to=functions.f<|message|>",
		},
		{
			call("all", "commentary", ""),
			"<|start|>assistant<|channel|>commentary<|message|>",
			"<|start|>assistant<|channel|>commentary<|message|>",
			"<|start|>assistant<|channel|>commentary<|message|>",
		},
		{
			harmony.Message{Role: harmony.RoleTool, Name: "functions.f", Recipient: "assistant", Channel: "commentary"},
			"<|start|>functions.f to=assistant<|channel|>commentary<|message|>",
			"<|start|>functions.f<|channel|>commentary to=assistant<|message|>",
			"<|start|>functions.f to=assistant<|channel|>commentary<|message|>",
		},
		{
			harmony.Message{Role: harmony.RoleTool, Name: "python", Recipient: "assistant", Channel: "analysis"},
			"<|start|>python to=assistant<|channel|>analysis<|message|>",
			"<|start|>python to=assistant<|channel|>analysis<|message|>",
			"<|start|>python to=assistant<|channel|>analysis<|message|>",
		},
		{
			harmony.Message{Role: harmony.RoleAssistant, Channel: "final", ContentType: "json"},
			"<|start|>assistant<|channel|>final json<|message|>",
			"<|start|>assistant<|channel|>final <|constrain|>json<|message|>",
			"<|start|>assistant<|channel|>final json<|message|>",
		},
	} {
		for profile, want := range []string{row.openai, row.oss, row.channelFirst} {
			toks, spans, err := GPTOSS().RenderSpans([]harmony.Message{row.m}, &RenderOptions{Profile: Profile(profile)})
			require.NoError(t, err)
			got, err := GPTOSS().Tokenizer().Decode(toks[:spans[0].End])
			require.NoError(t, err)
			require.Equal(t, want, got, Profile(profile))
		}
	}
}

// TestChannelFirstIsTheModelsOwn renders a call to the very tokens a model samples for it.
func TestChannelFirstIsTheModelsOwn(t *testing.T) {
	sampled := GPTOSS().Tokenizer().EncodeSpecial(
		"<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{\"city\": \"Oslo\"}<|call|>")
	m := harmony.Message{
		Role: harmony.RoleAssistant, Recipient: "functions.get_weather", Channel: harmony.ChannelCommentary,
		ContentType: "<|constrain|>json", Content: []harmony.Content{harmony.Text(`{"city": "Oslo"}`)},
	}
	toks, err := GPTOSS().RenderMessage(&m, &RenderOptions{Profile: ProfileChannelFirst})
	require.NoError(t, err)
	require.Equal(t, append([]Token{tokenizer.Start, wordAssistant[0]}, sampled...), toks)
}

func TestParseProfile(t *testing.T) {
	for name, want := range map[string]Profile{
		"":                     ProfileOpenAI,
		"openai-harmony":       ProfileOpenAI,
		"openai-harmony 0.0.8": ProfileOpenAI,
		"oss-harmony":          ProfileOSS,
		"oss-harmony 0.0.11":   ProfileOSS,
		"channel-first":        ProfileChannelFirst,
	} {
		got, err := ParseProfile(name)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	for p := ProfileOpenAI; p <= ProfileChannelFirst; p++ {
		got, err := ParseProfile(p.String())
		require.NoError(t, err)
		require.Equal(t, p, got)
	}
	for _, name := range []string{"openai-harmony-0.0.7", "oss", "OSS-harmony", "channel first 1"} {
		_, err := ParseProfile(name)
		require.ErrorIs(t, err, ErrUnknownProfile, name)
	}
	_, err := GPTOSS().Render(nil, &RenderOptions{Profile: 9})
	require.ErrorIs(t, err, ErrUnknownProfile)
	require.EqualError(t, err, "encoding: unknown profile: Profile(9)")
}
