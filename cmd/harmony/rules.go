package main

import (
	"regexp"
	"strings"

	"github.com/harmony-go/sdk/encoding"
)

// rightForms shows, for rules that the parser reports, how it is written right. Only rules where a sample says more than
// the diagnostic are here.
var rightForms = map[encoding.Rule]string{
	encoding.RuleBetween:         "…<|end|><|start|>assistant<|channel|>final<|message|>…",
	encoding.RuleContent:         "<|message|>…<|end|><|start|>assistant<|channel|>final<|message|>…",
	encoding.RuleMessage:         "<|start|>assistant<|channel|>final<|message|>hello<|return|>",
	encoding.RuleOneChannel:      "<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>",
	encoding.RuleOneStart:        "<|start|>assistant<|channel|>final<|message|>…",
	encoding.RuleChannelName:     "<|start|>assistant<|channel|>final<|message|>…",
	encoding.RuleHeaderWords:     "<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>",
	encoding.RuleConstrain:       "<|channel|>commentary to=functions.f <|constrain|>json<|message|>",
	encoding.RuleReturnInside:    "<|channel|>final<|message|>4<|end|><|start|>user<|message|>…",
	encoding.RuleReturnEnd:       "<|channel|>final<|message|>4<|return|>",
	encoding.RuleCallEnd:         "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>",
	encoding.RuleCallOnly:        "<|start|>assistant<|channel|>final<|message|>…<|return|>",
	encoding.RuleRole:            "<|start|>assistant<|channel|>final<|message|>…<|return|>",
	encoding.RuleChannelMissing:  "<|start|>assistant<|channel|>final<|message|>…",
	encoding.RuleChannelKnown:    "<|channel|>analysis, <|channel|>commentary or <|channel|>final",
	encoding.RuleFunctionChannel: "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>",
	encoding.RuleBuiltinChannel:  "<|channel|>analysis to=python code<|message|>…<|call|>",
	encoding.RuleNamespace:       "to=functions.get_weather",
}

// articleHeader is a header in a form that circulates in articles about gpt-oss, role:NAME,type:NAME.
var articleHeader = regexp.MustCompile(`<\|start\|>\s*role\s*[:=]\s*"?(\w+)"?(?:\s*[,;]\s*(?:type|channel)\s*[:=]\s*"?(\w+)"?)?`)

// articleChannels maps the words of that form to channels.
var articleChannels = map[string]string{
	"reasoning": "analysis", "analysis": "analysis", "thinking": "analysis", "thought": "analysis", "cot": "analysis",
	"final": "final", "answer": "final", "response": "final", "message": "final", "text": "final", "": "final",
	"commentary": "commentary", "preamble": "commentary",
	"tool": "commentary to=functions.NAME <|constrain|>json", "tool_call": "commentary to=functions.NAME <|constrain|>json",
	"function": "commentary to=functions.NAME <|constrain|>json", "function_call": "commentary to=functions.NAME <|constrain|>json",
}

// rightHeader returns the Harmony header for a role and a type of the articles' form.
func rightHeader(role, kind string) string {
	if role != "assistant" {
		return "<|start|>" + role + "<|message|>…<|end|>"
	}
	channel, ok := articleChannels[strings.ToLower(kind)]
	if !ok {
		channel = kind
	}
	end := "<|end|>"
	switch {
	case channel == "final":
		end = "<|return|>"
	case strings.Contains(channel, "to="):
		end = "<|call|>"
	}
	return "<|start|>assistant<|channel|>" + channel + "<|message|>…" + end
}

// articleNote explains the articles' form to who has brought it.
func (s *screen) articleNote(q *parseJob) {
	text := q.text
	if !q.isText {
		text = lossyTokens(q.tokens[:min(len(q.tokens), 1000)])
	}
	found := articleHeader.FindAllStringSubmatch(text, 8)
	if len(found) == 0 {
		return
	}
	s.WriteString("\n")
	b := s.newBlock("")
	b.write(bold, "About role:…,type:…")
	b.write(plain, " This form circulates in articles, but gpt-oss neither reads nor writes it. In Harmony a header is the role as it"+
		" stands, then <|channel|> and the channel's name, and <|message|> before the content. What you have, and what is right:")
	b.end()
	seen := map[string]bool{}
	for _, m := range found {
		if right := rightHeader(m[1], m[2]); !seen[right] {
			seen[right] = true
			s.field("not  ", strings.TrimSpace(m[0]), inkError)
			s.field("right", right, inkAnswer)
		}
	}
}
