// Command constrain measures token masks: the time to compile a schema, and for every token of its instances the time of a mask
// and of accepting the token. It runs on schemas of its own, or on a file in the form of MaskBench: one schema a line, with
// instances as o200k_harmony tokens. Times are CPU time of the thread.
//
//	go run ./bench/constrain
//	go run ./bench/constrain -data maskbench.jsonl.gz
//
// peers.py beside it runs it together with its peers.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/harmony-go/sdk/bench/internal/worker"
)

// flags are what the command line says.
type flags struct {
	data, options, out, masks, export string
	invalid, verbose                  bool
	slow                              time.Duration
}

func main() {
	f, err := parse(os.Args[1:], os.Stderr)
	if err == nil {
		err = run(f, os.Stdout)
	}
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "constrain:", err)
		os.Exit(1)
	}
}

func parse(args []string, errs io.Writer) (*flags, error) {
	var f flags
	s := flag.NewFlagSet("constrain", flag.ContinueOnError)
	s.SetOutput(errs)
	s.StringVar(&f.data, "data", "", "MaskBench `file`, JSON Lines, gzipped if its name ends in .gz (schemas of our own when empty)")
	s.StringVar(&f.options, "options", "default", "default, unknown (ignores unknown keywords) or narrow (accepts about what peers do)")
	s.BoolVar(&f.invalid, "invalid", true, "walk invalid instances, too")
	s.DurationVar(&f.slow, "slow", 0, "list masks that take longer")
	s.BoolVar(&f.verbose, "v", false, "list refused schemas and wrong answers")
	s.StringVar(&f.out, "out", "", "write every figure to this `file`")
	s.StringVar(&f.masks, "masks", "", "write masks to this `file`, and measure nothing")
	s.StringVar(&f.export, "export", "", "write the data with its tokens to this `file`, and measure nothing")
	if err := s.Parse(args); err != nil {
		return nil, err
	}
	if s.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", s.Arg(0))
	}
	if _, ok := settings[f.options]; !ok {
		return nil, fmt.Errorf("-options: expected default, unknown or narrow, found %q", f.options)
	}
	return &f, nil
}

func run(f *flags, out io.Writer) error {
	if f.export != "" || f.masks != "" {
		return write(f)
	}
	runtime.LockOSThread()
	first := setUp() // before anything else takes memory
	rows, err := load(f.data)
	if err != nil {
		return err
	}
	set := settings[f.options]
	first.Settings = set.about
	fmt.Fprintf(out, "vocabulary: %v CPU, %d MB; a reading of the clock, which every figure contains: %v\n",
		time.Duration(first.Setup), first.SetupMemory>>20, time.Duration(first.Clock))
	m := newMeter(set.options, out)
	m.invalid, m.slow = f.invalid, f.slow
	results := make([]result, 0, len(rows))
	for i := range rows {
		results = append(results, m.run(&rows[i]))
	}
	if f.verbose {
		list(out, rows, results)
	}
	collect(rows, results).print(out)
	if f.out == "" {
		return nil
	}
	last := &ending{PeakMemory: worker.PeakMemory(), Thread: threadTime(), Process: processTime()}
	return create(f.out, func(w io.Writer) error { return writeResults(w, first, results, last) })
}

// write writes what other programs ask for.
func write(f *flags) error {
	rows, err := load(f.data)
	if err != nil {
		return err
	}
	if f.export != "" {
		if err := create(f.export, func(w io.Writer) error { return export(w, rows) }); err != nil {
			return err
		}
	}
	if f.masks == "" {
		return nil
	}
	return create(f.masks, func(w io.Writer) error { return writeMasks(w, rows, settings[f.options].options) })
}

func create(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
