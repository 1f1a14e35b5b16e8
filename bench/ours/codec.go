package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/harmony-go/sdk/bench/internal/worker"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

func render(enc **encoding.Encoding, reuse bool) *worker.Task {
	var conv harmony.Conversation
	var toks []tokenizer.Token
	return &worker.Task{
		Prepare: func(in string) error {
			doc, err := os.ReadFile(in)
			if err != nil {
				return err
			}
			conv, err = harmony.ParseConversation(doc)
			return err
		},
		Run: func() (err error) {
			if reuse {
				toks, err = (*enc).AppendRenderForCompletion(toks[:0], conv.Messages, harmony.RoleAssistant, nil)
			} else {
				toks, err = (*enc).RenderForCompletion(conv.Messages, harmony.RoleAssistant, nil)
			}
			return err
		},
		Result: func() ([]byte, error) { return worker.TokenBytes(toks), nil },
	}
}

func renderJSON(enc **encoding.Encoding) *worker.Task {
	var doc []byte
	var toks []tokenizer.Token
	return &worker.Task{
		Prepare: func(in string) (err error) { doc, err = os.ReadFile(in); return err },
		Run: func() error {
			conv, err := harmony.ParseConversation(doc)
			if err != nil {
				return err
			}
			toks, err = (*enc).RenderForCompletion(conv.Messages, harmony.RoleAssistant, nil)
			return err
		},
		Result: func() ([]byte, error) { return worker.TokenBytes(toks), nil },
	}
}

// parse pushes every token and takes every event.
func parse(enc **encoding.Encoding) *worker.Task {
	var toks []tokenizer.Token
	var p *encoding.Parser
	var text int // bytes of text in the events
	return &worker.Task{
		Prepare: func(in string) (err error) { toks, err = worker.ReadTokens[tokenizer.Token](in); return err },
		Run: func() error {
			p, text = (*enc).NewParser(harmony.RoleAssistant, nil), 0
			for _, t := range toks {
				events, err := p.Push(t)
				if err != nil {
					return err
				}
				for i := range events {
					text += len(events[i].Text)
				}
			}
			return nil
		},
		Result: func() ([]byte, error) { return messages(p, text) },
	}
}

// parseTextSoFar keeps the current message's text beside the parser, and looks at it at each token.
func parseTextSoFar(enc **encoding.Encoding) *worker.Task {
	var toks []tokenizer.Token
	var p *encoding.Parser
	var sofar strings.Builder
	var text, seen int
	return &worker.Task{
		Prepare: func(in string) (err error) { toks, err = worker.ReadTokens[tokenizer.Token](in); return err },
		Run: func() error {
			p, text = (*enc).NewParser(harmony.RoleAssistant, nil), 0
			for _, t := range toks {
				events, err := p.Push(t)
				if err != nil {
					return err
				}
				for i := range events {
					if events[i].Kind == encoding.KindHeader {
						sofar.Reset()
					}
					sofar.WriteString(events[i].Text)
					text += len(events[i].Text)
				}
				seen += len(sofar.String())
			}
			return nil
		},
		Result: func() ([]byte, error) { return messages(p, text) },
	}
}

// messages returns the parsed messages as JSON. The events must have held all their text.
func messages(p *encoding.Parser, text int) ([]byte, error) {
	out, all := []byte{'['}, 0
	for i, m := range p.Messages() {
		if i > 0 {
			out = append(out, ',')
		}
		out = harmony.AppendMessage(out, &m.Message)
		all += len(m.Text())
	}
	if all != text {
		return nil, fmt.Errorf("the events held %d bytes of text, the messages hold %d", text, all)
	}
	return append(out, ']'), nil
}
