package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/harmony-go/sdk/bench/internal/worker"
)

// A peer is one measured program: this module's, or another library's.
type peer struct {
	id      string   // as in -without
	command []string // what runs it
	env     []string
	name    string // title with version, as the program gives it
	note    string

	cmd     *exec.Cmd
	stdin   io.WriteCloser
	replies chan reply // the reader's, closed when the program ends
	broken  error      // set when it had to be killed; it is started again at the next request
}

type reply struct {
	worker.Reply
	err error
}

var errTooSlow = errors.New("too slow")

// start runs the program and loads its vocabulary.
func (p *peer) start() error {
	p.cmd = exec.Command(p.command[0], p.command[1:]...)
	p.cmd.Env = append(os.Environ(), p.env...)
	p.cmd.Stderr = nil // a peer's panic message; the reply says that it panicked
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err = p.cmd.Start(); err != nil {
		return err
	}
	p.stdin, p.replies, p.broken = stdin, make(chan reply, 1), nil
	go read(stdout, p.replies)
	r, err := p.ask(worker.Request{Do: "load"}, time.Minute)
	if err != nil {
		p.stop()
		return err
	}
	p.name, p.note = r.Name, r.Note
	return nil
}

func read(from io.Reader, to chan<- reply) {
	defer close(to)
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var r reply
		r.err = json.Unmarshal(line, &r.Reply)
		to <- r
	}
}

// ask sends a request and waits for its reply. A program that does not answer in time is killed.
func (p *peer) ask(req worker.Request, limit time.Duration) (worker.Reply, error) {
	if p.broken != nil {
		if err := p.start(); err != nil {
			return worker.Reply{}, err
		}
	}
	line, err := json.Marshal(req)
	if err != nil {
		return worker.Reply{}, err
	}
	if _, err = p.stdin.Write(append(line, '\n')); err != nil {
		return worker.Reply{}, p.breakOff(err)
	}
	select {
	case r, ok := <-p.replies:
		if !ok {
			return worker.Reply{}, p.breakOff(errors.New("the program ended"))
		}
		if r.err == nil && r.Error != "" {
			r.err = errors.New(r.Error)
		}
		return r.Reply, r.err
	case <-time.After(limit):
		return worker.Reply{}, p.breakOff(fmt.Errorf("%w: over %v", errTooSlow, limit))
	}
}

func (p *peer) breakOff(err error) error {
	p.stop()
	p.broken = err
	return err
}

func (p *peer) stop() {
	if p.cmd == nil {
		return
	}
	p.stdin.Close()
	p.cmd.Process.Kill()
	p.cmd.Wait()
	p.cmd = nil
}

// firstUse runs the program once from its start to its first tokens.
func (p *peer) firstUse() (use, error) {
	cmd := exec.Command(p.command[0], append(p.command[1:], "first")...)
	cmd.Env = append(os.Environ(), p.env...)
	return measureProcess(cmd)
}

// use is what one run of a process took.
type use struct {
	cpu, wall time.Duration
	worker.Reply
}

func measureProcess(cmd *exec.Cmd) (use, error) {
	start := time.Now()
	out, err := cmd.Output()
	if err != nil {
		return use{}, err
	}
	u := use{wall: time.Since(start)}
	u.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return u, json.Unmarshal(out, &u.Reply)
}
