package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
)

// errHelp says that the usage text was asked for.
var errHelp = errors.New("help requested")

// options are the flags that every subcommand has.
type options struct {
	color   choice
	width   int
	json    bool
	jsonl   bool
	maxLine size
	workers int
}

// newFlags returns a flag set with the flags that render, parse and tokens share.
func newFlags(name string) (*flag.FlagSet, *options) {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // parseFlags reports
	o := &options{
		color:   choice{value: "auto", of: []string{"auto", "always", "never"}},
		width:   -1,
		maxLine: 64 << 20,
		workers: runtime.GOMAXPROCS(0),
	}
	fs.Var(&o.color, "color", "")
	fs.IntVar(&o.width, "width", o.width, "")
	fs.BoolVar(&o.json, "json", false, "")
	fs.BoolVar(&o.jsonl, "jsonl", false, "")
	fs.Var(&o.maxLine, "max-line", "")
	fs.IntVar(&o.workers, "workers", o.workers, "")
	return fs, o
}

// parseFlags reads flags and operands in any order; "--" ends the flags. It returns the operands.
func parseFlags(fs *flag.FlagSet, args []string) ([]string, error) {
	var operands []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, flagError(fs, err)
		}
		rest := fs.Args()
		if taken := len(args) - len(rest); taken > 0 && args[taken-1] == "--" {
			return append(operands, rest...), nil
		}
		if len(rest) == 0 {
			return operands, nil
		}
		operands, args = append(operands, rest[0]), rest[1:]
	}
}

// readFlags is parseFlags for flags that check themselves.
func readFlags(fs *flag.FlagSet, f interface{ check() error }, args []string) ([]string, error) {
	operands, err := parseFlags(fs, args)
	if err != nil {
		return nil, err
	}
	return operands, f.check()
}

// flagError turns package flag's error into one in the words of the usage texts, with the nearest flag.
func flagError(fs *flag.FlagSet, err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return errHelp
	}
	name, found := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !found {
		text := strings.ReplaceAll(err.Error(), "flag -", "flag --")
		return usageErrorf("%s", strings.Replace(text, ": parse error", ": want a number", 1))
	}
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, "--"+f.Name) })
	return usageErrorf("unknown flag --%s%s", name, suggest("--"+name, names))
}

// begin reads the flags of render, parse or tokens and returns the operands. Where --jsonl is among them, it runs that form
// with the handlers that newHandler makes, and done is true.
func (x *session) begin(fs *flag.FlagSet, o *options, args []string, newHandler func() handler) (operands []string, done bool, err error) {
	if operands, err = readFlags(fs, o, args); err != nil {
		return nil, false, err
	}
	if !o.jsonl {
		return operands, false, nil
	}
	if err := onlyFilterFlags(fs); err != nil {
		return nil, false, err
	}
	return nil, true, x.jsonl(operands, o, newHandler)
}

// check refuses values that no subcommand can use.
func (o *options) check() error {
	switch {
	case o.json && o.jsonl:
		return usageErrorf("--json and --jsonl exclude each other")
	case o.workers < 1:
		return usageErrorf("--workers %d: want at least 1", o.workers)
	case o.width < -1:
		return usageErrorf("--width %d: want a number of columns, or 0 for no line breaks", o.width)
	}
	return nil
}

// choice is a flag that takes one of a few words.
type choice struct {
	value string
	of    []string
}

func (c *choice) String() string { return c.value }

func (c *choice) Set(s string) error {
	for _, w := range c.of {
		if s == w {
			c.value = s
			return nil
		}
	}
	return fmt.Errorf("want %s%s", oneOf(c.of), suggest(s, c.of))
}

// oneOf lists words as "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// size is a flag that takes a number of bytes: 65536, 64K, 64M, 1G.
type size int64

func (s *size) String() string {
	v := int64(*s)
	for i, unit := range []string{"G", "M", "K"} {
		if n := int64(1) << (30 - 10*i); v >= n && v%n == 0 {
			return strconv.FormatInt(v/n, 10) + unit
		}
	}
	return strconv.FormatInt(v, 10)
}

func (s *size) Set(text string) error {
	digits, shift := strings.ToUpper(text), 0
	for i, unit := range []string{"K", "M", "G"} {
		if d, ok := strings.CutSuffix(digits, unit); ok {
			digits, shift = d, 10*(i+1)
		}
	}
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || v < 1 || v > (64<<30)>>shift {
		return errors.New("want a number of bytes from 1 to 64G, such as 1048576, 64M or 1G")
	}
	*s = size(v << shift)
	return nil
}

// onlyFilterFlags refuses flags beside --jsonl that belong to a single input: each line says what it wants.
func onlyFilterFlags(fs *flag.FlagSet) error {
	var err error
	fs.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "jsonl", "max-line", "workers", "color", "width":
		default:
			if err == nil {
				err = usageErrorf("--%s does not go with --jsonl: each line says what it wants ('harmony help jsonl')", f.Name)
			}
		}
	})
	return err
}
