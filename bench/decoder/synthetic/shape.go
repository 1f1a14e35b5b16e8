package main

import (
	"flag"
	"fmt"
)

// A shape is the configuration of a model.
type shape struct {
	layers, hidden, heads, kvHeads, headSize int
	experts, activeExperts, expertSize       int
	vocabulary, window                       int

	theta, factor      float64
	original           int     // context length before YaRN stretches it
	betaFast, betaSlow float64 // rotations between which YaRN blends
}

// Sources: openai/gpt-oss-20b and openai/gpt-oss-120b, config.json.
var models = map[string]shape{
	"20b": {layers: 24, hidden: 2880, heads: 64, kvHeads: 8, headSize: 64, experts: 32, activeExperts: 4, expertSize: 2880,
		vocabulary: harmonyVocabulary, window: 128, theta: 150000, factor: 32, original: 4096, betaFast: 32, betaSlow: 1},
	"120b": {layers: 36, hidden: 2880, heads: 64, kvHeads: 8, headSize: 64, experts: 128, activeExperts: 4, expertSize: 2880,
		vocabulary: harmonyVocabulary, window: 128, theta: 150000, factor: 32, original: 4096, betaFast: 32, betaSlow: 1},
}

const (
	normEpsilon = 1e-5
	swigluLimit = 7.0
)

// context is the longest sequence that the model is made for.
func (s *shape) context() int { return int(float64(s.original) * s.factor) }

// queries and keys are the rows of the attention matrices.
func (s *shape) queries() int { return s.heads * s.headSize }
func (s *shape) keys() int    { return s.kvHeads * s.headSize }

// A shapeChoice is a shape that is being read from the command line: that of a model, with what flags say of their own.
type shapeChoice struct {
	model string
	given shape
}

func shapeFlags(flags *flag.FlagSet) *shapeChoice {
	c := &shapeChoice{}
	flags.StringVar(&c.model, "model", "20b", "`model` whose shape the other flags change: 20b or 120b")
	for _, f := range c.given.ints() {
		flags.IntVar(f.value, f.name, 0, "`number` of "+f.what)
	}
	flags.Float64Var(&c.given.betaFast, "beta-fast", 0, "YaRN's `rotations` above which a frequency stays")
	flags.Float64Var(&c.given.betaSlow, "beta-slow", 0, "YaRN's `rotations` below which a frequency is stretched")
	return c
}

type intFlag struct {
	value      *int
	name, what string
}

func (s *shape) ints() []intFlag {
	return []intFlag{
		{&s.layers, "layers", "layers"},
		{&s.hidden, "hidden", "dimensions of the residual stream"},
		{&s.heads, "heads", "query heads"},
		{&s.kvHeads, "kv-heads", "key and value heads"},
		{&s.headSize, "head-size", "dimensions of a head"},
		{&s.experts, "experts", "experts of a layer"},
		{&s.activeExperts, "active", "experts of a token"},
		{&s.expertSize, "expert-size", "inner dimensions of an expert"},
		{&s.vocabulary, "vocabulary", "tokens"},
		{&s.window, "window", "positions that a sliding layer sees"},
		{&s.original, "original", "positions before YaRN stretches them"},
	}
}

// resolve fills in what no flag gave, and checks the whole.
func (c *shapeChoice) resolve(flags *flag.FlagSet) (*shape, error) {
	if err := oneOf("-model", c.model, "20b", "120b"); err != nil {
		return nil, err
	}
	s := models[c.model]
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	own := c.given.ints()
	for i, f := range s.ints() {
		if given[f.name] {
			*f.value = *own[i].value
		}
		if *f.value < 1 || *f.value > 1<<20 {
			return nil, fmt.Errorf("-%s: expected 1 to %d, found %d", f.name, 1<<20, *f.value)
		}
	}
	if given["beta-fast"] {
		s.betaFast = c.given.betaFast
	}
	if given["beta-slow"] {
		s.betaSlow = c.given.betaSlow
	}
	return &s, s.check()
}

// check refuses what no loader reads: rows that are not whole blocks, and numbers that do not go together.
func (s *shape) check() error {
	for _, f := range []struct {
		name  string
		value int
	}{{"-hidden", s.hidden}, {"-expert-size", s.expertSize}, {"-heads times -head-size", s.queries()}} {
		if f.value%blockSize != 0 {
			return fmt.Errorf("%s: expected a multiple of %d, found %d", f.name, blockSize, f.value)
		}
	}
	switch {
	case s.heads%s.kvHeads != 0:
		return fmt.Errorf("-heads: expected a multiple of the %d key and value heads, found %d", s.kvHeads, s.heads)
	case s.headSize%2 != 0:
		return fmt.Errorf("-head-size: expected an even number, found %d", s.headSize)
	case s.activeExperts > s.experts:
		return fmt.Errorf("-active: expected at most the %d experts of a layer, found %d", s.experts, s.activeExperts)
	case !(s.betaFast > s.betaSlow && s.betaSlow > 0):
		return fmt.Errorf("-beta-fast and -beta-slow: expected fast > slow > 0, found %v and %v", s.betaFast, s.betaSlow)
	}
	return nil
}
