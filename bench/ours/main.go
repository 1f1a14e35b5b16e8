// Command ours runs this module for the benchmark.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/harmony-go/sdk/bench/internal/worker"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/tokenizer"
)

func main() {
	runtime.GOMAXPROCS(1)
	err := error(nil)
	if len(os.Args) > 1 && os.Args[1] == "first" {
		err = first()
	} else {
		err = serve()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// first encodes two words and says what that took.
func first() error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	toks := tokenizer.O200kHarmony().Encode("hello world")
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if len(toks) != 2 {
		return fmt.Errorf("%d tokens", len(toks))
	}
	r := worker.Reply{
		Memory: worker.PeakMemory(),
		Setup:  took.Nanoseconds(),
		Heap:   int64(after.TotalAlloc - before.TotalAlloc), // garbage included: the heap cannot have been larger
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func serve() error {
	var enc *encoding.Encoding
	p := worker.Program{
		Name: "this module",
		Load: func() error { enc = encoding.GPTOSS(); return nil },
		Tasks: map[string]*worker.Task{
			"encode":            encode(false),
			"encode-append":     encode(true),
			"decode":            decode(false),
			"decode-append":     decode(true),
			"render-struct":     render(&enc, false),
			"render-append":     render(&enc, true),
			"render-json":       renderJSON(&enc),
			"parse":             parse(&enc),
			"parse-text-so-far": parseTextSoFar(&enc),
		},
		Scale: scale,
	}
	return p.Serve(os.Stdin, os.Stdout)
}

func encode(reuse bool) *worker.Task {
	t := tokenizer.O200kHarmony()
	var text string
	var toks []tokenizer.Token
	return &worker.Task{
		Prepare: func(in string) error {
			data, err := os.ReadFile(in)
			text = string(data)
			return err
		},
		Run: func() error {
			if reuse {
				toks = t.AppendEncode(toks[:0], text)
			} else {
				toks = t.Encode(text)
			}
			return nil
		},
		Result: func() ([]byte, error) { return worker.TokenBytes(toks), nil },
	}
}

func decode(reuse bool) *worker.Task {
	t := tokenizer.O200kHarmony()
	var toks []tokenizer.Token
	var text string
	var buf []byte
	return &worker.Task{
		Prepare: func(in string) (err error) {
			toks, err = worker.ReadTokens[tokenizer.Token](in)
			return err
		},
		Run: func() (err error) {
			if reuse {
				buf, err = t.AppendDecode(buf[:0], toks)
			} else {
				text, err = t.Decode(toks)
			}
			return err
		},
		Result: func() ([]byte, error) {
			if reuse {
				return buf, nil
			}
			return []byte(text), nil
		},
	}
}

// scale encodes the text in each of so many goroutines, 5 times, and returns the wall time of one.
func scale(in string, threads int) (int64, error) {
	data, err := os.ReadFile(in)
	if err != nil {
		return 0, err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
	const times = 5
	t, text := tokenizer.O200kHarmony(), string(data)
	dst := make([][]tokenizer.Token, threads)
	for i := range dst {
		dst[i] = make([]tokenizer.Token, 0, len(text))
	}
	start := time.Now()
	var all sync.WaitGroup
	for i := range threads {
		all.Go(func() {
			for range times {
				dst[i] = t.AppendEncode(dst[i][:0], text)
			}
		})
	}
	all.Wait()
	return time.Since(start).Nanoseconds() / times, nil
}
