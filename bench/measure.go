package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/harmony-go/sdk/bench/internal/worker"
)

// A contest is one input that several programs run on.
type contest struct {
	column  string
	in      string
	cuts    []int
	units   float64 // bytes, tokens, … that one pass does
	entries []entry // the first is this module: ratios are to it
	equal   func(a, b []byte) error
	rounds  int
	limit   time.Duration // of the first pass
}

// An entry is one program in a contest.
type entry struct {
	label string
	peer  *peer
	task  string
}

// A figure is what an entry took: nanoseconds of CPU a pass, round by round; or why there is none.
type figure struct {
	ns  []float64
	err error
}

// wrongResult is the error of an entry whose result differs.
type wrongResult struct{ err error }

func (w *wrongResult) Error() string { return "differs: " + w.err.Error() }

// run checks all entries, and then lets those that are right take turns.
func (b *bench) run(c *contest) []figure {
	if c.limit == 0 {
		c.limit = 2 * time.Minute
	}
	if c.rounds == 0 {
		c.rounds = b.rounds
	}
	figures := b.check(c)
	passes := make([]int, len(c.entries))
	for i, e := range c.entries {
		if figures[i].err == nil {
			passes[i], figures[i].err = b.passes(c, &e)
		}
	}
	for range c.rounds {
		for i, e := range c.entries {
			if figures[i].err != nil {
				continue
			}
			r, err := e.peer.ask(c.request("time", e.task, passes[i]), c.limit*2)
			figures[i].err = err
			figures[i].ns = append(figures[i].ns, float64(r.CPU)/float64(passes[i]))
		}
	}
	return figures
}

func (c *contest) request(do, task string, passes int) worker.Request {
	return worker.Request{Do: do, Task: task, In: c.in, Cuts: c.cuts, Passes: passes}
}

// passes returns how many passes make one turn long enough for the clock.
func (b *bench) passes(c *contest, e *entry) (int, error) {
	r, err := e.peer.ask(c.request("time", e.task, 1), c.limit)
	if err != nil {
		return 0, err
	}
	return max(1, int(int64(b.pass)/max(r.CPU, 1000))), nil
}

// check lets every entry run once and compares what they give. The standard is openai-harmony where it
// takes part, and otherwise what the majority of this module's peers give.
func (b *bench) check(c *contest) []figure {
	figures, results := make([]figure, len(c.entries)), make([][]byte, len(c.entries))
	for i, e := range c.entries {
		out := filepath.Join(b.temp, fmt.Sprintf("result-%d", i))
		req := c.request("check", e.task, 0)
		req.Out = out
		if _, figures[i].err = e.peer.ask(req, c.limit); figures[i].err == nil {
			results[i], figures[i].err = os.ReadFile(out)
		}
		if figures[i].err != nil {
			b.logf("%s, %s: %v", c.column, e.label, figures[i].err)
			b.wrong = b.wrong || e.peer.id == "ours"
		}
	}
	standard := c.standard(figures, results)
	if standard < 0 {
		return figures
	}
	for i, e := range c.entries {
		if figures[i].err != nil {
			continue
		}
		if err := c.equal(results[standard], results[i]); err != nil {
			figures[i].err = &wrongResult{err}
			b.logf("%s, %s: the result differs from that of %s: %v", c.column, e.label, c.entries[standard].label, err)
			b.wrong = b.wrong || e.peer.id == "ours"
		}
	}
	return figures
}

// standard returns the entry whose result the others are compared with, or -1.
func (c *contest) standard(figures []figure, results [][]byte) int {
	for i, e := range c.entries {
		if figures[i].err == nil && (e.peer.id == "harmony-rs" || e.peer.id == "harmony-py") {
			return i
		}
	}
	best, most := -1, 0
	for i := range c.entries {
		n := 0
		for j := range c.entries {
			if figures[i].err == nil && figures[j].err == nil && c.equal(results[i], results[j]) == nil {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	return best
}

// sameTokens compares token files.
func sameTokens(want, got []byte) error {
	if bytes.Equal(want, got) {
		return nil
	}
	for i := 0; i+4 <= min(len(want), len(got)); i += 4 {
		if !bytes.Equal(want[i:i+4], got[i:i+4]) {
			return fmt.Errorf("token %d of %d", i/4, len(want)/4)
		}
	}
	return fmt.Errorf("%d tokens, not %d", len(got)/4, len(want)/4)
}

// sameBytes compares decoded text.
func sameBytes(want, got []byte) error {
	if bytes.Equal(want, got) {
		return nil
	}
	i := 0
	for i < min(len(want), len(got)) && want[i] == got[i] {
		i++
	}
	return fmt.Errorf("byte %d of %d", i, len(want))
}

// sameMessages compares lists of messages, whether a text stands alone or as the only part of a list.
func sameMessages(want, got []byte) error {
	w, err := plainMessages(want)
	if err != nil {
		return err
	}
	g, err := plainMessages(got)
	if err != nil {
		return err
	}
	if len(w) == 0 {
		return errors.New("no messages")
	}
	if len(w) != len(g) {
		return fmt.Errorf("%d messages, not %d", len(g), len(w))
	}
	for i := range w {
		if !reflect.DeepEqual(w[i], g[i]) {
			return fmt.Errorf("message %d of %d", i, len(w))
		}
	}
	return nil
}

func plainMessages(doc []byte) ([]map[string]any, error) {
	var msgs []map[string]any
	if err := json.Unmarshal(doc, &msgs); err != nil {
		return nil, err
	}
	for _, m := range msgs {
		if text, ok := m["content"].(string); ok {
			m["content"] = []any{map[string]any{"type": "text", "text": text}}
		}
		for k, v := range m {
			if v == nil {
				delete(m, k)
			}
		}
	}
	return msgs, nil
}

// spread is a median with the smallest and the largest value.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

func spreadOf(values []float64) spread {
	v := slices.Sorted(slices.Values(values))
	s := spread{Min: v[0], Max: v[len(v)-1], Median: v[len(v)/2]}
	if len(v)%2 == 0 {
		s.Median = (v[len(v)/2-1] + v[len(v)/2]) / 2
	}
	return s
}

// ratio returns the median over the rounds of how many times as long as base f takes.
func (f *figure) ratio(base *figure) float64 {
	if f.err != nil || base.err != nil {
		return 0
	}
	ratios := make([]float64, 0, len(f.ns))
	for i := range min(len(f.ns), len(base.ns)) {
		ratios = append(ratios, f.ns[i]/max(base.ns[i], 1))
	}
	return spreadOf(ratios).Median
}
