package decoder

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/harmony-go/sdk/tokenizer"
)

// The vocabulary of gpt-oss. Sources: openai/gpt-oss-20b, config.json and generation_config.json; openai-harmony 0.0.8,
// src/tiktoken_ext/public_encodings.rs.
const (
	harmonyTokens = 201088
	firstControl  = 199998 // ranks end here
	firstUnused   = 200019 // special tokens that have a name in the model's files end here
)

var (
	tokenizerFiles = []string{"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json", templateFile}
	carriedFiles   = []string{"LICENSE", "NOTICE", "USAGE_POLICY"} // what goes with the weights
)

const templateFile = "chat_template.jinja"

// controlName returns the spelling of a special token in the files of the models, which differs from ours in one token.
func controlName(tok tokenizer.Token) string {
	if tok == 200018 {
		return "<|endofprompt|>"
	}
	name, _ := tokenizer.O200kHarmony().TokenString(tok)
	return name
}

// A merge joins two tokens.
type merge struct{ left, right, whole tokenizer.Token }

// merges returns all ways to make a token of two others, those of the first token first: byte pair encoding by merges joins with
// them what byte pair encoding by ranks joins. Source: huggingface/transformers, convert_slow_tokenizer.py, TikTokenConverter.
func merges() []merge {
	t := tokenizer.O200kHarmony()
	ranks := make(map[string]tokenizer.Token, firstControl)
	for tok := range tokenizer.Token(firstControl) {
		text, _ := t.TokenString(tok)
		ranks[text] = tok
	}
	var list []merge
	for whole := range tokenizer.Token(firstControl) {
		text, _ := t.TokenString(whole)
		from := len(list)
		for i := 1; i < len(text); i++ {
			left, ok := ranks[text[:i]]
			if !ok {
				continue
			}
			if right, ok := ranks[text[i:]]; ok {
				list = append(list, merge{left, right, whole})
			}
		}
		slices.SortFunc(list[from:], func(a, b merge) int { return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right)) })
	}
	return list
}

// byteText returns the spelling of a token that is not special.
func byteText(tok tokenizer.Token) string {
	text, _ := tokenizer.O200kHarmony().TokenString(tok)
	return string(appendByteText(nil, text))
}

// ggufTokenizer returns the metadata of the tokenizer.
// Source: ggml-org/llama.cpp, convert_hf_to_gguf.py, _set_vocab_gpt2, and src/llama-vocab.cpp.
func (x *exporter) ggufTokenizer() []ggufValue {
	if x.m.cfg.Vocabulary != harmonyTokens {
		x.say("no tokenizer: the vocabulary has %d tokens, o200k_harmony has %d", x.m.cfg.Vocabulary, harmonyTokens)
		return []ggufValue{{"tokenizer.ggml.model", "none"}}
	}
	const normal, control, unused = 1, 3, 5
	tokens, kinds := make([]string, harmonyTokens), make([]int32, harmonyTokens)
	for i := range tokens {
		switch {
		case i < firstControl:
			tokens[i], kinds[i] = byteText(tokenizer.Token(i)), normal
		case i < firstUnused:
			tokens[i], kinds[i] = controlName(tokenizer.Token(i)), control
		default:
			tokens[i], kinds[i] = fmt.Sprintf("[PAD%d]", i), unused
		}
	}
	list := merges()
	joined := make([]string, len(list))
	for i, m := range list {
		joined[i] = tokens[m.left] + " " + tokens[m.right]
	}
	values := []ggufValue{{"tokenizer.ggml.model", "gpt2"}, {"tokenizer.ggml.pre", "gpt-4o"}, {"tokenizer.ggml.tokens", tokens},
		{"tokenizer.ggml.token_type", kinds}, {"tokenizer.ggml.merges", joined}, {"tokenizer.ggml.bos_token_id", uint32(tokenizer.StartOfText)},
		{"tokenizer.ggml.eos_token_id", uint32(tokenizer.Return)}, {"tokenizer.ggml.padding_token_id", uint32(tokenizer.EndOfText)}}
	if template := x.template(); template != "" {
		values = append(values, ggufValue{"tokenizer.chat_template", template})
	}
	return values
}

// template returns the chat template of the model that is exported, or "" and says so.
func (x *exporter) template() string {
	if text, ok := x.m.file.Meta["tokenizer.chat_template"].Text(); ok {
		return text
	}
	if text := x.sourceText(templateFile); text != nil {
		return string(text)
	}
	var config struct {
		Template string `json:"chat_template"`
	}
	if json.Unmarshal(x.sourceText("tokenizer_config.json"), &config) == nil && config.Template != "" {
		return config.Template
	}
	x.say("no chat template: there was none to copy. Programs that render messages themselves, as this module does, need none; others must be given one")
	return ""
}

// directoryTokenizer returns the files of the tokenizer, and those that are carried over.
func (x *exporter) directoryTokenizer() map[string][]byte {
	out := map[string][]byte{}
	for _, name := range slices.Concat(tokenizerFiles, carriedFiles) {
		if data := x.sourceText(name); data != nil {
			out[name] = data
		}
	}
	if x.m.cfg.Vocabulary != harmonyTokens {
		if out["tokenizer.json"] == nil {
			x.say("no tokenizer: the vocabulary has %d tokens, o200k_harmony has %d", x.m.cfg.Vocabulary, harmonyTokens)
		}
		return out
	}
	if text := x.template(); text != "" && out[templateFile] == nil {
		out[templateFile] = []byte(text)
	}
	if out["tokenizer.json"] == nil {
		out["tokenizer.json"] = tokenizerJSON()
		out["tokenizer_config.json"] = indented(map[string]any{"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": false,
			"bos_token": controlName(tokenizer.StartOfText), "eos_token": controlName(tokenizer.Return), "pad_token": controlName(tokenizer.EndOfText),
			"model_input_names": []string{"input_ids", "attention_mask"}})
		out["special_tokens_map.json"] = indented(map[string]any{"bos_token": controlName(tokenizer.StartOfText), "eos_token": controlName(tokenizer.Return),
			"pad_token": controlName(tokenizer.EndOfText)})
	}
	if out["generation_config.json"] == nil {
		out["generation_config.json"] = indented(map[string]any{"bos_token_id": tokenizer.StartOfText, "do_sample": true,
			"eos_token_id": []tokenizer.Token{tokenizer.Return, tokenizer.EndOfText, tokenizer.Call}, "pad_token_id": tokenizer.EndOfText})
	}
	return out
}

// tokenizerJSON returns the file that huggingface/tokenizers reads: the pattern, bytes as characters, merges, special tokens. A piece
// that is a token by itself is not merged: so it is with ranks, too.
// Source of the form: huggingface/tokenizers, tokenizers/src/models/bpe/serialization.rs.
func tokenizerJSON() []byte {
	var b bytes.Buffer
	byteLevel := map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}
	split := map[string]any{"type": "Split", "pattern": map[string]string{"Regex": tokenizer.O200kPattern}, "behavior": "Isolated", "invert": false}
	var added []any
	for tok := tokenizer.Token(firstControl); tok < firstUnused; tok++ {
		added = append(added, map[string]any{"id": tok, "content": controlName(tok), "single_word": false, "lstrip": false, "rstrip": false,
			"normalized": false, "special": true})
	}
	fmt.Fprintf(&b, `{"version":"1.0","truncation":null,"padding":null,"added_tokens":%s,"normalizer":null,`, compact(added))
	fmt.Fprintf(&b, `"pre_tokenizer":{"type":"Sequence","pretokenizers":%s},"post_processor":%s,"decoder":%s,`, compact([]any{split, byteLevel}),
		compact(byteLevel), compact(map[string]any{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}))
	b.WriteString(`"model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,"end_of_word_suffix":null,` +
		`"fuse_unk":false,"byte_fallback":false,"ignore_merges":true,"vocab":{`)
	texts := make([]string, firstControl) // JSON
	for i := range texts {
		texts[i] = compact(byteText(tokenizer.Token(i)))
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s:%d", texts[i], i)
	}
	b.WriteString(`},"merges":[`)
	for i, m := range merges() {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "[%s,%s]", texts[m.left], texts[m.right])
	}
	b.WriteString("]}}\n")
	return b.Bytes()
}

// compact returns JSON without spaces and without escapes that only HTML needs.
func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // only maps, strings and numbers come here
	}
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}
