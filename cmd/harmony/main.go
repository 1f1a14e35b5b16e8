// Command harmony renders conversations to Harmony tokens, parses tokens or text back into messages, counts
// tokens and shows what a model sees of a schema, offline. It only connects the packages of this module: each
// subcommand is one file here.
//
// Run "harmony help" for what it does, and "harmony help jsonl" for the contract of its JSON Lines form.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// The exit statuses of every subcommand.
const (
	exitFine     = 0
	exitNegative = 1 // the input was looked at, and something is wrong with it
	exitUsage    = 2 // wrong usage, or an input that cannot be read
)

// command is one subcommand.
type command struct {
	name    string
	summary string // one line for "harmony help"
	usage   string // the whole of "harmony help NAME"
	run     func(x *session, args []string) error
}

// commands returns the subcommands in the order in which help lists them.
func commands() []command {
	return []command{renderCommand, parseCommand, tokensCommand, schemaCommand, constrainCommand, runCommand, chatCommand, modelCommand, benchCommand, pullCommand, versionCommand}
}

// session is one run of the program: where it reads and writes.
type session struct {
	stdin  *os.File
	stdout *os.File
	stderr *os.File
	cmd    *command // the subcommand that runs
}

// exitError ends the program with a status. A nil err prints nothing: what is wrong has been printed already.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// errUsage marks errors after which the help is worth a look.
var errUsage = errors.New("wrong usage")

// usageError is a command line that cannot be understood.
type usageError struct{ msg string }

func (e *usageError) Error() string   { return e.msg }
func (e *usageError) Is(t error) bool { return t == errUsage }

// usageErrorf returns the error for a command line that cannot be understood.
func usageErrorf(format string, args ...any) error {
	return &exitError{exitUsage, &usageError{fmt.Sprintf(format, args...)}}
}

// errNegative says that the output already tells what is wrong.
var errNegative = &exitError{status: exitNegative}

func main() {
	x := &session{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(x.main(os.Args[1:]))
}

// main runs the subcommand that args name and returns the exit status.
func (x *session) main(args []string) int {
	err := x.dispatch(args)
	if err == nil {
		return exitFine
	}
	if errors.Is(err, syscall.EPIPE) {
		return exitNegative // the reader of our output has gone: nothing to say, and nobody to say it to
	}
	status := exitNegative
	if e, ok := errors.AsType[*exitError](err); ok {
		status = e.status
		if e.err == nil {
			return status
		}
	}
	name := "harmony"
	if x.cmd != nil {
		name += " " + x.cmd.name
	}
	fmt.Fprintf(x.stderr, "%s: %v\n", name, err)
	if errors.Is(err, errUsage) {
		fmt.Fprintf(x.stderr, "Try '%s'.\n", helpFor(x.cmd))
	}
	return status
}

// dispatch finds the subcommand and runs it.
func (x *session) dispatch(args []string) error {
	if len(args) == 0 {
		x.printHelp(x.stderr)
		return &exitError{status: exitUsage}
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		return x.help(args[1:])
	case "-version", "--version":
		args = append([]string{"version"}, args[1:]...)
	}
	for _, c := range commands() {
		if c.name == args[0] {
			x.cmd = &c
			err := c.run(x, args[1:])
			if errors.Is(err, errHelp) {
				_, err = io.WriteString(x.stdout, c.usage)
			}
			return err
		}
	}
	return usageErrorf("unknown command %s%s", quote(args[0]), suggest(args[0], commandNames()))
}

// output calls write with a buffered standard output and flushes it, whatever write returns.
func (x *session) output(write func(w *bufio.Writer) error) error {
	w := bufio.NewWriterSize(x.stdout, 64<<10)
	err := write(w)
	if ferr := w.Flush(); ferr != nil {
		return &exitError{exitUsage, fmt.Errorf("writing the output: %w", ferr)}
	}
	return err
}

// show writes a report: value with --json, otherwise what print makes of it for people.
func (x *session) show(o *options, value any, print func(s *screen)) error {
	return x.output(func(w *bufio.Writer) error {
		if o.json {
			return writeJSON(w, value)
		}
		print(newScreen(w, x.stdout, o))
		return nil
	})
}

// writeJSON writes a value as one line of JSON.
func writeJSON(w *bufio.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(value)
}
