package main

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/harmony-go/sdk/bench/internal/worker"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
)

// settings are the options that -options names.
var settings = map[string]struct {
	about   string
	options *constrain.Options
}{
	"default": {"default options", nil},
	"unknown": {"IgnoreUnknown: keywords that JSON Schema does not have are remarks", &constrain.Options{IgnoreUnknown: true}},
	"narrow": {"SchemaOrder, CanonicalNumbers, PlainStrings: about what peers accept",
		&constrain.Options{IgnoreUnknown: true, SchemaOrder: true, CanonicalNumbers: true, PlainStrings: true}},
}

// A meter measures schemas. It must stay on one thread.
type meter struct {
	options *constrain.Options
	invalid bool          // walk invalid instances, too
	slow    time.Duration // tell what takes longer; 0: nothing
	log     io.Writer
	mask    []uint64
}

func newMeter(options *constrain.Options, log io.Writer) *meter {
	return &meter{options: options, invalid: true, log: log, mask: make([]uint64, constrain.MaskWords)}
}

// setUp prepares the vocabulary.
func setUp() *opening {
	debug.FreeOSMemory()
	resident, start := worker.ResidentMemory(), threadTime()
	constrain.Warm()
	o := &opening{Engine: "this module (Go)", Setup: threadTime() - start}
	debug.FreeOSMemory()
	o.SetupMemory = worker.ResidentMemory() - resident
	o.Clock = clockCost()
	return o
}

// clockCost is what two readings of the clock find between them.
func clockCost() int64 {
	const n = 10000
	start := threadTime()
	for range n {
		threadTime()
	}
	return (threadTime() - start) / n
}

// run measures one schema.
func (m *meter) run(r *row) result {
	out := result{ID: r.ID, Tests: []walk{}, Again: []walk{}}
	matcher := m.compile(r, &out)
	if matcher == nil {
		return out
	}
	for _, walks := range []*[]walk{&out.Tests, &out.Again} {
		for i := range r.Tests {
			t := &r.Tests[i]
			if t.Valid || m.invalid {
				*walks = append(*walks, m.walk(matcher, t.IDs, r.ID))
			}
		}
	}
	return out
}

// compile goes from the text of a schema to its first mask. It returns nil for a schema that is refused.
func (m *meter) compile(r *row, out *result) *constrain.Matcher {
	all, start := processTime(), threadTime()
	doc, err := schema.Parse(r.Schema)
	out.Parse = threadTime() - start
	if err != nil {
		out.Refused, out.keyword = err.Error(), "parse"
		return nil
	}
	g, err := constrain.Compile(doc, m.options)
	out.Compile = threadTime() - start
	out.CompileAll = processTime() - all
	if err != nil {
		out.Refused, out.keyword = err.Error(), "other"
		if u := (*constrain.UnsupportedError)(nil); errors.As(err, &u) {
			out.keyword = u.Keyword
		}
		return nil
	}
	start = threadTime()
	matcher := g.NewMatcher()
	matcher.Mask(m.mask)
	out.First = out.CompileAll + threadTime() - start
	if m.slow > 0 && out.Compile-out.Parse > int64(10*m.slow) {
		fmt.Fprintf(m.log, "slow compile %v %s\n", time.Duration(out.Compile-out.Parse), r.ID)
	}
	return matcher
}

// walk runs a matcher over tokens, up to the first that is not allowed.
func (m *meter) walk(matcher *constrain.Matcher, toks []tokenizer.Token, id string) walk {
	matcher.Reset()
	w := walk{Mask: make([]int64, 0, len(toks)), Accept: make([]int64, 0, len(toks))}
	for i, tok := range toks {
		t0 := threadTime()
		matcher.Mask(m.mask)
		t1 := threadTime()
		w.Mask = append(w.Mask, t1-t0)
		if m.slow > 0 && t1-t0 > int64(m.slow) {
			m.logSlow(time.Duration(t1-t0), id, toks[max(0, i-8):i])
		}
		if m.mask[tok/64]>>(tok%64)&1 == 0 {
			break
		}
		t1 = threadTime()
		err := matcher.Accept(tok)
		t2 := threadTime()
		if err != nil {
			panic(err) // the mask allows it
		}
		w.Accept = append(w.Accept, t2-t1)
	}
	w.Accepted, w.offset = len(w.Accept) == len(toks) && matcher.Accepting(), matcher.Offset()
	return w
}

func (m *meter) logSlow(d time.Duration, id string, behind []tokenizer.Token) {
	text, _ := tokenizer.O200kHarmony().Decode(behind)
	fmt.Fprintf(m.log, "slow %v %s %q\n", d, id, text)
}
