package main

import (
	"errors"
	"flag"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/decoder"
)

var modelCommand = command{
	name:    "model",
	summary: "what a checkpoint holds, and what it needs",
	usage: `harmony model [flags] [PATH]

Describes a checkpoint of gpt-oss: its configuration, parameters and tensors;
the memory that weights, keys and values take; and the bytes that a token
reads. What the memory delivers in a second, divided by those, is the most
tokens that a decode step can give in a second.

A broken checkpoint is refused: with the file, the tensor or key, what was
expected and what was found. Only headers, vectors and the vocabulary are
read, so that it takes no time, however large the file.

PATH is a GGUF file (of several the first), or a directory of safetensors
files, as Hugging Face or as OpenAI arranges them; or ORG/NAME, a checkpoint
that 'harmony pull' or another tool has fetched. Without PATH it is the
demonstration model that is part of this program.

  --context N,…   context lengths to tell of (default: some up to the model's)
  --memory SIZE   as if so much memory were free (default: what is free; K, M,
                  G and T count by 1024): whether the weights would be packed
  --tensors       list every tensor
  --check         read every weight, and refuse the first that is no number

  --export TO     write the model as an ordinary checkpoint instead, for other
                  programs: TO ends in .gguf and is a file for llama.cpp, or
                  it is a directory in Hugging Face's layout. No number is
                  rounded. It tells what the new checkpoint lacks
  --overwrite     replace a checkpoint that is there
  --shard SIZE    about how large a safetensors file may be (default 5 GB)

  --json          one JSON object
  --color WHEN    auto (default: on a terminal), always or never; NO_COLOR and
                  CLICOLOR_FORCE are heard
  --width N       columns to lay out for (default: the terminal's; 0, and in a
                  pipe: lines are not broken)

kB, MB and GB count by 1000. The exit status is 1 for a broken checkpoint.

Examples
  harmony model gpt-oss-20b-mxfp4.gguf
  harmony model --context 8192,32768 --memory 16G gpt-oss-20b/
  harmony model --check --json gpt-oss-20b/original
  harmony model --export gpt-oss-20b.gguf gpt-oss-20b/original
  harmony model --export demo.gguf
`,
	run: runModel,
}

// modelFlags are the flags of "harmony model".
type modelFlags struct {
	*options
	contexts       counts
	memory         memorySize
	tensors, check bool
	export         exportFlags
}

func runModel(x *session, args []string) error {
	fs, o := newModelFlags("model")
	f := modelFlags{options: o, contexts: counts{least: 1}}
	fs.Var(&f.contexts, "context", "")
	fs.Var(&f.memory, "memory", "")
	fs.BoolVar(&f.tensors, "tensors", false, "")
	fs.BoolVar(&f.check, "check", false, "")
	fs.StringVar(&f.export.path, "export", "", "")
	fs.BoolVar(&f.export.overwrite, "overwrite", false, "")
	fs.Var(&f.export.shard, "shard", "")
	path, err := modelOperand(fs, o, args)
	if err != nil {
		return err
	}
	if err := f.checkExport(); err != nil {
		return err
	}
	opts := decoder.Options{Hold: decoder.Mapped, Threads: 1}
	var m *decoder.Model
	if path == "" {
		path = demoName
		m, err = openDemo(&opts)
	} else {
		m, err = x.openCheckpoint(path, opts)
	}
	if err != nil {
		return err
	}
	defer m.Close()
	if f.export.path != "" {
		return x.exportModel(path, m, &f)
	}
	if f.contexts.of == nil {
		f.contexts.of = usualContexts(m.Config().Context)
	}
	for _, n := range f.contexts.of {
		if c := m.Config().Context; n > c {
			return usageErrorf("--context %d: the model is made for %d", n, c)
		}
	}
	d := describe(path, m, &f)
	if f.check {
		if err := x.checkWeights(path, m, d); err != nil {
			return err
		}
	}
	return x.show(o, d, func(s *screen) { (&modelView{s, d}).print() })
}

// demoName is what stands for the path of the model that is part of this program.
const demoName = "the demonstration model"

// modelOperand reads the flags and the operand of "harmony model", "" if there is none.
func modelOperand(fs *flag.FlagSet, o *options, args []string) (string, error) {
	operands, err := readFlags(fs, o, args)
	if err != nil {
		return "", err
	}
	switch {
	case len(operands) == 0:
		return "", nil
	case len(operands) > 1:
		return "", usageErrorf("one checkpoint at a time, found %d: %s", len(operands), quote(operands[1]))
	}
	return operands[0], nil
}

// checkWeights reads every weight.
func (x *session) checkWeights(path string, m *decoder.Model, d *description) error {
	meter := x.newMeter("checking " + printable(path))
	defer meter.clear()
	err := m.Check(func(done, total int64) error {
		d.CheckedBytes = done
		return meter.bytes(done, total)
	})
	if err != nil {
		return checkpointError(path, err)
	}
	return nil
}

// usualContexts returns some context lengths up to the model's.
func usualContexts(longest int) []int {
	var list []int
	for n := 2048; n < longest; n *= 4 {
		list = append(list, n)
	}
	return append(list, longest)
}

// A description is what "harmony model" tells of a checkpoint: its --json form.
type description struct {
	Path         string                `json:"path"`
	Layout       string                `json:"layout"`
	Files        int                   `json:"files"`
	FileBytes    int64                 `json:"file_bytes"`
	Config       configuration         `json:"config"`
	Parameters   parameters            `json:"parameters"`
	Formats      []formatTotal         `json:"formats"`
	Tensors      []tensor              `json:"tensors,omitempty"`
	Weights      map[string]weightNeed `json:"weights"` // by hold
	Contexts     []contextNeed         `json:"contexts"`
	Memory       map[string]any        `json:"memory"`
	CheckedBytes int64                 `json:"checked_bytes,omitempty"`
	free         int64                 // math.MaxInt64: not known
	pack         int64
	hold         decoder.Hold
}

// configuration is decoder.Config for JSON.
type configuration struct {
	Layers        int     `json:"layers"`
	Hidden        int     `json:"hidden_size"`
	Heads         int     `json:"heads"`
	KVHeads       int     `json:"kv_heads"`
	HeadSize      int     `json:"head_size"`
	Vocabulary    int     `json:"vocabulary"`
	Experts       int     `json:"experts"`
	ActiveExperts int     `json:"active_experts"`
	ExpertSize    int     `json:"expert_size"`
	Window        int     `json:"window"`
	Sliding       []bool  `json:"sliding"`
	Context       int     `json:"context"`
	NormEpsilon   float64 `json:"norm_epsilon"`
	SwiGLULimit   float64 `json:"swiglu_limit"`
	Rope          rope    `json:"rope"`
}

// rope is decoder.Rope for JSON.
type rope struct {
	Theta     float64 `json:"theta"`
	Factor    float64 `json:"factor"`
	Original  int     `json:"original"`
	BetaFast  float64 `json:"beta_fast"`
	BetaSlow  float64 `json:"beta_slow"`
	Truncate  bool    `json:"truncate"`
	Attention float64 `json:"attention"`
}

type parameters struct {
	Total  int64 `json:"total"`
	Active int64 `json:"active"`
}

// formatTotal is what the tensors of one format are together.
type formatTotal struct {
	Format  string `json:"format"`
	Tensors int    `json:"tensors"`
	Bytes   int64  `json:"bytes"`
}

// tensor is decoder.Tensor for JSON.
type tensor struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	Shape  []int  `json:"shape"`
	Bytes  int64  `json:"bytes"`
	File   string `json:"file"`
}

// weightNeed is what the weights take, and what a token reads of them.
type weightNeed struct {
	Memory   int64 `json:"bytes"`
	PerToken int64 `json:"bytes_per_token"`
}

// contextNeed is what a sequence of so many positions needs, by the type of keys and values.
type contextNeed struct {
	Positions int                         `json:"positions"`
	Cache     map[string]int64            `json:"cache_bytes"`
	PerToken  map[string]map[string]int64 `json:"bytes_per_token"` // by hold
}

// cacheTypes are the types of keys and values, and a precision that has them.
var cacheTypes = []struct {
	name      string
	precision decoder.Precision
}{{"float32", decoder.Float32}, {"float16", decoder.Int8}}

// describe collects what there is to tell of a model.
func describe(path string, m *decoder.Model, f *modelFlags) *description {
	c := m.Config()
	d := &description{Path: path, Layout: m.Layout(), FileBytes: m.FileBytes(), pack: m.PackBytes(), free: math.MaxInt64}
	d.Config = configuration{c.Layers, c.Hidden, c.Heads, c.KVHeads, c.HeadSize, c.Vocabulary, c.Experts, c.ActiveExperts, c.ExpertSize,
		c.Window, c.Sliding, c.Context, c.NormEpsilon, c.SwiGLULimit, rope(c.Rope)}
	d.Parameters.Total, d.Parameters.Active = c.Parameters()
	d.Weights = map[string]weightNeed{}
	for _, h := range []decoder.Hold{decoder.Packed, decoder.Mapped} {
		p := m.Footprint(h, decoder.Float32, 0)
		d.Weights[h.String()] = weightNeed{p.Weights, p.PerToken}
	}
	for _, n := range f.contexts.of {
		d.Contexts = append(d.Contexts, needOf(m, n))
	}
	d.addTensors(m, f.tensors)
	if free, known := decoder.FreeMemory(); known {
		d.free = free
	}
	if f.memory > 0 {
		d.free = int64(f.memory)
	}
	d.hold = m.HoldFor(d.free)
	d.Memory = map[string]any{"pack_bytes": d.pack, "hold": d.hold}
	if d.free != math.MaxInt64 {
		d.Memory["free_bytes"] = d.free
	}
	return d
}

// needOf returns what a sequence of n positions needs.
func needOf(m *decoder.Model, n int) contextNeed {
	need := contextNeed{n, map[string]int64{}, map[string]map[string]int64{}}
	for _, h := range []decoder.Hold{decoder.Packed, decoder.Mapped} {
		need.PerToken[h.String()] = map[string]int64{}
		for _, t := range cacheTypes {
			p := m.Footprint(h, t.precision, n)
			need.Cache[t.name], need.PerToken[h.String()][t.name] = p.Cache, p.PerToken
		}
	}
	return need
}

// addTensors adds the tensors by format, the largest first, and if all are wanted each of them.
func (d *description) addTensors(m *decoder.Model, all bool) {
	at, files := map[string]int{}, map[string]bool{}
	for t := range m.Tensors() {
		files[t.File] = true
		i, ok := at[t.Format]
		if !ok {
			i = len(d.Formats)
			at[t.Format] = i
			d.Formats = append(d.Formats, formatTotal{Format: t.Format})
		}
		d.Formats[i].Tensors++
		d.Formats[i].Bytes += t.Bytes
		if all {
			t.File = filepath.Base(t.File)
			d.Tensors = append(d.Tensors, tensor(t))
		}
	}
	d.Files = len(files)
	slices.SortFunc(d.Formats, func(a, b formatTotal) int {
		if a.Bytes != b.Bytes {
			return int(min(max(b.Bytes-a.Bytes, -1), 1))
		}
		return strings.Compare(a.Format, b.Format)
	})
}

// counts is a flag that takes numbers between commas.
type counts struct {
	of    []int
	least int
}

func (c *counts) String() string {
	words := make([]string, len(c.of))
	for i, n := range c.of {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ",")
}

func (c *counts) Set(text string) error {
	c.of = nil
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < c.least || n > 1<<30 {
			return errors.New("want numbers from " + strconv.Itoa(c.least) + " on, between commas")
		}
		c.of = append(c.of, n)
	}
	return nil
}

// memorySize is a flag that takes a size of memory; 0: it is not given.
type memorySize int64

func (s *memorySize) String() string { return strconv.FormatInt(int64(*s), 10) }

func (s *memorySize) Set(text string) error {
	digits, shift := strings.ToUpper(text), 0
	for i, unit := range []string{"K", "M", "G", "T"} {
		if d, ok := strings.CutSuffix(digits, unit); ok {
			digits, shift = d, 10*(i+1)
		}
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || v < 1 || v > (1<<50)>>shift {
		return errors.New("want a number of bytes from 1 to 1024T, such as 1048576, 512M or 24G")
	}
	*s = memorySize(v << shift)
	return nil
}
