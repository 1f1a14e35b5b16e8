package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// lineReader is where a chat's prompts come from.
type lineReader interface {
	// read returns the next prompt: one line, or several. io.EOF says that there are no more, errInterrupted that Ctrl-C was
	// pressed.
	read() (string, error)
	remember(text string) // for the history
	interactive() bool
	close()
}

var errInterrupted = errors.New("interrupted")

// maxPrompt bounds a prompt that is read as a line, in bytes: several times what fits into the context of gpt-oss.
const maxPrompt = 4 << 20

// pipeReader reads prompts from a pipe, a line each, or from a terminal that cannot be drawn on.
type pipeReader struct {
	in     *bufio.Reader
	prompt *os.File // where "> " is shown; nil: nowhere
	eof    bool
}

func newPipeReader(in io.Reader, prompt *os.File) *pipeReader {
	return &pipeReader{in: bufio.NewReader(in), prompt: prompt}
}

func (p *pipeReader) interactive() bool { return p.prompt != nil }
func (p *pipeReader) remember(string)   {}
func (p *pipeReader) close()            {}

func (p *pipeReader) read() (string, error) {
	if p.eof {
		return "", io.EOF
	}
	text, mark := "", "> "
	for {
		if p.prompt != nil {
			fmt.Fprint(p.prompt, mark)
		}
		line, err := p.line(maxPrompt - len(text))
		if err != nil && !(errors.Is(err, io.EOF) && line != "") {
			if errors.Is(err, io.EOF) && text != "" {
				p.eof = true
				return text, nil
			}
			return "", err
		}
		if fault := textFault([]byte(line)); fault != "" {
			return "", errors.New(fault + "; want text")
		}
		line, more := strings.CutSuffix(line, `\`)
		text += line
		if !more {
			return text, nil
		}
		text, mark = text+"\n", "… "
	}
}

// line reads a line of at most so many bytes, without its end.
func (p *pipeReader) line(most int) (string, error) {
	var line []byte
	for {
		part, err := p.in.ReadSlice('\n')
		if line = append(line, part...); len(line) > most {
			return "", fmt.Errorf("a prompt of more than %d bytes", maxPrompt)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), err
		}
	}
}
