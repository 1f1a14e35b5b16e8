package demo

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

var update = flag.Bool("update", false, "write the transcripts of testdata anew, after new weights")

// open opens the model, exact.
func open(t testing.TB) *decoder.Model {
	t.Helper()
	m, err := Open(&decoder.Options{Precision: decoder.Float32})
	require.NoError(t, err)
	t.Cleanup(func() { m.Close() })
	return m
}

func TestOpen(t *testing.T) {
	m := open(t)
	c := m.Config()
	require.Equal(t, 201088, c.Vocabulary)
	require.Equal(t, 131072, c.Context)
	require.Equal(t, "OpenAI safetensors", m.Layout())
	require.NoError(t, m.Check(nil))
	again, err := Open(nil)
	require.NoError(t, err)
	require.NoError(t, again.Close())
	require.Less(t, len(weights), 6<<20, "a program carries this")
}

// tools are what the transcripts declare: each returns one thing.
func tools() []*agent.Function {
	raw := func(name, description, parameters, result string) *agent.Function {
		return agent.RawTool(name, description, schema.MustParse(parameters), func(_ context.Context, call harmony.Message) (string, error) {
			if strings.Contains(call.Text(), "Atlantis") {
				return "", errors.New("there is no such city")
			}
			return result, nil
		})
	}
	return []*agent.Function{
		raw("get_weather", "Get the weather of a city (sample data).",
			`{"type":"object","properties":{"city":{"type":"string"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["city"]}`,
			`{"temperature":21,"condition":"sunny","source":"sample data"}`),
		raw("calculate", "Evaluate an arithmetic expression.",
			`{"type":"object","properties":{"expression":{"type":"string","description":"Such as (3 + 4) * sqrt(2)"}},"required":["expression"]}`,
			`{"result":444}`),
	}
}

// transcript plays turns and returns all that was said, markers too.
func transcript(t testing.TB, m *decoder.Model, effort harmony.Effort, questions ...string) string {
	t.Helper()
	a, err := agent.New(engine.Local(m, nil), &agent.Options{Tools: tools(), Effort: effort, Date: "2026-11-24", Limits: agent.Limits{Steps: 3, Tokens: 300}})
	require.NoError(t, err)
	s := a.NewSession()
	var b strings.Builder
	for _, q := range questions {
		for _, err := range s.Run(context.Background(), q) {
			if err != nil {
				b.WriteString(err.Error() + "\n")
			}
		}
		for _, step := range s.Turn().Steps {
			text, err := encoding.GPTOSS().Tokenizer().Decode(step.Sampled)
			require.NoError(t, err)
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

// Greedy transcripts are the same each time, and those of testdata.
func TestTranscripts(t *testing.T) {
	m := open(t)
	for _, c := range []struct {
		name      string
		effort    harmony.Effort
		questions []string
	}{
		{"call", harmony.EffortMedium, []string{"What is the weather in Lisbon?"}},
		{"high", harmony.EffortHigh, []string{"what is 12*(7+30)?"}},
		{"error", harmony.EffortLow, []string{"weather in Atlantis"}},
		{"none", harmony.EffortMedium, []string{"Who are you?"}},
		{"later", harmony.EffortLow, []string{"Hello!", "What's the weather in Oslo in fahrenheit?", "And in Tokyo?"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := transcript(t, m, c.effort, c.questions...)
			require.Equal(t, got, transcript(t, m, c.effort, c.questions...))
			path := filepath.Join("testdata", c.name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o666))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// The rows of some ids are those that training computed (train/export.py writes them beside the weights).
func TestRows(t *testing.T) {
	packed, err := os.ReadFile("testdata/rows.safetensors.gz")
	require.NoError(t, err)
	want, err := unpack(packed)
	require.NoError(t, err)
	f, err := files()
	require.NoError(t, err)
	got, err := readContainer(f["model.safetensors"])
	require.NoError(t, err)
	ids := want.bytes("ids")
	require.Greater(t, len(ids), 4*100)
	for _, table := range tables {
		name := table + ".weight"
		n := got.tensors[name].Shape[1] * 2
		for i := range len(ids) / 4 {
			id := int(binary.LittleEndian.Uint32(ids[4*i:]))
			require.Equal(t, want.bytes(name)[i*n:][:n], got.bytes(name)[id*n:][:n], "%s of %d", table, id)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		began := time.Now()
		c, err := unpack(weights)
		require.NoError(b, err)
		_, err = c.expand()
		require.NoError(b, err)
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms/open")
	}
}
