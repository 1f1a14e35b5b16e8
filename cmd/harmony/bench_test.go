package main

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/decoder"
)

// writeCheckpoint writes one of checkpoints and returns where.
func writeCheckpoint(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := checkpoints[name](path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBench: the figures fit together, whatever they are.
func TestBench(t *testing.T) {
	path := writeCheckpoint(t, "original")
	got := runHarmony(t, "", "bench", "--model", path, "--json", "--threads", "2", "--prefill", "20,1", "--decode", "5", "--depth", "30,0,30", "--repeat", "3",
		"--precision", "float32,int8", "--read", "64M")
	if got.status != 0 || got.stderr != "" {
		t.Fatalf("status %d, %s", got.status, got.stderr)
	}
	lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want one a precision", len(lines))
	}
	for i, p := range []decoder.Precision{decoder.Float32, decoder.Int8} {
		var r benchResult
		if err := json.Unmarshal([]byte(lines[i]), &r); err != nil {
			t.Fatal(err)
		}
		checkResult(t, path, p, &r)
	}
}

// checkResult holds a result against the model and against itself.
func checkResult(t *testing.T, path string, p decoder.Precision, r *benchResult) {
	t.Helper()
	m, err := decoder.Open(path, &decoder.Options{Precision: p, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if r.Precision != p || r.Hold != m.Hold() || r.Threads != 2 || r.Kernels != m.Kernels() || r.WeightBytes != m.WeightBytes() ||
		r.BytesPerToken != m.BytesPerToken(0) || !(r.Read >= r.ReadMedian && r.ReadMedian > 0) || len(r.Runs) != 4 {
		t.Errorf("%+v", r)
	}
	for i, want := range []benchRun{{Kind: "prefill", Tokens: 20}, {Kind: "prefill", Tokens: 1},
		{Kind: "decode", Tokens: 5, BytesPerToken: m.BytesPerToken(3)},
		{Kind: "decode", Tokens: 5, Depth: 30, BytesPerToken: m.BytesPerToken(33)}} { // the mean of 31 to 35: full layers grow evenly
		run := r.Runs[i]
		if run.Kind != want.Kind || run.Tokens != want.Tokens || run.Depth != want.Depth || run.BytesPerToken != want.BytesPerToken || len(run.Samples) != 3 {
			t.Errorf("run %d: %+v, want %+v", i, run, want)
		}
		n, sorted := float64(run.Tokens), slices.Sorted(slices.Values(run.Samples))
		near(t, "seconds", run.Seconds, sorted[0])
		near(t, "speed", run.TokensPerSecond, n/sorted[0])
		near(t, "median", run.MedianPerSecond, n/sorted[1])
		near(t, "rate", run.Rate, float64(want.BytesPerToken)*n/sorted[0]/1e9)
		if (run.Share > 0) != (want.Kind == "decode") {
			t.Errorf("run %d: share %v", i, run.Share)
		}
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*math.Abs(want) {
		t.Errorf("%s %v, want %v", what, got, want)
	}
}

// TestBenchChecks: a repetition that gives other logits by a single bit is an error, not a figure.
func TestBenchChecks(t *testing.T) {
	m, err := decoder.Open(writeCheckpoint(t, "original"), &decoder.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	f := &benchFlags{prefill: counts{of: []int{7}}, depth: counts{of: []int{3, 9}}, decode: 4, repeat: 2, read: 1 << 20}
	b := &bench{model: m, flags: f, meter: &meter{}, result: &benchResult{}, logits: make([]float32, m.Config().Vocabulary)}
	b.choose(m.Config().Vocabulary)
	if err := b.run(); err != nil {
		t.Fatal(err)
	}
	if len(b.result.Runs) != 3 || b.scan == nil {
		t.Fatalf("%+v", b.result)
	}
	if b.scan, err = m.NewScan(1 << 20); err != nil {
		t.Fatal(err)
	}
	defer b.scan.Close()
	for _, r := range b.result.Runs {
		if err := b.sample(r); err != nil {
			t.Fatal(err)
		}
		r.logits[100] = math.Nextafter32(r.logits[100], 100)
		err := b.sample(r)
		if err == nil || !strings.Contains(err.Error(), "logit 100 is") || !strings.Contains(err.Error(), r.Kind) || len(r.Samples) != 3 {
			t.Errorf("%s: %v, %d samples", r.Kind, err, len(r.Samples))
		}
		r.logits = slices.Repeat([]float32{1}, len(r.logits))
		r.logits[5] = float32(math.Inf(1))
		if err := finite(r); err == nil || !strings.Contains(err.Error(), "logit 5 is +Inf") {
			t.Error(err)
		}
	}
}

// TestBenchTokens: random tokens are those of the vocabulary, none special, and the same for the same seed.
func TestBenchTokens(t *testing.T) {
	f := &benchFlags{prefill: counts{of: []int{50_000}}, depth: counts{of: []int{0}}, seed: 3}
	b, other := &bench{flags: f}, &bench{flags: f}
	b.choose(201088)
	other.choose(201088)
	if !slices.Equal(b.tokens, other.tokens) || len(b.tokens) != 50_000 {
		t.Error("other tokens for the same seed")
	}
	if most := slices.Max(b.tokens); most >= lastText || most < lastText-100 {
		t.Errorf("the largest of 50,000 tokens is %d", most)
	}
	if b.choose(100); slices.Max(b.tokens) != 99 || slices.Min(b.tokens) != 0 {
		t.Error("not all of a small vocabulary")
	}
	f.seed = 4
	if other.choose(100); slices.Equal(b.tokens, other.tokens) {
		t.Error("the same tokens for another seed")
	}
}

// TestBenchView: how results are shown.
func TestBenchView(t *testing.T) {
	r := &benchResult{Path: "gpt-oss-20b.gguf", Layout: "GGUF", Precision: decoder.Int8, Hold: decoder.Packed, Threads: 2, Kernels: "AVX2", LoadSeconds: 14.04,
		WeightBytes: 12_096_000_000, Read: 48.04, ReadMedian: 47.2, Runs: []*benchRun{
			{Kind: "prefill", Tokens: 512, TokensPerSecond: 1234.5, MedianPerSecond: 999.96},
			{Kind: "decode", Tokens: 64, Depth: 4096, TokensPerSecond: 15.678, MedianPerSecond: 15.5, BytesPerToken: 2_570_000_000, Rate: 40.29, Share: .8349},
		}}
	want := `gpt-oss-20b.gguf  GGUF  2 threads  AVX2 kernels

int8  packed, 12.1 GB of weights, open in 14.0 s  memory read at 48.0 GB/s (median 47.2)
           tokens  depth  tokens/s  median  read a token  GB/s  of memory's
  prefill     512      0     1,235   1,000
  decode       64  4,096     15.68   15.50       2.57 GB  40.3         83 %
`
	var text strings.Builder
	w := bufio.NewWriter(&text)
	v := benchView{newScreen(w, os.Stdout, &options{color: choice{value: "never"}}), r}
	v.print(true)
	v.print(false)
	w.Flush()
	_, again, _ := strings.Cut(want, "\n")
	if text.String() != want+again {
		t.Errorf("got\n%s\nwant\n%s", text.String(), want+again)
	}
}
