package main

import "fmt"

// benchView shows a result to people.
type benchView struct {
	s *screen
	r *benchResult
}

// print shows everything; first is false where the same checkpoint was shown before.
func (v *benchView) print(first bool) {
	r := v.r
	if first {
		v.s.headline([]painted{{bold, printable(r.Path)}, {plain, r.Layout}, {plain, plural(r.Threads, "thread")}, {plain, r.Kernels + " kernels"}}, painted{})
	}
	v.s.WriteString("\n")
	v.s.headline([]painted{{bold, r.Precision.String()}, {plain, fmt.Sprintf("%v, %s of weights, open in %.1f s", r.Hold, bytesText(r.WeightBytes), r.LoadSeconds)},
		{plain, fmt.Sprintf("memory read at %.1f GB/s (median %.1f)", r.Read, r.ReadMedian)}}, painted{})
	t := table{align: "lrrrrrrr"}
	t.add("", "tokens", "depth", "tokens/s", "median", "read a token", "GB/s", "of memory's")
	for _, run := range r.Runs {
		cells := []string{run.Kind, grouped(run.Tokens), grouped(run.Depth), speedText(run.TokensPerSecond), speedText(run.MedianPerSecond)}
		if run.BytesPerToken > 0 {
			cells = append(cells, bytesText(run.BytesPerToken), fmt.Sprintf("%.1f", run.Rate), fmt.Sprintf("%.0f %%", 100*run.Share))
		}
		t.add(cells...)
	}
	t.print(v.s)
}

// speedText writes a speed with as many digits as mean something.
func speedText(v float64) string {
	switch {
	case v < 99.995:
		return fmt.Sprintf("%.2f", v)
	case v < 999.95:
		return fmt.Sprintf("%.1f", v)
	}
	return grouped(int(v + .5))
}
