package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/tokenizer"
)

// markers are the special tokens that give a stream its structure.
var markers = []encoding.Token{
	tokenizer.Start, tokenizer.Channel, tokenizer.Constrain, tokenizer.Message, tokenizer.End, tokenizer.Call, tokenizer.Return,
}

// readStream reads what "harmony parse" is given in the form that form names, or in the one that it looks like.
func readStream(in source, form string) (*parseJob, error) {
	data := dropByteOrderMark(in.data)
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 && form != "text" {
		return nil, fmt.Errorf("%s: empty, want text with Harmony markers or token ids", in.name)
	}
	if form == "ids" || form == "auto" && looksLikeIDs(trimmed) {
		toks, err := readIDs(in.name, data)
		return &parseJob{tokens: toks}, err
	}
	if form == "auto" {
		if err := notAStream(in.name, data, trimmed); err != nil {
			return nil, err
		}
	}
	return &parseJob{text: dropFinalBreak(string(data)), isText: true}, nil
}

// notAStream says why data is not text with markers; nil if it is.
func notAStream(name string, data, trimmed []byte) error {
	if fault := textFault(data); fault != "" {
		return fmt.Errorf("%s: %s; parse reads text with Harmony markers, or token ids as numbers", name, fault)
	}
	if trimmed[0] == '{' || trimmed[0] == '[' {
		return fmt.Errorf("%s: JSON, but not a list of token ids; 'harmony render' reads a conversation, 'harmony parse --jsonl'"+
			" reads lines like {\"text\":\"…\"}, and --from text takes the input as it stands", name)
	}
	for _, t := range markers {
		if bytes.Contains(data, []byte(spelling(t))) {
			return nil
		}
	}
	return errors.New(name + ": no Harmony marker in it, and no token ids\n" +
		"  A model's output has markers: <|channel|>analysis<|message|>…<|end|><|start|>assistant<|channel|>final<|message|>…<|return|>\n" +
		"  If yours begins with a bare word as in \"analysisThe user asks…\", the engine has left its special tokens out: ask it\n" +
		"  to keep them (vLLM: \"skip_special_tokens\": false), or for token ids. --from text parses it as it stands.")
}

// looksLikeIDs reports whether text consists of nothing but what lists of token ids are written with.
func looksLikeIDs(text []byte) bool {
	digit := false
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digit = true
		case !isBetweenIDs(c) && c != '[' && c != ']' && c != '-' && c != '.':
			return false
		}
	}
	return digit || string(text) == "[]"
}

// isBetweenIDs reports whether c may stand between two token ids.
func isBetweenIDs(c byte) bool { return c == ' ' || c == ',' || c == '\n' || c == '\r' || c == '\t' }

// readIDs reads token ids: numbers between white space or commas, in brackets or not.
func readIDs(name string, data []byte) ([]encoding.Token, error) {
	list := bytes.TrimSpace(data)
	base := bytes.Index(data, list)
	if len(list) > 0 && list[0] == '[' {
		if list[len(list)-1] != ']' {
			return nil, placed(name, data, base, "a list of token ids without its closing bracket")
		}
		list, base = list[1:len(list)-1], base+1
	}
	toks := make([]encoding.Token, 0, len(list)/6)
	for i := 0; i < len(list); {
		if isBetweenIDs(list[i]) {
			i++
			continue
		}
		end := i
		for end < len(list) && !isBetweenIDs(list[end]) {
			end++
		}
		id, fault := parseID(string(list[i:end]))
		if fault != "" {
			return nil, placed(name, data, base+i, fault)
		}
		toks = append(toks, id)
		i = end
	}
	return toks, nil
}

// dropFinalBreak drops one line break that stands behind a terminator at the end of a file: editors and echo put it there.
func dropFinalBreak(text string) string {
	cut := strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	if len(cut) == len(text) {
		return text
	}
	for _, t := range encoding.GPTOSS().StopTokens() {
		if strings.HasSuffix(cut, spelling(t)) {
			return cut
		}
	}
	return text
}

// beginsWithStart reports whether the stream begins with <|start|>.
func (q *parseJob) beginsWithStart() bool {
	if q.isText {
		return strings.HasPrefix(q.text, spelling(tokenizer.Start))
	}
	return len(q.tokens) > 0 && q.tokens[0] == tokenizer.Start
}

// size says how long the input is.
func (q *parseJob) size() string {
	if q.isText {
		return plural(len(q.text), "byte") + " of text"
	}
	return plural(len(q.tokens), "token")
}

// unit names what offsets count.
func (q *parseJob) unit() string {
	if q.isText {
		return "byte"
	}
	return "token"
}

// slice returns the tokens from one place to another.
func (q *parseJob) slice(from, to int) []encoding.Token {
	if !q.isText {
		return q.tokens[max(from, 0):max(to, 0)]
	}
	return encoding.GPTOSS().Tokenizer().EncodeSpecial(q.text[max(from, 0):max(to, 0)])
}

// around returns the text around a place, the byte in it that is meant, and how many bytes are.
func (q *parseJob) around(place int) (text string, at, n int) {
	if q.isText {
		place = min(max(place, 0), len(q.text))
		return q.text, place, markLength(q.text[place:])
	}
	const context = 40
	place = min(max(place, 0), len(q.tokens))
	before := lossyTokens(q.tokens[max(place-context, 0):place])
	behind := q.tokens[place:min(place+context, len(q.tokens))]
	mark := lossyTokens(behind[:min(1, len(behind))])
	return before + mark + lossyTokens(behind[min(1, len(behind)):]), len(before), len(mark)
}

// lossyTokens returns the text of tokens, any of which may be unknown.
func lossyTokens(toks []encoding.Token) string {
	var b strings.Builder
	tok := tokenizer.O200kHarmony()
	for _, t := range toks {
		if s, ok := tok.TokenString(t); ok {
			b.WriteString(s)
		} else {
			fmt.Fprintf(&b, "[%d?]", t)
		}
	}
	return b.String()
}

// markLength returns how many bytes at the begin of text a caret stands under: a marker, or one character.
func markLength(text string) int {
	if strings.HasPrefix(text, "<|") {
		if i := strings.Index(text[:min(len(text), 32)], "|>"); i > 0 {
			return i + 2
		}
	}
	_, n := utf8.DecodeRuneInString(text)
	return n
}
