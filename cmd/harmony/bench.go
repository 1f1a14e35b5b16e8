package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/harmony-go/sdk/decoder"
)

var benchCommand = command{
	name:    "bench",
	summary: "how fast a checkpoint runs on this machine",
	usage: `harmony bench --model PATH [flags]

Measures how fast a checkpoint of gpt-oss runs on this machine: prefill, a
prompt computed at once, and decode, one token after the other behind a prompt
of some depth. The tokens are random, the same each time.

Decoding is bound by memory: so it is told how many bytes a token reads, and
what share that is of the speed at which the same threads read memory and do
nothing else, measured before and after each repetition.

Results are checked first. A token after the other must give the logits that
the same tokens give at once, to the bit; so must each repetition; and all of
them must be numbers. Otherwise there are no figures, and the exit status is 1.

  --model PATH      the checkpoint; see 'harmony help model'
  --prefill N,…     lengths of prompts (default 512; 0: none)
  --decode N        tokens to decode (default 64; 0: none)
  --depth N,…       how many tokens stand before those (default 0)
  --repeat N        how often; all are done in turn (default 3)
  --seed N          which tokens (default 1)

  --precision P,…   float32, bfloat16 (default, as for run), int8; of several,
                    the checkpoint is opened for each
  --hold HOW        auto (default), mapped or packed
  --threads N       threads that compute (default: all)
  --read SIZE       how much memory to read at least (default 1G; K, M and G
                    count by 1024): more than the processor's caches hold

  --json            a JSON object for each precision, on a line
  --color WHEN      auto (default: on a terminal), always or never; NO_COLOR
                    and CLICOLOR_FORCE are heard
  --width N         columns to lay out for (default: the terminal's; 0, and in
                    a pipe: lines are not broken)

Speeds are those of the best repetition; median is the one in the middle. kB,
MB and GB count by 1000.

Examples
  harmony bench --model gpt-oss-20b-mxfp4.gguf
  harmony bench --model gpt-oss-20b --precision float32,bfloat16,int8
  harmony bench --model gpt-oss-20b --prefill 0 --depth 0,4096,16384 --json
`,
	run: runBench,
}

// benchFlags are the flags of "harmony bench".
type benchFlags struct {
	*options
	model          string
	prefill, depth counts
	decode, repeat int
	seed           uint64
	precision      precisions
	hold           choice
	threads        int
	read           size
}

func runBench(x *session, args []string) error {
	fs, o := newModelFlags("bench")
	f := benchFlags{options: o, prefill: counts{of: []int{512}}, depth: counts{of: []int{0}}, precision: precisions{decoder.BFloat16},
		hold: choice{"auto", []string{"auto", "mapped", "packed"}}, read: 1 << 30}
	fs.StringVar(&f.model, "model", "", "")
	fs.Var(&f.prefill, "prefill", "")
	fs.IntVar(&f.decode, "decode", 64, "")
	fs.Var(&f.depth, "depth", "")
	fs.IntVar(&f.repeat, "repeat", 3, "")
	fs.Uint64Var(&f.seed, "seed", 1, "")
	fs.Var(&f.precision, "precision", "")
	fs.Var(&f.hold, "hold", "")
	fs.IntVar(&f.threads, "threads", 0, "")
	fs.Var(&f.read, "read", "")
	operands, err := parseFlags(fs, args)
	if err != nil {
		return err
	}
	if err := f.check(operands); err != nil {
		return err
	}
	if err := x.fits(&f); err != nil {
		return err
	}
	for i, p := range f.precision {
		r, err := x.measure(&f, p)
		if err != nil {
			return err
		}
		if err := x.show(o, r, func(s *screen) { (&benchView{s, r}).print(i == 0) }); err != nil {
			return err
		}
	}
	return nil
}

// check refuses what cannot be measured, and drops what shall not be.
func (f *benchFlags) check(operands []string) error {
	switch {
	case len(operands) > 0:
		return usageErrorf("bench takes no operand, found %s: the checkpoint is --model PATH", quote(operands[0]))
	case f.model == "":
		return usageErrorf("no checkpoint given: --model PATH")
	case f.decode < 0 || f.decode > 1<<20:
		return usageErrorf("--decode %d: want a number of tokens from 0 to %d", f.decode, 1<<20)
	case f.repeat < 1 || f.repeat > 1000:
		return usageErrorf("--repeat %d: want a number from 1 to 1000", f.repeat)
	case f.threads < 0 || f.threads > 1<<12:
		return usageErrorf("--threads %d: want a number of threads up to %d, or 0 for all", f.threads, 1<<12)
	}
	f.prefill.of = slices.DeleteFunc(f.prefill.of, func(n int) bool { return n == 0 })
	if len(f.prefill.of) == 0 && f.decode == 0 {
		return usageErrorf("--prefill 0 --decode 0: nothing to measure")
	}
	return f.options.check()
}

// fits refuses lengths that the model is not made for, before its weights are packed.
func (x *session) fits(f *benchFlags) error {
	m, err := x.openCheckpoint(f.model, decoder.Options{Hold: decoder.Mapped, Threads: 1})
	if err != nil {
		return err
	}
	c := m.Config()
	if err := m.Close(); err != nil {
		return checkpointError(f.model, err)
	}
	for _, n := range f.prefill.of {
		if n > c.Context {
			return usageErrorf("--prefill %d: the model is made for %d", n, c.Context)
		}
	}
	for _, n := range f.depth.of {
		if f.decode > 0 && n+f.decode > c.Context {
			return usageErrorf("--depth %d and --decode %d: the model is made for %d", n, f.decode, c.Context)
		}
	}
	return nil
}

// precisions is a flag that takes precisions between commas.
type precisions []decoder.Precision

func (p *precisions) String() string { return fmt.Sprint([]decoder.Precision(*p)) }

func (p *precisions) Set(text string) error {
	*p = nil
	for word := range strings.SplitSeq(text, ",") {
		c := choice{of: []string{"float32", "bfloat16", "int8"}}
		if err := c.Set(strings.TrimSpace(word)); err != nil {
			return err
		}
		var q decoder.Precision
		if err := q.UnmarshalText([]byte(c.value)); err != nil {
			return err
		}
		*p = append(*p, q)
	}
	return nil
}
