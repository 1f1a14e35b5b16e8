package engine

import (
	"context"
	"errors"
	"time"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/tokenizer"
)

// A generation is one run of a request: what all generators share of it.
type generation struct {
	ctx        context.Context
	r          *Request
	stats      *Stats
	vocabulary int
	mask       []uint64
	began      time.Time
	lapped     time.Time
}

func newGeneration(ctx context.Context, r *Request, vocabulary int) generation {
	g := generation{ctx: ctx, r: r, stats: r.Stats, vocabulary: vocabulary, began: time.Now()}
	g.lapped = g.began
	if g.stats == nil {
		g.stats = &Stats{}
	}
	*g.stats = Stats{Prompt: len(r.Prompt)}
	return g
}

// lap returns the time since the lap before.
func (g *generation) lap() time.Duration {
	now := time.Now()
	d := now.Sub(g.lapped)
	g.lapped = now
	return d
}

// allowed returns what the mask allows; nil if there is none.
func (g *generation) allowed() []uint64 {
	if g.r.Mask == nil {
		return nil
	}
	if g.mask == nil {
		g.mask = make([]uint64, (g.vocabulary+63)/64)
	}
	g.r.Mask.Mask(g.mask)
	return g.mask
}

// accept tells the mask which token was chosen.
func (g *generation) accept(t tokenizer.Token) error {
	if g.r.Mask == nil {
		return nil
	}
	if err := g.r.Mask.Accept(t); err != nil {
		return &MaskError{Offset: g.stats.Output, Token: t, Err: err}
	}
	return nil
}

// emit counts a token and hands it out. full says that there is no room for a further one. It reports whether the generation
// goes on.
func (g *generation) emit(yield func(tokenizer.Token, error) bool, t tokenizer.Token, full bool) bool {
	s := g.stats
	s.Output++
	d := g.lap()
	if s.Output == 1 {
		s.FirstToken = g.lapped.Sub(g.began)
	} else {
		s.Decode += d
	}
	switch {
	case g.r.stops(t):
		s.Stop, s.StopToken = encoding.StopToken, t
	case full || s.Output == g.r.MaxTokens:
		s.Stop = encoding.StopLength
	}
	last := s.Stop != encoding.StopUnknown
	if more := yield(t, nil); !more && !last {
		s.Stop = encoding.StopCancelled
		return false
	}
	g.lap()
	return !last
}

// fail ends the generation with an error.
func (g *generation) fail(yield func(tokenizer.Token, error) bool, err error) {
	g.stats.Stop = encoding.StopError
	if g.ctx.Err() != nil && errors.Is(err, g.ctx.Err()) {
		g.stats.Stop = encoding.StopCancelled
	}
	yield(0, err)
}
