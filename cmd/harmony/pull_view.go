package main

import (
	"bufio"
	"fmt"
	"strings"
	"time"

	"github.com/harmony-go/sdk/internal/hub"
)

// pulled is the --json form of "harmony pull".
type pulled struct {
	Repo     string       `json:"repo"`
	Revision string       `json:"revision"`
	Commit   string       `json:"commit,omitempty"`
	Path     string       `json:"path,omitempty"` // for --model; nothing with --dry-run
	Files    []pulledFile `json:"files,omitempty"`
	Bytes    int64        `json:"bytes"`
	Fetched  int64        `json:"fetched_bytes"`
}

type pulledFile struct {
	Path   string `json:"path"`
	Size   int64  `json:"bytes"`
	SHA256 string `json:"sha256,omitempty"` // of large files
	There  bool   `json:"there"`            // before this command
}

// printPulled prints what goes to standard output.
func printPulled(w *bufio.Writer, out *pulled, f *pullFlags) error {
	switch {
	case f.json:
		return writeJSON(w, out)
	case !f.dryRun:
		_, err := fmt.Fprintln(w, out.Path)
		return err
	}
	for _, file := range out.Files {
		note := ""
		if file.There {
			note = "  (there)"
		}
		fmt.Fprintf(w, "%10s  %s%s\n", bytesText(file.Size), printable(file.Path), note)
	}
	return nil
}

// pullView tells people how far it is: a terminal in one line that moves, anything else in a line for each file.
type pullView struct {
	x       *session
	meter   *meter
	started time.Time
	last    time.Time // of a line where there is no terminal
	state   hub.State
	file    string
	before  int64 // bytes fetched before the file that is worked at
}

// line writes a line of its own to standard error.
func (v *pullView) line(format string, args ...any) {
	v.meter.clear()
	fmt.Fprintf(v.x.stderr, format+"\n", args...)
}

// headline says what there is, and how much is to come.
func (v *pullView) headline(l *hub.Listing, out *pulled, need int64) {
	v.line("%s at commit %.12s: %s, %s, of which %s to come", l.Repo, l.Commit, plural(len(out.Files), "file"), bytesText(out.Bytes), bytesText(need))
	v.started = time.Now()
	v.last = v.started
}

// waiting is a hub.Client.Waiting.
func (v *pullView) waiting(why error, d time.Duration) {
	v.line("%s; again in %v", printable(why.Error()), d.Round(100*time.Millisecond))
}

// plainPause is how often a line tells of a long file where there is no terminal.
const plainPause = 30 * time.Second

// progress is a hub.PullOptions.Progress.
func (v *pullView) progress(p hub.Progress) {
	if p.File != v.file {
		v.file, v.state = p.File, hub.Finished
	}
	if v.meter.to == nil {
		v.plain(p)
	} else if v.meter.due(p.State != v.state) {
		v.meter.write(v.text(p))
	}
	v.state = p.State
	if p.State == hub.Finished {
		v.before = p.Fetched
	}
}

// plain writes lines for a log.
func (v *pullView) plain(p hub.Progress) {
	switch now := time.Now(); {
	case p.State == hub.Finished && p.Fetched > v.before:
		v.line("fetched %s, %s", printable(p.File), bytesText(p.FileTotal))
	case p.State == hub.Waiting && v.state != hub.Waiting:
		v.line("%s", v.text(p))
	case p.State == hub.Fetching && now.Sub(v.last) >= plainPause:
		v.last = now
		v.line("%s", v.text(p))
	}
}

// text tells how far it is.
func (v *pullView) text(p hub.Progress) string {
	name := printable(p.File)
	switch p.State {
	case hub.Waiting:
		return name + ": another process fetches it, waiting"
	case hub.Checking:
		return fmt.Sprintf("checking %s: %3d %%", name, p.FileDone*100/max(p.FileTotal, 1))
	}
	text := fmt.Sprintf("%3d %%, %s of %s", p.Done*100/max(p.Total, 1), bytesText(p.Done), bytesText(p.Total))
	if v.meter.to != nil && columns(v.meter.to) >= barColumns {
		text = bar(p.Done, p.Total) + text
	}
	if passed := time.Since(v.started).Seconds(); passed > 2 && p.Fetched > 0 {
		speed := float64(p.Fetched) / passed
		text += fmt.Sprintf(", %s/s, %s left", bytesText(int64(speed)), durationText(float64(p.Total-p.Done)/speed))
	}
	return text + ": " + name
}

// barColumns is how wide a terminal must be for a bar beside the figures.
const barColumns = 76

// bar draws how much of all is done.
func bar(done, total int64) string {
	const cells = 20
	full := int(done * cells / max(total, 1))
	return strings.Repeat("█", full) + strings.Repeat("░", cells-full)
}

// durationText writes seconds for people.
func durationText(seconds float64) string {
	switch {
	case seconds < 90:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 90*60:
		return fmt.Sprintf("%.0f min", seconds/60)
	}
	return fmt.Sprintf("%.1f h", seconds/3600)
}
