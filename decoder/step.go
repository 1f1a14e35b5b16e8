package decoder

import (
	"context"
	"fmt"

	"github.com/harmony-go/sdk/tokenizer"
)

// Step appends one token to each of several sequences of one model, and computes them together, so that the weights are read
// once for all. logits [len(seqs),V] receives the scores of what comes next in each. A sequence must not appear twice. The result
// is the same, to the bit, as of Forward with each.
//
// Errors are those of Forward; the index of a *TokenError is that of the sequence. After an error all sequences are as they were
// before.
func Step(ctx context.Context, seqs []*Sequence, toks []tokenizer.Token, logits []float32) error {
	if len(seqs) == 0 {
		return nil
	}
	m := seqs[0].model
	if err := m.checkStep(seqs, toks, logits); err != nil {
		return err
	}
	for _, s := range seqs {
		if s.replay >= 0 {
			if err := s.rebuild(ctx); err != nil {
				return err
			}
		}
	}
	err := m.steps(ctx, seqs, toks, logits)
	for i, s := range seqs {
		if n := len(s.tokens); err == nil {
			s.tokens = append(s.tokens, toks[i])
		} else {
			s.Truncate(n)
		}
	}
	return err
}

// steps computes the sequences, as many at a time as a pass has room for.
func (m *Model) steps(ctx context.Context, seqs []*Sequence, toks []tokenizer.Token, logits []float32) error {
	v := m.cfg.Vocabulary
	for done := 0; done < len(seqs); {
		n, longest := min(len(seqs)-done, m.block), 0
		for _, s := range seqs[done : done+n] {
			longest = max(longest, s.capacity)
		}
		p := m.passes.take(m, n, longest)
		p.ctx, p.logits = ctx, logits[done*v:(done+n)*v]
		for i, s := range seqs[done : done+n] {
			s.held = max(s.held, s.overwritten(len(s.tokens)+1))
			p.rows = append(p.rows, row{sequence: s, token: toks[done+i], position: len(s.tokens)})
		}
		err := m.guarded(p)
		m.passes.put(p)
		if err != nil {
			return err
		}
		done += n
	}
	return fileError(m.file.Resized())
}

// checkStep returns an error for arguments that Step cannot take.
func (m *Model) checkStep(seqs []*Sequence, toks []tokenizer.Token, logits []float32) error {
	if len(toks) != len(seqs) || len(logits) != len(seqs)*m.cfg.Vocabulary {
		return fmt.Errorf("decoder: a step of %d sequences has %d tokens and %d logits, expected %d and %d",
			len(seqs), len(toks), len(logits), len(seqs), len(seqs)*m.cfg.Vocabulary)
	}
	for i, s := range seqs {
		for _, other := range seqs[:i] {
			if s == other {
				return fmt.Errorf("decoder: sequence %d of a step is there twice", i)
			}
		}
		if s.model != m {
			return fmt.Errorf("decoder: sequence %d of a step belongs to another model than the first", i)
		}
		if err := s.check(toks[i:i+1], nil); err != nil {
			if e, ok := err.(*TokenError); ok {
				e.Offset = i
			}
			return err
		}
	}
	return nil
}
