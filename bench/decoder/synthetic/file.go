package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	chunk       = 1 << 22 // bytes of a write
	reportEvery = 5 * time.Second
)

// A progress counts the bytes that are written, says now and then how many there are, and stops the writing when it shall end.
type progress struct {
	ctx         context.Context
	log         io.Writer
	done, total int64
	next        time.Time
}

func (p *progress) add(n int) error {
	p.done += int64(n)
	if now := time.Now(); now.After(p.next) {
		p.next = now.Add(reportEvery)
		fmt.Fprintf(p.log, "%.1f of %.1f GB\n", float64(p.done)/1e9, float64(p.total)/1e9)
	}
	return p.ctx.Err()
}

// writeFile writes a header and the tensors behind it, each padded to align bytes, into a file that takes its name when
// it is complete.
func writeFile(name string, header []byte, tensors []tensor, align int, p *progress) (err error) {
	partial := name + ".partial"
	f, err := os.Create(partial)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(partial))
		}
	}()
	w := &chunks{w: f, p: p, buf: make([]byte, 0, chunk+1<<20)}
	w.buf = append(w.buf, header...)
	for i := range tensors {
		if err = w.tensor(&tensors[i], align); err != nil {
			return fmt.Errorf("%s, tensor %s: %w", partial, tensors[i].name, err)
		}
	}
	if err = w.flush(); err != nil {
		return err
	}
	// What does not fit on the disk is known only now.
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(partial, name)
}

// chunks collects rows into writes of one size.
type chunks struct {
	w   io.Writer
	p   *progress
	buf []byte
}

func (c *chunks) tensor(t *tensor, align int) error {
	size := 0
	for row := range t.rows {
		before := len(c.buf)
		c.buf = t.append(c.buf, row)
		size += len(c.buf) - before
		if len(c.buf) >= chunk {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	if int64(size) != t.bytes() {
		return fmt.Errorf("has %d bytes, announced %d", size, t.bytes())
	}
	c.buf = append(c.buf, make([]byte, padding(int64(size), align))...)
	return nil
}

func (c *chunks) flush() error {
	n, err := c.w.Write(c.buf)
	c.buf = c.buf[:0]
	return errors.Join(err, c.p.add(n))
}

// padding is the number of bytes that n lacks to a multiple of align.
func padding(n int64, align int) int { return int(-n & int64(align-1)) }
