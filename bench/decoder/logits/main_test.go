package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/tokenizer"
)

func TestParse(t *testing.T) {
	o, err := parse([]string{"-model", "m", "-prefill", "2", "-greedy", "3", "-precision", "int8", "-hold", "mapped", "7", "8", "9"}, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, []tokenizer.Token{7, 8, 9}, o.tokens)
	assert.Equal(t, 2, o.prefill)
	assert.Equal(t, decoder.Int8, o.decoder.Precision)
	assert.Equal(t, decoder.Mapped, o.decoder.Hold)

	o, err = parse([]string{"1", "2"}, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, 2, o.prefill, "the whole is the prompt")

	for _, args := range [][]string{{}, {"x"}, {"-1"}, {"4294967296"}, {"-prefill", "3", "1", "2"}, {"-greedy", "-1", "1"}, {"-precision", "int4", "1"}} {
		_, err := parse(args, io.Discard)
		assert.Error(t, err, "%q", args)
	}
}
