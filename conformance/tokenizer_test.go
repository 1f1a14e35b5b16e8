package conformance

import (
	"strings"
	"testing"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/tokenizer"
	"github.com/stretchr/testify/assert"
)

type encodeVector struct {
	source
	Text    string            `json:"text"`
	Tokens  []tokenizer.Token `json:"tokens"`
	Special string            `json:"allowed_special"`
}

type decodeVector struct {
	source
	Tokens []tokenizer.Token `json:"tokens"`
	Text   string            `json:"text"`
	Bytes  []byte            `json:"bytes"` // only where they are not valid UTF-8
	Error  *string           `json:"error"`
}

func TestTokenizerVectors(t *testing.T) {
	for _, f := range folders {
		checkTokenizer(t, f.path)
	}
}

func checkTokenizer(t *testing.T, folder string) {
	for _, v := range load[encodeVector](t, folder, "tokenizer.jsonl") {
		checkEncode(t, v)
	}
	if strings.HasSuffix(folder, "/vectors") {
		return // this folder has no decode.jsonl
	}
	for _, v := range load[decodeVector](t, folder, "decode.jsonl") {
		checkDecode(t, v)
	}
}

func checkEncode(t *testing.T, v *encodeVector) {
	tok := encoding.GPTOSS().Tokenizer()
	var got []tokenizer.Token
	switch v.Special {
	case "none":
		got = tok.Encode(v.Text)
		assert.Equal(t, len(v.Tokens), tok.Count(v.Text), "count of %v", v.source)
	case "all":
		got = tok.EncodeSpecial(v.Text)
	default:
		t.Fatalf("%v: allowed_special %q", v.source, v.Special)
	}
	if len(got)+len(v.Tokens) > 0 {
		assert.Equal(t, v.Tokens, got, "tokens of %v", v.source)
	}
	text, err := tok.Decode(v.Tokens)
	if assert.NoError(t, err, "%v", v.source) {
		assert.Equal(t, v.Text, text, "text of %v", v.source)
	}
}

func checkDecode(t *testing.T, v *decodeVector) {
	tok := encoding.GPTOSS().Tokenizer()
	text, err := tok.Decode(v.Tokens)
	if v.Error != nil {
		assert.Error(t, err, "%v", v.source)
		return
	}
	if !assert.NoError(t, err, "%v", v.source) {
		return
	}
	want := v.Text
	if v.Bytes != nil {
		want = string(v.Bytes)
	}
	assert.Equal(t, want, text, "bytes of %v", v.source)

	var streamed strings.Builder
	d := tok.NewStreamDecoder()
	for _, id := range v.Tokens {
		piece, err := d.Push(id)
		assert.NoError(t, err, "%v", v.source)
		streamed.WriteString(piece)
	}
	streamed.WriteString(d.Close())
	assert.Equal(t, v.Text, streamed.String(), "streamed text of %v", v.source)
}
