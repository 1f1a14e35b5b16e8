package main

import (
	"context"
	"errors"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/decoder/demo"
)

// openDemo opens the model that is part of this program.
func openDemo(opts *decoder.Options) (*decoder.Model, error) {
	m, err := demo.Open(opts)
	if errors.Is(err, context.Canceled) {
		return nil, errors.New("cancelled while the model was opened")
	}
	return m, err
}
