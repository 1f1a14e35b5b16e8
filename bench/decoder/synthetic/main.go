// Command synthetic writes a checkpoint of the gpt-oss architecture with random weights: of the true size, for measuring
// where nobody wants to download the true one, and of any other.
//
//	go run ./bench/decoder/synthetic gptoss-20b.gguf                        # 12.1 GB, as ggml-org publishes gpt-oss-20b
//	go run ./bench/decoder/synthetic -layout hf DIRECTORY                   # 13.8 GB, as Hugging Face has it
//	go run ./bench/decoder/synthetic -layout openai -layers 2 DIRECTORY     # OpenAI's own layout, two layers
//	go run ./bench/decoder/synthetic -model 120b -layers 1 one-layer.gguf   # one layer of gpt-oss-120b
//
// A GGUF file has the experts in MXFP4, the embedding, the unembedding and the attention matrices in Q8_0, and the rest in
// float32; -rest and -experts choose otherwise. The two safetensors layouts have the experts in MXFP4 and the rest in bfloat16.
// One seed gives one model: all layouts hold the same values, and those that Q8_0 cannot hold are rounded as
// ggml rounds them. So a model with -rest bf16 or f32 computes exactly what the same one in safetensors computes.
//
// With the vocabulary of gpt-oss, 201,088 tokens, a GGUF file describes the tokenizer (tokens, their kinds, 446,189 merges) as
// llama.cpp wants it; it has no chat template. With any other it has no tokenizer. The safetensors layouts have config.json
// and no tokenizer files.
//
// The weights are drawn so that activations keep their size from layer to layer, rounding is not magnified, and experts are
// chosen about equally often. What such a model says is noise. Matrices are cut from pools of 524,287 random blocks, so equal blocks recur, but no
// two rows of a matrix with fewer rows than that are the same. Writing is as fast as the disk, in about 300 MB of memory.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		if err != flag.ErrHelp {
			fmt.Fprintln(os.Stderr, "synthetic:", err)
		}
		stop()
		os.Exit(1)
	}
}

// options are what the command line says beside the shape.
type options struct {
	layout       string
	rest         string // format of matrices
	expertFormat string
	seed         uint64
	shard        int64
	out          string
}

func run(ctx context.Context, args []string, log io.Writer) error {
	o, s, err := parse(args, log)
	if err != nil {
		return err
	}
	start := time.Now()
	m := &model{shape: *s, options: *o, pools: newPools(o.seed)}
	p := &progress{ctx: ctx, log: log, next: start.Add(reportEvery)}
	var tensors []tensor
	switch o.layout {
	case "gguf":
		tensors = m.ggufTensors()
		err = writeGGUF(o.out, m.metadata(), tensors, p)
	case "hf":
		tensors = m.huggingFaceTensors()
		err = writeHuggingFace(o.out, m, tensors, p)
	default:
		tensors = m.openAITensors()
		err = writeOpenAI(o.out, m, tensors, p)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(log, "%s: %d tensors, %d bytes, %.1f s\n", o.out, len(tensors), p.done, time.Since(start).Seconds())
	return nil
}

func parse(args []string, log io.Writer) (*options, *shape, error) {
	o := &options{}
	flags := flag.NewFlagSet("synthetic", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.Usage = func() {
		fmt.Fprint(log, "usage: go run ./bench/decoder/synthetic [flags] OUT\n\nOUT is a file for -layout gguf, else a directory.\n\n")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.layout, "layout", "gguf", "`layout` of the checkpoint: gguf, hf or openai")
	flags.StringVar(&o.rest, "rest", "q8_0", "`format` of embedding, unembedding and attention matrices in GGUF: q8_0, bf16 or f32")
	flags.StringVar(&o.expertFormat, "experts-format", "mxfp4", "`format` of the experts in GGUF: mxfp4, bf16 or f32")
	flags.Uint64Var(&o.seed, "seed", 1, "`seed` of the random numbers")
	flags.Int64Var(&o.shard, "shard", 5_000_000_000, "largest number of `bytes` of a safetensors file of -layout hf")
	s := shapeFlags(flags)
	if err := flags.Parse(args); err != nil {
		return nil, nil, err
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return nil, nil, fmt.Errorf("expected one name to write to, found %d", flags.NArg())
	}
	o.out = flags.Arg(0)
	if err := oneOf("-layout", o.layout, "gguf", "hf", "openai"); err != nil {
		return nil, nil, err
	}
	if err := oneOf("-rest", o.rest, "q8_0", "bf16", "f32"); err != nil {
		return nil, nil, err
	}
	if err := oneOf("-experts-format", o.expertFormat, "mxfp4", "bf16", "f32"); err != nil {
		return nil, nil, err
	}
	if o.layout != "gguf" && (o.rest != "q8_0" || o.expertFormat != "mxfp4") {
		return nil, nil, fmt.Errorf("-rest and -experts-format are for -layout gguf, found -layout %s", o.layout)
	}
	shape, err := s.resolve(flags)
	return o, shape, err
}

func oneOf(name, value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return fmt.Errorf("%s: expected one of %q, found %q", name, allowed, value)
}
