package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
)

func TestParse(t *testing.T) {
	f, err := parse([]string{"-data", "x", "-options", "narrow", "-invalid=false", "-slow", "1ms"}, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, "x", f.data)
	assert.False(t, f.invalid)
	for _, args := range [][]string{{"x"}, {"-options", "wide"}, {"-nothing"}} {
		_, err := parse(args, io.Discard)
		assert.Error(t, err, "%q", args)
	}
}

// TestDecisions walks our own instances: every one is decided rightly, and no schema is refused.
func TestDecisions(t *testing.T) {
	rows, err := load("")
	require.NoError(t, err)
	for name, set := range settings {
		if name == "narrow" { // some valid instances are spelled as it does not allow
			continue
		}
		m := newMeter(set.options, io.Discard)
		for i := range rows {
			out := m.run(&rows[i])
			require.Empty(t, out.Refused, "%s: %s", name, rows[i].ID)
			require.Len(t, out.Tests, len(rows[i].Tests))
			require.Len(t, out.Again, len(rows[i].Tests))
			for j, test := range rows[i].Tests {
				w := out.Tests[j]
				assert.Equal(t, test.Valid, w.Accepted, "%s: %s: %s", name, rows[i].ID, test.Text)
				assert.Equal(t, w.Accepted, out.Again[j].Accepted, "%s: %s: %s", name, rows[i].ID, test.Text)
				if test.Valid {
					assert.Len(t, w.Mask, len(test.IDs))
					assert.Len(t, w.Accept, len(test.IDs))
				}
			}
		}
	}
}

func TestRefused(t *testing.T) {
	rows, err := read(strings.NewReader(`{"id":"a","schema":{"requird":[]},"tests":[{"valid":true,"text":"1"}]}` + "\n" +
		`{"id":"b","schema":{"type":"integer"},"tests":[{"valid":true,"text":"12"},{"valid":false,"text":"true"},{"valid":true,"text":"false"},{"valid":false,"text":"7"}]}`))
	require.NoError(t, err)
	m := newMeter(nil, io.Discard)
	results := []result{m.run(&rows[0]), m.run(&rows[1])}
	assert.Contains(t, results[0].Refused, "requird")
	f := collect(rows, results)
	assert.Equal(t, map[string]int{"requird": 1}, f.refused)
	assert.Equal(t, []int{2, 2, 1, 1}, []int{f.schemas, f.right, f.unsound, f.over}, "labels that are wrong on purpose are counted")
	var out bytes.Buffer
	list(&out, rows, results)
	assert.Contains(t, out.String(), "wrong b true 0 false\nwrong b false 1 \n")

	m.invalid = false
	results[1] = m.run(&rows[1])
	require.Len(t, results[1].Tests, 2)
	assert.Equal(t, 1, collect(rows, results).over)
}

// TestRun runs the command and reads what it writes.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	var text bytes.Buffer
	require.NoError(t, run(&flags{options: "unknown", invalid: true, out: out}, &text))
	assert.Contains(t, text.String(), "unsound 0, over-rejected 0")
	lines := readLines(t, out)
	rows, err := load("")
	require.NoError(t, err)
	require.Len(t, lines, len(rows)+2)
	for _, key := range []string{"engine", "settings", "setup", "setup_memory", "clock", "call"} {
		assert.Contains(t, lines[0], key)
	}
	assert.Equal(t, rows[0].ID, lines[1]["id"])
	for _, key := range []string{"peak_memory", "thread", "process"} {
		assert.Contains(t, lines[len(lines)-1], key)
	}
}

func TestMasks(t *testing.T) {
	rows, err := read(strings.NewReader(`{"id":"a","schema":{"type":"strng"},"tests":[]}` + "\n" +
		`{"id":"b","schema":{"enum":["yes"]},"tests":[{"valid":false,"text":"1"},{"valid":true,"text":"\"yes\""}]}`))
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, writeMasks(&out, rows, nil))
	const record = 8 + constrain.MaskWords*8
	toks := rows[1].Tests[1].IDs
	require.Equal(t, len(toks)*record, out.Len())

	doc, err := schema.Parse(rows[1].Schema)
	require.NoError(t, err)
	g, err := constrain.Compile(doc, nil)
	require.NoError(t, err)
	m := g.NewMatcher()
	for step, tok := range toks {
		data := out.Next(record)
		assert.Equal(t, [2]uint32{1, uint32(step)}, [2]uint32{binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint32(data[4:])})
		assert.Equal(t, byte(1), data[8+tok/8]>>(tok%8)&1, "the token that comes is allowed")
		allowed := 0
		for id := range constrain.MaskWords * 64 {
			if data[8+id/8]>>(id%8)&1 == 1 {
				allowed++
				assert.True(t, m.Allowed(tokenizer.Token(id)), "%d", id)
			}
		}
		assert.Less(t, allowed, 1000)
		require.NoError(t, m.Accept(tok))
	}
}

func TestQuantile(t *testing.T) {
	ns := []int64{1000, 2000, 3000, 4000}
	assert.Equal(t, []float64{1, 3, 4, 4}, []float64{quantile(ns, 0), quantile(ns, 0.5), quantile(ns, 0.99), quantile(ns, 1)})
}

func readLines(t *testing.T, path string) []map[string]any {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var lines []map[string]any
	for l := range bytes.Lines(data) {
		var v map[string]any
		require.NoError(t, json.Unmarshal(l, &v))
		lines = append(lines, v)
	}
	return lines
}
