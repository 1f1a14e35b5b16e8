package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/harmony-go/sdk/internal/hub"
)

var pullCommand = command{
	name:    "pull",
	summary: "fetch a checkpoint from a Hugging Face hub",
	usage: `harmony pull [flags] ORG/NAME[@REVISION]

Fetches a checkpoint from a Hugging Face hub into the cache that other tools
use, too. This is the one command that uses the network. Then --model ORG/NAME
of the other commands finds it. REVISION is a branch, a tag or a commit; main
by default. The path of the checkpoint goes to standard output.

Only what the decoder needs is fetched, with the tokenizer and the licence:
safetensors in Hugging Face's layout, else in OpenAI's, else one GGUF file. Of
several GGUF files it is the one in MXFP4, or the one that --quant names.

What was interrupted, by Ctrl-C or by the network, goes on where it ended when
the command is run again. A file gets its name only when its checksum is right.

  --quant WORD       of several GGUF files the one with this word in its name,
                     such as Q8_0
  --include PATTERN  fetch these files instead; * stands for anything, also for
                     slashes. Can be given several times
  --exclude PATTERN  but not these
  --dry-run          tell what would be fetched
  --check            read what is there already, and fetch it anew if its
                     checksum is wrong
  --cache DIR        the cache (default: as HF_HUB_CACHE or HF_HOME say, else
                     ~/.cache/huggingface/hub)

  --json             print one JSON object
  --color WHEN       auto (default: on a terminal), always or never; NO_COLOR
                     and CLICOLOR_FORCE are heard
  --width N          columns to lay out for (default: the terminal's; 0, and in
                     a pipe: lines are not broken)

Environment, as Hugging Face's tools have it: HF_TOKEN, or the token that
logging in has left, is sent to the hub and to no other host; HF_ENDPOINT is
another hub; with HF_HUB_OFFLINE=1 only the cache is looked at.

Examples
  harmony pull openai/gpt-oss-20b
  harmony pull --include 'original/*' openai/gpt-oss-20b
  harmony pull --quant Q8_0 ORG/NAME-GGUF
  harmony run --model openai/gpt-oss-20b 'Why is the sky blue?'
`,
	run: runPull,
}

// pullFlags are the flags of "harmony pull".
type pullFlags struct {
	*options
	choice        hub.Choice
	cache         string
	dryRun, check bool
}

// patterns is a flag that takes a pattern each time it is given.
type patterns []hub.Pattern

func (p *patterns) String() string { return "" }

func (p *patterns) Set(text string) error {
	one, err := hub.ParsePattern(text)
	if err != nil {
		return errors.New("want a pattern such as *.json")
	}
	*p = append(*p, one)
	return nil
}

func runPull(x *session, args []string) error {
	fs, o := newModelFlags("pull")
	f := pullFlags{options: o}
	fs.Var((*patterns)(&f.choice.Include), "include", "")
	fs.Var((*patterns)(&f.choice.Exclude), "exclude", "")
	fs.StringVar(&f.choice.Quant, "quant", "", "")
	fs.StringVar(&f.cache, "cache", "", "")
	fs.BoolVar(&f.dryRun, "dry-run", false, "")
	fs.BoolVar(&f.check, "check", false, "")
	operands, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	switch {
	case len(operands) == 0:
		return usageErrorf("no repository given")
	case len(operands) > 1:
		return usageErrorf("one repository at a time, found %d: %s", len(operands), quote(operands[1]))
	}
	if err := o.check(); err != nil {
		return err
	}
	repo, err := hub.ParseRepo(operands[0])
	if err != nil {
		return usageErrorf("%s", withoutPackage(err))
	}
	client, err := newHub(f.cache)
	if err != nil {
		return hubError(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = x.pull(ctx, client, repo, &f)
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted; the same command goes on where it ended")
	}
	return hubError(err)
}

// newHub returns a client as the environment and --cache say.
func newHub(cache string) (*hub.Client, error) {
	c, err := hub.FromEnvironment(os.Getenv)
	if err != nil {
		return nil, err
	}
	c.Agent = "harmony-go/" + moduleVersion()
	if cache != "" {
		c.Cache, err = filepath.Abs(cache)
	}
	return c, err
}

// pull looks at what there is, and fetches it.
func (x *session) pull(ctx context.Context, c *hub.Client, repo hub.Repo, f *pullFlags) error {
	if c.Offline {
		path, err := c.Find(repo)
		if err != nil {
			return fmt.Errorf("%w; in offline mode nothing is fetched", err)
		}
		return x.output(func(w *bufio.Writer) error {
			return printPulled(w, &pulled{Repo: repo.ID, Revision: repo.Revision, Path: path}, f)
		})
	}
	v := &pullView{x: x, meter: x.newMeter("")}
	defer v.meter.clear()
	c.Waiting = v.waiting
	v.meter.begin("asking " + c.Endpoint)
	l, err := c.List(ctx, repo)
	if err != nil {
		return err
	}
	files, err := l.Choose(&f.choice)
	if err != nil {
		return err
	}
	out := &pulled{Repo: repo.ID, Revision: repo.Revision, Commit: l.Commit}
	for _, file := range files {
		out.Bytes += file.Size
		out.Files = append(out.Files, pulledFile{Path: file.Path, Size: file.Size, SHA256: file.SHA256, There: c.Need(l, []hub.File{file}) == 0})
	}
	v.meter.clear()
	v.headline(l, out, c.Need(l, files))
	if !f.dryRun {
		s, err := c.Pull(ctx, l, files, &hub.PullOptions{Check: f.check, Progress: v.progress})
		if err != nil {
			return err
		}
		v.meter.clear()
		out.Fetched, out.Path = s.Fetched, pulledPath(c, repo, s, files)
	}
	return x.output(func(w *bufio.Writer) error { return printPulled(w, out, f) })
}

// pulledPath returns what --model needs: the GGUF file that was chosen, the directory of the checkpoint, or if no whole checkpoint was
// chosen the directory of all files.
func pulledPath(c *hub.Client, repo hub.Repo, s *hub.Snapshot, files []hub.File) string {
	var ggufs []string
	for _, file := range files {
		if strings.HasSuffix(file.Path, ".gguf") {
			ggufs = append(ggufs, filepath.Join(s.Dir, filepath.FromSlash(file.Path)))
		}
	}
	if len(ggufs) > 0 {
		return slices.Min(ggufs)
	}
	if path, err := c.Find(repo); err == nil {
		return path
	}
	return s.Dir
}

// hubError gives an error of package hub its exit status and a text without the package's name.
func hubError(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*exitError](err); ok {
		return err
	}
	status := exitUsage
	if errors.Is(err, hub.ErrChecksum) || errors.Is(err, hub.ErrHostile) {
		status = exitNegative
	}
	return &exitError{status, errors.New(withoutPackage(err))}
}
