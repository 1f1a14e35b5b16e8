package engine

import (
	"errors"
	"runtime/debug"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/tokenizer"
)

// A slot is a sequence with what a generation needs beside it. While it is busy it belongs to one generation.
type slot struct {
	model   *decoder.Model
	seq     *decoder.Sequence // nil until it is needed
	logits  []float32         // [V]
	raw     []float32         // [V]: the logits as the model gave them, where a request wants probabilities
	sampler *Sampler
	step    [1]tokenizer.Token

	busy bool
	used uint64 // when it was released last
}

// acquire waits until a generation may run, and returns a slot for it, with a sequence that holds a beginning of the prompt, not all
// of it, and nothing else.
func (e *LocalEngine) acquire(g *generation) (*slot, error) {
	select {
	case e.tickets <- struct{}{}:
	case <-g.ctx.Done():
		return nil, g.ctx.Err()
	}
	s := e.take(g.r.Prompt)
	if err := e.prepare(s, g.r); err != nil {
		e.release(s)
		return nil, err
	}
	return s, nil
}

// release makes a slot free.
func (e *LocalEngine) release(s *slot) {
	e.mu.Lock()
	e.clock++
	s.busy, s.used = false, e.clock
	e.mu.Unlock()
	<-e.tickets
}

// take chooses a slot for a prompt and marks it busy. There are as many slots as tickets at most, so that one is free or may be
// made.
//
// A slot is taken over if it is the same conversation: what its sequence shares with the prompt is at least as much as what it
// would lose. A turn of a conversation often loses the end of the one before, because reasoning is left out of later
// prompts. Otherwise, as with prompts that share only a system message, the other conversation is kept as long as
// there is a slot for the new one, which then begins with a copy of what they share.
func (e *LocalEngine) take(prompt []tokenizer.Token) *slot {
	e.mu.Lock()
	defer e.mu.Unlock()
	var same, oldest, source *slot
	var most, kept int // tokens that source, and same, share with the prompt
	for _, s := range e.slots {
		if s.busy {
			continue
		}
		n := shared(prompt, s.tokens())
		if n > most {
			source, most = s, n
		}
		if lost := len(s.tokens()) - n; n >= lost && (same == nil || n > kept) {
			same, kept = s, n
		}
		if oldest == nil || s.used < oldest.used {
			oldest = s
		}
	}
	taken := oldest
	switch {
	case same != nil:
		taken = same
	case len(e.slots) < cap(e.tickets):
		taken = newSlot(e.model)
		if most >= worthCopying {
			taken.copy(source)
		}
		e.slots = append(e.slots, taken)
	}
	taken.busy = true
	return taken
}

// worthCopying is from how many shared tokens on a sequence is copied: fewer are computed in about the time that a copy takes.
const worthCopying = 32

// shared returns how many tokens two lists begin with alike.
func shared(a, b []tokenizer.Token) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

func newSlot(m *decoder.Model) *slot {
	v := m.Config().Vocabulary
	return &slot{model: m, logits: make([]float32, v), sampler: &Sampler{vocabulary: v}}
}

// tokens returns those that the sequence holds.
func (s *slot) tokens() []tokenizer.Token {
	if s.seq == nil {
		return nil
	}
	return s.seq.Tokens()
}

// copy makes the sequence a copy of another slot's. If there is no memory for it, nothing is copied.
func (s *slot) copy(from *slot) {
	if seq, err := from.seq.Clone(); err == nil {
		s.seq = seq
	}
}

// prepare leaves in the sequence what it shares with the prompt, less the last token, whose logits are wanted; and gives it room.
func (e *LocalEngine) prepare(s *slot, r *Request) error {
	prompt, output := r.Prompt, r.MaxTokens
	if output == 0 {
		output = e.room
	}
	want := min(e.capacity, len(prompt)+min(output, e.capacity))
	if s.seq != nil {
		s.seq.Truncate(min(shared(prompt, s.tokens()), len(prompt)-1))
	}
	return e.reserve(s, want)
}

// reserve gives a sequence the capacity want or, where that is not much, some more, so that a growing conversation seldom comes
// back for it. If there is no memory, conversations that rest are forgotten.
func (e *LocalEngine) reserve(s *slot, want int) error {
	had := 0
	if s.seq != nil {
		had = s.seq.Capacity()
	}
	if had >= want {
		return nil
	}
	capacity := min(e.capacity, (max(want, had+had/2)+e.room-1)/e.room*e.room)
	err := s.grow(capacity)
	if memory := (*decoder.MemoryError)(nil); errors.As(err, &memory) {
		if e.forget() {
			err = s.grow(capacity)
		}
		if err != nil {
			err = s.grow(want)
		}
	}
	return err
}

// grow gives the sequence a capacity above the one that it has.
func (s *slot) grow(capacity int) (err error) {
	if s.seq != nil {
		return s.seq.Grow(capacity)
	}
	s.seq, err = s.model.NewSequence(capacity)
	return err
}

// forget drops all free slots. It reports whether there were any.
func (e *LocalEngine) forget() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	kept := e.slots[:0]
	for _, s := range e.slots {
		if s.busy {
			kept = append(kept, s)
		}
	}
	if len(kept) == len(e.slots) {
		return false
	}
	clear(e.slots[len(kept):])
	e.slots = kept
	debug.FreeOSMemory() // now: the memory is about to be asked for
	return true
}
