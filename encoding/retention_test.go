package encoding

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/harmony"
)

// shorthand are messages as the rows of retention tests name them.
var shorthand = map[string]harmony.Message{
	"system":   {Role: harmony.RoleSystem},
	"user":     {Role: harmony.RoleUser},
	"userA":    {Role: harmony.RoleUser, Channel: harmony.ChannelAnalysis},
	"userF":    {Role: harmony.RoleUser, Channel: harmony.ChannelFinal},
	"analysis": {Role: harmony.RoleAssistant, Channel: harmony.ChannelAnalysis},
	"preamble": {Role: harmony.RoleAssistant, Channel: harmony.ChannelCommentary},
	"final":    {Role: harmony.RoleAssistant, Channel: harmony.ChannelFinal},
	"bare":     {Role: harmony.RoleAssistant},
	"call":     {Role: harmony.RoleAssistant, Channel: harmony.ChannelCommentary, Recipient: "functions.f"},
	"callA":    {Role: harmony.RoleAssistant, Channel: harmony.ChannelAnalysis, Recipient: "functions.f"},
	"result":   {Role: harmony.RoleTool, Name: "functions.f", Channel: harmony.ChannelCommentary, Recipient: "assistant"},
	"resultA":  {Role: harmony.RoleTool, Name: "functions.f", Channel: harmony.ChannelAnalysis, Recipient: "assistant"},
	"python":   {Role: harmony.RoleAssistant, Channel: harmony.ChannelAnalysis, Recipient: "python"},
	"output":   {Role: harmony.RoleTool, Name: "python", Channel: harmony.ChannelAnalysis},
	"outputC":  {Role: harmony.RoleTool, Name: "python", Channel: harmony.ChannelCommentary},
	"outputN":  {Role: harmony.RoleTool, Name: "python"},
}

// retained returns the names that a policy keeps.
func retained(t *testing.T, policy Retention, names string) string {
	var msgs []harmony.Message
	var keep []bool
	words := strings.Fields(names)
	for _, w := range words {
		m, known := shorthand[w]
		require.True(t, known, w)
		msgs = append(msgs, m)
		keep = append(keep, true)
	}
	policy(msgs, keep)
	var left []string
	for i, w := range words {
		if keep[i] {
			left = append(left, w)
		}
	}
	return strings.Join(left, " ")
}

func TestRetention(t *testing.T) {
	for _, row := range []struct{ name, msgs, reference, cookbook string }{
		{"a finished turn", "user analysis final", "user final", "user final"},
		{"and the next question", "user analysis final user", "user final user", "user final user"},
		{"analysis between finals", "user analysis final user analysis final", "user final user analysis final", "user final user final"},
		{"an open tool turn", "user analysis call result", "user analysis call result", "user analysis call result"},
		{"an open turn after a finished one", "user analysis final user analysis call result",
			"user analysis final user analysis call result", "user final user analysis call result"},
		{"a finished tool turn", "user analysis call result analysis final user",
			"user call result final user", "user call result final user"},
		{"analysis after the last final", "user analysis final user analysis", "user analysis final user analysis", "user final user analysis"},
		{"a built-in call of a finished turn", "user analysis python output analysis final", "user final", "user final"},
		{"its result on commentary", "user python outputC final", "user outputC final", "user final"},
		{"its result without a channel", "user python outputN final", "user outputN final", "user final"},
		{"two calls, two results", "user python call outputN result final", "user call outputN result final", "user call result final"},
		{"a call on commentary with a result on analysis", "user call resultA final", "user call final", "user call resultA final"},
		{"a call on analysis, then one on commentary", "user callA result call resultA final",
			"user result call final", "user call resultA final"},
		{"a result without a call", "user resultA output outputC final", "user outputC final", "user outputC final"},
		{"preambles stay", "user analysis preamble call result final", "user preamble call result final", "user preamble call result final"},
		{"others' messages on analysis", "system userA analysis final", "system final", "system userA final"},
		{"another's final is no end of a turn", "user analysis userF analysis bare", "user analysis userF analysis bare", "user analysis userF analysis bare"},
		{"but the reference stops there", "user analysis userF analysis final", "user userF analysis final", "user userF final"},
		{"no final", "user analysis bare", "user analysis bare", "user analysis bare"},
		{"nothing", "", "", ""},
		{"no assistant", "user userA", "user userA", "user userA"},
	} {
		require.Equal(t, row.reference, retained(t, RetainReference, row.msgs), "reference: %s", row.name)
		require.Equal(t, row.cookbook, retained(t, RetainCookbook, row.msgs), "cookbook: %s", row.name)
		require.Equal(t, row.msgs, retained(t, RetainAll, row.msgs), "all: %s", row.name)
	}
}

// TestRetentionIsUsed renders with each policy and with one of the caller's own.
func TestRetentionIsUsed(t *testing.T) {
	var msgs []harmony.Message
	for _, w := range strings.Fields("user analysis final user analysis final") {
		msgs = append(msgs, shorthand[w])
	}
	last := func(msgs []harmony.Message, keep []bool) {
		require.NotContains(t, keep, false)
		for i := range len(keep) - 1 {
			keep[i] = false
		}
	}
	noLast := func(msgs []harmony.Message, keep []bool) { keep[len(keep)-1] = false }
	for _, row := range []struct {
		policy Retention
		want   []int
	}{
		{nil, []int{0, 2, 3, 4, 5}},
		{RetainReference, []int{0, 2, 3, 4, 5}},
		{RetainCookbook, []int{0, 2, 3, 5}},
		{RetainAll, []int{0, 1, 2, 3, 4, 5}},
		{last, []int{5}},
		{noLast, []int{0, 1, 2, 3, 4}},
	} {
		toks, spans, err := GPTOSS().RenderForTrainingSpans(msgs, &RenderOptions{Retention: row.policy})
		require.NoError(t, err)
		checkSpans(t, msgs, toks, spans)
		var got []int
		for _, s := range spans {
			if s.Part == PartHeader {
				got = append(got, s.Message)
			}
		}
		require.Equal(t, row.want, got)
	}
}
