package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/tokenizer"
)

// tiny is a model whose every dimension differs from the others, so that a transposed tensor fails.
var tiny = []string{"-layers", "3", "-hidden", "64", "-heads", "6", "-kv-heads", "2", "-head-size", "32", "-experts", "5", "-active", "2",
	"-expert-size", "96", "-vocabulary", "300", "-window", "4", "-original", "16"}

func write(t *testing.T, name string, args ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), name)
	var log bytes.Buffer
	require.NoError(t, run(context.Background(), append(append([]string{}, args...), out), &log), "%s", &log)
	return out
}

// logits opens a checkpoint and runs a few tokens, the last two one by one.
func logits(t *testing.T, path string) []float32 {
	t.Helper()
	m, err := decoder.Open(path, nil)
	require.NoError(t, err)
	defer m.Close()
	s, err := m.NewSequence(32)
	require.NoError(t, err)
	out := make([]float32, m.Config().Vocabulary)
	require.NoError(t, s.Forward([]tokenizer.Token{3, 1, 4, 1, 5, 9, 2, 6, 5, 35, 89, 79}, out))
	require.NoError(t, s.Forward([]tokenizer.Token{32}, out))
	require.NoError(t, s.Forward([]tokenizer.Token{38}, out))
	return out
}

// One seed is one model: what the layouts hold gives the same logits, exactly where nothing is rounded.
func TestLayoutsHoldTheSameModel(t *testing.T) {
	want := logits(t, write(t, "hf", append(tiny, "-layout", "hf", "-shard", "100000")...))
	deviation := math.Sqrt(meanSquare(want, make([]float32, len(want))))
	require.True(t, deviation > 0.5 && deviation < 5, "logits of deviation %g", deviation)
	for name, args := range map[string][]string{
		"OpenAI":              {"-layout", "openai"},
		"one file":            {"-layout", "hf"},
		"GGUF, bf16":          {"-rest", "bf16"},
		"GGUF, f32":           {"-rest", "f32"},
		"GGUF, all f32":       {"-rest", "f32", "-experts-format", "f32"},
		"GGUF, experts bf16":  {"-rest", "bf16", "-experts-format", "bf16"},
		"GGUF, Q8_0":          nil,
		"GGUF, of other seed": {"-seed", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := logits(t, write(t, "out.gguf", append(tiny, args...)...))
			difference := math.Sqrt(meanSquare(got, want)) / deviation
			switch {
			case strings.Contains(name, "seed"):
				assert.Greater(t, difference, 0.5)
			case strings.Contains(name, "Q8_0"):
				assert.Less(t, difference, 0.1)
				assert.Greater(t, difference, 1e-4)
			default:
				assert.Less(t, difference, 1e-5)
			}
		})
	}
}

func meanSquare(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return sum / float64(len(a))
}

// A seed gives these bytes, on every machine: a file that somebody made elsewhere is the one that figures are about.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(write(t, "m.gguf", tiny...))
	require.NoError(t, err)
	assert.Equal(t, "dd5b66605d319ae91eb6329475f51ac314cfe824afbc852c38971840023785c5", fmt.Sprintf("%x", sha256.Sum256(data)))
}

// The shape that figures are about: 459 tensors, and the bytes of ggml-org's file to a chat template.
func TestTrueShape(t *testing.T) {
	o, s, err := parse([]string{"x.gguf"}, io.Discard)
	require.NoError(t, err)
	m := &model{shape: *s, options: *o, pools: newPools(1)}
	m.pools.known = fakePools(m)
	tensors := m.ggufTensors()
	formats, size := map[string]int{}, int64(0)
	for i := range tensors {
		formats[tensors[i].format]++
		size += tensors[i].bytes()
	}
	assert.Equal(t, map[string]int{"F32": 289, "Q8_0": 98, "MXFP4": 72}, formats)
	// 2 x 201088 x 2880 and 24 x 26,542,080 elements of 34/32 bytes; 24 x 32 x 3 x 2880 x 2880 of 17/32; the rest 4 bytes.
	const q8, fp4 = (2*201088*2880 + 24*26542080) * 34 / 32, 24 * 32 * 3 * 2880 * 2880 * 17 / 32
	const float = 4 * (2880 + 24*(2*2880+5120+2880+64+32*2880+32+32*3*2880))
	assert.Equal(t, int64(q8+fp4+float), size)
}

// fakePools stand in for those of a model that is not written.
func fakePools(m *model) map[string]*pool {
	known := map[string]*pool{}
	for _, deviation := range []float64{1, round(1.5 / math.Sqrt(2880)), round(1.25 / math.Sqrt(2880)), round(0.5 / 64)} {
		known[kindOfNormal(deviation)+" Q8_0"] = &pool{block: 34}
	}
	known[kindOfFP4(-8)+" MXFP4"] = &pool{block: 17}
	known[kindOfFP4(-10)+" MXFP4"] = &pool{block: 17}
	return known
}

func TestTokenizerMetadata(t *testing.T) {
	values := map[string]any{}
	for _, kv := range tokenizerMetadata() {
		values[kv.key] = kv.value
	}
	tokens := values["tokenizer.ggml.tokens"].([]string)
	assert.Len(t, tokens, 201088)
	assert.Equal(t, "Ġthe", tokens[290])
	assert.Equal(t, "<|return|>", tokens[200002])
	assert.Equal(t, "<|reserved_200013|>", tokens[200013])
	assert.Equal(t, "[PAD200019]", tokens[200019])
	kinds := values["tokenizer.ggml.token_type"].([]int32)
	assert.Equal(t, []int32{1, 3, 3, 5}, []int32{kinds[199997], kinds[199998], kinds[200018], kinds[200019]})
	// As many as the file that ggml-org publishes has, and no pair twice.
	list := values["tokenizer.ggml.merges"].([]string)
	assert.Len(t, list, 446189)
	seen := map[string]bool{}
	for _, pair := range list {
		seen[pair] = true
		left, right, ok := strings.Cut(pair, " ")
		require.True(t, ok && left != "" && right != "", "%q", pair)
	}
	assert.Len(t, seen, len(list))
	assert.Equal(t, "Ġ Ġ", list[0])
}

// The two orders of codes in a block say the same, and so does what is decoded.
func TestPoolsOfFP4Agree(t *testing.T) {
	p := newPools(7)
	codes, scales, halves := p.fp4(-5, "codes"), p.fp4(-5, "scales"), p.fp4(-5, "MXFP4")
	floats, bf16 := p.fp4(-5, "F32"), p.fp4(-5, "BF16")
	for _, i := range []int{0, 1, 4711, poolBlocks - 1} {
		pair, scale := codes.append(nil, i, 1), scales.append(nil, i, 1)[0]
		half := halves.append(nil, i, 1)
		f, b := floats.append(nil, i, 1), bf16.append(nil, i, 1)
		assert.Equal(t, scale, half[0])
		assert.Contains(t, []byte{122, 123}, scale)
		for j := range blockSize {
			code := pair[j/2] >> (j % 2 * 4) & 15
			assert.Equal(t, code, half[1+j%16]>>(j/16*4)&15, "block %d, element %d", i, j)
			want := math.Ldexp(float64(fp4Values[code]), int(scale)-127)
			assert.Equal(t, want, float64(math.Float32frombits(binary.LittleEndian.Uint32(f[4*j:]))))
			assert.Equal(t, want, float64(fromBFloat16(binary.LittleEndian.Uint16(b[2*j:]))))
		}
	}
}

func TestPoolOfQ8(t *testing.T) {
	p := newPools(7)
	q8, bf16 := p.normal(0.02, "Q8_0"), p.normal(0.02, "BF16")
	var sum, squares float64
	const blocks = 2000
	for i := range blocks {
		q, b := q8.append(nil, i, 1), bf16.append(nil, i, 1)
		scale := math.Ldexp(1+float64(binary.LittleEndian.Uint16(q)&1023)/1024, int(binary.LittleEndian.Uint16(q)>>10)-15)
		for j := range blockSize {
			want := float64(fromBFloat16(binary.LittleEndian.Uint16(b[2*j:])))
			assert.InDelta(t, want, scale*float64(int8(q[2+j])), scale*0.57) // half a step, and 127 steps of a scale off by 2^-11
			sum, squares = sum+want, squares+want*want
		}
	}
	const n = blocks * blockSize
	assert.InDelta(t, 0, sum/n, 5*0.02/math.Sqrt(n))
	assert.InDelta(t, 0.02, math.Sqrt(squares/n), 0.0002)
}

func TestFloat16(t *testing.T) {
	for x, want := range map[float32]uint16{
		0: 0, 1: 0x3c00, 65504: 0x7bff, 1.0 / (1 << 14): 0x0400, 1.0 / (1 << 24): 1, 1.0 / (1 << 25): 0, 3.0 / (1 << 25): 2,
		1.0/(1<<14) - 1.0/(1<<26): 0x0400, 1 + 1.0/(1<<11): 0x3c00, 1 + 3.0/(1<<11): 0x3c02, 2 - 1.0/(1<<12): 0x4000,
	} {
		assert.Equal(t, want, float16(x), "%g", x)
	}
}

// A pool goes on with its first block after its last.
func TestPoolWraps(t *testing.T) {
	p := newPools(1).fp4(-3, "scales")
	got := p.append([]byte{9}, poolBlocks-2, poolBlocks+5)
	want := append(append([]byte{9}, p.data[poolBlocks-2:]...), p.data...)
	assert.Equal(t, append(want, p.data[:3]...), got)
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		want string
		args []string
	}{
		{"expected one name to write to, found 0", nil},
		{`-layout: expected one of`, []string{"-layout", "onnx", "x"}},
		{`-rest: expected one of`, []string{"-rest", "q4", "x"}},
		{"-rest and -experts-format are for -layout gguf", []string{"-layout", "hf", "-rest", "bf16", "x"}},
		{"-hidden: expected a multiple of 32, found 100", []string{"-hidden", "100", "x"}},
		{"-expert-size: expected a multiple of 32", []string{"-expert-size", "33", "x"}},
		{"-layers: expected 1 to 1048576, found 0", []string{"-layers", "0", "x"}},
		{"-heads: expected a multiple of the 8", []string{"-heads", "12", "x"}},
		{"-head-size: expected an even number, found 33", []string{"-head-size", "33", "x"}},
		{"-active: expected at most the 32 experts", []string{"-active", "33", "x"}},
		{"-beta-fast and -beta-slow", []string{"-beta-fast", "0.5", "x"}},
		{`-model: expected one of`, []string{"-model", "7b", "x"}},
	} {
		_, _, err := parse(c.args, io.Discard)
		assert.ErrorContains(t, err, c.want)
	}
}

// What is interrupted leaves nothing that looks like a checkpoint.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	err := run(ctx, append(append([]string{}, tiny...), filepath.Join(dir, "m.gguf")), io.Discard)
	require.ErrorIs(t, err, context.Canceled)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestProgress(t *testing.T) {
	var log bytes.Buffer
	p := &progress{ctx: context.Background(), log: &log, total: 3e9, next: time.Now().Add(-1)}
	require.NoError(t, p.add(1.5e9))
	require.NoError(t, p.add(1e9))
	assert.Equal(t, "1.5 of 3.0 GB\n", log.String())
}
