package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in testdata")

// asHarmony in the environment makes the test binary be the command: what the tests drive is the real main, in a process
// of its own.
const asHarmony = "HARMONY_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asHarmony) != "" {
		main()
	}
	status := m.Run()
	for _, f := range atEnd {
		f()
	}
	os.Exit(status)
}

// atEnd is called when all tests are done, for what several of them share.
var atEnd []func()

// outcome is what a run of the command left.
type outcome struct {
	stdout, stderr string
	status         int
	memory         int64 // most resident memory in bytes, 0 where unknown
}

// harmonyCommand returns a command that runs harmony with args in an environment of env alone.
func harmonyCommand(dir string, env []string, args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Dir = dir
	c.Env = append([]string{asHarmony + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
		"SYSTEMROOT=" + os.Getenv("SYSTEMROOT"), "GOCOVERDIR=" + os.Getenv("GOCOVERDIR")}, env...)
	return c
}

// runHarmony runs the command with stdin to its end.
func runHarmony(t testing.TB, stdin string, args ...string) outcome {
	t.Helper()
	c := harmonyCommand("", nil, args...)
	c.Stdin = bytes.NewReader([]byte(stdin))
	return finish(t, c)
}

// finish runs c and returns what it left.
func finish(t testing.TB, c *exec.Cmd) outcome {
	t.Helper()
	return begin(t, c)()
}

// begin starts c; wait returns what it has left at its end.
func begin(t testing.TB, c *exec.Cmd) (wait func() outcome) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if c.Stdout == nil {
		c.Stdout = &stdout
	}
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatalf("harmony does not run: %v", err)
	}
	return func() outcome {
		t.Helper()
		err := c.Wait()
		if e := (*exec.ExitError)(nil); err != nil && !errors.As(err, &e) {
			t.Fatalf("harmony does not run: %v", err)
		}
		return outcome{stdout.String(), stderr.String(), c.ProcessState.ExitCode(), memory(c.ProcessState)}
	}
}
