package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
	"github.com/harmony-go/sdk/tokenizer"
)

const (
	thought = "They say hello so I do too; politely, and\nin two lines."
	answer  = "Hi there! How can one help you today?\n\nAsk anything 🌤️ at all"
)

// talkingModel returns the directory of a checkpoint that thinks and answers as above. It is written once: that takes 250 MB of
// memory, and the tests of what the command takes see their parent's.
func talkingModel(t *testing.T) string {
	t.Helper()
	dir, err := talking()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var talking = sync.OnceValues(func() (string, error) {
	ids := func(text string) (list []uint32) {
		for _, tok := range tokenizer.O200kHarmony().Encode(text) {
			list = append(list, uint32(tok))
		}
		return list
	}
	dir, err := os.MkdirTemp("", "harmony-talking")
	if err != nil {
		return "", err
	}
	atEnd = append(atEnd, func() { os.RemoveAll(dir) })
	err = (&checkpointtest.Script{Thought: ids(thought), Answer: ids(answer)}).WriteOriginal(dir)
	debug.FreeOSMemory()
	return dir, err
})

// measured are the figures of the last line that no run repeats.
var measured = regexp.MustCompile(`\d+ ms|\d+\.\d s\b|\d+\.\d tokens/s`)

// TestRun drives the command with a model that says one thing.
func TestRun(t *testing.T) {
	model := talkingModel(t)
	run := func(t *testing.T, stdin string, args ...string) outcome {
		o := runHarmony(t, stdin, append([]string{"run", "--model", model, "--date", "2026-01-31", "--temperature", "0", "--threads", "1", "--no-tools"}, args...)...)
		o.stderr = measured.ReplaceAllStringFunc(o.stderr, func(s string) string { return regexp.MustCompile(`[\d.]+`).ReplaceAllString(s, "N") })
		return o
	}
	// Tools would make the prompt longer.
	const framed = "reasoning\n  │ They say hello so I do too; politely, and\n  │ in two lines.\n"
	// 69 tokens: system message with date 53, user message 6, opening 2 and the question.
	const figures = "\nprompt 69 tokens, 0 cached  output 43 tokens: 16 analysis, 17 final, 10 framing  first token N ms  N tokens/s  stopped by <|return|>\n"
	for _, test := range []struct {
		name, stdin    string
		args           []string
		stdout, stderr string
		status         int
	}{
		{"the answer alone in a pipe", "", []string{"Hello?"}, answer + "\n", framed + figures, 0},
		{"from standard input", "Hello?\n", nil, answer + "\n", framed + figures, 0},
		{"from standard input, by name", "Hello?", []string{"-"}, answer + "\n", framed + figures, 0},
		{"other precisions", "", []string{"--precision", "int8", "Hello?"}, answer + "\n", framed + figures, 0},
		{"mapped", "", []string{"--hold", "mapped", "--precision", "float32", "Hello?"}, answer + "\n", framed + figures, 0},
		{"quiet", "", []string{"--quiet", "Hello?"}, answer + "\n", "", 0},
		{"several words", "", []string{"--quiet", "--", "Hello", "there?"}, answer + "\n", "", 0},
		{"cut off in the answer", "", []string{"--max-tokens", "30", "Hello?"}, "Hi there! How can\n",
			framed + "\nprompt 69 tokens, 0 cached  output 30 tokens: 16 analysis, 5 final, 9 framing  first token N ms  N tokens/s  cut off by --max-tokens 30\n", 1},
		{"cut off in reasoning", "", []string{"--context", "77", "Hello?"}, "",
			"reasoning\n  │ They say hello so I\n\nprompt 69 tokens, 0 cached  output 8 tokens: 5 analysis, 3 framing  first token N ms  N tokens/s  cut off: no room for more\n", 1},
		{"instructions", "", []string{"--quiet", "--system", "Be polite.", "--effort", "high", "Hello?"}, answer + "\n", "", 0},
		{"raw", "", []string{"--quiet", "--raw", "<|start|>user<|message|>Hi<|end|><|start|>assistant"},
			"<|channel|>analysis<|message|>" + thought + "<|end|><|start|>assistant<|channel|>final<|message|>" + answer + "<|return|>", "", 0},
		{"a prompt that is too long", "", []string{"--context", "50", "Hello?"}, "", "harmony run: the prompt has 69 tokens, --context is 50\n", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := run(t, test.stdin, test.args...)
			if o.stdout != test.stdout {
				t.Errorf("stdout\n%s\nwant\n%s", o.stdout, test.stdout)
			}
			if o.stderr != test.stderr {
				t.Errorf("stderr\n%s\nwant\n%s", o.stderr, test.stderr)
			}
			if o.status != test.status {
				t.Errorf("exit status %d, want %d", o.status, test.status)
			}
		})
	}
}

// TestRunJSON reads the events back: their text is what the model says, and the last line has the figures.
func TestRunJSON(t *testing.T) {
	o := runHarmony(t, "", "run", "--model", talkingModel(t), "--json", "--seed", "7", "--date", "none", "Hello?")
	type line struct {
		Kind, Channel, Text, Stop, Verdict string
		Usage                              map[string]int
		Prompt                             int     `json:"prompt_tokens"`
		Output                             int     `json:"output_tokens"`
		Reason                             string  `json:"stop_reason"`
		First                              float64 `json:"first_token_seconds"`
		Seed                               int
	}
	said, last := map[string]string{}, line{}
	for l := range strings.Lines(o.stdout) {
		last = line{}
		if err := json.Unmarshal([]byte(l), &last); err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		if last.Kind == "delta" {
			said[last.Channel] += last.Text
		}
	}
	if said["analysis"] != thought || said["final"] != answer || len(said) != 2 {
		t.Errorf("the events say %q", said)
	}
	if last.Kind != "done" || last.Verdict != "final" || last.Reason != "token" || last.Stop != "<|return|>" || last.Seed != 7 || last.First <= 0 ||
		last.Output != 43 || last.Usage["analysis"] != 16 || last.Usage["final"] != 17 || last.Prompt < 50 {
		t.Errorf("the last line is %+v", last)
	}
	if o.stderr != "" || o.status != 0 {
		t.Errorf("status %d, stderr %s", o.status, o.stderr)
	}
}

// TestRunSeed: a seed that the last line shows gives the output again; another gives another.
func TestRunSeed(t *testing.T) {
	dir, r := t.TempDir(), checkpointtest.Recipes["v"]
	if err := r.WriteOriginal(dir); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) outcome {
		return runHarmony(t, "", append([]string{"run", "--model", dir, "--max-tokens", "12", "--raw", "--threads", "1"}, append(args, "Hello?")...)...)
	}
	first, second := run(), run()
	if first.stdout == second.stdout {
		t.Errorf("two runs say the same: %q", first.stdout)
	}
	_, seed, found := strings.Cut(strings.TrimSpace(first.stderr), "seed ")
	if !found {
		t.Fatalf("no seed in %q", first.stderr)
	}
	if again := run("--seed", seed); again.stdout != first.stdout {
		t.Errorf("seed %s gives %q, and gave %q", seed, again.stdout, first.stdout)
	}
}

// TestRunInterrupted: an interrupt ends the turn, and what was said stays.
func TestRunInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("processes cannot be sent an interrupt here")
	}
	dir, r := t.TempDir(), checkpointtest.Recipes["v"]
	if err := r.WriteOriginal(dir); err != nil {
		t.Fatal(err)
	}
	c := harmonyCommand("", nil, "run", "--model", dir, "--json", "--threads", "1", "Hello?")
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines, n, last := bufio.NewScanner(stdout), 0, ""
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		if n++; n == 1 { // such a model hardly ever ends by itself, nor begins with a message
			c.Process.Signal(os.Interrupt)
		}
		last = lines.Text()
	}
	c.Wait()
	if n < 2 || !strings.HasPrefix(last, `{"kind":"done"`) || !strings.Contains(last, `"stop_reason":"cancelled"`) || c.ProcessState.ExitCode() != 1 {
		t.Errorf("%d lines, status %d, the last is %s", n, c.ProcessState.ExitCode(), last)
	}
}

// TestRunErrors: what cannot be run, and what may have been meant.
func TestRunErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("empty/README", "")
	write("other/model.gguf", "not one")
	write("broken/config.json", "{")
	small := checkpointtest.Recipes["a"]
	if err := os.Mkdir(filepath.Join(dir, "small"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := small.WriteOriginal(filepath.Join(dir, "small")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		model, want string
		status      int
	}{
		{"none", "none: no such file or directory\n", 2},
		{"empty", "empty: a directory without config.json, so no checkpoint of safetensors; and no .gguf file is in it\n", 1},
		{"other", "  To open the GGUF file in it: --model other/model.gguf\n", 1},
		{"other/model.gguf", "other/model.gguf", 1},
		{"broken", "broken/config.json", 1},
		{"small", "small: its vocabulary has 512 tokens, too few for o200k_harmony: a model of another format\n", 1},
	} {
		c := harmonyCommand(dir, nil, "run", "--model", filepath.FromSlash(test.model), "Hello?")
		o := finish(t, c)
		if want := filepath.FromSlash(test.want); !strings.Contains(o.stderr, want) || !strings.HasPrefix(o.stderr, "harmony run: ") || o.status != test.status || o.stdout != "" {
			t.Errorf("%s: status %d, want %d; stderr %s; want %s", test.model, o.status, test.status, o.stderr, want)
		}
	}
}

// TestTurnScreen shows messages that no model here writes.
func TestTurnScreen(t *testing.T) {
	var b strings.Builder
	w := bufio.NewWriter(&b)
	o := screenOutput{s: &screen{Writer: w, width: 40}}
	p := encoding.GPTOSS().NewParser(harmony.RoleAssistant, nil)
	events, err := p.PushText("<|channel|>analysis<|message|>I need the weather, which I have to look up.<|end|>" +
		"<|start|>assistant<|channel|>commentary<|message|>One moment.<|end|>" +
		"<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\":1}<|call|>" +
		"<|start|>functions.f to=assistant<|channel|>commentary<|message|>2<|end|>" +
		"<|start|>assistant<|channel|>musing<|message|>\x1b[31m?<|end|>" +
		"<|start|>assistant<|channel|>final<|message|>A long answer, broken at the edge of the terminal.\nTwo lines.<|return|>")
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		o.event(&events[i])
	}
	if err := o.flush(); err != nil {
		t.Fatal(err)
	}
	const want = `reasoning
  │ I need the weather, which I have to
  │ look up.

preamble
  │ One moment.

function call  to functions.f
  │ {"a":1}

tool result  by tool functions.f
  │ 2

other  on musing
  │ \x1b[31m?

answer
A long answer, broken at the edge of the
terminal.
Two lines.
`
	if b.String() != want {
		t.Errorf("shown\n%s\nwant\n%s", b.String(), want)
	}
}
