package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/tokenizer"
)

// openModel opens the checkpoint that the flags name.
func (x *session) openModel(ctx context.Context, r *runFlags) (*decoder.Model, error) {
	p := x.runMeter(r, "packing "+printable(r.model))
	defer p.clear()
	opts := decoder.Options{Threads: r.threads, Progress: func(done, total int64) error {
		p.bytes(done, total)
		return ctx.Err()
	}}
	if err := errors.Join(opts.Precision.UnmarshalText([]byte(r.precision.value)), opts.Hold.UnmarshalText([]byte(r.hold.value))); err != nil {
		return nil, err
	}
	m, err := decoder.Open(r.model, &opts)
	switch {
	case errors.Is(err, context.Canceled):
		return nil, errors.New("cancelled while the model was opened")
	case err != nil:
		return nil, modelHint(r.model, checkpointError(r.model, err))
	}
	if v := m.Config().Vocabulary; v <= int(tokenizer.Call) && !r.raw {
		m.Close()
		return nil, fmt.Errorf("%s: its vocabulary has %s, too few for o200k_harmony: a model of another format", r.model, plural(v, "token"))
	}
	return m, nil
}

// modelHint adds to the error of a directory what may have been meant.
func modelHint(path string, err error) error {
	e, ok := errors.AsType[*exitError](err)
	if info, serr := os.Stat(path); !ok || serr != nil || !info.IsDir() {
		return err
	}
	if files, _ := filepath.Glob(filepath.Join(path, "*.gguf")); len(files) > 0 {
		return &exitError{e.status, fmt.Errorf("%w\n  To open the GGUF file in it: --model %s", e.err, files[0])}
	}
	if _, serr := os.Stat(filepath.Join(path, "config.json")); errors.Is(serr, fs.ErrNotExist) {
		return &exitError{e.status, fmt.Errorf("%s: a directory without config.json, so no checkpoint of safetensors; and no .gguf file is in it", path)}
	}
	return err
}

// runMeter returns a meter, which shows nothing with --quiet.
func (x *session) runMeter(r *runFlags, what string) *meter {
	if r.quiet {
		return &meter{}
	}
	return x.newMeter(what)
}
