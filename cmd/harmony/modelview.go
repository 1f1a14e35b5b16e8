package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/decoder"
)

// modelView shows a description to people.
type modelView struct {
	s *screen
	d *description
}

// print shows everything.
func (v *modelView) print() {
	d := v.d
	v.s.headline([]painted{{bold, printable(d.Path)}, {plain, d.Layout}, {plain, bytesText(d.FileBytes) + " in " + plural(d.Files, "file")}}, painted{})
	v.s.WriteString("\n")
	v.configuration()
	v.s.WriteString("\n")
	v.formats()
	v.s.WriteString("\n")
	v.memory()
	v.s.WriteString("\n")
	v.contexts()
	if d.CheckedBytes > 0 {
		v.s.printf("\n  %s\n", v.s.paint(inkAnswer, "every weight is a number: "+bytesText(d.CheckedBytes)+" read"))
	}
	if d.Tensors != nil {
		v.s.WriteString("\n")
		v.tensors()
	}
}

// configuration shows the configuration, a field a line.
func (v *modelView) configuration() {
	c, r := &v.d.Config, &v.d.Config.Rope
	sliding := 0
	for _, s := range c.Sliding {
		if s {
			sliding++
		}
	}
	truncated := "not rounded"
	if r.Truncate {
		truncated = "rounded"
	}
	p := v.d.Parameters
	for _, field := range [][2]string{
		{"layers", fmt.Sprintf("%d: %d sliding with a window of %s, %d full", c.Layers, sliding, grouped(c.Window), c.Layers-sliding)},
		{"hidden size", grouped(c.Hidden)},
		{"heads", fmt.Sprintf("%d of size %d, with %s", c.Heads, c.HeadSize, plural(c.KVHeads, "kv head"))},
		{"experts", fmt.Sprintf("%d a layer of size %s, %d active", c.Experts, grouped(c.ExpertSize), c.ActiveExperts)},
		{"vocabulary", grouped(c.Vocabulary)},
		{"context", grouped(c.Context)},
		{"rope", fmt.Sprintf("theta %s, YaRN: factor %s from %s positions, beta %s to %s (%s), attention %s", number(r.Theta), number(r.Factor),
			grouped(r.Original), number(r.BetaFast), number(r.BetaSlow), truncated, number(r.Attention))},
		{"norm epsilon", number(c.NormEpsilon)},
		{"swiglu limit", number(c.SwiGLULimit)},
		{"parameters", fmt.Sprintf("%s, of which a token meets %s", grouped(int(p.Total)), grouped(int(p.Active)))},
	} {
		v.field(field[0], field[1])
	}
}

// field writes a name and what it is, further lines of which begin below the first.
func (v *modelView) field(name, text string) {
	const margin = 16
	v.s.beside(v.s.paint(faint, fmt.Sprintf("  %-*s", margin-2, name)), margin, text)
}

// number writes a number as short as it can be read back in six digits.
func number(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return grouped(int(f))
	}
	return strconv.FormatFloat(f, 'g', 6, 64)
}

// formats shows how many tensors have which format.
func (v *modelView) formats() {
	t := table{align: "lrr"}
	t.add("format", "tensors", "bytes")
	count, bytes := 0, int64(0)
	for _, f := range v.d.Formats {
		name := f.Format
		if name == "U8" {
			name = "U8 (codes and scales of MXFP4)" // no other bytes pass as a tensor of gpt-oss
		}
		t.add(name, grouped(f.Tensors), grouped(int(f.Bytes)))
		count, bytes = count+f.Tensors, bytes+f.Bytes
	}
	if len(v.d.Formats) > 1 {
		t.add("all", grouped(count), grouped(int(bytes)))
	}
	t.print(v.s)
}

// memory shows what the weights take, either way, and what is done with the memory that is free.
func (v *modelView) memory() {
	d := v.d
	t := table{align: "lrrl"}
	t.add("weights", "memory", "read a token", "")
	for _, h := range []decoder.Hold{decoder.Packed, decoder.Mapped} {
		note := "the file's pages, which the system can drop"
		if h == decoder.Packed {
			note = bytesText(d.pack) + " are copied, the rest stays in the file"
		}
		t.add(h.String(), bytesText(d.Weights[h.String()].Memory), bytesText(d.Weights[h.String()].PerToken), note)
	}
	t.print(v.s)
	free := "how much memory is free is not known"
	if d.free != math.MaxInt64 {
		free = bytesText(d.free) + " of memory are free"
	}
	choice := ": the weights would be packed"
	if d.hold == decoder.Mapped {
		choice = ", too little to pack and leave 1 GiB: the weights would stay mapped"
	}
	v.s.line("  ", plain, free+choice)
}

// contexts shows what a sequence needs, and what a token reads with weights held as they would be.
func (v *modelView) contexts() {
	t, hold := table{align: "rrrrr"}, v.d.hold.String()
	t.add("context", "cache float32", "float16", "read a token float32", "float16")
	for _, c := range v.d.Contexts {
		t.add(grouped(c.Positions), bytesText(c.Cache["float32"]), bytesText(c.Cache["float16"]),
			bytesText(c.PerToken[hold]["float32"]), bytesText(c.PerToken[hold]["float16"]))
	}
	t.print(v.s)
	v.s.line("  ", faint, "cache: keys and values, in float32 with --precision float32, else in float16; a token reads those it sees, and weights that are "+hold)
}

// tensors lists every tensor.
func (v *modelView) tensors() {
	t := table{align: "llrrl"}
	t.add("tensor", "format", "shape", "bytes", "file")
	for _, x := range v.d.Tensors {
		shape := strings.Trim(strings.ReplaceAll(fmt.Sprint(x.Shape), " ", "×"), "[]")
		t.add(printable(x.Name), x.Format, shape, grouped(int(x.Bytes)), printable(x.File))
	}
	t.print(v.s)
}
