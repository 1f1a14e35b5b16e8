package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/tokenizer"
)

// rawTurn generates from a whole prompt, and shows what comes.
func (x *session) rawTurn(ctx context.Context, r *runFlags, e *engine.LocalEngine, text string) error {
	prompt := encoding.GPTOSS().Tokenizer().EncodeSpecial(text)
	if len(prompt) > e.Capacity() {
		return fmt.Errorf("the prompt has %s, %s", plural(len(prompt), "token"), contextWords(r, e.Capacity()))
	}
	v := newTurnView(x, r)
	out := &rawOutput{w: bufio.NewWriter(x.stdout), text: tokenizer.O200kHarmony().NewStreamDecoder(), clean: isTerminal(x.stdout)}
	var stats engine.Stats
	request := engine.Request{Prompt: prompt, MaxTokens: r.maxTokens, Sampling: r.sampling, Stats: &stats, Progress: v.meter.tokens}
	var failure error
	for t, err := range e.Generate(ctx, request) {
		v.meter.clear()
		if failure = err; err == nil {
			failure = out.push(t)
		}
		if failure != nil {
			break
		}
	}
	v.meter.clear()
	if err := out.close(); err != nil && failure == nil {
		failure = err
	}
	f := figures{steps: 1}
	f.add(&stats, stats.Prompt, stats.Output)
	if err := v.statistics(&f); err != nil && failure == nil {
		failure = &writeError{err}
	}
	switch {
	case failure != nil && !errors.Is(failure, context.Canceled): // a cancelled turn has said so itself
		return failure
	case stats.Stop != encoding.StopToken:
		return errNegative
	}
	return nil
}

// rawOutput writes what the tokens spell.
type rawOutput struct {
	w     *bufio.Writer
	text  *tokenizer.StreamDecoder
	clean bool // for a terminal, which the model must not drive
	open  bool
}

func (o *rawOutput) push(t encoding.Token) error {
	text, err := o.text.Push(t)
	if err != nil {
		return err
	}
	return o.write(text)
}

func (o *rawOutput) write(text string) error {
	if text == "" {
		return nil
	}
	o.open = !strings.HasSuffix(text, "\n")
	if o.clean {
		text = cleanLines(text)
	}
	o.w.WriteString(text)
	if err := o.w.Flush(); err != nil {
		return &writeError{err}
	}
	return nil
}

// cleanLines returns text without what would drive a terminal, but for line breaks.
func cleanLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

// close writes what is left; on a terminal it ends the line.
func (o *rawOutput) close() error {
	if err := o.write(o.text.Close()); err != nil {
		return err
	}
	if o.clean && o.open {
		return o.write("\n")
	}
	return nil
}
