// Package worker is the side of the benchmark that runs inside a measured program: it reads
// requests from standard input, one JSON object a line, and answers each with one line. The
// measured programs in Python and Rust speak the same lines; see the benchmark's package comment.
package worker

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Request is one line from the benchmark.
type Request struct {
	Do      string `json:"do"`                // "load", "check", "time" or "scale"
	Task    string `json:"task,omitempty"`    // what to run: "encode", "decode", …
	In      string `json:"in,omitempty"`      // the file it runs on
	Out     string `json:"out,omitempty"`     // check: the file the result is written to
	Cuts    []int  `json:"cuts,omitempty"`    // byte offsets at which a program that limits its input may cut it
	Passes  int    `json:"passes,omitempty"`  // time: how many times in a row
	Threads int    `json:"threads,omitempty"` // scale: how many goroutines
}

// Reply is one line to the benchmark.
type Reply struct {
	Error  string `json:"error,omitempty"`
	Name   string `json:"name,omitempty"`     // load: what is measured, with its version
	Note   string `json:"note,omitempty"`     // load: what a reader of the figures must know
	CPU    int64  `json:"cpu_ns,omitempty"`   // time: CPU nanoseconds of all passes
	Wall   int64  `json:"wall_ns,omitempty"`  // scale: wall nanoseconds
	Memory int64  `json:"memory,omitempty"`   // first use: peak resident bytes, where the system says
	Heap   int64  `json:"heap,omitempty"`     // first use, this module: bytes allocated
	Setup  int64  `json:"setup_ns,omitempty"` // first use, this module: nanoseconds
}

// Task is one thing a program can be timed at. Prepare reads the input, outside of what is timed.
// Run does the work once; Result, called after a Run, gives what the check compares.
type Task struct {
	Prepare func(in string) error
	Run     func() error
	Result  func() ([]byte, error)
}

// Program is a measured program.
type Program struct {
	Name  string
	Note  string
	Load  func() error
	Tasks map[string]*Task
	// Scale runs a task in so many goroutines and returns the wall time; nil where there is none.
	Scale func(in string, threads int) (int64, error)

	prepared map[string]string // task → the file it is prepared for
}

// Serve answers requests until standard input ends.
func (p *Program) Serve(in io.Reader, out io.Writer) error {
	p.prepared = map[string]string{}
	lines, enc := bufio.NewReader(in), json.NewEncoder(out)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var req Request
		if err = json.Unmarshal(line, &req); err != nil {
			return fmt.Errorf("worker: reading a request: %w", err)
		}
		reply, err := p.answer(&req)
		if err != nil {
			reply.Error = err.Error()
		}
		if err = enc.Encode(reply); err != nil {
			return err
		}
	}
}

func (p *Program) answer(req *Request) (Reply, error) {
	switch req.Do {
	case "load":
		return Reply{Name: p.Name, Note: p.Note}, p.Load()
	case "check":
		return Reply{}, p.check(req)
	case "time":
		return p.time(req)
	case "scale":
		if p.Scale == nil {
			return Reply{}, errors.New("does not scale")
		}
		wall, err := p.Scale(req.In, req.Threads)
		return Reply{Wall: wall}, err
	}
	return Reply{}, fmt.Errorf("unknown request %q", req.Do)
}

func (p *Program) task(req *Request) (*Task, error) {
	t, ok := p.Tasks[req.Task]
	if !ok {
		return nil, fmt.Errorf("unknown task %q", req.Task)
	}
	if p.prepared[req.Task] != req.In {
		if err := t.Prepare(req.In); err != nil {
			return nil, err
		}
		p.prepared[req.Task] = req.In
	}
	return t, nil
}

func (p *Program) check(req *Request) error {
	t, err := p.task(req)
	if err != nil {
		return err
	}
	if err = t.Run(); err != nil {
		return err
	}
	result, err := t.Result()
	if err != nil {
		return err
	}
	return os.WriteFile(req.Out, result, 0o644)
}

func (p *Program) time(req *Request) (Reply, error) {
	t, err := p.task(req)
	if err != nil {
		return Reply{}, err
	}
	start := CPUTime()
	for range max(req.Passes, 1) {
		if err = t.Run(); err != nil {
			return Reply{}, err
		}
	}
	return Reply{CPU: CPUTime() - start}, nil
}

// ReadTokens reads a file of little-endian 32-bit tokens.
func ReadTokens[T ~uint32 | ~int](name string) ([]T, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	toks := make([]T, len(data)/4)
	for i := range toks {
		toks[i] = T(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return toks, nil
}

// TokenBytes is the inverse of ReadTokens.
func TokenBytes[T ~uint32 | ~int](toks []T) []byte {
	data := make([]byte, 0, 4*len(toks))
	for _, t := range toks {
		data = binary.LittleEndian.AppendUint32(data, uint32(t))
	}
	return data
}
