package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/term"
)

// editor reads prompts on a terminal, with history. While a prompt is read the terminal is in raw mode; in between it is as it was,
// so that Ctrl-C is an interrupt again.
type editor struct {
	in, out  *os.File
	keys     *keyFilter
	t        atomic.Pointer[term.Terminal] // the size is set from another goroutine
	history  history
	mark     string // the prompt
	more     string // the prompt of a further line
	complete func(string) string
	stop     func() // ends watching the terminal's size
}

// newEditor returns an editor that reads from in and draws on out.
func newEditor(in, out *os.File, color bool, complete func(string) string) *editor {
	e := &editor{in: in, out: out, mark: "> ", more: "… ", complete: complete}
	if color {
		e.mark = "\x1b[1m> \x1b[0m"
	}
	e.begin()
	e.stop = watchSize(e.resize)
	return e
}

// begin makes a terminal that knows of no line.
func (e *editor) begin() {
	e.keys = &keyFilter{in: e.in}
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{e.keys, e.out}, e.mark)
	t.History = &e.history
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		if key != '\t' || pos != len(line) {
			return "", 0, false
		}
		whole := e.complete(line)
		return whole, len(whole), whole != ""
	}
	e.t.Store(t)
}

// leastWidth is the narrowest line that the editor can draw a prompt in.
const leastWidth = 10

func (e *editor) resize() {
	width, height, err := term.GetSize(int(e.out.Fd()))
	if err == nil && width > 0 {
		_ = e.t.Load().SetSize(max(width, leastWidth), max(height, 1)) // what cannot be drawn now is drawn at the next key
	}
}

func (e *editor) interactive() bool { return true }

func (e *editor) close() { e.stop() }

// remember adds a prompt to the history. In it line breaks are characters.
func (e *editor) remember(text string) {
	e.history.add(strings.ReplaceAll(text, "\n", string(lineBreak)))
}

func (e *editor) read() (string, error) {
	state, err := term.MakeRaw(int(e.in.Fd()))
	if err != nil {
		return "", err
	}
	t := e.t.Load()
	restore := func() {
		t.SetBracketedPasteMode(false)
		_ = term.Restore(int(e.in.Fd()), state) // there is nothing else to do about it
	}
	defer restore()
	defer onTermination(restore)()
	enableColor(e.out)
	e.resize()
	t.SetBracketedPasteMode(true)
	defer t.SetPrompt(e.mark)
	var lines []string
	for {
		line, err := t.ReadLine()
		if err != nil && !errors.Is(err, term.ErrPasteIndicator) {
			e.begin() // it would find the same key again
			io.WriteString(e.out, "\r\n")
			return "", err
		}
		line, more := strings.CutSuffix(line, `\`)
		lines = append(lines, strings.ReplaceAll(line, string(lineBreak), "\n"))
		if !more {
			return strings.Join(lines, "\n"), nil
		}
		t.SetPrompt(e.more)
	}
}

// history keeps what was said, the last first. The editor itself adds nothing: it knows lines, not prompts.
type history struct{ said []string }

// maxHistory is how many prompts are kept.
const maxHistory = 1000

func (h *history) Add(string)      {}
func (h *history) Len() int        { return len(h.said) }
func (h *history) At(i int) string { return h.said[len(h.said)-1-i] }

func (h *history) add(text string) {
	if text == "" || len(h.said) > 0 && h.said[len(h.said)-1] == text || !utf8.ValidString(text) {
		return
	}
	if h.said = append(h.said, text); len(h.said) > maxHistory {
		h.said = h.said[1:]
	}
}
