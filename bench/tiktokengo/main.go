// Command tiktokengo runs github.com/pkoukk/tiktoken-go for the benchmark: o200k_base, whose
// ordinary tokens are those of o200k_harmony, from the vocabulary file of tiktoken-go-loader.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"

	"github.com/pkoukk/tiktoken-go"
	loader "github.com/pkoukk/tiktoken-go-loader"

	"github.com/harmony-go/sdk/bench/internal/worker"
)

func main() {
	runtime.GOMAXPROCS(1)
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var t *tiktoken.Tiktoken
	load := func() (err error) {
		tiktoken.SetBpeLoader(loader.NewOfflineLoader())
		t, err = tiktoken.GetEncoding("o200k_base")
		return err
	}
	if len(os.Args) > 1 && os.Args[1] == "first" {
		if err := load(); err != nil {
			return err
		}
		if n := len(t.EncodeOrdinary("hello world")); n != 2 {
			return fmt.Errorf("%d tokens", n)
		}
		return json.NewEncoder(os.Stdout).Encode(worker.Reply{Memory: worker.PeakMemory()})
	}
	p := worker.Program{Name: "tiktoken-go v0.1.8 (Go)", Load: load, Tasks: map[string]*worker.Task{
		"encode": encode(&t), "decode": decode(&t),
	}}
	return p.Serve(os.Stdin, os.Stdout)
}

func encode(t **tiktoken.Tiktoken) *worker.Task {
	var text string
	var toks []int
	return &worker.Task{
		Prepare: func(in string) error {
			data, err := os.ReadFile(in)
			text = string(data)
			return err
		},
		Run:    func() error { toks = (*t).EncodeOrdinary(text); return nil },
		Result: func() ([]byte, error) { return worker.TokenBytes(toks), nil },
	}
}

func decode(t **tiktoken.Tiktoken) *worker.Task {
	var toks []int
	var text string
	return &worker.Task{
		Prepare: func(in string) (err error) { toks, err = worker.ReadTokens[int](in); return err },
		Run:     func() error { text = (*t).Decode(toks); return nil },
		Result:  func() ([]byte, error) { return []byte(text), nil },
	}
}
