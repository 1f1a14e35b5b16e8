package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/tokenizer"
)

const example = `{"id":"a","schema":{"z":1,"a":2},"tests":[{"valid":true,"text":"{\"é\": 1}"},{"valid":false,"text":"[]","ids":[1951]}]}`

func TestRead(t *testing.T) {
	rows, err := read(strings.NewReader(example + "\n\n" + strings.Replace(example, `"a"`, `"b"`, 1)))
	require.NoError(t, err)
	require.Len(t, rows, 2)
	assert.Equal(t, `{"z":1,"a":2}`, string(rows[0].Schema), "the document is the text that was there")
	assert.Equal(t, tokenizer.O200kHarmony().Encode(`{"é": 1}`), rows[0].Tests[0].IDs, "tokens that are not there are made")
	assert.Equal(t, []tokenizer.Token{1951}, rows[0].Tests[1].IDs)
	assert.True(t, rows[0].Tests[0].Valid)
	assert.False(t, rows[0].Tests[1].Valid)
}

func TestReadErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "no schema",
		example + "\n{":          "line 2: ",
		`{"id":"a","tests":[]}`:  `line 1: schema "a": no schema`,
		example + "\n" + example: `line 2: schema "a": a second one of this name`,
		strings.Replace(example, "1951", "1952", 1):   `line 1: schema "a", instance 1: expected tokens of the text`,
		strings.Replace(example, "1951", "300000", 1): `line 1: schema "a", instance 1: `,
	} {
		_, err := read(strings.NewReader(in))
		assert.ErrorContains(t, err, want, "%.60s", in)
	}
}

func TestLoad(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte(example))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	dir := t.TempDir()
	plain, gz, cut := filepath.Join(dir, "x.jsonl"), filepath.Join(dir, "x.jsonl.gz"), filepath.Join(dir, "cut.gz")
	require.NoError(t, os.WriteFile(plain, []byte(example), 0o600))
	require.NoError(t, os.WriteFile(gz, packed.Bytes(), 0o600))
	require.NoError(t, os.WriteFile(cut, packed.Bytes()[:packed.Len()/2], 0o600))

	want, err := load(plain)
	require.NoError(t, err)
	got, err := load(gz)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	for _, path := range []string{cut, filepath.Join(dir, "none")} {
		_, err = load(path)
		assert.Error(t, err, path)
	}
}

func TestExport(t *testing.T) {
	rows, err := load("")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, export(&out, rows))
	again, err := read(&out)
	require.NoError(t, err)
	require.Len(t, again, len(rows))
	for i := range rows {
		var want bytes.Buffer
		require.NoError(t, json.Compact(&want, rows[i].Schema))
		assert.Equal(t, want.String(), string(again[i].Schema))
		assert.Equal(t, rows[i].Tests, again[i].Tests)
	}
}

// TestOwn holds the labels of our own instances against Validate.
func TestOwn(t *testing.T) {
	rows, err := load("")
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(rows), 40)
	for _, r := range rows {
		s, err := schema.Parse(r.Schema)
		require.NoError(t, err, r.ID)
		valid := 0
		for _, test := range r.Tests {
			assert.True(t, json.Valid([]byte(test.Text)), "%s: %s", r.ID, test.Text)
			err := s.Validate([]byte(test.Text))
			assert.Equal(t, test.Valid, err == nil, "%s: %s: %v", r.ID, test.Text, err)
			if test.Valid {
				valid++
			}
		}
		assert.Positive(t, valid, r.ID)
		assert.Greater(t, len(r.Tests), valid, r.ID)
	}
}
