package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/harmony-go/sdk/decoder"
)

// exportFlags are the flags of "harmony model" that write a checkpoint.
type exportFlags struct {
	path      string
	overwrite bool
	shard     memorySize
}

// check refuses flags that belong together where one stands alone, or that exclude each other.
func (f *modelFlags) checkExport() error {
	e := &f.export
	switch {
	case e.path == "" && e.overwrite:
		return usageErrorf("--overwrite without --export")
	case e.path == "" && e.shard > 0:
		return usageErrorf("--shard without --export")
	case e.path != "" && (f.tensors || f.check || f.contexts.of != nil || f.memory > 0):
		return usageErrorf("--export describes nothing: --context, --memory, --tensors and --check do not go with it")
	case e.shard > 0 && strings.HasSuffix(strings.ToLower(e.path), ".gguf"):
		return usageErrorf("--shard: a GGUF file is written whole")
	}
	return nil
}

// exported is the --json form of what was written.
type exported struct {
	From  string   `json:"from"`
	Path  string   `json:"path"`
	Files []string `json:"files"`
	Bytes int64    `json:"bytes"`
	Notes []string `json:"notes"`
}

// exportModel writes a checkpoint. An interrupt stops it and leaves nothing half done.
func (x *session) exportModel(from string, m *decoder.Model, f *modelFlags) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	meter := x.newMeter("writing " + printable(f.export.path))
	out, err := m.Export(f.export.path, &decoder.ExportOptions{Overwrite: f.export.overwrite, ShardBytes: int64(f.export.shard),
		Progress: func(done, total int64) error {
			if ctx.Err() != nil {
				return errors.New("interrupted, nothing was written")
			}
			return meter.bytes(done, total)
		}})
	meter.clear()
	if err != nil {
		return exportError(from, err)
	}
	report := exported{from, out.Path, out.Files, out.Bytes, append([]string{}, out.Notes...)}
	return x.show(f.options, report, func(s *screen) {
		s.printf("%s  %s in %s\n", s.paint(bold, printable(out.Path)), bytesText(out.Bytes), plural(len(out.Files), "file"))
		for _, note := range out.Notes {
			s.printf("  %s\n", note)
		}
	})
}

// exportError gives an error of Export its exit status and a text without the package's name. Where nothing can be written it is the
// command line that is wrong.
func exportError(from string, err error) error {
	e, ok := errors.AsType[*decoder.ExportError](err)
	if !ok {
		return checkpointError(from, err)
	}
	text := withoutPackage(e)
	status := exitNegative
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		status = exitUsage
	}
	if errors.Is(err, fs.ErrExist) && strings.Contains(text, "is there already") {
		text += " (--overwrite replaces it)"
	}
	return &exitError{status, errors.New(text)}
}
