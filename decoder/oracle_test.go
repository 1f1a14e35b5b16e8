package decoder

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/harmony-go/sdk/tokenizer"
)

// An oracle computes a model in float64, token after token, written down as plainly as possible.
//
// With noise it also tells how exact a float32 computation can be: everything that float32 rounds is moved by as much as the
// roundings move it, up or down at random. The distance to the result without noise is then what the network makes of such
// errors. One rounding moves a number x by at most u|x|, where u = 2^-24. A sum of n products has a depth of d roundings, each of
// a number that is at most the sum of the products' magnitudes; as they go up or down independently, together they move it by about
// sqrt(d) u times that. Products with a matrix are added in four chains for 256 columns, whose sums are then added (depth); other
// libraries add in other orders, but not deeper.
type oracle struct {
	fixture   *fixture
	weights   map[string]*stored // under OpenAI's names, experts dequantised
	freqs     []float32          // [E/2]
	noise     *rand.Rand         // nil: none
	precision Precision          // what activations are rounded to
	router    *stored            // of the layer that is computed
	chosen    [][]int            // experts to choose instead of the best, by layer and token
}

// A result is what the oracle, or a model, computes from a prompt.
type result struct {
	hidden [][]float64 // [L+1,T*D]: before the first layer, after each; the last one is normalised
	router [][]float64 // [L,T*X]
	logits [][]float64 // [T][V], of the last tokens that were asked for
	chosen [][]int
}

const roundoff = 1.0 / (1 << 24)

// shake moves x as so many roundings of numbers of this magnitude do.
func (o *oracle) shake(x, roundings, magnitude float64) float64 {
	if o.noise == nil {
		return x
	}
	moved := math.Sqrt(roundings) * roundoff * magnitude
	if o.noise.IntN(2) == 0 {
		moved = -moved
	}
	return x + moved
}

// depth returns the roundings of a sum of k products with a row of a matrix.
func depth(k int) float64 { return float64(min(k, 256)/4 + (k+255)/256 + 4) }

// linear returns W x + b for rows of W beginning at row from.
func (o *oracle) linear(w *stored, from, n int, x []float64, bias []float32) []float64 {
	k, y := len(x), make([]float64, n)
	x = rounded(o.precision, x, w == o.router)
	for i := range y {
		sum, magnitude := 0.0, 0.0
		for j, v := range w.values[(from+i)*k : (from+i+1)*k] {
			p := float64(v) * x[j]
			sum += p
			magnitude += math.Abs(p)
		}
		if bias != nil {
			sum += float64(bias[i])
			magnitude += math.Abs(float64(bias[i]))
		}
		y[i] = o.shake(sum, depth(k), magnitude)
	}
	return y
}

func (o *oracle) norm(x []float64, scale *stored) []float64 {
	mean := 0.0
	for _, v := range x {
		mean += v * v / float64(len(x))
	}
	y := make([]float64, len(x))
	inverse := o.shake(1/math.Sqrt(mean+1e-5), float64(len(x)/16+8), 1/math.Sqrt(mean+1e-5))
	for i, v := range x {
		y[i] = v * inverse * float64(scale.values[i])
		y[i] = o.shake(y[i], 2, math.Abs(y[i]))
	}
	return y
}

func (o *oracle) rotate(head []float64, position int) {
	for j, f := range o.freqs {
		angle := float64(float32(position) * f) // rounded as in the reference
		c, s := o.shake(math.Cos(angle)*stretch(32), 3, 1.4), o.shake(math.Sin(angle)*stretch(32), 3, 1.4)
		a, b := head[j], head[j+len(o.freqs)]
		magnitude := math.Abs(a) + math.Abs(b)
		head[j], head[j+len(o.freqs)] = o.shake(a*c-b*s, 2, magnitude), o.shake(b*c+a*s, 2, magnitude)
	}
}

// run computes a prompt; keep is of how many last tokens the logits are wanted.
func (o *oracle) run(toks []tokenizer.Token, keep int) *result {
	f := o.fixture
	r := &result{hidden: make([][]float64, f.layers+1), router: make([][]float64, f.layers), chosen: make([][]int, f.layers)}
	x := make([][]float64, len(toks))
	for i, t := range toks {
		for _, v := range o.weights["embedding.weight"].values[int(t)*f.hidden:][:f.hidden] {
			x[i] = append(x[i], float64(v))
		}
	}
	r.hidden[0] = slices.Concat(x...)
	for n := range f.layers {
		o.attention(x, n)
		for i := range x {
			router, chosen := o.experts(x[i], n, i)
			r.router[n], r.chosen[n] = append(r.router[n], router...), append(r.chosen[n], chosen...)
		}
		r.hidden[n+1] = slices.Concat(x...)
	}
	r.hidden[f.layers] = nil
	for i := range x {
		y := o.norm(x[i], o.weights["norm.scale"])
		r.hidden[f.layers] = append(r.hidden[f.layers], y...)
		if i >= len(x)-keep {
			r.logits = append(r.logits, o.linear(o.weights["unembedding.weight"], 0, f.vocabulary, y, nil))
		}
	}
	return r
}

// attention adds a layer's attention to x.
func (o *oracle) attention(x [][]float64, n int) {
	f, p := o.fixture, layerName("block.%d.attn.", n)
	w := func(name string) *stored { return o.weights[p+name] }
	queries, keys := f.heads*f.head, f.kvHeads*f.head
	q, k, v := make([][]float64, len(x)), make([][]float64, len(x)), make([][]float64, len(x))
	for i := range x {
		y, bias := o.norm(x[i], w("norm.scale")), w("qkv.bias").values
		q[i] = o.linear(w("qkv.weight"), 0, queries, y, bias)
		k[i] = o.linear(w("qkv.weight"), queries, keys, y, bias[queries:])
		v[i] = o.linear(w("qkv.weight"), queries+keys, keys, y, bias[queries+keys:])
		for h := range f.heads {
			o.rotate(q[i][h*f.head:][:f.head], i)
		}
		for h := range f.kvHeads {
			o.rotate(k[i][h*f.head:][:f.head], i)
		}
	}
	for i := range x {
		first := 0
		if n%2 == 0 {
			first = max(0, i-f.window+1)
		}
		var all []float64
		for h := range f.heads {
			kv := h / (f.heads / f.kvHeads) * f.head
			all = append(all, o.head(q[i][h*f.head:][:f.head], k[first:i+1], v[first:i+1], kv, float64(w("sinks").values[h]))...)
		}
		for j, d := range o.linear(w("out.weight"), 0, f.hidden, all, w("out.bias").values) {
			x[i][j] = o.shake(x[i][j]+d, 1, math.Abs(x[i][j]+d))
		}
	}
}

// head returns what one query head gathers from keys and values, whose part for its kv head begins at kv.
func (o *oracle) head(q []float64, k, v [][]float64, kv int, sink float64) []float64 {
	scores, top := make([]float64, len(k)), sink
	for j := range k {
		dot, magnitude := 0.0, 0.0
		for d := range q {
			dot += q[d] * k[j][kv+d]
			magnitude += math.Abs(q[d] * k[j][kv+d])
		}
		root := math.Sqrt(float64(len(q)))
		scores[j] = o.shake(dot/root, float64(len(q)+3), magnitude/root)
		top = max(top, scores[j])
	}
	total, out, magnitude := math.Exp(sink-top), make([]float64, len(q)), make([]float64, len(q))
	for j, s := range scores {
		e := math.Exp(s - top)
		e = o.shake(e, 4+(s-top)*(s-top), e) // the difference is rounded, and the exponential makes a factor of it
		total += e
		for d := range out {
			out[d] += e * v[j][kv+d]
			magnitude[d] += math.Abs(e * v[j][kv+d])
		}
	}
	for d := range out {
		out[d] = o.shake(out[d], float64(min(len(scores), sumBlock)+len(scores)/sumBlock+2), magnitude[d]) / total
	}
	return out
}

// experts adds a layer's experts to the residual stream of token number i.
func (o *oracle) experts(x []float64, n, i int) (router []float64, chosen []int) {
	f, p := o.fixture, layerName("block.%d.mlp.", n)
	w := func(name string) *stored { return o.weights[p+name] }
	y := o.norm(x, w("norm.scale"))
	o.router = w("gate.weight")
	router = o.linear(o.router, 0, f.experts, y, w("gate.bias").values)
	for e := range router {
		chosen = append(chosen, e)
	}
	slices.SortStableFunc(chosen, func(a, b int) int { return compare(router[b], router[a]) })
	chosen = chosen[:f.active]
	if o.chosen != nil {
		chosen = o.chosen[n][i*f.active:][:f.active]
	}
	total := 0.0
	for _, e := range chosen {
		total += math.Exp(router[e] - router[chosen[0]])
	}
	delta := make([]float64, len(x))
	for _, e := range chosen {
		share := math.Exp(router[e]-router[chosen[0]]) / total
		share = o.shake(share, 8, share)
		both := o.linear(w("mlp1_weight"), e*2*f.inner, 2*f.inner, y, w("mlp1_bias").values[e*2*f.inner:])
		inner := make([]float64, f.inner)
		for j := range inner {
			gate, up := min(both[2*j], 7), max(min(both[2*j+1], 7), -7)
			inner[j] = gate / (1 + math.Exp(-1.702*gate)) * (up + 1)
			inner[j] = o.shake(inner[j], 8+gate*gate, math.Abs(inner[j]))
		}
		for j, d := range o.linear(w("mlp2_weight"), e*f.hidden, f.hidden, inner, w("mlp2_bias").values[e*f.hidden:]) {
			delta[j] += share * d
		}
	}
	for j, d := range delta {
		x[j] = o.shake(x[j]+d, float64(f.active+1), math.Abs(x[j])+math.Abs(d))
	}
	return router, chosen
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// A budget is how far two float32 computations of the same thing may be apart, for each kind of number.
type budget struct{ hidden, router, logits float64 }

// budget returns twice the distance between the exact result and noisy ones: both sides of a comparison err.
func (o *oracle) budget(exact *result, toks []tokenizer.Token, keep, seeds int) budget {
	var b budget
	for seed := range seeds {
		noisy := *o
		noisy.noise, noisy.chosen = rand.New(rand.NewPCG(uint64(seed), 1)), exact.chosen
		r := noisy.run(toks, keep)
		b.hidden = max(b.hidden, 2*distance(exact.hidden, r.hidden))
		b.router = max(b.router, 2*distance(exact.router, r.router))
		b.logits = max(b.logits, 2*distance(exact.logits, r.logits))
	}
	return b
}

// distance returns the greatest difference between corresponding numbers.
func distance(a, b [][]float64) float64 {
	d := 0.0
	for i := range a {
		for j := range a[i] {
			if diff := math.Abs(a[i][j] - b[i][j]); !(diff <= d) { // NaN counts
				d = diff
			}
		}
	}
	return d
}
