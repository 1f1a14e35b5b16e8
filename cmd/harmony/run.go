package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/harmony-go/sdk/engine"
)

var runCommand = command{
	name:    "run",
	summary: "ask a model, and watch it call tools and answer",
	usage: `harmony run [flags] PROMPT

Asks a model that runs on this machine, and streams one turn of it: what it
thinks, which tools it calls and what they say, and its answer. PROMPT is the
question; - or a pipe reads it from standard input.

Without --model it is the demonstration model that is part of this program: a
very small one that shows how everything works, and knows next to nothing.
--model runs gpt-oss.

On a terminal every message is shown with what it is: reasoning, call, result,
answer. In a pipe standard output gets the answer and nothing else; all the
rest goes to standard error. The last line there says what the turn cost.

` + modelFlagsUsage + `
  --save FILE         keep the conversation there; 'harmony chat --load FILE'
                      goes on with it
  --raw               PROMPT is a whole prompt with its markers, as 'harmony
                      render --mode completion --text' writes it; the output is
                      shown as it comes, markers too, and no tool is run

` + outputFlagsUsage + `
Ctrl-C ends the turn and keeps what was said; a second one ends the program.
The exit status is 1 when there is no whole answer: cut off, cancelled, or
none.

Examples
  harmony run 'What is the weather in Lisbon?'
  harmony run --model gpt-oss-20b 'Why is the sky blue?'
  harmony run --model gpt-oss-20b.gguf --effort low --precision int8 - <letter
  harmony run --tools tools.json --model gpt-oss-20b 'What do I owe?'
  harmony render --mode completion --text chat.json |
      harmony run --model gpt-oss-20b --raw -
`,
	run: runRun,
}

// modelFlagsUsage are the flags that run and chat share.
const modelFlagsUsage = `  --model PATH        the checkpoint: a directory of safetensors files, as
                      Hugging Face or OpenAI publish them, or a .gguf file;
                      or ORG/NAME, which 'harmony pull' has fetched
  --effort EFFORT     how long to think: low, medium (default) or high
  --system TEXT       instructions, what others call a system prompt; they go
                      into a developer message
  --date DATE         the date that the model is told: today (default), none,
                      or one like 2026-01-31

  --no-tools          no tools. Otherwise the model can call get_time,
                      calculate, convert_units and get_weather (a table of
                      sample data): nothing leaves this machine
  --tools FILE        other tools: a JSON array of {"name", "description",
                      "parameters": a JSON Schema, "command": ["program",
                      "argument"], "timeout": "30s"}. The arguments of a call
                      come on the command's standard input, what it writes is
                      the result; no shell is between, and a command that
                      takes too long or writes more than 1 MiB is stopped
  --constrain=false   let the model write what it likes. Otherwise it can only
                      call tools that there are, with arguments that fit: none
                      but declared ones, and no endless white space

  --max-tokens N      the longest output of a turn (default 0: as long as there
                      is room; 2,000 for the demonstration model)
  --context N         the longest prompt and output together (default: what the
                      model is made for); memory is taken as it fills
  --temperature T     0 takes the best token every time (default 1; 0 for the
                      demonstration model)
  --top-k N           draw from the N best only (default 0: all)
  --top-p P           draw from the best that have P of the probability
                      together (default 1: all)
  --min-p P           draw from those at least P times as likely as the best
                      (default 0: all)
  --seed N            the same seed, the same output (default: a new one, which
                      the last line shows)

  --threads N         threads that compute (default: all)
  --precision NAME    float32 (exact), bfloat16 (default: what the model was
                      published in) or int8 (8 bits: fastest for prompts)
  --hold HOW          auto (default); mapped: ready at once; packed: copied
                      into memory, faster
`

// outputFlagsUsage are further ones that they share.
const outputFlagsUsage = `  --json              a JSON object a line: events as in 'harmony help jsonl',
                      further kinds step, call, result and stats, and at the
                      end of a turn one of kind done with the figures
  --quiet             nothing on standard error but what goes wrong
  --color WHEN        auto (default: on a terminal), always or never; NO_COLOR
                      and CLICOLOR_FORCE are heard
  --width N           columns to lay out for (default: the terminal's; 0, and
                      in a pipe: lines are not broken)
`

// runFlags are the flags of "harmony run" and "harmony chat".
type runFlags struct {
	*options
	model, system, date string
	effort              choice
	tools, save, load   string
	noTools, constrain  bool
	maxTokens, context  int
	sampling            engine.Sampling
	temperature         temperatureFlag
	seed                seedFlag
	threads             int
	precision, hold     choice
	raw, quiet          bool
}

// newRunFlags returns the flags of a command with their defaults.
func newRunFlags(name string) (*flag.FlagSet, *runFlags) {
	fs, o := newModelFlags(name)
	r := &runFlags{
		options: o, effort: choice{"medium", []string{"low", "medium", "high"}},
		precision: choice{"bfloat16", []string{"float32", "bfloat16", "int8"}},
		hold:      choice{"auto", []string{"auto", "mapped", "packed"}},
	}
	fs.StringVar(&r.model, "model", "", "")
	fs.Var(&r.effort, "effort", "")
	fs.StringVar(&r.system, "system", "", "")
	fs.StringVar(&r.date, "date", "today", "")
	fs.StringVar(&r.tools, "tools", "", "")
	fs.BoolVar(&r.noTools, "no-tools", false, "")
	fs.BoolVar(&r.constrain, "constrain", true, "")
	fs.StringVar(&r.save, "save", "", "")
	fs.IntVar(&r.maxTokens, "max-tokens", 0, "")
	fs.IntVar(&r.context, "context", 0, "")
	fs.Var(&r.temperature, "temperature", "")
	fs.IntVar(&r.sampling.TopK, "top-k", 0, "")
	fs.Float64Var(&r.sampling.TopP, "top-p", 1, "")
	fs.Float64Var(&r.sampling.MinP, "min-p", 0, "")
	fs.Var(&r.seed, "seed", "")
	fs.IntVar(&r.threads, "threads", 0, "")
	fs.Var(&r.precision, "precision", "")
	fs.Var(&r.hold, "hold", "")
	fs.BoolVar(&r.quiet, "quiet", false, "")
	if name == "chat" {
		fs.StringVar(&r.load, "load", "", "")
	} else {
		fs.BoolVar(&r.raw, "raw", false, "")
	}
	return fs, r
}

// check refuses what no run can use, before a model is opened.
func (r *runFlags) check() error {
	switch {
	case r.maxTokens < 0:
		return usageErrorf("--max-tokens %d: want a number of tokens, or 0 for as many as there is room", r.maxTokens)
	case r.context < 0:
		return usageErrorf("--context %d: want a number of tokens, or 0 for what the model is made for", r.context)
	case r.threads < 0:
		return usageErrorf("--threads %d: want a number of threads, or 0 for all", r.threads)
	case r.raw && (r.json || r.system != ""):
		return usageErrorf("--raw goes with neither --json nor --system: the prompt is whole")
	case r.raw && (r.tools != "" || r.save != ""):
		return usageErrorf("--raw goes with neither --tools nor --save: the prompt is whole, and no tool is run")
	case r.noTools && r.tools != "":
		return usageErrorf("--tools and --no-tools exclude each other")
	case !(r.temperature.value >= 0):
		return usageErrorf("--temperature %v: want a number from 0 up", r.temperature.value)
	case r.sampling.TopK < 0:
		return usageErrorf("--top-k %d: want a number from 0 up", r.sampling.TopK)
	case !(r.sampling.TopP > 0 && r.sampling.TopP <= 1):
		return usageErrorf("--top-p %v: want a number above 0 and up to 1", r.sampling.TopP)
	case !(r.sampling.MinP >= 0 && r.sampling.MinP <= 1):
		return usageErrorf("--min-p %v: want a number from 0 to 1", r.sampling.MinP)
	}
	if r.date != "today" && r.date != "none" {
		if _, err := time.Parse(time.DateOnly, r.date); err != nil {
			return usageErrorf("--date %s: want today, none or a date like 2026-01-31", quote(r.date))
		}
	}
	return r.options.check()
}

// demoTokens is the longest output of the demonstration model, in a turn: some twenty times what it has to say. It has little sense of
// an end when it is lost.
const demoTokens = 2000

// draw decides how tokens are drawn, now that the model is known.
func (r *runFlags) draw() {
	if r.maxTokens == 0 && r.demo() {
		r.maxTokens = demoTokens
	}
	if !r.seed.given {
		r.seed.value = uint64(rand.Uint32()) // short enough to be typed again
	}
	r.sampling.Seed, r.sampling.Temperature = r.seed.value, 1
	switch {
	case r.temperature.given:
		r.sampling.Temperature = r.temperature.value
	case r.demo():
		r.sampling.Temperature = 0 // it has learned one right answer to everything
	}
}

// demo reports whether the model is the one that is part of this program.
func (r *runFlags) demo() bool { return r.model == "" }

// today returns the date that a model is told; "" for none.
func (r *runFlags) today() string {
	switch r.date {
	case "none":
		return ""
	case "today":
		return time.Now().Format(time.DateOnly)
	}
	return r.date
}

func runRun(x *session, args []string) error {
	fs, r := newRunFlags("run")
	operands, err := readFlags(fs, r, args)
	if err != nil {
		return err
	}
	question, err := x.question(operands)
	if err != nil {
		return err
	}
	tools, err := x.readTools(r)
	if err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	m, err := x.openModel(ctx, r)
	if err != nil {
		return err
	}
	defer m.Close()
	r.draw()
	e := engine.Local(m, &engine.LocalOptions{Capacity: r.context, Sequences: 1})
	if r.raw {
		return x.rawTurn(ctx, r, e, question)
	}
	c, err := x.newConversation(r, e, tools)
	if err != nil {
		return err
	}
	x.introduce(r, m, "\n")
	return c.run(ctx, question)
}

// run is the one turn of "harmony run".
func (c *conversation) run(ctx context.Context, question string) error {
	failure := c.turn(ctx, c.s.Run(ctx, question))
	if err := c.keep(failure); err != nil {
		return errors.Join(failure, err)
	}
	return failure
}

// interruptible returns a context that the first interrupt ends, or the wish that the program end. A second one ends the program.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(&signalError{s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

// signalError is why a context has ended.
type signalError struct{ signal os.Signal }

func (e *signalError) Error() string { return e.signal.String() }

// terminated reports whether the program was asked to end, rather than a turn.
func terminated(ctx context.Context) bool {
	var e *signalError
	return errors.As(context.Cause(ctx), &e) && e.signal != os.Interrupt
}

// question returns what the model is asked: the operands, or standard input.
func (x *session) question(operands []string) (string, error) {
	if len(operands) > 0 && (len(operands) > 1 || operands[0] != "-") {
		return strings.Join(operands, " "), nil
	}
	if len(operands) == 0 && isTerminal(x.stdin) {
		return "", usageErrorf("no prompt given (- reads standard input)")
	}
	in, err := x.read([]string{"-"}, "prompt")
	if err != nil {
		return "", err
	}
	data := dropByteOrderMark(in.data)
	if fault := textFault(data); fault != "" {
		return "", &exitError{exitUsage, fmt.Errorf("%s: %s; want text", in.name, fault)}
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r") // that echo and editors put there
	if text == "" {
		return "", &exitError{exitUsage, fmt.Errorf("%s: empty, want a prompt", in.name)}
	}
	return text, nil
}

// temperatureFlag is a temperature that knows whether it was given: the default is the model's.
type temperatureFlag struct {
	value float64
	given bool
}

func (t *temperatureFlag) String() string { return strconv.FormatFloat(t.value, 'g', -1, 64) }

func (t *temperatureFlag) Set(text string) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return errors.New("want a number from 0 up")
	}
	t.value, t.given = v, true
	return nil
}

// seedFlag is a number that knows whether it was given.
type seedFlag struct {
	value uint64
	given bool
}

func (s *seedFlag) String() string { return strconv.FormatUint(s.value, 10) }

func (s *seedFlag) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errors.New("want a number from 0 up")
	}
	s.value, s.given = n, true
	return nil
}
