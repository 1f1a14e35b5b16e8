package main

import (
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"
)

// figures collects what has been measured, in nanoseconds.
type figures struct {
	parse, compile, first, mask, accept, both, again []int64

	refused                       map[string]int // by keyword
	schemas, right, unsound, over int
}

// collect sums results up; rows are what they are about, of which invalid instances may have been left out.
func collect(rows []row, results []result) *figures {
	f := &figures{refused: map[string]int{}, schemas: len(rows)}
	for i := range results {
		r := &results[i]
		if r.Refused != "" {
			f.refused[r.keyword]++
			continue
		}
		f.parse = append(f.parse, r.Parse)
		f.compile = append(f.compile, r.Compile-r.Parse)
		f.first = append(f.first, r.First)
		for j, t := range walked(&rows[i], r) {
			f.decide(t.Valid, &r.Tests[j])
			f.again = append(f.again, r.Again[j].both()...)
		}
	}
	return f
}

// walked returns the instances that the walks of a result are about.
func walked(r *row, out *result) []test {
	if len(out.Tests) == len(r.Tests) {
		return r.Tests
	}
	var valid []test
	for _, t := range r.Tests {
		if t.Valid {
			valid = append(valid, t)
		}
	}
	return valid
}

func (f *figures) decide(valid bool, w *walk) {
	f.mask = append(f.mask, w.Mask...)
	f.accept = append(f.accept, w.Accept...)
	f.both = append(f.both, w.both()...)
	switch {
	case valid == w.Accepted:
		f.right++
	case valid:
		f.over++
	default:
		f.unsound++
	}
}

// both returns what Mask and Accept took together, of each token that was accepted.
func (w *walk) both() []int64 {
	ns := make([]int64, len(w.Accept))
	for i := range ns {
		ns[i] = w.Mask[i] + w.Accept[i]
	}
	return ns
}

func (f *figures) print(w io.Writer) {
	fmt.Fprintf(w, "schemas %d, refused %d; instances right %d, unsound %d, over-rejected %d\n",
		f.schemas, f.schemas-len(f.compile), f.right, f.unsound, f.over)
	var keys []string
	for k, n := range f.refused {
		keys = append(keys, fmt.Sprintf("%s %d", k, n))
	}
	sort.Strings(keys)
	fmt.Fprintf(w, "refused by keyword: %s\n", strings.Join(keys, ", "))
	fmt.Fprintf(w, "%-12s %9s %9s %9s %9s %9s %9s %9s  µs\n", "", "n", "mean", "p50", "p90", "p99", "p99.9", "max")
	for _, c := range []struct {
		name string
		ns   []int64
	}{{"parse", f.parse}, {"compile", f.compile}, {"first mask", f.first}, {"mask", f.mask}, {"accept", f.accept}, {"mask+accept", f.both}, {"again", f.again}} {
		line(w, c.name, c.ns)
	}
}

func line(w io.Writer, name string, ns []int64) {
	if len(ns) == 0 {
		return
	}
	ns = slices.Clone(ns)
	slices.Sort(ns)
	sum := int64(0)
	for _, n := range ns {
		sum += n
	}
	fmt.Fprintf(w, "%-12s %9d %9.2f %9.2f %9.2f %9.2f %9.2f %9.2f\n", name, len(ns), float64(sum)/float64(len(ns))/1e3,
		quantile(ns, 0.5), quantile(ns, 0.9), quantile(ns, 0.99), quantile(ns, 0.999), quantile(ns, 1))
}

// quantile returns the value in microseconds below which the share q of sorted nanoseconds lies.
func quantile(sorted []int64, q float64) float64 {
	return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]) / float64(time.Microsecond)
}

// list tells what was refused and which answers are wrong.
func list(w io.Writer, rows []row, results []result) {
	for i := range results {
		r := &results[i]
		if r.Refused != "" {
			fmt.Fprintln(w, "refused", r.ID, r.Refused)
			continue
		}
		for j, t := range walked(&rows[i], r) {
			if at := r.Tests[j].offset; r.Tests[j].Accepted != t.Valid {
				fmt.Fprintln(w, "wrong", r.ID, t.Valid, at, t.Text[min(at, len(t.Text)):min(len(t.Text), at+80)])
			}
		}
	}
}
