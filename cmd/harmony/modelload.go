package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/harmony-go/sdk/decoder"
)

// newModelFlags returns a flag set with the flags that the commands over checkpoints share.
func newModelFlags(name string) (*flag.FlagSet, *options) {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // parseFlags reports
	o := &options{color: choice{value: "auto", of: []string{"auto", "always", "never"}}, width: -1, workers: 1}
	fs.Var(&o.color, "color", "")
	fs.IntVar(&o.width, "width", o.width, "")
	fs.BoolVar(&o.json, "json", false, "")
	return fs, o
}

// openCheckpoint opens a checkpoint, which may be in the cache of "harmony pull"; a terminal is told how far packing is.
func (x *session) openCheckpoint(path string, opts decoder.Options) (*decoder.Model, error) {
	path, err := findModel(path)
	if err != nil {
		return nil, err
	}
	m := x.newMeter("packing " + printable(path))
	defer m.clear()
	opts.Progress = m.bytes
	model, err := decoder.Open(path, &opts)
	if err != nil {
		return nil, checkpointError(path, err)
	}
	return model, nil
}

// checkpointError gives an error of package decoder its exit status and a text without the package's name.
func checkpointError(path string, err error) error {
	status := exitNegative
	e, ok := errors.AsType[*decoder.FileError](err)
	if !ok {
		return &exitError{status, errors.New(withoutPackage(err))}
	}
	if e.File == path && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
		status = exitUsage // there is nothing that could be wrong in itself
	}
	short := *e
	if p, ok := errors.AsType[*fs.PathError](e.Err); ok {
		short.Err = p.Err // without the path, which stands there already
	}
	if errors.Is(err, fs.ErrNotExist) {
		short.Err = errors.New("no such file or directory") // whatever the system calls it
	}
	return &exitError{status, errors.New(withoutPackage(&short))}
}

// meter shows on a terminal how far something is, in one line of standard error that is written over. Where standard error is
// no terminal it shows nothing.
type meter struct {
	to    *os.File // nil: no terminal
	what  string
	last  time.Time
	width int // of the text that is there
}

// newMeter returns a meter for what is done.
func (x *session) newMeter(what string) *meter {
	m := &meter{what: what}
	if isTerminal(x.stderr) {
		m.to = x.stderr
	}
	return m
}

// meterPause is how long a line stays at least: more often than people read would only cost time.
const meterPause = 100 * time.Millisecond

// bytes shows how many bytes of all are done. It is a decoder.Options.Progress.
func (m *meter) bytes(done, total int64) error {
	if m.due(done == total) {
		m.write(fmt.Sprintf("%s: %3d %%, %s of %s", m.what, done*100/max(total, 1), bytesText(done), bytesText(total)))
	}
	return nil
}

// tokens shows how many tokens of all are done.
func (m *meter) tokens(done, total int) {
	if m.due(done == total) {
		m.write(fmt.Sprintf("%s: %s of %s", m.what, grouped(done), plural(total, "token")))
	}
}

// begin says what is done from now on.
func (m *meter) begin(what string) {
	m.what = what
	if m.due(true) {
		m.write(what)
	}
}

// due reports whether a line shall be written; always is for those that stand for long.
func (m *meter) due(always bool) bool {
	now := time.Now()
	if m.to == nil || !always && now.Sub(m.last) < meterPause {
		return false
	}
	m.last = now
	return true
}

// write puts a line in the place of the one before.
func (m *meter) write(text string) {
	if w := columns(m.to); w > 0 {
		text = cutWidth(text, w-1)
	}
	w := textWidth(text)
	fmt.Fprint(m.to, "\r", text, strings.Repeat(" ", max(m.width-w, 0)))
	m.width = w
}

// clear takes the line away.
func (m *meter) clear() {
	if m.to != nil && m.width > 0 {
		fmt.Fprint(m.to, "\r", strings.Repeat(" ", m.width), "\r")
		m.width = 0
	}
}

// bytesText writes a number of bytes with three digits, in units of thousands.
func bytesText(n int64) string {
	if n < 1000 {
		return plural(int(n), "byte")
	}
	v, unit := float64(n), 0
	for v >= 999.5 && unit < 4 {
		v, unit = v/1000, unit+1
	}
	digits := 0
	for t := v; t < 99.95 && digits < 2; t *= 10 {
		digits++
	}
	return fmt.Sprintf("%.*f %s", digits, v, []string{"bytes", "kB", "MB", "GB", "TB"}[unit])
}

// table lays out cells in columns, each as wide as it needs.
type table struct {
	align string // for each column: l or r
	rows  [][]string
}

// add adds a row.
func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the rows, the first, which names the columns, faintly.
func (t *table) print(s *screen) {
	widths := make([]int, len(t.align))
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], textWidth(cell))
		}
	}
	for n, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", widths[i]-textWidth(cell))
			line.WriteString("  ")
			if t.align[i] == 'r' {
				line.WriteString(gap + cell)
			} else {
				line.WriteString(cell + gap)
			}
		}
		i := plain
		if n == 0 {
			i = faint
		}
		s.printf("%s\n", s.paint(i, strings.TrimRight(line.String(), " ")))
	}
}
