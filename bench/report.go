package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"
)

// report is everything a run found out.
type report struct {
	Machine string   `json:"machine"`
	Go      string   `json:"go"`
	Date    string   `json:"date"`
	Rounds  int      `json:"rounds"`
	Seconds float64  `json:"seconds"`
	Quick   bool     `json:"quick,omitempty"`
	Corpus  []text   `json:"corpus"`
	Notes   []string `json:"notes,omitempty"`
	Skipped []string `json:"skipped,omitempty"`
	Tables  []*table `json:"tables"`
}

// table is one section's figures: a row an entry, a column a contest.
type table struct {
	Title   string   `json:"title"`
	Unit    string   `json:"unit"`
	Note    string   `json:"note,omitempty"`
	Columns []string `json:"columns"`
	Rows    []*row   `json:"rows"`
}

type row struct {
	Label string `json:"label"`
	Cells []cell `json:"cells"`
}

// cell is one figure. Ratio is how many times as long as this module it takes; Text stands where
// there is no figure.
type cell struct {
	spread
	Ratio float64 `json:"ratio,omitempty"`
	Text  string  `json:"text,omitempty"`
}

// add puts a contest's figures into the table, each turned from nanoseconds into the table's unit.
func (t *table) add(c *contest, figures []figure, convert func(ns float64) float64) {
	t.Columns = append(t.Columns, c.column)
	for i, e := range c.entries {
		t.put(e.label, figures[i].cell(&figures[0], convert))
	}
}

func (f *figure) cell(base *figure, convert func(float64) float64) cell {
	var wrong *wrongResult
	switch {
	case errors.As(f.err, &wrong):
		return cell{Text: "differs"}
	case errors.Is(f.err, errTooSlow):
		return cell{Text: strings.TrimPrefix(f.err.Error(), errTooSlow.Error()+": ")}
	case f.err != nil:
		return cell{Text: shortError(f.err)}
	}
	values := make([]float64, 0, len(f.ns))
	for _, ns := range f.ns {
		values = append(values, convert(ns))
	}
	return cell{spread: spreadOf(values), Ratio: f.ratio(base)}
}

func shortError(err error) string {
	if strings.Contains(strings.ToLower(err.Error()), "panic") {
		return "panics"
	}
	return "fails"
}

// put puts a cell into the last column, adding the row where it is new.
func (t *table) put(label string, c cell) {
	var r *row
	for _, have := range t.Rows {
		if have.Label == label {
			r = have
		}
	}
	if r == nil {
		r = &row{Label: label}
		t.Rows = append(t.Rows, r)
	}
	for len(r.Cells) < len(t.Columns)-1 {
		r.Cells = append(r.Cells, cell{Text: "–"})
	}
	r.Cells = append(r.Cells, c)
}

func (c *cell) string(spreads bool) string {
	if c.Text != "" {
		return c.Text
	}
	s := number(c.Median)
	if spreads && c.Min != c.Max {
		s += " (" + number(c.Min) + "–" + number(c.Max) + ")"
	}
	switch {
	case c.Ratio == 0:
		return s
	case spreads:
		return s + " " + ratio(c.Ratio)
	}
	return s + " (" + ratio(c.Ratio) + ")"
}

func ratio(r float64) string {
	if r == 1 {
		return "1×"
	}
	return number(r) + "×"
}

// number prints three digits, more only left of the point.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1 || v == 0:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func (b *bench) finishReport() {
	r := &b.report
	r.Machine, r.Go = machine(), runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH
	r.Date, r.Rounds, r.Quick, r.Corpus = time.Now().Format(time.DateOnly), b.rounds, b.quick, b.texts
	for _, p := range b.peers {
		if p.note != "" {
			r.Notes = append(r.Notes, p.name+": "+p.note)
		}
	}
}

// machine names the processor and how many there are.
func machine() string {
	name := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
				name = strings.TrimSpace(v)
				break
			}
		}
	} else if out, err := exec.Command("sysctl", "-n", "machdep.cpu.brand_string").Output(); err == nil {
		name = strings.TrimSpace(string(out))
	}
	return fmt.Sprintf("%s, %d cores", name, runtime.NumCPU())
}

func (r *report) write(out io.Writer, markdown bool) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%s, %s, %s. Median of %d rounds in which the programs take turns; CPU time, one thread each.\n",
		r.Machine, r.Go, r.Date, r.Rounds)
	fmt.Fprintf(w, "N× is how many times as long as this module the others take.\n")
	if r.Quick {
		fmt.Fprintln(w, "A quick run on small texts: it shows that the comparison works; its figures mean little.")
	}
	fmt.Fprintln(w)
	for _, t := range r.Corpus {
		item(w, markdown, fmt.Sprintf("%s: %d bytes, %s", t.Kind, t.Bytes, t.Source))
	}
	for _, s := range r.Notes {
		item(w, markdown, s)
	}
	for _, s := range r.Skipped {
		item(w, markdown, "skipped: "+s)
	}
	for _, t := range r.Tables {
		t.write(w, markdown)
	}
	fmt.Fprintf(w, "\nMeasured in %.0f seconds.\n", r.Seconds)
	return w.Flush()
}

func item(w io.Writer, markdown bool, s string) {
	if markdown {
		s = "- " + s
	}
	fmt.Fprintln(w, s)
}

func (t *table) write(w io.Writer, markdown bool) {
	title := t.Title
	if t.Unit != "" {
		title += ", " + t.Unit
	}
	lines := [][]string{append([]string{""}, t.Columns...)}
	for _, r := range t.Rows {
		line := []string{r.Label}
		for i := range r.Cells {
			line = append(line, r.Cells[i].string(!markdown))
		}
		for len(line) < len(lines[0]) {
			line = append(line, "–")
		}
		lines = append(lines, line)
	}
	if markdown {
		fmt.Fprintf(w, "\n**%s**\n\n", title)
		writeMarkdown(w, lines)
	} else {
		fmt.Fprintf(w, "\n%s\n", title)
		writeColumns(w, lines)
	}
	if t.Note != "" {
		fmt.Fprintf(w, "\n%s\n", t.Note)
	}
}

func writeMarkdown(w io.Writer, lines [][]string) {
	for i, line := range lines {
		fmt.Fprintf(w, "| %s |\n", strings.Join(line, " | "))
		if i == 0 {
			fmt.Fprintf(w, "|---|%s\n", strings.Repeat("---:|", len(line)-1))
		}
	}
}

func writeColumns(w io.Writer, lines [][]string) {
	width := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, s := range line {
			width[i] = max(width[i], utf8.RuneCountInString(s))
		}
	}
	for _, line := range lines {
		var buf bytes.Buffer
		for i, s := range line {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(s))
			if i == 0 {
				buf.WriteString("  " + s + pad)
			} else {
				buf.WriteString("  " + pad + s)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(buf.String(), " "))
	}
}

func (r *report) writeJSON(name string) error {
	doc, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(doc, '\n'), 0o644)
}
