package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestScripts runs the sessions in testdata/script. Each is a text archive: what stands before the first "-- NAME --" line is
// comment; "run" is a command line, to which the sections behind it belong: stdin, env, stdout, stderr, status. Any
// other section is a file that is there before the first command. A section that is left out is empty, status is
// 0. A name that ends in "-quoted" has a Go string as its content, for bytes that a text file cannot hold. examples/ is the
// repository's, checkpoint/ has what writeCheckpoints knows. "go test -update" writes stdout, stderr and status anew.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d scripts found (%v), want at least 10", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			comment, sections := readArchive(string(data))
			runScript(t, sections)
			if *update {
				if err := os.WriteFile(file, []byte(writeArchive(comment, sections)), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// section is one part of an archive.
type section struct{ name, body string }

// readArchive reads an archive.
func readArchive(text string) (comment string, sections []*section) {
	var last *section
	for line := range strings.Lines(text) {
		name, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "-- ")
		name, closed := strings.CutSuffix(name, " --")
		switch {
		case ok && closed:
			last = &section{name: name}
			sections = append(sections, last)
		case last == nil:
			comment += line
		default:
			last.body += line
		}
	}
	return comment, sections
}

// writeArchive is the inverse of readArchive.
func writeArchive(comment string, sections []*section) string {
	var b strings.Builder
	b.WriteString(comment)
	for _, s := range sections {
		if s.body != "" || s.name == "run" {
			fmt.Fprintf(&b, "-- %s --\n%s", s.name, s.body)
		}
	}
	return b.String()
}

// content returns what a section stands for.
func (s *section) content(t *testing.T) (name, content string) {
	name, quoted := strings.CutSuffix(s.name, "-quoted")
	if !quoted {
		return name, s.body
	}
	content, err := strconv.Unquote(strings.TrimSpace(s.body))
	if err != nil {
		t.Fatalf("section %s is not a Go string: %v", s.name, err)
	}
	return name, content
}

// step is a command and what it should leave.
type step struct {
	line, stdin string
	env         []string
	want        outcome
	run         *section
}

// runScript runs the steps of a script.
func runScript(t *testing.T, sections []*section) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS("../../examples")); err != nil {
		t.Fatal(err)
	}
	writeCheckpoints(t, dir, sections)
	for _, s := range readSteps(t, dir, sections) {
		args := splitCommand(t, s.line)
		if args[0] != "harmony" {
			t.Fatalf("%q is no command, want harmony", args[0])
		}
		c := harmonyCommand(dir, s.env, args[1:]...)
		c.Stdin = strings.NewReader(s.stdin)
		got := finish(t, c)
		got.memory = 0
		if *update {
			s.run.body = s.line + "\n" // what follows it is written behind the inputs
			record(s.run, &got, sections)
			continue
		}
		if got.stdout != s.want.stdout {
			t.Errorf("$ %s\nstdout:\n%s\nwant:\n%s", s.line, got.stdout, s.want.stdout)
		}
		if got.stderr != s.want.stderr {
			t.Errorf("$ %s\nstderr:\n%s\nwant:\n%s", s.line, got.stderr, s.want.stderr)
		}
		if got.status != s.want.status {
			t.Errorf("$ %s\nexit status %d, want %d", s.line, got.status, s.want.status)
		}
	}
}

// readSteps returns the steps of a script and writes its files into dir.
func readSteps(t *testing.T, dir string, sections []*section) []*step {
	var steps []*step
	for _, s := range sections {
		name, content := s.content(t)
		if name == "run" {
			steps = append(steps, &step{line: strings.TrimSpace(content), run: s})
			continue
		}
		isFile := false
		if n := len(steps); n > 0 {
			last := steps[n-1]
			switch name {
			case "stdin":
				last.stdin = content
			case "env":
				last.env = strings.Fields(content)
			case "stdout":
				last.want.stdout = content
			case "stderr":
				last.want.stderr = content
			case "status":
				last.want.status, _ = strconv.Atoi(strings.TrimSpace(content))
			default:
				isFile = true
			}
		} else {
			isFile = true
		}
		if isFile {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(steps) == 0 {
		t.Fatal("no command in this script")
	}
	return steps
}

// record puts an outcome into the sections behind run.
func record(run *section, got *outcome, sections []*section) {
	status := ""
	if got.status != 0 {
		status = fmt.Sprintf("%d\n", got.status)
	}
	var outputs string
	for _, o := range []section{{"stdout", got.stdout}, {"stderr", got.stderr}, {"status", status}} {
		if o.body == "" {
			continue
		}
		if !utf8.ValidString(o.body) || !strings.HasSuffix(o.body, "\n") || strings.Contains("\n"+o.body, "\n-- ") ||
			strings.ContainsAny(o.body, "\x00\x1b\r") {
			o = section{o.name + "-quoted", strconv.Quote(o.body) + "\n"}
		}
		outputs += fmt.Sprintf("-- %s --\n%s", o.name, o.body)
	}
	last, after := run, false
	for _, s := range sections {
		if s == run {
			after = true
			continue
		}
		if !after {
			continue
		}
		name := strings.TrimSuffix(s.name, "-quoted")
		if name == "run" {
			break
		}
		switch name {
		case "stdout", "stderr", "status":
			s.body = "" // dropped by writeArchive
		default:
			last = s
		}
	}
	last.body += outputs
}

// splitCommand splits a command line at spaces; '…' keeps them.
func splitCommand(t *testing.T, line string) []string {
	var words []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimLeft(line, " ") {
		if rest, ok := strings.CutPrefix(line, "'"); ok {
			word, after, closed := strings.Cut(rest, "'")
			if !closed {
				t.Fatalf("no closing quote in %s", line)
			}
			words, line = append(words, word), after
			continue
		}
		word, after, _ := strings.Cut(line, " ")
		words, line = append(words, word), after
	}
	return words
}
