package encoding

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

// headerText is the header of m as a profile writes it, in the simplest way: as text.
func headerText(m *harmony.Message, p Profile) string {
	has := func(s string, f harmony.Fields) bool { return s != "" || m.Empty.Has(f) }
	s := "<|start|>"
	if m.Role != harmony.RoleTool {
		s += string(m.Role)
		if has(m.Name, harmony.FieldName) {
			s += ":"
		}
	}
	s += m.Name
	to := ""
	if has(m.Recipient, harmony.FieldRecipient) && m.Recipient != "all" {
		to = " to=" + m.Recipient
	}
	late := p == ProfileOSS && m.Channel == "commentary" ||
		p == ProfileChannelFirst && m.Role == "assistant" && has(string(m.Channel), harmony.FieldChannel)
	if !late {
		s += to
	}
	if has(string(m.Channel), harmony.FieldChannel) {
		s += "<|channel|>" + string(m.Channel)
	}
	if late {
		s += to
	}
	if has(m.ContentType, harmony.FieldContentType) {
		s += " "
		if p == ProfileOSS && !strings.HasPrefix(m.ContentType, "<|constrain|>") {
			s += "<|constrain|>"
		}
		s += m.ContentType
	}
	return s + "<|message|>"
}

// FuzzRenderMessage renders any message in any profile: no panic, spans that cover the tokens, special
// tokens only where structure is, a header and content that decode to what they should, the same count.
func FuzzRenderMessage(f *testing.F) {
	f.Add(uint8(3), uint8(0), uint16(0), "", "functions.f", "commentary", "<|constrain|>json", `{"a": 1}`, "")
	f.Add(uint8(4), uint8(1), uint16(1), "", "assistant", "commentary", "json", "<|end|><|start|>assistant", "it's")
	f.Add(uint8(3), uint8(2), uint16(15), "", "", "", "", "", "")
	f.Add(uint8(2), uint8(2), uint16(0), "a b", "all", "<|channel|>x", " <|constrain|>", "\xff\xf0\x9f", "\u3000\n\n")
	f.Add(uint8(3), uint8(1), uint16(0), "日本", "to=x", "final", "<|constrain|><|constrain|>", "<|return|>", "   ")
	f.Fuzz(func(t *testing.T, role, profile uint8, empty uint16, name, recipient, channel, contentType, a, b string) {
		roles := []harmony.Role{harmony.RoleSystem, harmony.RoleDeveloper, harmony.RoleUser, harmony.RoleAssistant, harmony.RoleTool}
		m := harmony.Message{
			Role: roles[int(role)%len(roles)], Name: name, Recipient: recipient, Channel: harmony.Channel(channel),
			ContentType: contentType, Content: []harmony.Content{harmony.Text(a), harmony.Text(b)}, Empty: harmony.Fields(empty),
		}
		msgs := []harmony.Message{m}
		opts := &RenderOptions{Profile: Profile(int(profile) % len(profileNames)), Retention: RetainAll}
		e := GPTOSS()
		toks, spans, err := e.RenderSpans(msgs, opts)
		if m.Role == harmony.RoleTool && name == "" && !m.Empty.Has(harmony.FieldName) {
			require.ErrorIs(t, err, ErrToolName)
			return
		}
		require.NoError(t, err)
		checkSpans(t, msgs, toks, spans)
		for i, want := range []string{headerText(&m, opts.Profile), a, b} {
			got, err := e.Tokenizer().Decode(toks[spans[i].Start:spans[i].End])
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		n, err := e.Count(msgs, opts)
		require.NoError(t, err)
		require.Equal(t, len(toks), n)
	})
}

// FuzzRenderJSON renders whatever document reads as a conversation, in every mode.
func FuzzRenderJSON(f *testing.F) {
	for i, v := range readRenderVectors(f, referenceVectors) {
		if i%8 == 0 {
			f.Add(v.document(), uint8(i%3))
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte, profile uint8) {
		conv, err := harmony.ParseConversation(doc)
		if err != nil {
			return
		}
		for _, retention := range []Retention{nil, RetainCookbook, RetainAll} {
			opts := &RenderOptions{Profile: Profile(int(profile) % len(profileNames)), Retention: retention}
			toks, spans, err := GPTOSS().RenderForCompletionSpans(conv.Messages, harmony.RoleAssistant, opts)
			n, countErr := GPTOSS().CountForCompletion(conv.Messages, harmony.RoleAssistant, opts)
			require.Equal(t, err, countErr)
			if err != nil {
				var re *RenderError
				require.ErrorAs(t, err, &re)
				continue
			}
			require.Equal(t, len(toks), n)
			checkSpans(t, conv.Messages, toks, spans)
			checkTraining(t, conv.Messages, toks, opts)
		}
	})
}

// checkTraining compares a training sample with the completion prompt of the same messages.
func checkTraining(t *testing.T, msgs []harmony.Message, prompt []Token, opts *RenderOptions) {
	toks, err := GPTOSS().RenderForTraining(msgs, opts)
	require.NoError(t, err)
	plain := prompt[:len(prompt)-2] // without <|start|>assistant
	require.Len(t, toks, len(plain))
	if len(toks) == 0 {
		return
	}
	last := len(toks) - 1
	require.Equal(t, plain[:last], toks[:last])
	if toks[last] != plain[last] {
		require.Equal(t, tokenizer.Return, toks[last])
		require.True(t, isFinal(&msgs[len(msgs)-1]))
	}
}
