package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"unicode/utf8"
)

// maxFile bounds what the forms for people read at once, in bytes: 16 times the largest stream of tokens that the
// tests feed. Data sets are for --jsonl, which holds a line at a time.
const maxFile = 1 << 30

// source is an input with the name it has in what we print.
type source struct {
	name string
	data []byte
}

// read reads the one input that operands name: a file, or standard input for "-" and, when it is no
// terminal, for nothing.
func (x *session) read(operands []string, what string) (source, error) {
	f, name, err := x.open(operands, what)
	if err != nil {
		return source{}, err
	}
	defer f.Close()
	data, err := readUpTo(f, name, maxFile,
		&exitError{exitUsage, fmt.Errorf("%s: more than %d bytes, the limit of this form; --jsonl reads data sets of any size", name, maxFile)})
	return source{name, data}, err
}

// readAtMost reads the one input that operands name, if it is no longer than most.
func (x *session) readAtMost(operands []string, what string, most int) (source, error) {
	f, name, err := x.open(operands, what)
	if err != nil {
		return source{}, err
	}
	defer f.Close()
	data, err := readUpTo(f, name, most, fmt.Errorf("%s: expected at most %s bytes of %s, found more", name, grouped(most), what))
	return source{name, data}, err
}

// readUpTo reads all of a file that is called name; tooLong is the error if that is more than most bytes.
func readUpTo(f *os.File, name string, most int, tooLong error) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	switch {
	case err != nil:
		return nil, inputError(name, err)
	case len(data) > most:
		return nil, tooLong
	}
	return data, nil
}

// open opens the one input that operands name.
func (x *session) open(operands []string, what string) (*os.File, string, error) {
	switch {
	case len(operands) > 1:
		return nil, "", usageErrorf("one %s at a time, found %d: %s", what, len(operands), quote(operands[1]))
	case len(operands) == 1 && operands[0] != "-":
		f, err := openFile(operands[0], operands[0])
		return f, operands[0], err
	case len(operands) == 0 && isTerminal(x.stdin):
		return nil, "", usageErrorf("no %s given (- reads standard input)", what)
	}
	return x.stdin, "standard input", nil
}

// openFile opens a file that errors call name.
func openFile(path, name string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, inputError(name, err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, inputError(name, syscall.EISDIR)
	}
	return f, nil
}

// inputError says why an input cannot be read.
func inputError(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &exitError{exitUsage, fmt.Errorf("%s: no such file", name)}
	case errors.Is(err, syscall.EISDIR):
		return &exitError{exitUsage, fmt.Errorf("%s: a directory, want a file", name)}
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return &exitError{exitUsage, fmt.Errorf("%s: %w", name, err)}
}

// byteOrderMark is what some editors put before UTF-8 text.
const byteOrderMark = "\ufeff"

// dropByteOrderMark returns data without a byte order mark before it.
func dropByteOrderMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte(byteOrderMark)) }

// textFault says which byte is the first that keeps data from being text; "" when data is text.
func textFault(data []byte) string {
	for i := 0; i < len(data); {
		if c := data[i]; c < utf8.RuneSelf {
			if c == 0 {
				return fmt.Sprintf("byte %d is NUL, so this is binary", i)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return fmt.Sprintf("byte %d, 0x%02x, is not UTF-8", i, data[i])
		}
		i += n
	}
	return ""
}
