package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/harmony-go/sdk/tokenizer"
)

func encodeText(text string) []tokenizer.Token { return tokenizer.O200kHarmony().Encode(text) }

// prose returns about n bytes of the first text from an offset on, from word to word, as one
// paragraph. The offsets wrap around.
func (b *bench) prose(offset, n int) string {
	words := strings.Fields(string(b.texts[0].data))
	var out strings.Builder
	for i := offset % len(words); out.Len() < n; i = (i + 1) % len(words) {
		if out.Len() > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(words[i])
	}
	return out.String()
}

// stream returns n tokens as the model writes them: analysis (two fifths of them), eight calls of
// tools, and an answer.
func (b *bench) stream(n int) []tokenizer.Token {
	t := tokenizer.O200kHarmony()
	toks := t.EncodeSpecial("<|channel|>analysis<|message|>")
	toks = append(toks, encodeText(b.prose(0, 8*n))[:2*n/5]...)
	toks = append(toks, tokenizer.End)
	for i := range 8 {
		toks = append(toks, t.EncodeSpecial(fmt.Sprintf(
			"<|start|>assistant<|channel|>commentary to=functions.tool_%d <|constrain|>json<|message|>", i))...)
		arguments, _ := json.Marshal(map[string]any{"query": b.prose(1000*i, n/8), "limit": i, "exact": i%2 == 0})
		toks = append(toks, encodeText(string(arguments))...)
		toks = append(toks, tokenizer.Call)
	}
	toks = append(toks, t.EncodeSpecial("<|start|>assistant<|channel|>final<|message|>")...)
	answer := encodeText(b.prose(5000, 8*n))
	toks = append(toks, answer[:n-1-len(toks)]...)
	return append(toks, tokenizer.Return)
}

// longMessage returns n tokens that are one answer.
func (b *bench) longMessage(n int) []tokenizer.Token {
	toks := tokenizer.O200kHarmony().EncodeSpecial("<|channel|>final<|message|>")
	toks = append(toks, encodeText(b.prose(9000, 8*n))[:n-1-len(toks)]...)
	return append(toks, tokenizer.Return)
}

type object = map[string]any

// conversation returns, as JSON, an agent's conversation in the middle of its work: system and developer
// messages with 20 function tools, a question, twelve rounds of reasoning, call and result, and one more
// question. Nothing in it is dropped by anyone's rule about old reasoning.
func (b *bench) conversation() ([]byte, error) {
	msgs := []object{
		{"role": "system", "content": []object{{
			"type": "system_content", "model_identity": "You are ChatGPT, a large language model trained by OpenAI.",
			"reasoning_effort": "High", "conversation_start_date": "2025-06-28", "knowledge_cutoff": "2024-06",
			"channel_config": object{"valid_channels": []string{"analysis", "commentary", "final"}, "channel_required": true},
		}}},
		{"role": "developer", "content": []object{{
			"type": "developer_content", "instructions": b.prose(0, 600),
			"tools": object{"functions": object{"name": "functions", "tools": b.tools(20)}},
		}}},
		{"role": "user", "content": b.prose(200, 300)},
	}
	for i := range 12 {
		name := fmt.Sprintf("functions.tool_%d", i)
		arguments, err := json.Marshal(object{"query": b.prose(300+50*i, 60), "limit": 10 + i, "unit": "metric"})
		if err != nil {
			return nil, err
		}
		result, err := json.Marshal(object{"status": "ok", "items": b.items(i)})
		if err != nil {
			return nil, err
		}
		msgs = append(msgs,
			object{"role": "assistant", "channel": "analysis", "content": b.prose(1000+90*i, 500)},
			object{"role": "assistant", "channel": "commentary", "recipient": name, "content_type": "<|constrain|>json", "content": string(arguments)},
			object{"role": "tool", "name": name, "channel": "commentary", "recipient": "assistant", "content": string(result)})
	}
	msgs = append(msgs, object{"role": "user", "content": b.prose(4000, 200)})
	return json.Marshal(object{"messages": msgs})
}

func (b *bench) tools(n int) []object {
	tools := make([]object, 0, n)
	for i := range n {
		tools = append(tools, object{
			"name": fmt.Sprintf("tool_%d", i), "description": b.prose(2000+20*i, 90),
			"parameters": object{
				"type": "object", "required": []string{"query"},
				"properties": object{
					"query": object{"type": "string", "description": b.prose(2500+11*i, 50)},
					"limit": object{"type": "integer", "default": 10},
					"unit":  object{"type": "string", "enum": []string{"metric", "imperial"}},
					"tags":  object{"type": "array", "items": object{"type": "string"}},
					"range": object{"type": "object", "properties": object{
						"from": object{"type": "number"}, "to": object{"type": "number", "description": b.prose(2900+7*i, 30)}}},
				},
			},
		})
	}
	return tools
}

func (b *bench) items(seed int) []object {
	var items []object
	for i := range 5 {
		items = append(items, object{"id": 1000*seed + i, "title": b.prose(3000+40*seed+8*i, 40),
			"body": b.prose(3500+70*seed+12*i, 80), "score": 0.25 * float64(i)})
	}
	return items
}
