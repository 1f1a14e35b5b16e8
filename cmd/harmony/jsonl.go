package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// batchSize is how many bytes of lines go to a worker at once, unless the input pauses before or one line is longer.
const batchSize = 32 << 10

// batch is a run of lines on its way through a worker.
type batch struct {
	first  int    // the number of the first line, from 1
	data   []byte // the lines, one behind the other, without their line breaks
	ends   []int  // where each line ends in data; ^end for a line that was too long to be held
	out    []byte // the answers
	failed bool   // one of them is an error
	done   chan struct{}
}

// filter answers JSON Lines: line n of the output is the answer to line n of the input.
type filter struct {
	in      *bufio.Reader
	out     io.Writer
	maxLine int
	workers int
	handler func() handler // makes one for each worker
	fault   faultWriter    // nil: appendFault
	tickets chan struct{}  // one for each batch that may be in memory
}

// faultWriter appends the answer to a line that cannot be answered.
type faultWriter func(dst []byte, line int, err error) []byte

// jsonl runs the JSON Lines form of a subcommand over the input that operands name.
func (x *session) jsonl(operands []string, o *options, newHandler func() handler) error {
	return x.filter(operands, o, newHandler, nil)
}

// filter is jsonl for a subcommand that answers lines that cannot be answered in a form of its own.
func (x *session) filter(operands []string, o *options, newHandler func() handler, fault faultWriter) error {
	if len(operands) == 0 {
		operands = []string{"-"}
	}
	f, name, err := x.open(operands, "file of JSON Lines")
	if err != nil {
		return err
	}
	defer f.Close()
	fl := &filter{
		in: bufio.NewReaderSize(f, 64<<10), out: x.stdout, maxLine: int(o.maxLine), workers: o.workers,
		handler: newHandler, fault: fault,
	}
	failed, err := fl.run()
	switch {
	case err != nil && errors.As(err, new(*writeError)):
		return &exitError{exitUsage, err}
	case err != nil:
		return inputError(name, err)
	case failed:
		return errNegative
	}
	return nil
}

// writeError is a failure of the output.
type writeError struct{ err error }

func (e *writeError) Error() string { return "writing the output: " + e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

// run answers all lines and reports whether an answer was an error. Batches are read one after the other, worked
// on by all workers, and written in the order in which they were read. What the reader has finished is answered
// even when reading fails after it.
func (fl *filter) run() (failed bool, err error) {
	work := make(chan *batch)
	order := make(chan *batch, 2*fl.workers)
	fl.tickets = make(chan struct{}, fl.workers+1)
	var group sync.WaitGroup
	for range fl.workers {
		group.Go(func() { fl.work(work) })
	}
	var readErr error
	go func() {
		defer close(order)
		defer close(work)
		readErr = fl.read(work, order)
	}()
	for b := range order {
		<-b.done
		failed = failed || b.failed
		if _, err := fl.out.Write(b.out); err != nil {
			return failed, &writeError{err} // the program ends: it does not wait for a reader that waits for input
		}
		<-fl.tickets
	}
	group.Wait()
	return failed, readErr
}

// read cuts the input into batches. A batch ends early when the lines that have
// arrived are used up, so that a program that waits for an answer gets it.
func (fl *filter) read(work, order chan<- *batch) error {
	for line := 1; ; {
		fl.tickets <- struct{}{}
		b := &batch{first: line, done: make(chan struct{})}
		err := fl.fill(b)
		line += len(b.ends)
		if len(b.ends) == 0 {
			<-fl.tickets
		} else {
			order <- b
			work <- b
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// fill reads lines into b.
func (fl *filter) fill(b *batch) error {
	for len(b.data) < batchSize {
		if err := fl.line(b); err != nil {
			return err
		}
		waiting, _ := fl.in.Peek(fl.in.Buffered())
		if bytes.IndexByte(waiting, '\n') < 0 {
			return nil
		}
	}
	return nil
}

// line reads one line into b. A line beyond the limit is read to its end and dropped.
func (fl *filter) line(b *batch) error {
	start := len(b.data)
	long := false
	for {
		part, err := fl.in.ReadSlice('\n')
		ended := err == nil
		if ended {
			part = part[:len(part)-1]
		}
		if long = long || len(b.data)-start+len(part) > fl.maxLine; long {
			b.data = b.data[:start]
		} else {
			b.data = append(b.data, part...)
		}
		switch {
		case ended:
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case len(b.data) == start && !long && len(part) == 0:
			return err // nothing stands after the last line break
		}
		end := len(b.data)
		if long {
			end = ^end
		}
		b.ends = append(b.ends, end)
		if ended {
			return nil
		}
		return err
	}
}

// work answers batches.
func (fl *filter) work(batches <-chan *batch) {
	handle := fl.handler()
	for b := range batches {
		start := 0
		for i, end := range b.ends {
			if end < 0 {
				fl.answer(b, i, nil, fmt.Errorf("a line of more than %d bytes, the limit that --max-line sets", fl.maxLine))
				continue
			}
			out, err := handle(b.out, bytes.TrimSuffix(b.data[start:end], []byte("\r")))
			fl.answer(b, i, out, err)
			start = end
		}
		b.data = nil
		close(b.done)
	}
}

// answer ends the answer to line i of a batch: out is what the handler made of b.out.
func (fl *filter) answer(b *batch, i int, out []byte, err error) {
	if err == nil {
		b.out = append(out, '\n')
		return
	}
	b.failed = true
	if fl.fault == nil {
		b.out = append(appendFault(b.out, err), '\n')
		return
	}
	b.out = append(fl.fault(b.out, b.first+i, err), '\n')
}
