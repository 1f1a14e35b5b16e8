package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/tokenizer"
)

// A benchResult is what "harmony bench" measures with one precision: its --json form.
type benchResult struct {
	Path          string            `json:"path"`
	Layout        string            `json:"layout"`
	Precision     decoder.Precision `json:"precision"`
	Hold          decoder.Hold      `json:"hold"`
	Threads       int               `json:"threads"`
	Kernels       string            `json:"kernels"`
	Parameters    parameters        `json:"parameters"`
	LoadSeconds   float64           `json:"load_seconds"`
	WeightBytes   int64             `json:"weight_bytes"`
	BytesPerToken int64             `json:"bytes_per_token"` // of weights
	Read          float64           `json:"read_gb_s"`       // the best of all
	ReadMedian    float64           `json:"read_gb_s_median"`
	Runs          []*benchRun       `json:"runs"`
}

// A benchRun is one length that is measured again and again.
type benchRun struct {
	Kind            string    `json:"kind"` // prefill or decode
	Tokens          int       `json:"tokens"`
	Depth           int       `json:"depth"`
	Seconds         float64   `json:"seconds"` // of the best repetition
	TokensPerSecond float64   `json:"tokens_per_second"`
	MedianPerSecond float64   `json:"median_tokens_per_second"`
	BytesPerToken   int64     `json:"bytes_per_token,omitempty"` // decode: weights and cache
	Rate            float64   `json:"gb_s,omitempty"`
	Share           float64   `json:"read_share,omitempty"` // the median of each repetition's share of the read speed around it
	Samples         []float64 `json:"samples"`              // seconds

	sequence *decoder.Sequence
	logits   []float32 // what each repetition must give
	shares   []float64
}

// A bench measures a model.
type bench struct {
	model  *decoder.Model
	flags  *benchFlags
	meter  *meter
	scan   *decoder.Scan
	scans  []float64         // GB/s
	tokens []tokenizer.Token // as many as the longest run needs
	logits []float32
	result *benchResult
}

// measure opens the checkpoint and measures everything with one precision.
func (x *session) measure(f *benchFlags, p decoder.Precision) (*benchResult, error) {
	var hold decoder.Hold
	if err := hold.UnmarshalText([]byte(f.hold.value)); err != nil {
		return nil, err
	}
	start := time.Now()
	m, err := x.openCheckpoint(f.model, decoder.Options{Threads: f.threads, Precision: p, Hold: hold})
	if err != nil {
		return nil, err
	}
	defer m.Close()
	load := time.Since(start).Seconds()
	c := m.Config()
	b := &bench{model: m, flags: f, meter: x.newMeter(""), logits: make([]float32, c.Vocabulary)}
	defer b.meter.clear()
	b.result = &benchResult{Path: f.model, Layout: m.Layout(), Precision: p, Hold: m.Hold(), Threads: m.Threads(), Kernels: m.Kernels(),
		LoadSeconds: load, WeightBytes: m.WeightBytes(), BytesPerToken: m.BytesPerToken(0)}
	b.result.Parameters.Total, b.result.Parameters.Active = c.Parameters()
	b.choose(c.Vocabulary)
	if err := b.run(); err != nil {
		return nil, checkpointError(f.model, err)
	}
	return b.result, nil
}

// lastText is above all tokens of text in o200k_harmony; those from it on are special.
const lastText = 199998

// choose makes the tokens: random ones, none of them special.
func (b *bench) choose(vocabulary int) {
	longest := slices.Max(append(b.flags.prefill.of, slices.Max(b.flags.depth.of)+b.flags.decode))
	r := rand.New(rand.NewPCG(b.flags.seed, 0))
	b.tokens = make([]tokenizer.Token, longest)
	for i := range b.tokens {
		b.tokens[i] = tokenizer.Token(r.IntN(min(vocabulary, lastText)))
	}
}

// run prepares all runs and does them in turn.
func (b *bench) run() (err error) {
	b.meter.begin(fmt.Sprintf("%v: reading memory", b.result.Precision))
	if b.scan, err = b.model.NewScan(int64(b.flags.read)); err != nil {
		return err
	}
	defer func() {
		if e := b.scan.Close(); err == nil {
			err = e
		}
	}()
	b.scan.Read() // the first reading also finds the pages
	if err := b.prepare(); err != nil {
		return err
	}
	for i := range b.flags.repeat {
		for _, r := range b.result.Runs {
			b.meter.begin(fmt.Sprintf("%v: %s %d tokens at a depth of %d, %d of %d", b.result.Precision, r.Kind, r.Tokens, r.Depth, i+1, b.flags.repeat))
			if err := b.sample(r); err != nil {
				return err
			}
		}
	}
	for _, r := range b.result.Runs {
		r.sum()
	}
	b.result.Read, b.result.ReadMedian = slices.Max(b.scans), median(b.scans)
	return nil
}

// prepare makes the sequences, and computes what each run must give in another way. That is also its warm-up.
func (b *bench) prepare() error {
	if n := b.flags.prefill.of; len(n) > 0 {
		s, err := b.model.NewSequence(slices.Max(n))
		if err != nil {
			return err
		}
		for _, n := range n {
			b.add(&benchRun{Kind: "prefill", Tokens: n, sequence: s})
		}
	}
	if n := b.flags.decode; n > 0 {
		var before *decoder.Sequence
		for _, depth := range slices.Compact(slices.Sorted(slices.Values(b.flags.depth.of))) {
			s, err := b.at(depth, before)
			if err != nil {
				return err
			}
			b.add(&benchRun{Kind: "decode", Tokens: n, Depth: depth, sequence: s, BytesPerToken: b.bytesPerToken(depth)})
			before = s
		}
	}
	for _, r := range b.result.Runs {
		if err := b.expect(r); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) add(r *benchRun) { b.result.Runs = append(b.result.Runs, r) }

// at returns a sequence that holds so many tokens, made from a shorter one if there is one.
func (b *bench) at(depth int, shorter *decoder.Sequence) (s *decoder.Sequence, err error) {
	if shorter == nil {
		s, err = b.model.NewSequence(depth + b.flags.decode)
	} else if s, err = shorter.Clone(); err == nil {
		err = s.Grow(depth + b.flags.decode)
	}
	if err != nil {
		return nil, err
	}
	b.meter.begin(fmt.Sprintf("%v: prefill to a depth of %d", b.result.Precision, depth))
	from := s.Len()
	return s, s.ForwardContext(context.Background(), b.tokens[from:depth], nil, func(done int) { b.meter.tokens(from+done, depth) })
}

// expect computes what a run must give: of a prefill by a last token that comes alone, of decoding by all tokens at once.
func (b *bench) expect(r *benchRun) error {
	b.meter.begin(fmt.Sprintf("%v: warming up, %s %d tokens at a depth of %d", b.result.Precision, r.Kind, r.Tokens, r.Depth))
	r.logits = make([]float32, len(b.logits))
	toks, s := b.tokens[r.Depth:r.Depth+r.Tokens], r.sequence
	if r.Kind == "prefill" {
		if err := s.Forward(toks[:len(toks)-1], nil); err != nil {
			return err
		}
		toks = toks[len(toks)-1:]
	}
	if err := s.Forward(toks, r.logits); err != nil {
		return err
	}
	s.Truncate(r.Depth)
	return finite(r)
}

// finite returns an error for logits that are no numbers.
func finite(r *benchRun) error {
	for i, v := range r.logits {
		if v-v != 0 {
			return fmt.Errorf("%s of %d tokens at a depth of %d: logit %d is %v, expected a finite number", r.Kind, r.Tokens, r.Depth, i, v)
		}
	}
	return nil
}

// sample does a run once, between two readings of memory, and checks what it gave.
func (b *bench) sample(r *benchRun) error {
	toks, s := b.tokens[r.Depth:r.Depth+r.Tokens], r.sequence
	if r.Kind == "decode" { // rings that were taken back too far are made again now
		if err := s.Forward(toks[:1], b.logits); err != nil {
			return err
		}
		s.Truncate(r.Depth)
	}
	before := b.read()
	start := time.Now()
	err := b.forward(r, toks)
	seconds := time.Since(start).Seconds()
	after := b.read()
	if err != nil {
		return err
	}
	s.Truncate(r.Depth)
	for i, v := range b.logits {
		if math.Float32bits(v) != math.Float32bits(r.logits[i]) {
			return fmt.Errorf("%s of %d tokens at a depth of %d: logit %d is %v, expected %v, as the same tokens give in other portions",
				r.Kind, r.Tokens, r.Depth, i, v, r.logits[i])
		}
	}
	r.Samples = append(r.Samples, seconds)
	r.shares = append(r.shares, r.rate(seconds)/((before+after)/2))
	return nil
}

// forward is what is timed.
func (b *bench) forward(r *benchRun, toks []tokenizer.Token) error {
	if r.Kind == "prefill" {
		return r.sequence.Forward(toks, b.logits)
	}
	for i := range toks {
		if err := r.sequence.Forward(toks[i:i+1], b.logits); err != nil {
			return err
		}
	}
	return nil
}

// read reads memory and returns how fast, in GB/s.
func (b *bench) read() float64 {
	start := time.Now()
	bytes, _ := b.scan.Read()
	speed := float64(bytes) / 1e9 / time.Since(start).Seconds()
	b.scans = append(b.scans, speed)
	return speed
}

// bytesPerToken returns the mean of what the tokens decoded at a depth read.
func (b *bench) bytesPerToken(depth int) int64 {
	sum := int64(0)
	for i := range b.flags.decode {
		sum += b.model.BytesPerToken(depth + i + 1)
	}
	return sum / int64(b.flags.decode)
}

// rate returns the GB/s that so many seconds are.
func (r *benchRun) rate(seconds float64) float64 {
	return float64(r.BytesPerToken) * float64(r.Tokens) / 1e9 / seconds
}

// sum makes the figures of the samples.
func (r *benchRun) sum() {
	r.Seconds = slices.Min(r.Samples)
	r.TokensPerSecond = float64(r.Tokens) / r.Seconds
	r.MedianPerSecond = float64(r.Tokens) / median(r.Samples)
	if r.BytesPerToken > 0 {
		r.Rate, r.Share = r.rate(r.Seconds), median(r.shares)
	}
}

// median returns the number in the middle, or the mean of the two.
func median(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
