package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/schema"
)

// An exchange is what a user said and what an assistant has to make of it.
type exchange struct {
	User      string `json:"user"`
	Tool      string `json:"tool"` // "" if no call is wanted
	Arguments string `json:"arguments"`
	Result    string `json:"result"`
	Final     string `json:"final"`
}

// A testCase is a conversation whose last exchange is tested.
type testCase struct {
	Set          string     `json:"set"`
	Ability      string     `json:"ability"`
	Effort       string     `json:"effort"`
	Date         string     `json:"date"`
	Instructions string     `json:"instructions"`
	Tools        []toolCase `json:"tools"`
	History      []exchange `json:"history"`
	exchange
}

type toolCase struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

func readCases(text []byte) (list []testCase, err error) {
	for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var c testCase
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, fmt.Errorf("case %d: %w", i, err)
		}
		list = append(list, c)
	}
	return list, nil
}

// functions returns the declared tools. Each returns what the case says.
func (c *testCase) functions() (list []*agent.Function, err error) {
	for _, t := range c.Tools {
		var parameters *schema.Schema
		if len(t.Parameters) > 0 {
			if parameters, err = schema.Parse(t.Parameters); err != nil {
				return nil, fmt.Errorf("tool %s: %w", t.Name, err)
			}
		}
		list = append(list, agent.RawTool(t.Name, t.Description, parameters, func(context.Context, harmony.Message) (string, error) {
			return c.Result, nil
		}))
	}
	return list, nil
}

// history returns the messages of the earlier turns.
func (c *testCase) history() (msgs []harmony.Message) {
	for _, e := range c.History {
		msgs = append(msgs, harmony.NewUser(e.User))
		if e.Tool != "" {
			call := harmony.NewCall("functions."+e.Tool, e.Arguments)
			msgs = append(msgs, call, harmony.NewResult(&call, e.Result))
		}
		msgs = append(msgs, harmony.NewAssistant(harmony.ChannelFinal, e.Final))
	}
	return msgs
}
