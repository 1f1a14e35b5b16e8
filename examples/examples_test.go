// Package examples_test builds and runs the example programs.
package examples_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in testdata")

// TestAgentData: the files for the command line belong together. The completion's tokens spell its text, and both end in a
// call of a tool that the conversation declares.
func TestAgentData(t *testing.T) {
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join("agent", name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSuffix(string(data), "\n")
	}
	enc := encoding.GPTOSS()
	var tokens []encoding.Token
	for _, word := range strings.Fields(read("completion.tokens")) {
		id, err := strconv.ParseUint(word, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, encoding.Token(id))
	}
	if text, err := enc.Tokenizer().Decode(tokens); err != nil || text != read("completion.txt") {
		t.Errorf("completion.tokens spell %q (%v), not completion.txt", text, err)
	}
	conversation, err := harmony.ParseConversation([]byte(read("conversation.json")))
	if err != nil {
		t.Fatal(err)
	}
	result, err := enc.Parse(tokens, harmony.RoleAssistant, &encoding.ParseOptions{Strict: true})
	if err != nil || result.Verdict != encoding.VerdictToolCall || len(result.Diagnostics) > 0 {
		t.Fatalf("verdict %s, diagnostics %v (%v)", result.Verdict, result.Diagnostics, err)
	}
	recipient := result.Messages[len(result.Messages)-1].Recipient
	prompt, err := enc.RenderForCompletion(conversation.Messages, harmony.RoleAssistant, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := enc.Tokenizer().Decode(prompt)
	name, found := strings.CutPrefix(recipient, "functions.")
	if err != nil || !found || !strings.Contains(text, "type "+name+" = (_: {") {
		t.Errorf("%q is called, which the conversation does not declare (%v)", recipient, err)
	}
}

// TestExamples builds each program in a folder here, runs it, and compares what it prints with testdata/NAME.txt.
func TestExamples(t *testing.T) {
	programs, err := filepath.Glob("*/main.go")
	if err != nil || len(programs) < 5 {
		t.Fatalf("%d programs found (%v), want at least 5", len(programs), err)
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "./...")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, program := range programs {
		name := filepath.Dir(program)
		t.Run(name, func(t *testing.T) {
			source, err := os.ReadFile(program)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(source, []byte("\n")); n >= 80 {
				t.Errorf("%s has %d lines, want less than 80", program, n)
			}
			if !strings.HasPrefix(string(source), "// Command "+name+" ") {
				t.Errorf("%s does not begin with a package comment", program)
			}
			run := exec.Command(filepath.Join(bin, name))
			run.Dir = t.TempDir() // an example needs nothing but itself
			var stderr bytes.Buffer
			run.Stderr = &stderr
			got, err := run.Output()
			if err != nil || stderr.Len() > 0 {
				t.Fatalf("%s: %v\n%s", name, err, stderr.String())
			}
			golden := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(golden, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s prints:\n%s\nwant:\n%s", name, got, want)
			}
		})
	}
}
