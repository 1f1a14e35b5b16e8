package localtools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/harmony"
)

// The bounds of a command that runs as a tool.
const (
	DefaultTimeout = 30 * time.Second
	MaxTimeout     = 24 * time.Hour
	MaxOutput      = 1 << 20     // bytes of standard output; a command that writes more is stopped
	maxComplaint   = 2 << 10     // bytes of standard error that an error quotes
	patience       = time.Second // for pipes that a command's children hold when it has ended
)

// Commands are tools that a file declares. They belong to one program, which must call Wait before it ends.
type Commands struct {
	Functions []*agent.Function
	Longest   time.Duration // the longest timeout of all
	running   sync.WaitGroup
}

// Wait waits until every command that was stopped has ended, but not longer than most.
func (c *Commands) Wait(most time.Duration) {
	done := make(chan struct{})
	go func() { c.running.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(most):
	}
}

// add makes a declaration a tool.
func (c *Commands) add(d *declaration) {
	c.Longest = max(c.Longest, d.timeout)
	c.Functions = append(c.Functions, agent.RawTool(d.Name, d.Description, d.schema, func(ctx context.Context, call harmony.Message) (string, error) {
		c.running.Add(1)
		defer c.running.Done()
		return run(ctx, d, call.Text())
	}))
}

var errOutput = errors.New("more output than is read")

// run runs a command with the arguments of a call on its standard input. What it writes to standard output is the result. There is no
// shell: the model decides what the command reads, and never what is run.
func run(ctx context.Context, d *declaration, arguments string) (string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timeout := time.AfterFunc(d.timeout, func() { cancel(context.DeadlineExceeded) })
	defer timeout.Stop()
	out := &limited{most: MaxOutput, full: func() { cancel(errOutput) }}
	complaint := &tail{most: maxComplaint}
	c := exec.CommandContext(ctx, d.Command[0], d.Command[1:]...)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(arguments), out, complaint
	c.WaitDelay = patience
	g := newGroup(c)
	c.Cancel = g.kill
	err := c.Start()
	if err == nil {
		g.started()
		err = c.Wait()
		g.close() // and with it whatever the command has left behind
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errOutput):
		return out.b.String() + fmt.Sprintf("\n[cut: the command wrote more than %d bytes and was stopped]", MaxOutput), nil
	case errors.Is(cause, context.DeadlineExceeded) && err != nil:
		return "", fmt.Errorf("the command took longer than %v and was stopped", d.timeout)
	case cause != nil && err != nil:
		return "", cause
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return "", failure(err, complaint.String())
	}
	return strings.TrimRight(out.b.String(), "\r\n"), nil
}

// failure says how a command has failed, in its own words if it has any.
func failure(err error, complaint string) error {
	if _, ended := errors.AsType[*exec.ExitError](err); !ended {
		if e, ok := errors.AsType[*exec.Error](err); ok {
			err = e.Err
		}
		return fmt.Errorf("the command cannot be run: %w", err)
	}
	if complaint = strings.TrimSpace(strings.ToValidUTF8(complaint, "\uFFFD")); complaint != "" {
		return fmt.Errorf("the command failed (%w): %s", err, complaint)
	}
	return fmt.Errorf("the command failed (%w)", err)
}

// limited keeps the first bytes that are written to it, and calls full when there are more.
type limited struct {
	b    bytes.Buffer // not embedded: its ReadFrom would pass Write by
	most int
	full func()
	done bool
}

func (l *limited) Write(b []byte) (int, error) {
	if room := l.most - l.b.Len(); len(b) > room {
		l.b.Write(b[:room])
		if !l.done {
			l.done = true
			l.full()
		}
		return len(b), nil // the pipe is read until the command is gone
	}
	return l.b.Write(b)
}

// tail keeps the last bytes that are written to it.
type tail struct {
	b    []byte
	most int
}

func (t *tail) Write(b []byte) (int, error) {
	n := len(b)
	if n > t.most {
		b = b[n-t.most:]
	}
	t.b = append(t.b, b...)
	if over := len(t.b) - t.most; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return n, nil
}

func (t *tail) String() string { return string(t.b) }
