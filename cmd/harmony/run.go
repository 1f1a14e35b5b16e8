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

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
	"github.com/harmony-go/sdk/harmony"
)

var runCommand = command{
	name:    "run",
	summary: "ask a gpt-oss model, and watch it answer",
	usage: `harmony run --model PATH [flags] PROMPT

Runs a gpt-oss checkpoint on this machine and streams one turn of it. PATH is a
directory of safetensors files, as Hugging Face or OpenAI publish them, or a
.gguf file. PROMPT is the question; - or a pipe reads it from standard input.

On a terminal every message is shown with what it is: reasoning, answer, call.
In a pipe standard output gets the answer and nothing else; all the rest goes
to standard error. The last line there says what the turn cost: tokens of the
prompt and how many were cached, tokens of the output by channel, the time to
the first token, tokens a second, and why it stopped.

  --model PATH        the checkpoint
  --effort EFFORT     how long to think: low, medium (default) or high
  --system TEXT       instructions, what others call a system prompt; they go
                      into a developer message
  --date DATE         the date that the model is told: today (default), none,
                      or one like 2026-01-31

  --max-tokens N      the longest output (default 0: as long as there is room)
  --context N         the longest prompt and output together (default: what the
                      model is made for); memory is taken as it fills
  --temperature T     0 takes the best token every time (default 1)
  --top-k N           draw from the N best only (default 0: all)
  --top-p P           draw from the best that have P of the probability
                      together (default 1: all)
  --min-p P           draw from those at least P times as likely as the best
                      (default 0: all)
  --seed N            the same seed, the same output (default: a new one, which
                      the last line shows)

  --threads N         threads that compute (default: all)
  --precision NAME    float32 (exact), bfloat16 (default: what the model was
                      published in) or int8 (fastest: activations in 8 bits)
  --hold HOW          auto (default); mapped: ready at once; packed: copied
                      into memory, faster

  --raw               PROMPT is a whole prompt with its markers, as 'harmony
                      render --mode completion --text' writes it; the output is
                      shown as it comes, markers too
  --json              a JSON object a line: events as in 'harmony help jsonl',
                      then one of kind "done" with the figures
  --quiet             nothing on standard error but what goes wrong
  --color WHEN        auto (default: on a terminal), always or never; NO_COLOR
                      and CLICOLOR_FORCE are heard
  --width N           columns to lay out for (default: the terminal's; 0, and
                      in a pipe: lines are not broken)

Ctrl-C ends the turn and keeps what was said; a second one ends the program.
The exit status is 1 when there is no whole answer or call: cut off, cancelled,
or none.

Examples
  harmony run --model gpt-oss-20b 'Why is the sky blue?'
  harmony run --model gpt-oss-20b.gguf --effort low --precision int8 - <letter
  harmony render --mode completion --text chat.json |
      harmony run --model gpt-oss-20b --raw -
`,
	run: runRun,
}

// runFlags are the flags of "harmony run".
type runFlags struct {
	*options
	model, system, date string
	effort              choice
	maxTokens, context  int
	sampling            engine.Sampling
	seed                seedFlag
	threads             int
	precision, hold     choice
	raw, quiet          bool
}

// newRunFlags returns the flags with their defaults.
func newRunFlags() (*flag.FlagSet, *runFlags) {
	fs, o := newModelFlags("run")
	r := &runFlags{
		options: o, effort: choice{"medium", []string{"low", "medium", "high"}},
		precision: choice{"bfloat16", []string{"float32", "bfloat16", "int8"}},
		hold:      choice{"auto", []string{"auto", "mapped", "packed"}},
	}
	fs.StringVar(&r.model, "model", "", "")
	fs.Var(&r.effort, "effort", "")
	fs.StringVar(&r.system, "system", "", "")
	fs.StringVar(&r.date, "date", "today", "")
	fs.IntVar(&r.maxTokens, "max-tokens", 0, "")
	fs.IntVar(&r.context, "context", 0, "")
	fs.Float64Var(&r.sampling.Temperature, "temperature", 1, "")
	fs.IntVar(&r.sampling.TopK, "top-k", 0, "")
	fs.Float64Var(&r.sampling.TopP, "top-p", 1, "")
	fs.Float64Var(&r.sampling.MinP, "min-p", 0, "")
	fs.Var(&r.seed, "seed", "")
	fs.IntVar(&r.threads, "threads", 0, "")
	fs.Var(&r.precision, "precision", "")
	fs.Var(&r.hold, "hold", "")
	fs.BoolVar(&r.raw, "raw", false, "")
	fs.BoolVar(&r.quiet, "quiet", false, "")
	return fs, r
}

// check refuses what no run can use, before a model is opened.
func (r *runFlags) check() error {
	switch {
	case r.model == "":
		return usageErrorf("no --model given: a directory of safetensors files, or a .gguf file")
	case r.maxTokens < 0:
		return usageErrorf("--max-tokens %d: want a number of tokens, or 0 for as many as there is room", r.maxTokens)
	case r.context < 0:
		return usageErrorf("--context %d: want a number of tokens, or 0 for what the model is made for", r.context)
	case r.threads < 0:
		return usageErrorf("--threads %d: want a number of threads, or 0 for all", r.threads)
	case r.raw && (r.json || r.system != ""):
		return usageErrorf("--raw goes with neither --json nor --system: the prompt is whole")
	case !(r.sampling.Temperature >= 0):
		return usageErrorf("--temperature %v: want a number from 0 up", r.sampling.Temperature)
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

func runRun(x *session, args []string) error {
	fs, r := newRunFlags()
	operands, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return err
	}
	question, err := x.question(operands)
	if err != nil {
		return err
	}
	prompt, err := r.prompt(question)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program
	m, err := x.openModel(ctx, r)
	if err != nil {
		return err
	}
	defer m.Close()
	if !r.seed.given {
		r.seed.value = uint64(rand.Uint32()) // short enough to be typed again
	}
	r.sampling.Seed = r.seed.value
	return x.turn(ctx, r, m, prompt)
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

// prompt renders the question as gpt-oss reads it.
func (r *runFlags) prompt(question string) ([]encoding.Token, error) {
	enc := encoding.GPTOSS()
	if r.raw {
		return enc.Tokenizer().EncodeSpecial(question), nil
	}
	system := harmony.NewSystemContent()
	system.ReasoningEffort = harmony.Effort(r.effort.value)
	switch r.date {
	case "none":
	case "today":
		system.ConversationStartDate = time.Now().Format(time.DateOnly)
	default:
		system.ConversationStartDate = r.date
	}
	msgs := []harmony.Message{harmony.NewSystem(system)}
	if r.system != "" {
		msgs = append(msgs, harmony.NewDeveloper(harmony.NewDeveloperContent(r.system)))
	}
	return enc.RenderForCompletion(append(msgs, harmony.NewUser(question)), harmony.RoleAssistant, nil)
}

// turn generates and shows the output.
func (x *session) turn(ctx context.Context, r *runFlags, m *decoder.Model, prompt []encoding.Token) error {
	e := engine.Local(m, &engine.LocalOptions{Capacity: r.context, Sequences: 1})
	if len(prompt) > e.Capacity() {
		return fmt.Errorf("the prompt has %s, %s", plural(len(prompt), "token"), contextWords(r, e.Capacity()))
	}
	v, p := newTurnView(x, r), x.runMeter(r, "reading the prompt")
	var stats engine.Stats
	request := engine.Request{Prompt: prompt, MaxTokens: r.maxTokens, Sampling: r.sampling, Stats: &stats, Progress: p.tokens}
	var failure error
	for t, err := range e.Generate(ctx, request) {
		p.clear()
		if failure = err; err == nil {
			failure = v.push(t)
		}
		if failure != nil {
			break
		}
	}
	p.clear()
	if err := v.close(&stats); err != nil && failure == nil {
		failure = err
	}
	switch {
	case failure != nil && !errors.Is(failure, context.Canceled): // a cancelled turn has said so itself
		return failure
	case !v.whole(&stats):
		return errNegative
	}
	return nil
}

// contextWords says whose limit a capacity is.
func contextWords(r *runFlags, capacity int) string {
	if r.context > 0 && r.context == capacity {
		return "--context is " + grouped(capacity)
	}
	return "the model is made for " + grouped(capacity)
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
