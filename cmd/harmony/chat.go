package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
)

var chatCommand = command{
	name:    "chat",
	summary: "talk with a model, with tools and commands at hand",
	usage: `harmony chat [flags]

A conversation with a model that runs on this machine. Every turn is shown as
'harmony run' shows it. Without --model it is the demonstration model that is
part of this program; --model runs gpt-oss.

At the prompt, Up and Down bring back what you said before, and Alt-Enter, or a
backslash at the end of a line, begins a new line. What is pasted is not sent
before Enter. Ctrl-C ends a turn and keeps what was said; a second one ends the
program. Ctrl-D at the prompt ends the conversation. In a pipe every line of
standard input is a prompt; the commands work there, too.

` + chatCommandsUsage + `
A line that begins with // is sent with one / less.

` + modelFlagsUsage + `
  --load FILE         go on with a conversation that --save or /save has kept
  --save FILE         keep the conversation there, after every turn

` + outputFlagsUsage + `
The exit status is 1 when a turn in a pipe had no whole answer.

Examples
  harmony chat
  harmony chat --model gpt-oss-20b --system 'Be brief.' --save talk.jsonl
  harmony chat --model gpt-oss-20b --load talk.jsonl
`,
	run: runChat,
}

func runChat(x *session, args []string) error {
	fs, r := newRunFlags("chat")
	operands, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if len(operands) > 0 {
		return usageErrorf("chat takes no prompt, found %s; 'harmony run' takes one", quote(operands[0]))
	}
	if err := r.check(); err != nil {
		return err
	}
	tools, err := x.readTools(r)
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	m, err := x.openModel(ctx, r)
	stop()
	if err != nil {
		return err
	}
	defer m.Close()
	r.draw()
	e := engine.Local(m, &engine.LocalOptions{Capacity: r.context, Sequences: 1})
	c, err := x.newChat(r, e, tools)
	if err != nil {
		return err
	}
	x.introduce(r, m, "")
	return c.talk()
}

// chat is a conversation with somebody at a prompt, or in a pipe.
type chat struct {
	*conversation
	in       lineReader
	out      *screen // what the commands say
	finished bool    // /quit was said
	failed   bool    // a turn had no answer
}

// newChat begins a chat as the flags say.
func (x *session) newChat(r *runFlags, g engine.Generator, tools *toolbox) (*chat, error) {
	c, err := x.newConversation(r, g, tools)
	if err != nil {
		return nil, err
	}
	if r.load != "" {
		if err := c.load(r.load); err != nil {
			return nil, err
		}
	}
	out := x.aside()
	chat := &chat{conversation: c, out: newScreen(bufio.NewWriter(out), out, r.options)}
	chat.in = x.newLineReader(r, chat.complete)
	for _, said := range chat.said() {
		chat.in.remember(said)
	}
	return chat, nil
}

// talk reads prompts and commands until there are no more.
func (c *chat) talk() error {
	defer c.in.close()
	if c.in.interactive() && !c.r.quiet {
		c.say("/help lists the commands, Ctrl-D ends the conversation")
	}
	if c.r.load != "" && !c.r.quiet {
		c.resumed(c.r.load)
	}
	interrupts := 0
	for !c.finished {
		text, err := c.in.read()
		switch {
		case errors.Is(err, errInterrupted):
			if interrupts++; interrupts > 1 {
				return nil
			}
			c.say("Ctrl-C once more, Ctrl-D or /quit ends the conversation")
			continue
		case errors.Is(err, io.EOF):
			return c.end()
		case err != nil:
			return &exitError{exitUsage, fmt.Errorf("standard input: %w", err)}
		}
		interrupts = 0
		if err := c.obey(text); err != nil {
			return err
		}
	}
	return c.end()
}

// end returns how the program ends.
func (c *chat) end() error {
	if c.failed && !c.in.interactive() {
		return errNegative
	}
	return nil
}

// obey does what a line asks for. Its error ends the conversation: that the output cannot be written.
func (c *chat) obey(line string) error {
	text := strings.TrimSpace(line)
	switch {
	case text == "":
		return nil
	case strings.HasPrefix(text, "//"):
		line = text[1:]
	case strings.HasPrefix(text, "/"):
		c.report(c.command(text))
		return nil
	}
	c.in.remember(line)
	ctx, stop := interruptible()
	defer stop()
	return c.answer(ctx, line)
}

// answer is a turn that a person has begun, or goes on with if there is no text.
func (c *chat) answer(ctx context.Context, text string) error {
	events := c.s.Run(ctx, text)
	if text == "" {
		events = c.s.Continue(ctx)
	}
	if c.in.interactive() {
		c.out.WriteString("\n")
		c.out.Flush()
	}
	err := c.turn(ctx, events)
	var written *writeError
	if errors.As(err, &written) {
		return err
	}
	c.failed = c.failed || err != nil
	c.report(err)
	if terminated(ctx) {
		c.finished = true
	} else if ctx.Err() != nil {
		c.say("stopped, and kept: /continue goes on, /save FILE saves the conversation")
	}
	if c.r.save != "" {
		c.report(c.write(c.r.save))
	}
	if c.in.interactive() {
		c.out.WriteString("\n")
		c.out.Flush()
	}
	return nil
}

// report shows an error, if it is one that has not been shown.
func (c *chat) report(err error) {
	var e *exitError
	if err == nil || errors.As(err, &e) && e.err == nil {
		return
	}
	c.x.remark(c.r, inkError, "harmony chat: "+err.Error())
}

// say shows a line that is no message of the model.
func (c *chat) say(text string) {
	c.out.line("", faint, text)
	c.out.Flush()
}

// resumed says which conversation goes on.
func (c *chat) resumed(file string) {
	c.say("goes on with " + printable(file) + ", " + plural(len(c.s.Messages()), "message"))
}

// said returns what the person has said in this conversation.
func (c *chat) said() []string {
	var all []string
	for _, m := range c.s.Messages() {
		if m.Role == harmony.RoleUser {
			all = append(all, m.Text())
		}
	}
	return all
}

// aside is where a chat shows what is no answer.
func (x *session) aside() *os.File {
	if isTerminal(x.stdout) {
		return x.stdout
	}
	return x.stderr // what is in the pipe are answers
}

// newLineReader returns what reads prompts: an editor where there is somebody to edit.
func (x *session) newLineReader(r *runFlags, complete func(string) string) lineReader {
	if !isTerminal(x.stdin) {
		return newPipeReader(x.stdin, nil)
	}
	screen := x.aside()
	if !isTerminal(screen) || os.Getenv("TERM") == "dumb" {
		return newPipeReader(x.stdin, screen)
	}
	return newEditor(x.stdin, screen, wantColor(r.color.value, screen), complete)
}
