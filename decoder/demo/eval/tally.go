package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/engine"
)

// A tally plays cases and counts.
type tally struct {
	engine   engine.Generator
	masked   bool
	sets     map[string]*score
	analysis map[string]*mean // tokens of reasoning by effort
	output   int
	spent    time.Duration
}

type score struct{ all, wellFormed, tool, call, exact int }

type mean struct{ sum, n int }

// add counts what a turn took.
func (t *tally) add(turn *agent.Turn, effort string) {
	if t.analysis == nil {
		t.analysis = map[string]*mean{}
	}
	m := t.analysis[effort]
	if m == nil {
		m = &mean{}
		t.analysis[effort] = m
	}
	m.sum, m.n = m.sum+turn.Usage.Analysis, m.n+1
	for _, s := range turn.Steps {
		t.output += len(s.Sampled)
	}
	t.spent += turn.Elapsed
}

// count counts an outcome for its set, its ability, and what the set belongs to.
func (t *tally) count(c *testCase, o *outcome) {
	names := []string{c.Set, c.Set + ": " + c.Ability}
	if strings.HasSuffix(c.Set, " tools") && c.Set[0] >= '2' && c.Set[0] <= '9' {
		names = append(names, "2 to 4 tools")
	}
	if t.sets == nil {
		t.sets = map[string]*score{}
	}
	for _, name := range names {
		s := t.sets[name]
		if s == nil {
			s = &score{}
			t.sets[name] = s
		}
		s.all++
		s.wellFormed += one(o.wellFormed)
		s.tool += one(o.tool)
		s.call += one(o.call)
		s.exact += one(o.exact)
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// print writes the table.
func (t *tally) print(w io.Writer, elapsed time.Duration) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "cases\t\twell formed\ttool\tcall exact\tend to end exact\t")
	for _, name := range slices.Sorted(maps.Keys(t.sets)) {
		s := t.sets[name]
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%.0f %%\n", name, s.all, s.wellFormed, s.tool, s.call, s.exact, 100*float64(s.exact)/float64(s.all))
	}
	tw.Flush()
	for _, effort := range []string{"low", "medium", "high"} {
		if m := t.analysis[effort]; m != nil {
			fmt.Fprintf(w, "%s effort: %.1f tokens of reasoning\n", effort, float64(m.sum)/float64(m.n))
		}
	}
	fmt.Fprintf(w, "%d tokens of output in %.1f s of turns (%.1f s in all)\n", t.output, t.spent.Seconds(), elapsed.Seconds())
}
