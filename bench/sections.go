package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/harmony-go/sdk/bench/internal/worker"
)

// sections are the parts of the benchmark, in the order they are printed.
var sections = []struct {
	name string
	run  func(b *bench) error
}{
	{"encode", (*bench).encode},
	{"decode", (*bench).decode},
	{"parse", (*bench).parse},
	{"render", (*bench).render},
	{"long-runs", (*bench).longRuns},
	{"first-use", (*bench).firstUse},
	{"goroutines", (*bench).goroutines},
}

func sectionNames() string {
	names := make([]string, 0, len(sections))
	for _, s := range sections {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

// way is a task of one program, with what it is called beside the program's name.
type way struct{ id, task, call string }

// entries returns those ways whose program is there. A program of -add takes the tasks that a
// known one has under the same name.
func (b *bench) entries(ways ...way) []entry {
	var entries []entry
	for _, w := range ways {
		for _, p := range b.peers {
			if p.id == w.id || w.id == "" && b.added(p) {
				label := p.name
				if w.call != "" {
					label += ", " + w.call
				}
				entries = append(entries, entry{label, p, w.task})
			}
		}
	}
	return entries
}

func (b *bench) added(p *peer) bool {
	for _, k := range known {
		if k.id == p.id {
			return false
		}
	}
	return true
}

// ways returns one task for every program, this module's first.
func ways(task string) []way {
	var all []way
	for i, k := range known {
		all = append(all, way{k.id, task, ""})
		if i == 0 {
			all = append(all, way{"", task, ""})
		}
	}
	return all
}

// with inserts another way of this module after the first.
func with(all []way, more ...way) []way {
	return append(append([]way{all[0]}, more...), all[1:]...)
}

func (b *bench) table(title, unit string) *table {
	t := &table{Title: title, Unit: unit}
	b.report.Tables = append(b.report.Tables, t)
	return t
}

func (b *bench) encode() error {
	t := b.table("Encode", "MB/s")
	entries := b.entries(with(ways("encode"), way{"ours", "encode-append", "AppendEncode into a reused slice"},
		way{"", "encode-append", "into a reused slice"})...)
	for _, text := range b.texts {
		c := &contest{column: text.Kind, in: text.path, cuts: text.cuts, units: float64(text.Bytes),
			entries: entries, equal: sameTokens}
		t.add(c, b.run(c), func(ns float64) float64 { return c.units / ns * 1e3 })
	}
	return nil
}

func (b *bench) decode() error {
	t := b.table("Decode", "million tokens/s")
	entries := b.entries(with(ways("decode"), way{"ours", "decode-append", "AppendDecode into a reused slice"})...)
	for _, text := range b.texts {
		toks := encodeText(string(text.data))
		in, err := b.file(text.Kind+".tokens", worker.TokenBytes(toks))
		if err != nil {
			return err
		}
		c := &contest{column: text.Kind, in: in, units: float64(len(toks)), entries: entries, equal: sameBytes}
		t.add(c, b.run(c), func(ns float64) float64 { return c.units / ns * 1e3 })
	}
	return nil
}

func (b *bench) file(name string, data []byte) (string, error) {
	name = filepath.Join(b.temp, name)
	return name, os.WriteFile(name, data, 0o644)
}

func (b *bench) parse() error {
	t := b.table("Parse a stream, token by token", "ns/token")
	t.Note = "The stream: 4,000 tokens of analysis, eight tool calls, an answer. This module gives every message's header, " +
		"all new text and its end as events; the others give the text only when asked."
	stream := b.stream(10_000)
	in, err := b.file("stream.tokens", worker.TokenBytes(stream))
	if err != nil {
		return err
	}
	c := &contest{column: "10,000 tokens", in: in, units: float64(len(stream)), equal: sameMessages,
		entries: b.entries(way{"ours", "parse", ""}, way{"harmony-rs", "parse", "process only"},
			way{"harmony-rs", "parse-delta", "process + last_content_delta"},
			way{"harmony-py", "parse", "process only"}, way{"harmony-py", "parse-delta", "process + last_content_delta"})}
	t.add(c, b.run(c), func(ns float64) float64 { return ns / c.units })

	t = b.table("Parse a stream and ask for the text so far at each token", "ns/token")
	long := b.longMessage(2_000)
	if in, err = b.file("message.tokens", worker.TokenBytes(long)); err != nil {
		return err
	}
	c = &contest{column: "2,000 tokens", in: in, units: float64(len(long)), equal: sameMessages,
		entries: b.entries(way{"ours", "parse-text-so-far", "events into a strings.Builder"},
			way{"harmony-rs", "parse-text-so-far", "current_content"}, way{"harmony-py", "parse-text-so-far", "current_content"})}
	t.add(c, b.run(c), func(ns float64) float64 { return ns / c.units })
	return nil
}

func (b *bench) render() error {
	doc, err := b.conversation()
	if err != nil {
		return err
	}
	in, err := b.file("conversation.json", doc)
	if err != nil {
		return err
	}
	t := b.table("Render a conversation for completion: 40 messages, 20 tools", "µs")
	convert := func(ns float64) float64 { return ns / 1e3 }
	c := &contest{column: "from values", in: in, equal: sameTokens,
		entries: b.entries(way{"ours", "render-struct", ""}, way{"ours", "render-append", "into a reused slice"},
			way{"harmony-rs", "render-struct", ""}, way{"harmony-py", "render-object", ""})}
	t.add(c, b.run(c), convert)
	c = &contest{column: "from JSON", in: in, equal: sameTokens,
		entries: b.entries(way{"ours", "render-json", ""}, way{"harmony-rs", "render-json", ""}, way{"harmony-py", "render-json", ""})}
	t.add(c, b.run(c), convert)
	n, err := b.renderedTokens(in)
	t.Note = fmt.Sprintf("The conversation has %d tokens. The Python object is written as JSON and read again at each call; "+
		"from JSON, Python is called by its raw binding.", n)
	return err
}

// renderedTokens returns how many tokens this module renders a conversation to.
func (b *bench) renderedTokens(in string) (int, error) {
	out := filepath.Join(b.temp, "rendered")
	req := worker.Request{Do: "check", Task: "render-struct", In: in, Out: out}
	if _, err := b.peers[0].ask(req, time.Minute); err != nil {
		return 0, err
	}
	info, err := os.Stat(out)
	if err != nil {
		return 0, err
	}
	return int(info.Size() / 4), nil
}

// longRuns measures one piece of the pattern that gets longer: what is linear takes 4 and 25 times as long.
func (b *bench) longRuns() error {
	sizes := []int{10_000, 40_000, 1_000_100}
	if b.quick {
		sizes = []int{1_000, 4_000}
	}
	for _, run := range []struct{ name, char string }{{"spaces", " "}, {"letters a", "a"}, {"Han characters 中", "中"}} {
		t := b.table("Long runs of "+run.name, "ms")
		entries := b.entries(ways("encode")...)
		for _, n := range sizes {
			// Every run has a file name of its own, because programs remember what they read.
			in, err := b.file(fmt.Sprintf("%s-%d.txt", run.name, n), []byte(strings.Repeat(run.char, n)))
			if err != nil {
				return err
			}
			c := &contest{column: fmt.Sprint(n), in: in, entries: entries, equal: sameTokens, rounds: min(b.rounds, 3), limit: 5 * time.Second}
			t.add(c, b.run(c), func(ns float64) float64 { return ns / 1e6 })
		}
	}
	last := b.report.Tables[len(b.report.Tables)-1]
	last.Note = "fails: it reports an error; panics: it does not even do that; over: it was stopped."
	return nil
}

func (b *bench) firstUse() error {
	var labels []string
	runs := map[string][]use{}
	add := func(label string, measure func() (use, error)) error {
		u, err := measure()
		if err != nil {
			return fmt.Errorf("%s: %w", label, err)
		}
		if runs[label] == nil {
			labels = append(labels, label)
		}
		runs[label] = append(runs[label], u)
		return nil
	}
	for range min(b.rounds, 5) {
		for _, p := range b.peers {
			if err := add(p.name, p.firstUse); err != nil {
				return err
			}
		}
		if b.python != "" {
			nothing := func() (use, error) {
				return measureProcess(exec.Command(b.python, filepath.Join(b.root, "bench/py/peers.py"), "nothing", "first"))
			}
			if err := add("(Python that loads nothing)", nothing); err != nil {
				return err
			}
		}
	}
	t := b.table("First use: a process from its start to its first tokens and its end", "")
	column := func(name string, value func(u use) float64) {
		t.Columns = append(t.Columns, name)
		for _, label := range labels {
			var values []float64
			for _, u := range runs[label] {
				values = append(values, value(u))
			}
			t.put(label, cell{spread: spreadOf(values)})
		}
	}
	column("CPU, ms", func(u use) float64 { return u.cpu.Seconds() * 1e3 })
	column("wall, ms", func(u use) float64 { return u.wall.Seconds() * 1e3 })
	column("peak memory, MiB", func(u use) float64 { return float64(u.Memory) / (1 << 20) })
	ours := spreadOf(collect(runs[b.peers[0].name], func(u use) float64 { return float64(u.Setup) / 1e6 }))
	heap := spreadOf(collect(runs[b.peers[0].name], func(u use) float64 { return float64(u.Heap) / (1 << 20) }))
	t.Note = fmt.Sprintf("Inside this module's process: %s ms from main to the first tokens, %s MiB of heap.",
		number(ours.Median), number(heap.Median))
	return nil
}

func collect(runs []use, value func(use) float64) []float64 {
	var values []float64
	for _, u := range runs {
		values = append(values, value(u))
	}
	return values
}

// goroutines measures, by wall time, how one shared tokenizer scales.
func (b *bench) goroutines() error {
	t := b.table("Goroutines that share one tokenizer, "+b.texts[0].Kind+" text", "MB/s, wall time")
	var threads []int
	for n := 1; n <= runtime.NumCPU(); n *= 2 {
		threads = append(threads, n)
	}
	speeds := make([][]float64, len(threads))
	for range b.rounds {
		for i, n := range threads {
			r, err := b.peers[0].ask(worker.Request{Do: "scale", In: b.texts[0].path, Threads: n}, time.Minute)
			if err != nil {
				return err
			}
			speeds[i] = append(speeds[i], float64(n*b.texts[0].Bytes)/float64(r.Wall)*1e3)
		}
	}
	for i, n := range threads {
		t.Columns = append(t.Columns, fmt.Sprint(n))
		c := cell{spread: spreadOf(speeds[i])}
		t.put(b.peers[0].name, c)
	}
	return nil
}
