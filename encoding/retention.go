package encoding

import "github.com/harmony-go/sdk/harmony"

// RetainReference is the rule of openai-harmony 0.0.8 (auto_drop_analysis, on by default in its
// Python wheel) and the default here. If the last message of the assistant is on the final
// channel, every message on the analysis channel before the first message on the final channel is
// left out, whatever its role or recipient. Analysis between two finals is kept, and so is
// everything while a tool turn is open; RetainCookbook is the rule the documentation describes.
func RetainReference(msgs []harmony.Message, keep []bool) {
	last := len(msgs) - 1
	for last >= 0 && msgs[last].Role != harmony.RoleAssistant {
		last--
	}
	if last < 0 || msgs[last].Channel != harmony.ChannelFinal {
		return
	}
	for i := range msgs {
		switch msgs[i].Channel {
		case harmony.ChannelFinal:
			return
		case harmony.ChannelAnalysis:
			keep[i] = false
		}
	}
}

// RetainCookbook is the rule of the format's documentation (openai/harmony, docs/format.md,
// "Handling reasoning output in subsequent sampling"): reasoning is dropped once its turn has ended
// in a final message, and is passed back while the turn is open, because the model calls tools
// from within its reasoning.
//
// Everything up to the assistant's last final message is a finished turn. Of finished turns the assistant's
// messages on the analysis channel are left out. This includes its calls on that channel, those of
// python and browser: the documentation has them made as part of the chain of thought, and not to be shown.
// A tool's result goes where its call goes, so that no result is left without its call and
// no call without its result; calls on commentary and their results stay. Messages of the user, the system and
// the developer are never left out, nor is anything after the last final.
func RetainCookbook(msgs []harmony.Message, keep []bool) {
	last := len(msgs) - 1
	for last >= 0 && !isFinal(&msgs[last]) {
		last--
	}
	var calls map[string]bool // recipient: whether the latest call to it was kept
	for i := range max(last, 0) {
		m := &msgs[i]
		switch m.Role {
		case harmony.RoleAssistant:
			keep[i] = m.Channel != harmony.ChannelAnalysis
			if m.Recipient != "" {
				if calls == nil {
					calls = make(map[string]bool)
				}
				calls[m.Recipient] = keep[i]
			}
		case harmony.RoleTool:
			kept, called := calls[m.Name]
			if !called {
				kept = m.Channel != harmony.ChannelAnalysis
			}
			keep[i] = kept
		}
	}
}

// RetainAll leaves nothing out, as auto_drop_analysis=False in the reference.
func RetainAll([]harmony.Message, []bool) {}
