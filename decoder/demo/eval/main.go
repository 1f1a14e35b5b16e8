// Command eval measures what the embedded demonstration model can do, on tools, names and values that its training did not have.
//
//	go run ./decoder/demo/eval                # free: the model's own tokens
//	go run ./decoder/demo/eval -masked        # held to the Harmony grammar of the declared tools
//	go run ./decoder/demo/eval -set default -show
//
// Each case is a turn of an agent: the model reasons, calls, is told the result that the case names, and answers. What it says is compared
// with what the case expects, byte for byte; train/cases.py has written the cases.
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/decoder/demo"
	"github.com/harmony-go/sdk/engine"
)

//go:embed testdata/cases.jsonl
var cases []byte

func main() {
	masked := flag.Bool("masked", false, "hold the model to the grammar of the declared tools")
	set := flag.String("set", "", "only cases of sets with this in their name")
	limit := flag.Int("limit", 0, "at most so many cases of each set (0: all)")
	show := flag.Bool("show", false, "show what went wrong")
	model := flag.String("model", "", "a checkpoint (default: the embedded one)")
	precision := decoder.Float32
	flag.TextVar(&precision, "precision", decoder.Float32, "float32, bfloat16 or int8")
	flag.Parse()
	list, err := readCases(cases)
	if err != nil {
		log.Fatal(err)
	}
	m, err := open(*model, &decoder.Options{Precision: precision})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	t := &tally{engine: engine.Local(m, &engine.LocalOptions{Sequences: 2}), masked: *masked}
	done := map[string]int{}
	began := time.Now()
	for i := range list {
		c := &list[i]
		if !strings.Contains(c.Set, *set) || *limit > 0 && done[c.Set] >= *limit {
			continue
		}
		done[c.Set]++
		o, err := t.play(context.Background(), c)
		if err != nil {
			log.Fatalf("case %d: %v", i, err)
		}
		t.count(c, o)
		if *show && !o.exact {
			fmt.Printf("%s, %s, %s\n  user    %s\n  want    %s %s\n  called  %s\n  reasons %s\n  answers %s\n  want    %s\n", c.Set, c.Ability, c.Effort, c.User, c.Tool, c.Arguments,
				strings.Join(o.calls, " | "), o.reasoning, o.answer, c.Final)
			if o.err != nil {
				fmt.Printf("  error   %v\n", o.err)
			}
		}
	}
	t.print(os.Stdout, time.Since(began))
}

func open(path string, opts *decoder.Options) (*decoder.Model, error) {
	if path == "" {
		return demo.Open(opts)
	}
	return decoder.Open(path, opts)
}
