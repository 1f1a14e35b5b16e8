package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
)

// conversation is somebody's talk with a model.
type conversation struct {
	x         *session
	r         *runFlags
	generator engine.Generator
	tools     *toolbox
	s         *agent.Session
}

// newConversation begins a conversation as the flags say.
func (x *session) newConversation(r *runFlags, g engine.Generator, tools *toolbox) (*conversation, error) {
	c := &conversation{x: x, r: r, generator: g, tools: tools}
	a, err := c.agent()
	if err != nil {
		return nil, err
	}
	c.s = a.NewSession()
	return c, nil
}

// agent returns an agent as the flags are now.
func (c *conversation) agent() (*agent.Agent, error) {
	o := &agent.Options{
		Instructions: c.r.system, Effort: harmony.Effort(c.r.effort.value), Date: c.r.today(), Sampling: c.r.sampling,
		Limits: agent.Limits{Tokens: c.r.maxTokens, ToolTime: c.tools.toolTime()},
	}
	if o.Limits.Tokens == 0 {
		o.Limits.Tokens = -1 // the context is a limit, too
	}
	if !c.r.noTools {
		o.Tools = c.tools.functions
	}
	c.r.constrainTo(o)
	a, err := agent.New(c.generator, o)
	if err != nil {
		return nil, &exitError{exitUsage, toolsError(c.r, err)}
	}
	return a, nil
}

// toolsError says of an agent's options what is wrong in the file that they are from.
func toolsError(r *runFlags, err error) error {
	text := withoutPackage(err)
	if r.tools != "" {
		return fmt.Errorf("%s: %s", r.tools, text)
	}
	return errors.New(text)
}

// turn shows a turn. The error is for people, and errNegative where the figures say it.
func (c *conversation) turn(ctx context.Context, events iter.Seq2[agent.Event, error]) error {
	v := newTurnView(c.x, c.r)
	var failure error
	for ev, err := range events {
		if failure = err; err == nil {
			failure = v.event(&ev)
		}
		if failure != nil {
			break
		}
	}
	v.meter.clear()
	c.tools.wait()
	if err := v.close(c.s.Turn(), failure); err != nil && failure == nil {
		failure = err
	}
	return c.turnError(failure)
}

// turnError says why a turn has no answer.
func (c *conversation) turnError(err error) error {
	var written *writeError
	var limit *agent.LimitError
	var outcome *agent.OutcomeError
	var run *agent.RunError
	switch {
	case err == nil || errors.As(err, &written):
		return err
	case errors.Is(err, context.Canceled):
		return errNegative
	case errors.As(err, &limit):
		return c.limitError(limit)
	case errors.As(err, &outcome):
		return fmt.Errorf("no answer: the model has stopped again and again without an answer or a call (%s)", outcome.Verdict)
	case errors.As(err, &run):
		err = run.Err
	}
	text := err.Error()
	for _, p := range []string{"agent: ", "engine: ", "decoder: ", "encoding: "} {
		text = strings.TrimPrefix(text, p)
	}
	return errors.New(text)
}

// limitError says which limit a turn has come to, if the figures do not.
func (c *conversation) limitError(e *agent.LimitError) error {
	switch {
	case e.Found > 0:
		return fmt.Errorf("the prompt has %s, %s", plural(e.Found, "token"), contextWords(c.r, e.Max))
	case e.Limit == agent.LimitSteps:
		return fmt.Errorf("no answer after %s: the model keeps calling tools", plural(e.Max, "generation"))
	case e.Limit == agent.LimitTokens || e.Limit == agent.LimitContext:
		return errNegative
	}
	return errors.New(withoutPackage(e))
}

// contextWords says whose limit a capacity is.
func contextWords(r *runFlags, capacity int) string {
	if r.context > 0 && r.context == capacity {
		return "--context is " + grouped(capacity)
	}
	return "the model is made for " + grouped(capacity)
}

// keep saves the conversation where --save says. On a terminal a turn that has failed is kept even without that, and what goes on
// with it is said.
func (c *conversation) keep(failure error) error {
	file := c.r.save
	if file == "" {
		if failure == nil || !isTerminal(c.x.stderr) || len(c.s.Messages()) == 0 {
			return nil
		}
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil // there is no place that is ours
		}
		file = filepath.Join(dir, "harmony", "stopped.jsonl")
		if os.MkdirAll(filepath.Dir(file), 0o700) != nil || c.write(file) != nil {
			return nil
		}
	} else if err := c.write(file); err != nil {
		return err
	}
	if failure != nil && !c.r.quiet {
		c.x.remark(c.r, faint, "kept; to go on: harmony chat"+c.modelWords()+" --load "+shellWord(file))
	}
	return nil
}

// modelWords are the flags of this conversation's model.
func (c *conversation) modelWords() string {
	if c.r.demo() {
		return ""
	}
	return " --model " + shellWord(c.r.model)
}

// shellWord quotes a word for a shell, where it needs that.
func shellWord(text string) string {
	if strings.ContainsAny(text, " \t\n\"'$`\\*?[]{}()<>|&;#~!") && os.PathSeparator == '/' {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}

// write saves the conversation in a file: wholly or not at all.
func (c *conversation) write(file string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".harmony-*") // for its owner's eyes only
	if err == nil {
		defer os.Remove(f.Name()) // it is gone if all went well
		err = errors.Join(c.s.Save(f), f.Close())
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err == nil {
		return nil
	}
	var p *os.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		err = p.Err
	case errors.As(err, &l):
		err = l.Err
	}
	return &exitError{exitUsage, fmt.Errorf("%s: the conversation cannot be saved: %w", printable(file), err)}
}

// load goes on with the conversation in a file.
func (c *conversation) load(file string) error {
	a, err := c.agent()
	if err != nil {
		return err
	}
	f, err := openFile(file, printable(file))
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := a.Load(f)
	if err == nil {
		c.s = s
		return nil
	}
	var fault *agent.FileError
	var version *agent.VersionError
	switch {
	case !errors.As(err, &fault):
		return inputError(printable(file), err)
	case errors.As(err, &version):
		err = fmt.Errorf("it is of version %d, and this program reads version %d", version.Found, agent.FileVersion)
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("it ends before the conversation does")
	default:
		err = errors.New(withoutPackage(fault.Err))
	}
	return &exitError{exitNegative, fmt.Errorf("%s:%d: not a conversation to go on with: %w", printable(file), fault.Line, err)}
}
