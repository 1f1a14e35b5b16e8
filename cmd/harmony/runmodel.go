package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/tokenizer"
)

// openModel opens the checkpoint that the flags name, or the model that is part of this program.
func (x *session) openModel(ctx context.Context, r *runFlags) (*decoder.Model, error) {
	what := "packing " + printable(r.model)
	if r.demo() {
		what = "unpacking the demonstration model"
	}
	p := x.runMeter(r, what)
	defer p.clear()
	opts := decoder.Options{Threads: r.threads, Progress: func(done, total int64) error {
		p.bytes(done, total)
		return ctx.Err()
	}}
	if err := errors.Join(opts.Precision.UnmarshalText([]byte(r.precision.value)), opts.Hold.UnmarshalText([]byte(r.hold.value))); err != nil {
		return nil, err
	}
	if r.demo() {
		return openDemo(&opts)
	}
	path, err := findModel(r.model)
	if err != nil {
		return nil, err
	}
	m, err := decoder.Open(path, &opts)
	switch {
	case errors.Is(err, context.Canceled):
		return nil, errors.New("cancelled while the model was opened")
	case err != nil:
		return nil, modelHint(path, checkpointError(path, err))
	}
	if v := m.Config().Vocabulary; v <= int(tokenizer.Call) && !r.raw {
		m.Close()
		return nil, fmt.Errorf("%s: its vocabulary has %s, too few for o200k_harmony: a model of another format", r.model, plural(v, "token"))
	}
	return m, nil
}

// introduce says which model speaks, where nobody has chosen it, and then what follows.
func (x *session) introduce(r *runFlags, m *decoder.Model, follows string) {
	if !r.demo() || r.quiet || r.json {
		return
	}
	config := m.Config()
	n, _ := config.Parameters()
	n -= 2 * int64(config.Vocabulary) * int64(config.Hidden) // these are computed from the tokenizer
	x.remark(r, faint, fmt.Sprintf("a demonstration model of %.1f million parameters, not gpt-oss; --model PATH runs that", float64(n)/1e6))
	io.WriteString(x.stderr, follows)
}

// remark writes a line to standard error that is no message of the model.
func (x *session) remark(r *runFlags, i ink, text string) {
	s := newScreen(bufio.NewWriter(x.stderr), x.stderr, r.options)
	s.line("", i, text)
	s.Flush()
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

// runMeter returns a meter, which shows nothing with --quiet, nor on a terminal that cannot write over a line.
func (x *session) runMeter(r *runFlags, what string) *meter {
	if r.quiet || os.Getenv("TERM") == "dumb" {
		return &meter{}
	}
	return x.newMeter(what)
}
