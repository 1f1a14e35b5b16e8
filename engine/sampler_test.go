package engine

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/tokenizer"
)

// oracle chooses as Sampling's comment says, step by step, with a full sort and without any memory of its own. random is the value
// that a draw takes. It shares the weights with the sampler, which TestWeight holds to math.Exp.
func oracle(p *Sampling, logits []float32, allowed []uint64, seen map[tokenizer.Token]bool, random uint64) (tokenizer.Token, bool) {
	order, weights := oracleKept(p, logits, allowed, seen)
	switch {
	case len(order) == 0:
		return 0, false
	case p.Temperature == 0:
		return tokenizer.Token(order[0]), true
	}
	slices.Sort(order)
	sum := uint64(0)
	for _, i := range order {
		sum += weights[i]
	}
	// r = random*sum / 2^64, the fraction dropped
	r := new(big.Int).Mul(new(big.Int).SetUint64(random), new(big.Int).SetUint64(sum))
	r.Rsh(r, 64)
	for _, i := range order {
		if r.Cmp(new(big.Int).SetUint64(weights[i])) < 0 {
			return tokenizer.Token(i), true
		}
		r.Sub(r, new(big.Int).SetUint64(weights[i]))
	}
	return 0, false
}

// oracleKept returns the tokens that may be drawn, the best first, and the weights of all.
func oracleKept(p *Sampling, logits []float32, allowed []uint64, seen map[tokenizer.Token]bool) (order []int, weights []uint64) {
	z := slices.Clone(logits)
	for t, b := range p.LogitBias {
		z[t] += b
	}
	for t := range seen {
		if r := float32(p.RepetitionPenalty); r != 0 && z[t] > 0 {
			z[t] /= r
		} else if r != 0 {
			z[t] *= r
		}
	}
	for i := range z {
		if math.IsInf(float64(z[i]), 1) {
			z[i] = math.MaxFloat32
		}
		if z[i] > float32(math.Inf(-1)) && (allowed == nil || allowed[i/64]&(1<<(i%64)) != 0) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(z[b], z[a]) })
	if len(order) == 0 || p.Temperature == 0 {
		return order, nil
	}
	sc, best := newScale(p.Temperature, len(z)), z[order[0]]
	if p.TopK > 0 {
		order = order[:min(len(order), p.TopK)]
	}
	sum := uint64(0)
	weights = make([]uint64, len(z))
	for _, i := range order {
		weights[i] = sc.weight(float64(z[i]), float64(best))
		sum += weights[i]
	}
	if p.TopP > 0 && p.TopP < 1 {
		limit, reached, n := uint64(math.Ceil(p.TopP*float64(sum))), uint64(0), 0
		for ; n < len(order) && reached < limit; n++ {
			reached += weights[order[n]]
		}
		order = order[:n]
	}
	return slices.DeleteFunc(order, func(i int) bool { return float64(weights[i]) < p.MinP*float64(sc.one) }), weights
}

// TestTransformers compares what may be drawn, and how probably, with what transformers keeps of the same logits. TestSampler
// compares the sampler with the oracle that is held to it here.
func TestTransformers(t *testing.T) {
	text, err := os.ReadFile("testdata/sampling.json")
	require.NoError(t, err)
	var cases []struct {
		N             int
		Spread        float32
		Temperature   float64
		TopK          int     `json:"top_k"`
		TopP          float64 `json:"top_p"`
		MinP          float64 `json:"min_p"`
		Penalty       float64
		Prompt        []tokenizer.Token
		Kept          []int
		Probabilities []float64
	}
	require.NoError(t, json.Unmarshal(text, &cases))
	require.NotEmpty(t, cases)
	for i, c := range cases {
		logits, seen := make([]float32, c.N), map[tokenizer.Token]bool{}
		for j := range logits {
			h := (uint32(i+1)*1000003 + uint32(j) + 1) * 2654435761
			logits[j] = (float32(h>>8)/(1<<22) - 2) * c.Spread
		}
		for _, tok := range c.Prompt {
			seen[tok] = true
		}
		p := Sampling{Temperature: c.Temperature, TopK: c.TopK, TopP: c.TopP, MinP: c.MinP, RepetitionPenalty: c.Penalty}
		order, weights := oracleKept(&p, logits, nil, seen)
		slices.Sort(order)
		require.Equal(t, c.Kept, order, "case %d", i)
		sum := 0.0
		for _, j := range order {
			sum += float64(weights[j])
		}
		for k, j := range order {
			require.InEpsilon(t, c.Probabilities[k], float64(weights[j])/sum, 2e-5, "case %d, token %d", i, j)
		}
	}
}

// someLogits returns n logits: normal, with ties, zeros of both signs, and values that are no logits.
func someLogits(r *rand.Rand, n int) []float32 {
	z, spread := make([]float32, n), []float64{.1, 2, 10, 1000}[r.IntN(4)]
	for i := range z {
		z[i] = float32(r.NormFloat64() * spread)
		switch odd := r.IntN(60); {
		case odd < 10 && i > 0:
			z[i] = z[r.IntN(i)]
		case odd == 10:
			z[i] = 0
		case odd == 11:
			z[i] = float32(math.Copysign(0, -1))
		case odd == 12:
			z[i] = float32(math.NaN())
		case odd == 13:
			z[i] = float32(math.Inf(-1))
		case odd == 14 && r.IntN(20) == 0:
			z[i] = float32(math.Inf(1))
		}
	}
	return z
}

func someSampling(r *rand.Rand, n int) Sampling {
	p := Sampling{Seed: r.Uint64()}
	pick := func(x ...float64) float64 { return x[r.IntN(len(x))] }
	p.Temperature = pick(0, .1, .7, 1, 1, 3, 1e-300, 5e-324, 1e300)
	p.TopK = int(pick(0, 0, 1, 2, 5, float64(n), float64(2*n), float64(r.IntN(n)+1)))
	p.TopP = pick(0, 0, 1, .5, .9, .999, 1e-12, r.Float64())
	p.MinP = pick(0, 0, 1, .05, .5, r.Float64())
	p.RepetitionPenalty = pick(0, 1, 1.1, 2, .5, 1e30)
	for range r.IntN(4) {
		if p.LogitBias == nil {
			p.LogitBias = map[tokenizer.Token]float32{}
		}
		p.LogitBias[tokenizer.Token(r.IntN(n))] = float32(pick(-100, 100, 3, math.Inf(-1), 0))
	}
	return p
}

func someMask(r *rand.Rand, n int) []uint64 {
	mask := make([]uint64, (n+63)/64)
	for i := range mask {
		switch r.IntN(3) {
		case 0:
			mask[i] = r.Uint64()
		case 1:
			mask[i] = ^uint64(0) // bits beyond the vocabulary are set too
		}
	}
	return mask
}

// TestSampler compares every choice of many samplers with the oracle's.
func TestSampler(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 1 + r.IntN(400)
		compareSampler(t, r, n, 4)
	}
	compareSampler(t, rand.New(rand.NewPCG(7, 7)), 201088, 6)
}

// compareSampler runs a sampler for some tokens of output beside the oracle.
func compareSampler(t *testing.T, r *rand.Rand, n, outputs int) {
	p := someSampling(r, n)
	var prompt []tokenizer.Token
	seen := map[tokenizer.Token]bool{}
	for range r.IntN(20) {
		tok := tokenizer.Token(r.IntN(n))
		prompt = append(prompt, tok)
		seen[tok] = true
	}
	s, err := NewSampler(n, &p, prompt)
	require.NoError(t, err)
	random := rand.NewPCG(p.Seed, 0)
	for range outputs {
		logits := someLogits(r, n)
		var mask []uint64
		if r.IntN(3) == 0 {
			mask = someMask(r, n)
		}
		state := *random
		want, ok := oracle(&p, logits, mask, seen, random.Uint64())
		got, err := s.Sample(slices.Clone(logits), mask)
		if !ok {
			require.ErrorIs(t, err, ErrNoToken, "%+v", p)
			*random = state // nothing was drawn
			continue
		}
		require.NoError(t, err)
		require.Equal(t, want, got, "%+v, %d logits", p, n)
		seen[got] = true
		if p.Temperature == 0 {
			*random = state
		}
	}
}

// FuzzSampler reads the logits and a mask from the bytes: the choice is the oracle's, and is allowed.
func FuzzSampler(f *testing.F) {
	f.Add(1.0, 3, .9, .1, 1.1, uint64(1), []byte{0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 192, 127, 0, 0, 128, 127, 0, 0, 128, 255, 0, 0, 0, 128})
	f.Add(.5, 0, 0., 0., 0., uint64(2), []byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Add(math.Inf(1), -1, math.NaN(), 2., -1., uint64(2), []byte{1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, temperature float64, k int, topP, minP, penalty float64, seed uint64, data []byte) {
		n := len(data) / 4
		if n == 0 || n > 1<<16 {
			return
		}
		logits := make([]float32, n)
		for i := range logits {
			logits[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		p := Sampling{Temperature: temperature, TopK: k, TopP: topP, MinP: minP, RepetitionPenalty: penalty, Seed: seed}
		first := tokenizer.Token(seed % uint64(n))
		s, err := NewSampler(n, &p, []tokenizer.Token{first})
		if err != nil {
			require.ErrorAs(t, err, new(*RequestError))
			return
		}
		want, ok := oracle(&p, logits, nil, map[tokenizer.Token]bool{first: true}, rand.NewPCG(seed, 0).Uint64())
		got, err := s.Sample(logits, nil)
		require.Equal(t, ok, err == nil)
		require.Equal(t, want, got)
	})
}

// TestDistribution draws often and compares the counts with the probabilities that the definition gives, by Pearson's test.
func TestDistribution(t *testing.T) {
	logits := []float32{1, 2, 3, 0, -1, 2.5, float32(math.Inf(-1)), 1.5, 0.5, 2}
	probabilities := func(temperature float64, kept ...int) []float64 {
		out, sum := make([]float64, len(logits)), 0.0
		for _, i := range kept {
			out[i] = math.Exp(float64(logits[i]) / temperature)
			sum += out[i]
		}
		for i := range out {
			out[i] /= sum
		}
		return out
	}
	for _, test := range []struct {
		name string
		p    Sampling
		want []float64
	}{
		{"plain", Sampling{Temperature: 1}, probabilities(1, 0, 1, 2, 3, 4, 5, 7, 8, 9)},
		{"hot", Sampling{Temperature: 3}, probabilities(3, 0, 1, 2, 3, 4, 5, 7, 8, 9)},
		{"cold", Sampling{Temperature: .5}, probabilities(.5, 0, 1, 2, 3, 4, 5, 7, 8, 9)},
		{"top-k, a tie at its end", Sampling{Temperature: 1, TopK: 3}, probabilities(1, 1, 2, 5)},
		// Shares of the best: .379 .230 .139 .139 .085, which sum to .379 .608 .748 .887 .972 of the five best.
		{"top-k and top-p of what it leaves", Sampling{Temperature: 1, TopK: 5, TopP: .88}, probabilities(1, 1, 2, 5, 9)},
		{"min-p", Sampling{Temperature: 1, MinP: .3}, probabilities(1, 1, 2, 5, 9)},
		{"min-p looks at the heat", Sampling{Temperature: 2, MinP: .3}, probabilities(2, 0, 1, 2, 5, 7, 9)[:10:10]},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.p.Seed = 42
			s, err := NewSampler(len(logits), &test.p, nil)
			require.NoError(t, err)
			const draws = 200_000
			counts, z := make([]float64, len(logits)), make([]float32, len(logits))
			for range draws {
				copy(z, logits)
				tok, err := s.Sample(z, nil)
				require.NoError(t, err)
				counts[tok]++
			}
			chi, freedom := 0.0, -1
			for i, p := range test.want {
				if p == 0 {
					require.Zero(t, counts[i], "token %d", i)
					continue
				}
				chi += (counts[i] - draws*p) * (counts[i] - draws*p) / (draws * p)
				freedom++
			}
			// 27.9 is exceeded with probability 0.001 at 9 degrees of freedom, and more rarely at fewer. The seed is fixed.
			require.LessOrEqual(t, freedom, 9)
			require.Less(t, chi, 27.9, "counts %v, expected shares %v", counts, test.want)
		})
	}
}

// TestPick draws from weights so small that each of their values comes often: tokens without weight are never drawn, the others
// as often as they weigh.
func TestPick(t *testing.T) {
	s, err := NewSampler(6, &Sampling{Temperature: 1}, nil)
	require.NoError(t, err)
	weights := []uint64{0, 1, 0, 2, 3, 0}
	var cands []candidate
	for i, w := range weights {
		s.mass[i] = w
		cands = append(cands, candidate{tokenizer.Token(i), 0, w})
	}
	const draws = 60_000
	for _, pick := range []func() tokenizer.Token{func() tokenizer.Token { return s.pickAny(6) }, func() tokenizer.Token { return s.pick(cands) }} {
		var counts [6]float64
		for range draws {
			counts[pick()]++
		}
		for i, w := range weights {
			require.InDelta(t, draws/6*float64(w), counts[i], 500, "token %d", i) // four standard deviations
			require.True(t, w > 0 || counts[i] == 0, "token %d", i)
		}
	}
}

// TestWeight compares with math.Exp: within the rounding down and a billionth.
func TestWeight(t *testing.T) {
	for _, temperature := range []float64{.01, .5, 1, 7} {
		sc := newScale(temperature, 201088)
		require.Equal(t, uint64(1)<<44, sc.one)
		require.Equal(t, sc.one, sc.weight(3, 3))
		previous := sc.one
		for d := 0.0; d > -40*temperature; d -= .003 * temperature {
			got, want := sc.weight(d, 0), float64(sc.one)*math.Exp(d/temperature)
			require.InDelta(t, want, float64(got), 1+1e-10*want, "%v", d)
			require.LessOrEqual(t, got, previous, "not falling at %v", d)
			previous = got
		}
		require.Zero(t, sc.weight(-31*temperature, 0))
		require.Zero(t, sc.weight(math.Inf(-1), 0))
		require.Zero(t, sc.weight(math.NaN(), 0))
	}
	for _, n := range []int{1, 2, 63, 64, 201088, 1 << 24} {
		sc := newScale(1, n)
		high, low := bits.Mul64(sc.one, uint64(n))
		require.Zero(t, high)
		require.LessOrEqual(t, low, uint64(1)<<62, "%d best tokens", n)
	}
	tiny := newScale(5e-324, 10)
	require.Equal(t, tiny.one, tiny.weight(0, 0))
	require.Zero(t, tiny.weight(-1e-30, 0))
}

// TestPinned holds tokens that a seed gave when this was written: another platform, or another version, must give the same.
func TestPinned(t *testing.T) {
	const n = 1000
	for _, test := range []struct {
		p    Sampling
		want []tokenizer.Token
	}{
		{Sampling{Temperature: 1, Seed: 1}, []tokenizer.Token{596, 91, 717, 23, 704, 555, 809, 591, 307, 131, 500, 75}},
		{Sampling{Temperature: .8, TopK: 50, TopP: .9, MinP: .02, RepetitionPenalty: 1.1, Seed: 123456789},
			[]tokenizer.Token{651, 274, 54, 397, 753, 287, 952, 41, 685, 109, 630, 143}},
	} {
		s, err := NewSampler(n, &test.p, nil)
		require.NoError(t, err)
		var got []tokenizer.Token
		for range 12 {
			logits := make([]float32, n)
			for i := range logits {
				h := uint32(i+1) * 2654435761
				logits[i] = float32(h>>8)/(1<<22) - 2
			}
			tok, err := s.Sample(logits, nil)
			require.NoError(t, err)
			got = append(got, tok)
		}
		assert.Equal(t, test.want, got)
	}
}

// TestNoAllocation: a sampler that has worked once allocates nothing.
func TestNoAllocation(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	const n = 4096
	source, z, mask := make([]float32, n), make([]float32, n), someMask(r, n)
	for i := range source {
		source[i] = float32(r.NormFloat64())
	}
	for _, p := range []Sampling{{}, {Temperature: 1}, {Temperature: 1, TopK: 40, TopP: .9, MinP: .01, RepetitionPenalty: 1.2}} {
		s, err := NewSampler(n, &p, nil)
		require.NoError(t, err)
		for range 3000 { // the penalty has seen nearly all tokens
			copy(z, source)
			s.Sample(z, mask)
		}
		require.Zero(t, testing.AllocsPerRun(100, func() {
			copy(z, source)
			s.Sample(z, mask)
		}), "%+v", p)
	}
}

// TestSamplingErrors: what cannot be met is named.
func TestSamplingErrors(t *testing.T) {
	for text, p := range map[string]Sampling{
		"engine: temperature: expected a number from 0 up, found -1":        {Temperature: -1},
		"engine: temperature: expected a number from 0 up, found +Inf":      {Temperature: math.Inf(1)},
		"engine: top-p: expected a number from 0 to 1, found NaN":           {TopP: math.NaN()},
		"engine: top-p: expected a number from 0 to 1, found 1.5":           {TopP: 1.5},
		"engine: min-p: expected a number from 0 to 1, found -0.1":          {MinP: -.1},
		"engine: repetition penalty: expected a number from 0 up, found -2": {RepetitionPenalty: -2},
		"engine: top-k: expected a number from 0 up, found -3":              {TopK: -3},
		"engine: logit bias: expected tokens below 10, found 10":            {LogitBias: map[tokenizer.Token]float32{10: 1}},
		"engine: logit bias: expected a number for token 3, found NaN":      {LogitBias: map[tokenizer.Token]float32{3: float32(math.NaN())}},
		"engine: logit bias: expected a number for token 9, found +Inf":     {LogitBias: map[tokenizer.Token]float32{9: float32(math.Inf(1))}},
	} {
		_, err := NewSampler(10, &p, nil)
		var e *RequestError
		require.ErrorAs(t, err, &e)
		require.EqualError(t, err, text)
	}
	s, err := NewSampler(10, &Sampling{}, nil)
	require.NoError(t, err)
	_, err = s.Sample(make([]float32, 9), nil)
	require.EqualError(t, err, "engine: expected 10 logits, found 9")
	_, err = s.Sample(make([]float32, 10), make([]uint64, 2))
	require.EqualError(t, err, "engine: expected a mask of 1 words, found 2")
	_, err = s.Sample(make([]float32, 10), make([]uint64, 1))
	require.ErrorIs(t, err, ErrNoToken)
}

func BenchmarkSampler(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 5))
	const n = 201088
	source, z := make([]float32, n), make([]float32, n)
	for i := range source {
		source[i] = float32(r.NormFloat64()*2.5 - 2)
	}
	source[17], source[1234] = 16, 15
	full := make([]uint64, (n+63)/64)
	for i := range full {
		full[i] = ^uint64(0)
	}
	for _, bench := range []struct {
		name string
		p    Sampling
		mask []uint64
	}{
		{"greedy", Sampling{}, nil},
		{"greedy masked", Sampling{}, full},
		{"plain", Sampling{Temperature: 1}, nil},
		{"plain masked", Sampling{Temperature: 1}, full},
		{"top-k 40", Sampling{Temperature: 1, TopK: 40}, nil},
		{"top-p .95", Sampling{Temperature: 1, TopP: .95}, nil},
		{"min-p .05", Sampling{Temperature: 1, MinP: .05}, nil},
		{"all", Sampling{Temperature: 1, TopK: 100, TopP: .95, MinP: .05, RepetitionPenalty: 1.1}, nil},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s, err := NewSampler(n, &bench.p, nil)
			require.NoError(b, err)
			for b.Loop() {
				copy(z, source)
				if _, err := s.Sample(z, bench.mask); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
