package decoder

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/tokenizer"
)

// small opens fixture x with blocks of three tokens and rings that hold almost nothing but the window, so that short
// sequences go through everything that long ones do.
func small(t *testing.T, threads int) *Model {
	f := fixtures["x"]
	m := open(t, forms[0].write(t, &f), &Options{Threads: threads})
	m.block, m.slack = 3, 1
	return m
}

// fresh returns the logits after each of toks, computed by a new sequence, token by token.
func fresh(t *testing.T, m *Model, toks []tokenizer.Token) [][]float32 {
	t.Helper()
	s, list := sequence(t, m, len(toks)), [][]float32{}
	for i := range toks {
		logits := make([]float32, m.cfg.Vocabulary)
		require.NoError(t, s.Forward(toks[i:i+1], logits))
		list = append(list, logits)
	}
	return list
}

// TestForwardInParts: a prompt in one call, in parts of any size, or token by token gives the same bits.
func TestForwardInParts(t *testing.T) {
	m := small(t, 2)
	v := m.cfg.Vocabulary
	toks := prompt(40, v)
	want := fresh(t, m, toks)
	for size := 1; size <= len(toks); size++ {
		s := sequence(t, m, len(toks))
		var got [][]float32
		for part := range slices.Chunk(toks, size) {
			logits := make([]float32, len(part)*v)
			require.NoError(t, s.Forward(part, logits))
			got = slices.AppendSeq(got, slices.Chunk(logits, v))
		}
		require.Equal(t, want, got, "parts of %d", size)

		last := make([]float32, v)
		s = sequence(t, m, len(toks))
		for i := 0; i < len(toks); i += size {
			require.NoError(t, s.Forward(toks[i:min(i+size, len(toks))], last))
		}
		require.Equal(t, want[len(toks)-1], last, "parts of %d, last logits", size)
	}
}

// TestForwardInPartsOfRealSize does the same once with blocks of the size that is used.
func TestForwardInPartsOfRealSize(t *testing.T) {
	f := fixtures["a"]
	m := open(t, forms[0].write(t, &f), nil)
	toks := prompt(200, m.cfg.Vocabulary)
	logits := make([]float32, m.cfg.Vocabulary)
	require.NoError(t, sequence(t, m, 300).Forward(toks, logits))
	require.Equal(t, fresh(t, m, toks)[len(toks)-1], logits)
}

// TestThreads: the number of threads changes no bit, nor do other sequences that compute at the same time.
func TestThreads(t *testing.T) {
	var want [][]float32
	for _, threads := range []int{1, 2, 3, 8} {
		m := small(t, threads)
		toks := prompt(30, m.cfg.Vocabulary)
		if want == nil {
			want = fresh(t, m, toks)
		}
		var all sync.WaitGroup
		results := make([][]float32, 4)
		for i := range results {
			s := sequence(t, m, len(toks))
			results[i] = make([]float32, len(toks)*m.cfg.Vocabulary)
			all.Go(func() {
				if err := s.Forward(toks, results[i]); err != nil {
					panic(err)
				}
			})
		}
		all.Wait()
		for _, logits := range results {
			require.Equal(t, slices.Concat(want...), logits, "%d threads", threads)
		}
	}
}

// TestRewind goes forward, back and aside at random: whatever a sequence has been through, its logits are those of a new one.
func TestRewind(t *testing.T) {
	m := small(t, 2)
	const capacity = 60
	known := map[string][]float32{}
	expect := func(toks []tokenizer.Token) []float32 {
		key := fmt.Sprint(toks)
		if known[key] == nil {
			known[key] = make([]float32, m.cfg.Vocabulary)
			require.NoError(t, sequence(t, m, capacity).Forward(toks, known[key]))
		}
		return known[key]
	}
	rng, replays := rand.New(rand.NewPCG(1, 2)), 0
	for range 12 {
		s, toks := sequence(t, m, capacity), []tokenizer.Token{}
		for range 60 {
			switch n := rng.IntN(10); {
			case n < 6 && len(toks) < capacity:
				part := make([]tokenizer.Token, 1+rng.IntN(min(8, capacity-len(toks))))
				for i := range part {
					part[i] = tokenizer.Token(rng.IntN(m.cfg.Vocabulary))
				}
				toks = append(toks, part...)
				logits := make([]float32, m.cfg.Vocabulary)
				require.NoError(t, s.Forward(part, logits))
				require.Equal(t, expect(toks), logits)
			case n < 8:
				back := len(toks)
				if n == 6 {
					back = min(back, 6)
				}
				toks = toks[:len(toks)-rng.IntN(back+1)]
				s.Truncate(len(toks))
				if s.replay >= 0 {
					replays++
				}
			case n == 8:
				s.Truncate(capacity + 1) // nothing
			default:
				c, err := s.Clone()
				require.NoError(t, err)
				if rng.IntN(2) == 0 && c.Len() < capacity { // what the other one does must not be seen
					require.NoError(t, s.Forward([]tokenizer.Token{1}, nil))
				}
				s = c
			}
			require.Equal(t, len(toks), s.Len())
		}
	}
	require.Greater(t, replays, 20, "the test must get at rings that have been overwritten")
}

// TestRewindAgain goes back a little after it has gone back far: what was computed again only to get to the right keys must not
// be taken for right.
func TestRewindAgain(t *testing.T) {
	m := small(t, 1)
	toks, logits := prompt(50, m.cfg.Vocabulary), make([]float32, m.cfg.Vocabulary)
	want := fresh(t, m, toks)
	for more := 1; more <= 8; more++ {
		for back := 0; back <= 12; back++ {
			s := sequence(t, m, 50)
			require.NoError(t, s.Forward(toks[:40], nil))
			s.Truncate(20)
			require.Equal(t, 20-3*3, s.replay, "three sliding layers with a window of 4")
			require.NoError(t, s.Forward(toks[20:20+more], nil))
			n := 20 + more - back
			s.Truncate(n)
			require.NoError(t, s.Forward(toks[n:n+1], logits))
			require.Equal(t, want[n], logits, "%d more, %d back", more, back)
		}
	}
}

// TestRewindOfRealSize takes back more than rings of the size that is used hold.
func TestRewindOfRealSize(t *testing.T) {
	f := fixtures["a"]
	m := open(t, forms[0].write(t, &f), nil)
	toks := prompt(1700, m.cfg.Vocabulary)
	s, got, want := sequence(t, m, 1800), make([]float32, m.cfg.Vocabulary), make([]float32, m.cfg.Vocabulary)
	require.NoError(t, s.Forward(toks, nil))
	s.Truncate(1600)
	require.Negative(t, s.replay, "a hundred tokens can be taken back at no cost")
	s.Truncate(300)
	require.Equal(t, 300-2*7, s.replay, "two sliding layers with a window of 8")
	require.NoError(t, s.Forward(toks[300:305], got))
	require.NoError(t, sequence(t, m, 305).Forward(toks[:305], want))
	require.Equal(t, want, got)
}

// TestAllocations: a decode step and a prompt allocate nothing.
func TestAllocations(t *testing.T) {
	f := fixtures["a"]
	m := open(t, forms[0].write(t, &f), &Options{Threads: 2})
	s, logits, toks := sequence(t, m, 400), make([]float32, m.cfg.Vocabulary), prompt(100, m.cfg.Vocabulary)
	run := func() {
		s.Truncate(0)
		for i := range 3 {
			if err := s.Forward(toks[i*10:], logits); err != nil {
				panic(err)
			}
			if err := s.Forward(toks[:1], logits); err != nil {
				panic(err)
			}
		}
	}
	require.Zero(t, testing.AllocsPerRun(5, run))
}

// TestForwardErrors: each error has its type, and leaves the sequence as it was.
func TestForwardErrors(t *testing.T) {
	m := small(t, 1)
	v := m.cfg.Vocabulary
	toks := prompt(12, v)
	want := fresh(t, m, toks)
	s := sequence(t, m, 12)
	require.NoError(t, s.Forward(toks[:8], nil))
	for _, c := range []struct {
		toks   []tokenizer.Token
		logits int
		err    string
	}{
		{toks[:5], v, "decoder: 13 positions wanted, the capacity is 12"},
		{[]tokenizer.Token{1, 64}, v, "decoder: token 64 at offset 1 is not in the vocabulary of 64"},
		{[]tokenizer.Token{1<<32 - 1}, v, "decoder: token 4294967295 at offset 0 is not in the vocabulary of 64"},
		{toks[:3], v - 1, "decoder: logits for 3 tokens have length 63, expected 0, 64 or 192"},
		{nil, v, "decoder: logits for 0 tokens have length 64, expected 0, 64 or 0"},
	} {
		require.EqualError(t, s.Forward(c.toks, make([]float32, c.logits)), c.err)
		require.Equal(t, 8, s.Len())
	}
	require.NoError(t, s.Forward(nil, nil))
	got := make([]float32, 4*v)
	require.NoError(t, s.Forward(toks[8:], got))
	require.Equal(t, slices.Concat(want[8:]...), got)

	for _, capacity := range []int{-1, 0, m.cfg.Context + 1} {
		_, err := m.NewSequence(capacity)
		require.ErrorAs(t, err, new(*CapacityError))
	}
	require.NoError(t, m.Close())
	require.ErrorIs(t, s.Forward(toks[:1], nil), ErrClosed)
	_, err := m.NewSequence(1)
	require.ErrorIs(t, err, ErrClosed)
}

// TestFileCutOff: a file that becomes shorter while it is mapped is an error that names it, not the end of the process.
func TestFileCutOff(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		t.Skip("a mapped file cannot be cut off here, or none is mapped")
	}
	f := fixtures["a"]
	for _, threads := range []int{1, 4} {
		for _, left := range []int64{4096 * 3, 400_000, -1} { // within the embedding; within the layers; one byte short

			dir := forms[0].write(t, &f)
			path := filepath.Join(dir, "model.safetensors")
			m := open(t, dir, &Options{Threads: threads})
			s := sequence(t, m, 300)
			toks := prompt(40, m.cfg.Vocabulary)
			require.NoError(t, s.Forward(toks[:10], nil))
			info, err := os.Stat(path)
			require.NoError(t, err)
			if left < 0 {
				left += info.Size()
			}
			require.NoError(t, os.Truncate(path, left))
			err = s.Forward(toks[10:], nil)
			file := (*FileError)(nil)
			require.ErrorAs(t, err, &file)
			require.Equal(t, path, file.File)
			require.Equal(t, 10, s.Len())
			t.Log(err)
		}
	}
}

// TestCacheBytes holds the formula of the package comment against what a sequence allocates.
func TestCacheBytes(t *testing.T) {
	f := fixtures["x"]
	for precision, size := range map[Precision]int{Float32: 4, BFloat16: 2, Int8: 2} {
		m := open(t, forms[0].write(t, &f), &Options{Precision: precision})
		for _, capacity := range []int{1, 60, 1028, 1029, 2000} {
			bytes := 0
			for _, c := range sequence(t, m, capacity).cache {
				bytes += 4*(len(c.keys)+len(c.values)) + 2*(len(c.keys16)+len(c.values16))
			}
			require.EqualValues(t, bytes, m.CacheBytes(capacity))
			require.Equal(t, size*f.kvHeads*(f.head+fill(f.head))*(2*fill(capacity)+3*fill(min(capacity, f.window+1024))), bytes)
			if precision == Float32 {
				require.EqualValues(t, bytes, m.cfg.CacheBytes(capacity))
			}
		}
	}
}
