package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/tokenizer"
)

//go:embed testdata/prompts.jsonl
var prompts []byte

// What the model was trained on is what an agent renders, token by token: the prompt of a turn, and after a call, with the result in it,
// that of the next generation. The transcripts are those of train/cases.py.
func TestPrompts(t *testing.T) {
	list, err := readCases(prompts)
	require.NoError(t, err)
	calls := 0
	for i, line := range bytes.Split(bytes.TrimSpace(prompts), []byte("\n")) {
		var extra struct {
			Transcript []tokenizer.Token `json:"transcript"`
			Prompt     int               `json:"prompt"`
		}
		require.NoError(t, json.Unmarshal(line, &extra))
		c := &list[i]
		tools, err := c.functions()
		require.NoError(t, err)
		said := generations(extra.Transcript[extra.Prompt:])
		a, err := agent.New(engine.Replay(said...), &agent.Options{Tools: tools, Effort: harmony.Effort(c.Effort), Date: c.Date, Instructions: c.Instructions})
		require.NoError(t, err)
		s := a.NewSession()
		require.NoError(t, s.Append(c.history()...))
		for _, err := range s.Run(context.Background(), c.User) {
			require.NoError(t, err)
		}
		turn := s.Turn()
		require.Equal(t, c.Final, turn.Answer)
		require.Len(t, turn.Steps, len(said))
		require.Equal(t, extra.Prompt, turn.Steps[0].Prompt, "case %d", i)
		if c.Tool != "" {
			calls++
			require.Equal(t, "functions."+c.Tool, turn.Calls[0].Message.Recipient)
			require.Equal(t, c.Arguments, turn.Calls[0].Message.Text())
			require.Equal(t, extra.Prompt+len(said[0])+len(extra.Transcript)-extra.Prompt-len(said[0])-len(said[1]), turn.Steps[1].Prompt, "case %d", i)
		}
		before := a.NewSession()
		require.NoError(t, before.Append(append(c.history(), harmony.NewUser(c.User))...))
		prompt, err := before.Prompt()
		require.NoError(t, err)
		want, err := encoding.GPTOSS().Tokenizer().Decode(extra.Transcript[:extra.Prompt])
		require.NoError(t, err)
		got, err := encoding.GPTOSS().Tokenizer().Decode(prompt)
		require.NoError(t, err)
		require.Equal(t, want, got, "case %d", i)
		require.Equal(t, extra.Transcript[:extra.Prompt], prompt, "case %d", i)
	}
	require.Greater(t, calls, 20)
}

// generations returns what the model says in a transcript: up to the token that ends a turn, and behind each result.
func generations(toks []tokenizer.Token) (list [][]tokenizer.Token) {
	for len(toks) > 0 {
		n := 0
		for toks[n] != tokenizer.Call && toks[n] != tokenizer.Return {
			n++
		}
		list, toks = append(list, toks[:n+1]), toks[n+1:]
		for i, tok := range toks { // the result, up to <|start|>assistant
			if tok == tokenizer.End {
				toks = toks[i+3:]
				break
			}
		}
	}
	return list
}
