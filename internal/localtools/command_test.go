//go:build unix

package localtools

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// commands reads declarations, for tests of commands that are there on every Unix.
func commands(t *testing.T, text string) *Commands {
	t.Helper()
	c, err := ReadCommands([]byte(text), ".")
	require.NoError(t, err)
	return c
}

const anyObject = `"parameters":{"type":"object","properties":{"a":{"type":"string"}}}`

// TestCommand: arguments come on standard input, standard output is the result.
func TestCommand(t *testing.T) {
	c := commands(t, `[{"name":"echo","description":"Says it again.",`+anyObject+`,"command":["cat"]},
		{"name":"bare","command":["sh","-c","echo $0 '$HOME' | tr a-z A-Z","x y"]},
		{"name":"fails","command":["sh","-c","echo something; echo the reason >&2; exit 3"]},
		{"name":"silent","command":["false"]},
		{"name":"deaf","command":["true"],`+anyObject+`}]`)
	assert.Equal(t, `{"a":"<|end|> ; rm -rf $HOME"}`, call(t, c.Functions, "echo", `{"a":"<|end|> ; rm -rf $HOME"}`))
	assert.Equal(t, "X Y $HOME", call(t, c.Functions, "bare", `{}`))
	assert.Equal(t, `{"error":"the command failed (exit status 3): the reason"}`, call(t, c.Functions, "fails", `{}`))
	assert.Equal(t, `{"error":"the command failed (exit status 1)"}`, call(t, c.Functions, "silent", `{}`))
	assert.Equal(t, "", call(t, c.Functions, "deaf", `{"a":"`+strings.Repeat("x", 1<<18)+`"}`), "it reads nothing of what does not fit into a pipe")
}

// TestCommandFlood: a command that never stops writing is stopped, and what it has written counts.
func TestCommandFlood(t *testing.T) {
	c := commands(t, `[{"name":"flood","command":["sh","-c","while :; do echo yes; done"]}]`)
	began := time.Now()
	got := call(t, c.Functions, "flood", `{}`)
	assert.Less(t, time.Since(began), 10*time.Second)
	assert.True(t, strings.HasPrefix(got, "yes\nyes\n"))
	assert.True(t, strings.HasSuffix(got, "[cut: the command wrote more than 1048576 bytes and was stopped]"))
	assert.Less(t, len(got), MaxOutput+100)
}

// TestCommandHangs: a command that takes too long is stopped, with its children, and so is one whose turn was cancelled.
func TestCommandHangs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	c := commands(t, `[{"name":"hang","timeout":"300ms","command":["sh","-c","sleep 1000 & echo $! >'`+file+`'; wait"]}]`)
	began := time.Now()
	assert.Equal(t, `{"error":"the command took longer than 300ms and was stopped"}`, call(t, c.Functions, "hang", `{}`))
	assert.Less(t, time.Since(began), 10*time.Second)
	gone(t, file)

	d := &declaration{Command: []string{"sh", "-c", "sleep 1000 & echo $! >'" + file + "'; wait"}, timeout: time.Minute}
	require.NoError(t, os.Remove(file))
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(300*time.Millisecond, cancel)
	_, err := run(ctx, d, "{}")
	assert.ErrorIs(t, err, context.Canceled)
	gone(t, file)
}

// TestCommandLeavesChild: a command that ends while a child of it holds the output does not hold us, and the child does not stay.
func TestCommandLeavesChild(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	c := commands(t, `[{"name":"leave","command":["sh","-c","sleep 1000 & echo $! >'`+file+`'; echo done"]}]`)
	began := time.Now()
	assert.Equal(t, "done", call(t, c.Functions, "leave", `{}`))
	assert.Less(t, time.Since(began), 10*time.Second)
	gone(t, file)
}

// gone wants the process whose number is in a file to end.
func gone(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	pid := 0
	for _, c := range strings.TrimSpace(string(data)) {
		pid = pid*10 + int(c-'0')
	}
	require.Greater(t, pid, 1)
	require.Eventually(t, func() bool {
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		stat, _ := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(string(data)), "stat"))
		return strings.Contains(string(stat), ") Z ") // dead, and nobody has waited for it
	}, 5*time.Second, 10*time.Millisecond)
}

// TestReadCommands: what is wrong with a file is said in its words.
func TestReadCommands(t *testing.T) {
	for text, want := range map[string]string{
		``:                               "expected a JSON array of tools, found the end",
		`{"name":"x"}`:                   "expected a JSON array of tools, found object",
		`[] []`:                          "expected one JSON array, found more behind it",
		`[{}]`:                           "tool 1: expected a name, found none",
		`[{"name":"x"}]`:                 `tool 1, "x": expected a command, found none`,
		`[{"name":"x","command":"ls"}]`:  `tool 1, "x": expected []string in "command", found string`,
		`[{"name":"x","comand":["ls"]}]`: `tool 1, "x": expected a tool: unknown field "comand"`,
		`[{"name":"x","command":["true"],"timeout":"soon"}]`:              `tool 1, "x": expected a tool: expected a timeout such as "30s", found "soon"`,
		`[{"name":"x","command":["true"],"timeout":-1}]`:                  `tool 1, "x": expected a tool: expected a timeout above 0 and up to 24h0m0s, found -1`,
		`[{"name":"x","command":["true"],"timeout":1e300}]`:               `up to 24h0m0s, found 1e300`,
		`[{"name":"x","command":["true"],"parameters":{"type":"objec"}}]`: `tool 1, "x": its parameters: `,
		`[{"name":"x","command":["no-such-program-here"]}]`:               `tool 1, "x": its command cannot be run: `,
		`[{"name":"x","command":["./no-such-file"]}]`:                     `tool 1, "x": its command cannot be run: `,
	} {
		_, err := ReadCommands([]byte(text), ".")
		assert.ErrorContains(t, err, want, text)
	}
	c := commands(t, `[{"name":"a","command":["true"],"timeout":90},{"name":"b","command":["true"],"timeout":"2m"},{"name":"c","command":["true"]}]`)
	assert.Equal(t, 2*time.Minute, c.Longest)
}

// TestRelativeCommand: a program whose name has a slash lies beside the file.
func TestRelativeCommand(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tool.sh"), []byte("#!/bin/sh\necho here\n"), 0o755))
	c, err := ReadCommands([]byte(`[{"name":"x","command":["./tool.sh"]}]`), dir)
	require.NoError(t, err)
	assert.Equal(t, "here", call(t, c.Functions, "x", `{}`))
}
