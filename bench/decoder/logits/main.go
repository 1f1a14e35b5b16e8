// Command logits runs a few tokens through this module's decoder, so that another program can hold what comes out against what
// a peer computes:
//
//	logits -model PATH -precision int8 -prefill 16 -greedy 24 -out logits.f32 1 2 3 …
//
// The first -prefill tokens (0: all) go in as a prompt, the others one by one. The file receives the scores after the
// prompt and after each further token: rows of float32, little-endian, one number for each token of the vocabulary. Standard
// output receives one JSON object: {"vocabulary":V,"rows":n,"greedy":[…],"margin":m,"kernels":"…","hold":"…"}, where greedy are the tokens that
// greedy decoding appends to the prompt, and margin is the smallest distance there was between the best token and the second.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/tokenizer"
)

type options struct {
	model   string
	out     string
	prefill int
	greedy  int
	decoder decoder.Options
	tokens  []tokenizer.Token
}

// answer is what standard output receives.
type answer struct {
	Vocabulary int               `json:"vocabulary"`
	Rows       int               `json:"rows"`
	Greedy     []tokenizer.Token `json:"greedy"`
	Margin     float64           `json:"margin,omitempty"`
	Kernels    string            `json:"kernels"`
	Hold       decoder.Hold      `json:"hold"`
}

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	if err == nil {
		err = run(o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "logits:", err)
		os.Exit(1)
	}
}

func parse(args []string, log io.Writer) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("logits", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.StringVar(&o.model, "model", "", "`path` of the checkpoint")
	flags.StringVar(&o.out, "out", "", "`file` for the scores")
	flags.IntVar(&o.prefill, "prefill", 0, "`number` of tokens of the prompt; the others come one by one")
	flags.IntVar(&o.greedy, "greedy", 0, "`number` of tokens to append to the prompt")
	flags.IntVar(&o.decoder.Threads, "threads", 0, "`number` of threads")
	flags.TextVar(&o.decoder.Precision, "precision", decoder.Float32, "`precision`: float32, bfloat16 or int8")
	flags.TextVar(&o.decoder.Hold, "hold", decoder.HoldAuto, "`where` weights are: auto, mapped or packed")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	for _, arg := range flags.Args() {
		id, err := strconv.ParseUint(arg, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("expected the id of a token, found %q", arg)
		}
		o.tokens = append(o.tokens, tokenizer.Token(id))
	}
	if o.prefill == 0 {
		o.prefill = len(o.tokens)
	}
	if len(o.tokens) == 0 || o.prefill < 1 || o.prefill > len(o.tokens) || o.greedy < 0 {
		return nil, fmt.Errorf("-prefill %d and -greedy %d do not go with %d tokens", o.prefill, o.greedy, len(o.tokens))
	}
	return o, nil
}

func run(o *options, out io.Writer) (err error) {
	m, err := decoder.Open(o.model, &o.decoder)
	if err != nil {
		return err
	}
	defer m.Close()
	a := answer{Vocabulary: m.Config().Vocabulary, Rows: len(o.tokens) - o.prefill + 1, Greedy: []tokenizer.Token{},
		Kernels: m.Kernels(), Hold: m.Hold()}
	s, err := m.NewSequence(len(o.tokens) + o.greedy)
	if err != nil {
		return err
	}
	logits := make([]float32, a.Vocabulary)
	if err = scores(o, s, logits); err != nil {
		return err
	}
	if o.greedy > 0 {
		if a.Greedy, a.Margin, err = greedy(o, m, logits); err != nil {
			return err
		}
	}
	return json.NewEncoder(out).Encode(a)
}

// scores writes the file.
func scores(o *options, s *decoder.Sequence, logits []float32) (err error) {
	file := io.Writer(io.Discard)
	if o.out != "" {
		f, err := os.Create(o.out)
		if err != nil {
			return err
		}
		buffered := bufio.NewWriter(f)
		defer func() {
			for _, end := range []func() error{buffered.Flush, f.Close} {
				if e := end(); err == nil {
					err = e
				}
			}
		}()
		file = buffered
	}
	toks := o.tokens[:o.prefill]
	for next := o.prefill; ; next++ {
		if err = s.Forward(toks, logits); err != nil {
			return err
		}
		if err = binary.Write(file, binary.LittleEndian, logits); err != nil {
			return err
		}
		if next == len(o.tokens) {
			return nil
		}
		toks = o.tokens[next : next+1]
	}
}

// greedy appends the best token again and again to the prompt, in a sequence of its own.
func greedy(o *options, m *decoder.Model, logits []float32) (toks []tokenizer.Token, margin float64, err error) {
	s, err := m.NewSequence(o.prefill + o.greedy)
	if err != nil {
		return nil, 0, err
	}
	margin = math.Inf(1)
	in := o.tokens[:o.prefill]
	for len(toks) < o.greedy {
		if err := s.Forward(in, logits); err != nil {
			return nil, 0, err
		}
		best, second := 0, math.Inf(-1)
		for i, l := range logits[1:] {
			switch {
			case l > logits[best]:
				best, second = i+1, float64(logits[best])
			case float64(l) > second:
				second = float64(l)
			}
		}
		margin = min(margin, float64(logits[best])-second)
		toks = append(toks, tokenizer.Token(best))
		in = toks[len(toks)-1:]
	}
	return toks, margin, nil
}
