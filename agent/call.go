package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// answerCall runs a call, message i of a generation, and appends its result.
func (r *run) answerCall(m *harmony.Message, g *generation, i int) error {
	c := &Call{Message: *m}
	r.turn.Calls = append(r.turn.Calls, c)
	r.emit(Event{Kind: KindCall, Step: g.step, Call: c})
	began := time.Now()
	text, err := r.perform(c, g.complete(i), g.err != nil)
	c.Elapsed = time.Since(began)
	if err != nil {
		c.Err = &CallError{Name: m.Recipient, Err: err}
		c.Result = r.errorText(err)
	} else {
		c.Result = clip(text, r.a.limits.Result)
	}
	result := harmony.NewResult(m, c.Result)
	if result.Name == "" { // a recipient that was left empty
		result.Name = harmony.FunctionsNamespace
	}
	if err := r.s.append(result); err != nil {
		return err
	}
	r.emit(Event{Kind: KindResult, Step: g.step, Call: c})
	return nil
}

// perform checks a call and runs its tool.
func (r *run) perform(c *Call, complete, failed bool) (string, error) {
	t, err := r.a.tools.find(c.Message.Recipient)
	if err != nil {
		return "", err
	}
	c.Tool = t.name
	call := c.Message
	switch {
	case !complete:
		return "", ErrCut
	case failed || r.stopped() != nil:
		return "", ErrStopped
	case !t.builtin && strings.TrimSpace(call.Text()) == "":
		call.Content = []harmony.Content{harmony.Text("{}")} // what models write where every argument is optional
	}
	bound, err := t.read(call)
	if err != nil {
		return "", err
	}
	if allow := r.a.opts.Allow; allow != nil {
		if err := allow(r.ctx, call); err != nil {
			return "", err
		}
	}
	ctx := r.ctx
	if limit := r.a.limits.ToolTime; limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, ErrToolTime)
		defer cancel()
	}
	text, err := contain(ctx, bound)
	switch {
	case err != nil && r.ctx.Err() != nil:
		return "", ErrStopped
	case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()): // the tool heeds its context
		return "", context.Cause(ctx)
	}
	return text, err
}

// read reads the arguments of a call; methods of the tool's own types may panic there.
func (t *target) read(call harmony.Message) (run func(context.Context) (string, error), err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return t.bind(call, t.parameters)
}

// contain runs a tool that may panic, hang, or end its goroutine.
func contain(ctx context.Context, run func(context.Context) (string, error)) (string, error) {
	type outcome struct {
		text string
		err  error
	}
	done := make(chan outcome, 1) // nobody may be there any more to receive
	go func() {
		o := outcome{err: errExited}
		defer func() {
			if v := recover(); v != nil {
				o = outcome{err: &PanicError{Value: v, Stack: debug.Stack()}}
			}
			done <- o
		}()
		text, err := run(ctx)
		o = outcome{text, err}
	}()
	select {
	case o := <-done:
		return o.text, o.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// errorText is a result that says what went wrong with a call, for the model.
func (r *run) errorText(err error) string {
	what := err.Error()
	var panicked *PanicError
	if feedback := schema.Feedback(err); feedback != "" {
		what = feedback
	} else if errors.As(err, &panicked) {
		what = errExited.Error() // what it panicked with is for the program
	}
	what = clip(what, r.a.limits.Result) // quoting makes it somewhat longer
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(struct {
		Error string `json:"error"`
	}{what})
	return strings.TrimSuffix(b.String(), "\n")
}

// clip returns text as valid UTF-8 of at most about most bytes, and says so where it has cut. It keeps no memory of what it has
// left out.
func clip(text string, most int) string {
	if most < 0 || len(text) <= most {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	n := most
	for n > most-utf8.UTFMax && n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	head := strings.Clone(strings.ToValidUTF8(text[:n], "\uFFFD"))
	return head + fmt.Sprintf("\n[cut: these are the first %d of %d bytes]", n, len(text))
}
