// Command bench measures this module beside the libraries people use today, in one run, and
// prints the figures side by side:
//
//	go run ./bench
//
// It installs the pinned Python peers into bench/.venv, builds the Rust peers from the crate
// registry into bench/target, and skips what cannot be had (no python3, no cargo) with a message.
// Every result is checked before it is timed: tokens, bytes and messages must be equal, and a peer
// whose result differs gets no figure. Then the peers take turns, A B C A B C …, each in one process of
// its own on one thread; what is printed is the median over the rounds of CPU time, with the
// smallest and largest, and the median of the rounds' ratios to this module.
//
// Without -corpus the texts come from what every machine with Go has, and the output says which.
//
// # Measured programs
//
// A measured program reads requests from standard input, one JSON object a line, and answers each
// with one line:
//
//	{"do":"load"}                                              → {"name":"…","note":"…"}
//	{"do":"check","task":"encode","in":FILE,"out":FILE}        → {}
//	{"do":"time","task":"encode","in":FILE,"passes":3}         → {"cpu_ns":123}
//
// A failure is {"error":"…"}. Token files hold little-endian 32-bit ids. With the argument "first"
// it loads, encodes two words, and prints {"memory":BYTES}. The tasks are: encode, encode-append, decode, parse, parse-delta,
// parse-text-so-far, render-struct, render-append, render-json, render-object. The flag -add
// measures any other program that speaks these lines.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

type options struct {
	corpus   string
	json     string
	markdown bool
	quick    bool
	rounds   int
	pass     time.Duration // how long a peer runs in one round at least
	only     string
	without  string
	venv     string
	add      listFlag
}

// listFlag is a flag that may be given more than once.
type listFlag []string

func (l *listFlag) String() string     { return strings.Join(*l, ",") }
func (l *listFlag) Set(s string) error { *l = append(*l, s); return nil }

func main() {
	var o options
	flag.StringVar(&o.corpus, "corpus", "", "`folder` with english.txt, code.txt, multilingual.txt and json.txt")
	flag.StringVar(&o.json, "json", "", "also write the figures to this `file`")
	flag.BoolVar(&o.markdown, "markdown", false, "print Markdown tables")
	flag.BoolVar(&o.quick, "quick", false, "small texts and few rounds: to see that it works, not to quote")
	flag.IntVar(&o.rounds, "rounds", 7, "`number` of rounds")
	flag.StringVar(&o.only, "only", "", "sections to run, of "+sectionNames()+" (all when empty)")
	flag.StringVar(&o.without, "without", "", "peers to leave out, of "+peerIDs())
	flag.StringVar(&o.venv, "venv", "", "`folder` of the Python environment (bench/.venv when empty)")
	flag.Var(&o.add, "add", "`ID=COMMAND`: measure one more program (may be given more than once)")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "bench: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	o.pass = 100 * time.Millisecond
	if o.quick {
		o.rounds, o.pass = min(o.rounds, 3), 5*time.Millisecond
	}
	if err := run(&o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errWrong = errors.New("a result of this module differs from its peers': see above")

func run(o *options, out io.Writer) error {
	b := &bench{options: o, log: os.Stderr}
	defer b.close()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() { <-interrupted; b.close(); os.Exit(1) }()

	if err := b.setUp(); err != nil {
		return err
	}
	start := time.Now()
	for _, s := range sections {
		if !selected(o.only, s.name) {
			continue
		}
		b.logf("%s …", s.name)
		if err := s.run(b); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	b.report.Seconds = time.Since(start).Seconds()
	b.finishReport()
	if err := b.report.write(out, o.markdown); err != nil {
		return err
	}
	if o.json != "" {
		if err := b.report.writeJSON(o.json); err != nil {
			return err
		}
	}
	if b.wrong {
		return errWrong
	}
	return nil
}

// selected reports whether a comma-separated list names s; the empty list names everything.
func selected(list, s string) bool { return list == "" || named(list, s) }

func named(list, s string) bool {
	for _, item := range strings.Split(list, ",") {
		if strings.TrimSpace(item) == s {
			return true
		}
	}
	return false
}
