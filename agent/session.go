package agent

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"sync/atomic"
	"unicode/utf8"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

// A Session is a conversation with an agent: its history, with the model's own tokens. It belongs to one goroutine; sessions of
// one agent are independent.
type Session struct {
	agent   *Agent
	t       *encoding.Transcript
	log     []entry // all that was done to t
	system  int     // message that the agent has put there; -1 if none
	dev     int     // and the developer message
	turn    *Turn
	running atomic.Bool
}

// NewSession returns an empty session.
func (a *Agent) NewSession() *Session {
	return &Session{agent: a, t: a.newTranscript(), system: -1, dev: -1}
}

// newTranscript returns an empty transcript. Calls that a caller appends are written as the model itself writes them.
func (a *Agent) newTranscript() *encoding.Transcript {
	retention := a.opts.Retention
	if retention == nil {
		retention = encoding.RetainCookbook
	}
	return a.enc.NewTranscript(&encoding.RenderOptions{Profile: encoding.ProfileChannelFirst, Retention: retention})
}

// Use makes another agent answer from the next turn on. If it has other instructions or tools, the messages that declare them are
// replaced, and the prompt is computed anew.
func (s *Session) Use(a *Agent) { s.agent = a }

// Turn returns the last turn, or the one that runs; nil before the first. It is to be read only.
func (s *Session) Turn() *Turn { return s.turn }

// Messages returns the messages, reasoning of finished turns included, which prompts leave out. The caller must not change them.
func (s *Session) Messages() []harmony.Message { return s.t.Messages() }

// Sampled returns the tokens of every generation, as the generator returned them: engine.Replay of them says them again. The
// caller owns the outer slice, the inner ones are shared.
func (s *Session) Sampled() [][]encoding.Token {
	var all [][]encoding.Token
	for _, e := range s.log {
		if e.Generation != nil {
			all = append(all, e.Generation.Sampled)
		}
	}
	return all
}

// Prompt returns the prompt of the next generation, as it is now; it changes nothing. The error is an *encoding.RenderError.
func (s *Session) Prompt() ([]encoding.Token, error) {
	c := s.Clone()
	if err := c.prepare(c.agent.opts.Format); err != nil {
		return nil, err
	}
	prompt, _, err := c.t.Prompt(harmony.RoleAssistant)
	return prompt, err
}

// Clone returns an independent copy, for a branch.
func (s *Session) Clone() *Session {
	return &Session{agent: s.agent, t: s.t.Clone(), log: slices.Clone(s.log), system: s.system, dev: s.dev, turn: s.turn}
}

// Append adds messages of the caller's: history, or what else belongs between two turns. A conversation that begins with a system
// message has that in place of the agent's own messages, which then declares what tools there are. Text that is not UTF-8
// gets U+FFFD for what is not. The error is an *encoding.RenderError, or ErrRunning; then nothing was added.
func (s *Session) Append(msgs ...harmony.Message) error {
	if s.running.Load() {
		return ErrRunning
	}
	if len(msgs) == 0 {
		return nil
	}
	if err := s.agent.newTranscript().Append(msgs...); err != nil {
		return err // before anything is changed
	}
	if len(s.Messages()) == 0 && msgs[0].Role != harmony.RoleSystem {
		if err := s.prepare(s.agent.opts.Format); err != nil {
			return err
		}
	}
	return s.append(msgs...)
}

// append adds messages and logs it.
func (s *Session) append(msgs ...harmony.Message) error {
	valid := make([]harmony.Message, len(msgs))
	for i := range msgs {
		var err error
		if valid[i], err = validMessage(&msgs[i]); err != nil {
			return err
		}
	}
	if err := s.t.Append(valid...); err != nil {
		return err
	}
	s.log = append(s.log, entry{Append: valid})
	return nil
}

// validMessage returns m with U+FFFD for what is not UTF-8 in any of its strings (a recipient or a channel may be what a model made up,
// byte by byte): a file could not hold it, and its prompts would be others when it is read again.
func validMessage(m *harmony.Message) (harmony.Message, error) {
	valid := *m
	valid.Content = slices.Clone(m.Content)
	b := harmony.AppendMessage(nil, m) // writes U+FFFD for what is not UTF-8
	if !bytes.ContainsRune(b, utf8.RuneError) {
		return valid, nil
	}
	valid = harmony.Message{}
	err := valid.UnmarshalJSON(b)
	return valid, err
}

// prepare puts the agent's own messages in place, for answers of a format.
func (s *Session) prepare(f *Format) error {
	head := s.agent.head(f)
	msgs := s.Messages()
	if len(msgs) == 0 {
		if err := s.append(head...); err != nil {
			return err
		}
		s.system = 0
		if len(head) > 1 {
			s.dev = 1
		}
		return nil
	}
	if s.system < 0 {
		return nil // the conversation has its own
	}
	if err := s.replace(s.system, head[0]); err != nil {
		return err
	}
	switch {
	case s.dev >= 0 && len(head) > 1:
		return s.replace(s.dev, head[1])
	case s.dev >= 0:
		return s.replace(s.dev, harmony.NewDeveloper(&harmony.DeveloperContent{}))
	case len(head) > 1:
		s.dev = len(msgs)
		return s.append(head[1])
	}
	return nil
}

// replace puts m in the place of message i, if it differs.
func (s *Session) replace(i int, m harmony.Message) error {
	m, err := validMessage(&m)
	if err != nil {
		return err
	}
	if bytes.Equal(harmony.AppendMessage(nil, &s.Messages()[i]), harmony.AppendMessage(nil, &m)) {
		return nil
	}
	if err := s.t.Replace(i, m); err != nil {
		return err
	}
	s.log = append(s.log, entry{Replace: &replacement{At: i, Message: m}})
	return nil
}

// Run is a turn: it says text to the model and yields events until there is an answer, which is in Turn then. The error, which comes
// last, is a *RunError; ErrRunning; or an *encoding.RenderError of messages that cannot be rendered.
//
// Nothing happens before the sequence is ranged over; ranging again is another turn. Breaking off the loop ends the turn. Whatever
// ends it, what was said stays in the session, which can be used on: by another turn, or by Continue.
func (s *Session) Run(ctx context.Context, text string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		s.run(ctx, s.agent.opts.Format, yield, harmony.NewUser(text))
	}
}

// RunAs is Run for an answer of another format than the agent's; nil is any text. If the format is another than that of the turn
// before, the developer message is replaced, and the prompt is computed anew. For a format that cannot be used the error is an *OptionError.
func (s *Session) RunAs(ctx context.Context, f *Format, text string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		s.run(ctx, f, yield, harmony.NewUser(text))
	}
}

// Continue is Run without a message: it goes on from what is there. After a turn that was stopped, or that came to a limit, the model
// goes on where it was.
func (s *Session) Continue(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		s.run(ctx, s.agent.opts.Format, yield)
	}
}

// Ask is Run for programs that only want the answer. The error is Run's.
func (s *Session) Ask(ctx context.Context, text string) (string, error) {
	for _, err := range s.Run(ctx, text) {
		if err != nil {
			return "", err
		}
	}
	return s.turn.Answer, nil
}
