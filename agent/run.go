package agent

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// run is a turn that runs.
type run struct {
	s      *Session
	a      *Agent
	ctx    context.Context // ends with the turn's time
	outer  context.Context // the caller's
	format *Format
	yield  func(Event, error) bool
	left   bool // the loop over the events was left
	turn   *Turn

	output  int // tokens sampled so far
	idle    int // generations in a row that have ended with neither answer nor call
	repairs int // answers that were sent back
}

// run plays a turn that begins with msgs.
func (s *Session) run(ctx context.Context, f *Format, yield func(Event, error) bool, msgs ...harmony.Message) {
	if !s.running.CompareAndSwap(false, true) {
		yield(Event{}, ErrRunning)
		return
	}
	defer s.running.Store(false)
	err := s.checkFormat(f)
	if err == nil {
		err = s.prepare(f)
	}
	if err == nil && len(msgs) > 0 {
		err = s.append(msgs...)
	}
	if err != nil {
		yield(Event{}, err)
		return
	}
	r := &run{s: s, a: s.agent, ctx: ctx, outer: ctx, format: f, yield: yield, turn: &Turn{}}
	s.turn = r.turn
	if t := r.a.limits.Time; t > 0 {
		var cancel context.CancelFunc
		r.ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	began := time.Now()
	defer func() { r.turn.Elapsed = time.Since(began) }()
	r.turn.Err = r.loop()
	if r.turn.Err != nil && !r.left {
		yield(Event{}, r.turn.Err)
	}
}

// emit hands out an event, unless the loop was left.
func (r *run) emit(ev Event) {
	if !r.left {
		r.left = !r.yield(ev, nil)
	}
}

// fail says that the turn ends without an answer, in the last generation.
func (r *run) fail(err error) error {
	last := len(r.turn.Steps) - 1
	return &RunError{Step: last, Output: len(r.turn.Steps[last].Sampled), Err: r.cause(err)}
}

// failBefore says that the turn ends without an answer, before the next generation.
func (r *run) failBefore(err error) error {
	return &RunError{Step: len(r.turn.Steps), Err: r.cause(err)}
}

// cause tells the turn's own time from the caller's.
func (r *run) cause(err error) error {
	switch {
	case r.outer.Err() != nil && errors.Is(err, r.outer.Err()):
		return err
	case r.ctx.Err() != nil && errors.Is(err, r.ctx.Err()):
		return &LimitError{Limit: LimitTime, Max: int(r.a.limits.Time)}
	}
	return err
}

// loop generates until there is an answer.
func (r *run) loop() error {
	for {
		if n := r.a.limits.Steps; n > 0 && len(r.turn.Steps) >= n {
			return r.failBefore(&LimitError{Limit: LimitSteps, Max: n})
		}
		if err := r.stopped(); err != nil {
			return r.failBefore(err)
		}
		g, err := r.generate()
		if err != nil {
			return r.failBefore(err)
		}
		if done, err := r.settle(g); err != nil || done {
			return err
		}
	}
}

// stopped returns why the turn must not go on; nil if it may.
func (r *run) stopped() error {
	if r.left {
		return ErrStopped
	}
	return r.ctx.Err()
}

// settle does what a generation asks for: it answers its calls, or takes its answer. It reports whether the turn is over.
func (r *run) settle(g *generation) (done bool, err error) {
	calls := 0
	for i := range g.messages {
		m := &g.messages[i].Message
		switch p := m.Purpose(); {
		case p == harmony.Reasoning && m.Text() != "":
			if r.turn.Reasoning != "" {
				r.turn.Reasoning += "\n\n"
			}
			r.turn.Reasoning += m.Text()
		case p == harmony.FunctionCall || p == harmony.BuiltinCall:
			calls++
			if err := r.answerCall(m, g, i); err != nil {
				return false, r.fail(err)
			}
		}
	}
	last := len(g.messages) - 1
	answered := last >= 0 && g.messages[last].Purpose() == harmony.Answer && g.complete(last) &&
		strings.TrimSpace(g.messages[last].Text()) != "" // an empty answer is none
	switch {
	case answered && calls == 0 && g.err == nil:
		return r.takeAnswer(g.messages[last].Text())
	case r.left:
		return false, r.fail(ErrStopped)
	case g.err != nil:
		return false, r.fail(g.err)
	case g.reason == encoding.StopLength && (calls == 0 || !g.complete(last)):
		return false, r.fail(g.full())
	case calls > 0:
		r.idle = 0
		return false, nil
	case g.step.Verdict.Truncated() && g.reason == encoding.StopUnknown:
		return false, r.fail(&OutcomeError{Verdict: g.step.Verdict})
	}
	if r.idle++; r.idle > 2 {
		return false, r.fail(&OutcomeError{Verdict: g.step.Verdict})
	}
	return false, nil
}

// takeAnswer ends the turn if the answer fits, and sends it back otherwise.
func (r *run) takeAnswer(text string) (done bool, err error) {
	r.idle = 0
	if r.format == nil {
		r.turn.Answer = text
		return true, nil
	}
	wrong := r.format.checkAnswer(text)
	if wrong == nil {
		r.turn.Answer = text
		return true, nil
	}
	n := r.a.limits.Repairs
	if r.repairs++; n < 0 || r.repairs > n {
		return false, r.fail(&AnswerError{Text: text, Err: wrong})
	}
	what := schema.Feedback(wrong)
	if what == "" {
		what = wrong.Error()
	}
	back := harmony.Message{Role: harmony.RoleDeveloper, Content: []harmony.Content{harmony.Text(what)}}
	if err := r.s.append(back); err != nil {
		return false, r.fail(err)
	}
	return false, nil
}
