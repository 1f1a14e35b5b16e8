package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

// follower shows a stream while it arrives.
type follower struct {
	s        *screen
	p        *encoding.Parser
	q        parseJob // what has been decided about the stream; it holds none of it
	messages int
	block    *block
}

// follow is "harmony parse --follow": it shows each piece of text as soon as it is complete.
func (x *session) follow(operands []string, o *parseOptions) error {
	f, name, err := x.open(operands, "file to follow")
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 64<<10)
	return x.output(func(w *bufio.Writer) error {
		fl := &follower{s: newScreen(w, x.stdout, o.options)}
		begin, err := in.Peek(1)
		if err != nil && err != io.EOF {
			return inputError(name, err)
		}
		fl.q.isText = o.from.value == "text" || o.from.value == "auto" && !beginsLikeIDs(begin)
		role := o.role.value
		if role == "auto" {
			role = fl.guessRole(in)
		}
		fl.q.setRole(role)
		fl.p = encoding.GPTOSS().NewParser(fl.q.role, nil)
		if fl.q.isText {
			err = fl.text(in)
		} else {
			err = fl.ids(in, name)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			if fl.block != nil {
				fl.block.end()
			}
			return err
		}
		return fl.close()
	})
}

// beginsLikeIDs reports whether a stream that begins so is one of token ids.
func beginsLikeIDs(begin []byte) bool { return looksLikeIDs(begin) || string(begin) == "[" }

// guessRole looks at the first bytes for <|start|>; it waits for as many as that takes.
func (fl *follower) guessRole(in *bufio.Reader) string {
	start := spelling(encoding.Token(200006))
	if !fl.q.isText {
		start = "200006"
	}
	for n := 1; n <= len(start); n++ {
		if begin, _ := in.Peek(n); string(begin) != start[:n] {
			return string(harmony.RoleAssistant)
		}
	}
	return "none"
}

// text feeds text as it comes. A line break at the end of the stream is held back until more follows.
func (fl *follower) text(in *bufio.Reader) error {
	buf := make([]byte, 32<<10)
	held := ""
	for {
		n, err := in.Read(buf)
		text := held + string(buf[:n])
		held = ""
		if n := len(text); n > 0 && text[n-1] == '\n' {
			text, held = text[:n-1], text[n-1:]
		}
		if ferr := fl.push(fl.p.PushText(text)); ferr != nil {
			return ferr
		}
		if err == nil {
			continue
		}
		if fl.block != nil { // inside a content the line break is the model's
			if ferr := fl.push(fl.p.PushText(held)); ferr != nil {
				return ferr
			}
		}
		return err
	}
}

// ids feeds token ids as they come.
func (fl *follower) ids(in *bufio.Reader, name string) error {
	words := bufio.NewScanner(in)
	words.Split(splitIDs)
	for n := 0; words.Scan(); n++ {
		id, fault := parseID(words.Text())
		if fault != "" {
			return fmt.Errorf("%s: token %d: %s", name, n, fault)
		}
		if err := fl.push(fl.p.Push(id)); err != nil {
			return err
		}
	}
	return words.Err()
}

// splitIDs is a bufio.SplitFunc for numbers between white space, commas and brackets.
func splitIDs(data []byte, atEOF bool) (advance int, word []byte, err error) {
	start := 0
	for start < len(data) && (isBetweenIDs(data[start]) || data[start] == '[' || data[start] == ']') {
		start++
	}
	for end := start; end < len(data); end++ {
		if isBetweenIDs(data[end]) || data[end] == '[' || data[end] == ']' {
			return end + 1, data[start:end], nil
		}
	}
	if atEOF && start < len(data) {
		return len(data), data[start:], nil
	}
	return start, nil, nil
}

// push shows events as soon as they have come.
func (fl *follower) push(events []encoding.Event, err error) error {
	for i := range events {
		fl.event(&events[i])
	}
	if len(events) > 0 {
		if ferr := fl.s.Flush(); ferr != nil {
			return &writeError{ferr}
		}
	}
	return err
}

// event shows one event.
func (fl *follower) event(e *encoding.Event) {
	switch e.Kind {
	case encoding.KindHeader:
		if fl.messages++; fl.messages > 1 {
			fl.s.WriteString("\n")
		}
		fl.s.headline(messageFields(fl.messages, e.Message), painted{})
		fl.block = fl.s.newBlock(messageMargin)
	case encoding.KindDelta:
		fl.block.write(contentInk(e.Message), e.Text)
	case encoding.KindEnd:
		fl.block.end()
		fl.s.stop(e.Stop)
		fl.block = nil
	}
}

// close ends the stream and says how it ended.
func (fl *follower) close() error {
	events, verdict, err := fl.p.Close(encoding.StopUnknown)
	if err := fl.push(events, err); err != nil {
		return err
	}
	v := parseView{s: fl.s, q: &fl.q}
	fl.s.WriteString("\n")
	fl.s.headline([]painted{v.verdict(verdict), {plain, plural(fl.messages, "message")}}, painted{})
	for _, d := range fl.p.Diagnostics() {
		fl.s.line("", plain, fmt.Sprintf("%s %s at %s %d: %s", d.Severity, d.Rule, fl.q.unit(), d.Offset, d.Message))
	}
	if damaged(fl.p.Diagnostics()) {
		return errNegative
	}
	return nil
}
