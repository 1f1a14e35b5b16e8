package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// bench is one run of the benchmark.
type bench struct {
	*options
	log     io.Writer
	root    string // of the module
	temp    string
	python  string // of the virtual environment; empty without one
	peers   []*peer
	texts   []text
	wrong   bool // a result of this module differs
	report  report
	closing sync.Once
}

func (b *bench) logf(format string, args ...any) { fmt.Fprintf(b.log, format+"\n", args...) }

func (b *bench) close() {
	b.closing.Do(func() {
		for _, p := range b.peers {
			p.stop()
		}
		os.RemoveAll(b.temp)
	})
}

// peerID names a peer on the command line; how says what it needs.
var known = []struct{ id, how string }{
	{"ours", "go:./bench/ours"},
	{"quicktok-py", "py:quicktok"},
	{"bpe-openai-rs", "rs:bpe"},
	{"bpe-openai-py", "py:bpe"},
	{"tiktoken-py", "py:tiktoken"},
	{"harmony-rs", "rs:harmony"},
	{"harmony-py", "py:harmony"},
	{"tiktoken-go", "go:./bench/tiktokengo"},
}

func peerIDs() string {
	ids := make([]string, 0, len(known))
	for _, k := range known[1:] {
		ids = append(ids, k.id)
	}
	return strings.Join(ids, ", ")
}

// setUp finds or builds everything that is measured, and starts it.
func (b *bench) setUp() (err error) {
	if b.temp, err = os.MkdirTemp("", "harmony-bench-"); err != nil {
		return err
	}
	if b.root, err = output("", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/harmony-go/sdk"); err != nil {
		return err
	}
	vocabulary, err := output(b.root, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/pkoukk/tiktoken-go-loader")
	if err != nil {
		return err
	}
	env := []string{"TIKTOKEN_ENCODINGS_BASE=" + filepath.Join(vocabulary, "assets"), "OMP_NUM_THREADS=1"}
	commands, err := b.commands()
	if err != nil {
		return err
	}
	for _, k := range known {
		if command := commands[k.id]; command != nil {
			b.peers = append(b.peers, &peer{id: k.id, command: command, env: env})
		}
	}
	for _, add := range b.add {
		id, command, ok := strings.Cut(add, "=")
		if !ok {
			return fmt.Errorf("-add wants ID=COMMAND, got %q", add)
		}
		b.peers = append(b.peers, &peer{id: id, command: strings.Fields(command), env: env})
	}
	for _, p := range b.peers {
		if err = p.start(); err != nil {
			return fmt.Errorf("starting %s: %w", p.id, err)
		}
	}
	return b.loadCorpus()
}

// commands returns what runs each peer that can be had.
func (b *bench) commands() (map[string][]string, error) {
	commands := map[string][]string{}
	var rust string
	var triedPython, triedRust bool
	for _, k := range known {
		if named(b.without, k.id) {
			b.report.Skipped = append(b.report.Skipped, k.id+": left out by -without")
			continue
		}
		how, what, _ := strings.Cut(k.how, ":")
		switch how {
		case "go":
			bin := filepath.Join(b.temp, k.id+exe())
			if _, err := output(b.root, "go", "build", "-o", bin, what); err != nil {
				return nil, err
			}
			commands[k.id] = []string{bin}
		case "py":
			if !triedPython {
				triedPython = true
				if err := b.installPython(); err != nil {
					b.skip("Python peers", err)
				}
			}
			if b.python != "" {
				commands[k.id] = []string{b.python, filepath.Join(b.root, "bench/py/peers.py"), what}
			}
		case "rs":
			if !triedRust {
				triedRust = true
				var err error
				if rust, err = b.buildRust(); err != nil {
					b.skip("Rust peers", err)
				}
			}
			if rust != "" {
				commands[k.id] = []string{rust, what}
			}
		}
	}
	return commands, nil
}

func (b *bench) skip(what string, err error) {
	b.logf("%s skipped: %v", what, err)
	b.report.Skipped = append(b.report.Skipped, fmt.Sprintf("%s: %v", what, err))
}

// installPython makes the virtual environment, or brings it to the pinned versions.
func (b *bench) installPython() error {
	python3, err := exec.LookPath("python3")
	if err != nil {
		return errors.New("python3 is not installed")
	}
	if b.venv == "" {
		b.venv = filepath.Join(b.root, "bench", ".venv")
	}
	python := filepath.Join(b.venv, "bin", "python")
	if runtime.GOOS == "windows" {
		python = filepath.Join(b.venv, "Scripts", "python.exe")
	}
	if _, err = os.Stat(python); err != nil {
		b.logf("making %s …", b.venv)
		if _, err = output("", python3, "-m", "venv", b.venv); err != nil {
			return err
		}
	}
	if err = pip(python, filepath.Join(b.root, "bench/py/requirements.txt")); err != nil {
		return err
	}
	b.python = python
	return nil
}

func pip(python, requirements string) error {
	_, err := output("", python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
		"--only-binary", ":all:", "-r", requirements)
	return err
}

// buildRust builds the Rust peers and returns the program.
func (b *bench) buildRust() (string, error) {
	cargo, err := exec.LookPath("cargo")
	if err != nil {
		return "", errors.New("cargo is not installed")
	}
	target := filepath.Join(b.root, "bench", "target")
	b.logf("building the Rust peers (minutes the first time) …")
	_, err = output(b.root, cargo, "build", "--release", "--locked", "--quiet",
		"--manifest-path", filepath.Join(b.root, "bench/rust/Cargo.toml"), "--target-dir", target)
	return filepath.Join(target, "release", "peers"+exe()), err
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// output runs a command in dir and returns what it prints, without the white space around it.
func output(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err == nil {
		return strings.TrimSpace(string(out)), nil
	}
	err = fmt.Errorf("%s %s: %w", filepath.Base(name), strings.Join(args, " "), err)
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		err = fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	return "", err
}
