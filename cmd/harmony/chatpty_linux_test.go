package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
)

// pty is a terminal in which a command runs.
type pty struct {
	t      *testing.T
	master *os.File
	c      *exec.Cmd

	mu    sync.Mutex
	shown bytes.Buffer
	seen  int // of shown, by wait
}

// newPty starts a command in a terminal of a size.
func newPty(t *testing.T, columns int, c *exec.Cmd) *pty {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	fd := int(master.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	p := &pty{t: t, master: master, c: c}
	p.resize(columns)
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, c.Start())
	slave.Close()
	go func() {
		var b [4096]byte
		for {
			n, err := master.Read(b[:])
			p.mu.Lock()
			p.shown.Write(b[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
		master.Close()
	})
	return p
}

func (p *pty) resize(columns int) {
	require.NoError(p.t, unix.IoctlSetWinsize(int(p.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)}))
}

func (p *pty) send(text string) {
	_, err := p.master.WriteString(text)
	require.NoError(p.t, err)
}

// wait waits for text to be shown, behind what was waited for before, and returns all until then.
func (p *pty) wait(text string) string {
	p.t.Helper()
	var before string
	require.Eventually(p.t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		i := strings.Index(p.shown.String()[p.seen:], text)
		if i < 0 {
			return false
		}
		before = p.shown.String()[p.seen : p.seen+i]
		p.seen += i + len(text)
		return true
	}, 20*time.Second, 5*time.Millisecond, "waiting for %q in %s", text, lastShown{p})
	return before
}

// flow waits for so many bytes to be shown.
func (p *pty) flow(n int) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.shown.Len() > p.seen+n
	}, 20*time.Second, 5*time.Millisecond, "waiting for %d bytes behind %s", n, lastShown{p})
	p.mu.Lock()
	p.seen = p.shown.Len()
	p.mu.Unlock()
}

// lastShown writes what a terminal shows, for messages.
type lastShown struct{ p *pty }

func (l lastShown) String() string {
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	shown := l.p.shown.String()[l.p.seen:]
	return fmt.Sprintf("%q", shown[max(len(shown)-1000, 0):])
}

func (p *pty) exit() int {
	p.c.Wait()
	return p.c.ProcessState.ExitCode()
}

// chatPty starts a chat in a terminal, with a model that always says the same.
func chatPty(t *testing.T, columns int, env []string, args ...string) *pty {
	c := harmonyCommand("", append([]string{"TERM=xterm"}, env...), append([]string{"chat", "--model", talkingModel(t), "--temperature", "0",
		"--threads", "1", "--no-tools", "--date", "none"}, args...)...)
	return newPty(t, columns, c)
}

const firstWords = "Hi there!"

// TestChatTerminal edits prompts as people do: history, several lines, pastes, Ctrl-C, another width.
func TestChatTerminal(t *testing.T) {
	p := chatPty(t, 80, nil)
	p.wait("/help lists the commands")
	p.wait("> ")
	p.send("/ef\t\r") // Tab completes it
	p.wait("effort medium")
	p.wait("> ")
	p.send("Helo\x1b[Dl\r") // Hello
	p.wait("reasoning")
	p.wait(firstWords)
	p.wait("tokens/s")
	p.wait("> ")
	p.send("first\x1b\rsecond\r")
	p.wait(firstWords)
	p.wait("> ")
	p.send("\x1b[200~pasted\ntext\x1b[201~")
	p.wait("pasted⏎text")
	p.send("\r")
	p.wait(firstWords)
	p.wait("> ")
	p.resize(30)
	p.send("\x1b[A\x1b[A\x1b[A") // three back
	p.wait("Hello")
	p.send("\x03")
	p.wait("Ctrl-C once more, ")
	p.wait("> ")
	p.send("/raw\r")
	p.wait("<|return|>")
	p.wait("> ")
	p.send("\x04")
	assert.Equal(t, 0, p.exit())
}

// TestChatTerminalInterrupt: Ctrl-C at the prompt twice ends the program, and so does Ctrl-C with the terminal as it was.
func TestChatTerminalInterrupt(t *testing.T) {
	p := chatPty(t, 80, nil)
	p.wait("> ")
	p.send("never said\x03")
	p.wait("> ")
	p.send("\x03")
	assert.Equal(t, 0, p.exit())
}

// TestChatTerminalStop: Ctrl-C ends a turn and keeps it, and the conversation goes on.
func TestChatTerminalStop(t *testing.T) {
	dir, r := t.TempDir(), checkpointtest.Recipes["v"]
	require.NoError(t, r.WriteOriginal(dir)) // a model that babbles
	c := harmonyCommand("", []string{"TERM=xterm"}, "chat", "--model", dir, "--threads", "1", "--no-tools", "--date", "none", "--context", "100000")
	p := newPty(t, 80, c)
	p.wait("> ")
	p.send("Hello\r")
	for _, command := range []string{"/continue\r", "/tokens\r"} {
		p.flow(500) // it says something
		p.send("\x03")
		p.wait("cancelled")
		p.wait("stopped, and kept: /continue goes on")
		p.wait("> ")
		p.send(command)
	}
	p.wait("the next prompt")
	p.wait("> ")
	p.send("\x04")
	assert.Equal(t, 0, p.exit())
}

// TestChatTerminated: a program that is asked to end in a turn ends, and has saved the conversation.
func TestChatTerminated(t *testing.T) {
	dir, r := t.TempDir(), checkpointtest.Recipes["v"]
	require.NoError(t, r.WriteOriginal(dir))
	file := dir + "/talk.jsonl"
	c := harmonyCommand("", []string{"TERM=xterm"}, "chat", "--model", dir, "--threads", "1", "--no-tools", "--save", file)
	p := newPty(t, 80, c)
	p.wait("> ")
	p.send("Hello\r")
	p.flow(500)
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	p.exit()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(data), `"stop":"cancelled"`)
}

// TestRunTerminalKept: on a terminal a turn that was cut off is kept without being asked for, for its owner alone.
func TestRunTerminalKept(t *testing.T) {
	cache := t.TempDir()
	c := harmonyCommand("", []string{"TERM=xterm", "XDG_CACHE_HOME=" + cache}, "run", "--model", talkingModel(t), "--temperature", "0", "--threads", "1",
		"--no-tools", "--date", "none", "--max-tokens", "20", "--width", "0", "Hello?")
	p := newPty(t, 80, c)
	p.wait("cut off by --max-tokens 20")
	p.wait("kept; to go on: harmony chat --model ")
	p.wait("--load " + cache + "/harmony/stopped.jsonl")
	assert.Equal(t, 1, p.exit())
	info, err := os.Stat(cache + "/harmony/stopped.jsonl")
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// TestChatTerminalPlain: no colour with NO_COLOR, and on a dumb terminal no sequence at all.
func TestChatTerminalPlain(t *testing.T) {
	p := chatPty(t, 20, []string{"NO_COLOR=1"})
	p.wait("> ")
	p.send("Hello\r")
	shown := p.wait(firstWords)
	assert.NotContains(t, shown, "\x1b[2m")
	p.wait("> ")
	p.send("\x04")
	assert.Equal(t, 0, p.exit())

	p = chatPty(t, 20, []string{"TERM=dumb"})
	p.wait("> ")
	p.send("Hello\\\nagain\n")
	shown = p.wait(firstWords)
	assert.NotContains(t, shown, "\x1b")
	assert.Contains(t, shown, "… ")
	shown = p.wait("> ")
	assert.NotContains(t, shown, "\x1b")
	p.send("/quit\n")
	assert.Equal(t, 0, p.exit())
}

// TestRunTerminal: on a terminal all is shown in order, and nothing is wider than it.
func TestRunTerminal(t *testing.T) {
	c := harmonyCommand("", []string{"TERM=xterm", "NO_COLOR=1"}, "run", "--model", talkingModel(t), "--temperature", "0", "--threads", "1", "--no-tools", "--date", "none", "Hello?")
	p := newPty(t, 40, c)
	p.wait("reasoning\r\n")
	shown := p.wait("answer\r\n")
	shown += p.wait("stopped by <|return|>")
	for _, line := range strings.Split(shown, "\r\n") {
		if i := strings.LastIndexByte(line, '\r'); i >= 0 {
			line = line[i+1:] // the meter's line is written over
		}
		assert.LessOrEqual(t, textWidth(line), 40, "%q", line)
	}
	assert.Equal(t, 0, p.exit())
}
