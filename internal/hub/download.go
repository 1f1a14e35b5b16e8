package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
)

// A download is one blob on its way into the cache. Its lock is held.
type download struct {
	p    *pulling
	f    *File
	path string // of the blob

	file *os.File // path.incomplete
	sum  hash.Hash
	done int64 // bytes in file, all of them in sum
	old  bool  // some of them came from an earlier process
}

const (
	copyBytes = 256 << 10
	// someBytes is how much must come before a failure no longer counts to those before it: or a hub that gives a byte each time would
	// keep us for ever.
	someBytes = 1 << 20
)

// newSum returns what the blob's name is the checksum of. Source of git's: the Git book, chapter Git Internals, Git Objects.
func (d *download) newSum() hash.Hash {
	if d.f.SHA256 != "" {
		return sha256.New()
	}
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", d.f.Size)
	return h
}

// there reports whether the blob is in the cache.
func (d *download) there() (bool, error) {
	path, ok := d.p.c.have(d.p.l, d.f)
	if !ok || !d.p.opts.Check {
		return ok, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, lastingError{cause(err)}
	}
	defer f.Close()
	sum := d.newSum()
	if _, err := d.read(f, sum); err != nil {
		return false, lastingError{cause(err)}
	}
	return hex.EncodeToString(sum.Sum(nil)) == d.f.blob(), nil
}

// read adds all of a file to a checksum.
func (d *download) read(f *os.File, sum hash.Hash) (n int64, err error) {
	buf := make([]byte, copyBytes)
	for {
		k, err := f.Read(buf)
		sum.Write(buf[:k])
		if n += int64(k); n > 0 {
			d.p.tell(Checking, min(n, d.f.Size))
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// fetch gets the blob. If what was there of it turns out to be of something else, all of it is fetched once more.
func (d *download) fetch(ctx context.Context) error {
	var err error
	d.file, err = os.OpenFile(d.path+".incomplete", os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return lastingError{cause(err)}
	}
	defer d.file.Close()
	if err := d.resume(); err != nil {
		return err
	}
	for second := false; ; second = true {
		err := d.p.c.retrying(ctx, func() (bool, error) { return d.attempt(ctx) })
		if err != nil {
			return err
		}
		if found := hex.EncodeToString(d.sum.Sum(nil)); found != d.f.blob() {
			again := d.old && !second
			if err := d.restart(); err != nil {
				return err
			}
			if again {
				continue
			}
			return lastingError{&Error{What: d.p.l.Repo.String() + " " + d.f.Path, Kind: ErrChecksum,
				Text: fmt.Sprintf("what came has the checksum %s, expected %s; it was thrown away", found, d.f.blob())}}
		}
		return d.finish()
	}
}

// resume takes what an earlier process has left.
func (d *download) resume() error {
	info, err := d.file.Stat()
	if err != nil {
		return lastingError{cause(err)}
	}
	if info.Size() > d.f.Size {
		return d.restart()
	}
	d.sum = d.newSum()
	d.done, err = d.read(d.file, d.sum)
	d.old = d.done > 0
	if err != nil {
		return lastingError{cause(err)}
	}
	return nil
}

// restart throws away what is there.
func (d *download) restart() error {
	d.sum, d.done, d.old = d.newSum(), 0, false
	if err := d.file.Truncate(0); err != nil {
		return lastingError{cause(err)}
	}
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return lastingError{cause(err)}
	}
	return nil
}

// attempt makes one request for what is missing.
func (d *download) attempt(ctx context.Context) (progress bool, err error) {
	if d.done == d.f.Size {
		return true, nil
	}
	start := d.done
	r, err := d.p.c.get(ctx, d.p.address(d.f), d.done)
	if status, ok := errors.AsType[*statusError](err); ok && status.status == http.StatusRequestedRangeNotSatisfiable && d.done > 0 {
		if err := d.restart(); err != nil {
			return false, err
		}
		return false, fmt.Errorf("%v: it is fetched from its start", err) // not %w: this one is worth another attempt
	}
	if err != nil {
		return false, err
	}
	defer r.close()
	if err := d.check(r); err != nil {
		return false, err
	}
	start = min(start, d.done)
	err = d.copy(r.body)
	return d.done-start >= someBytes, err
}

// check holds an answer against what was asked for.
func (d *download) check(r *response) error {
	if tag := r.linkedETag; tag != "" && tag != d.f.blob() {
		return &Error{What: d.p.l.Repo.String() + " " + d.f.Path, Kind: ErrChecksum,
			Text: fmt.Sprintf("the hub has another file now, %s, than it listed, %s", quote(tag), d.f.blob())}
	}
	if r.StatusCode == http.StatusPartialContent {
		var from, to, all int64
		if _, err := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &all); err != nil || from != d.done || all != d.f.Size {
			if err := d.restart(); err != nil {
				return err
			}
			return fmt.Errorf("%s answers with the range %s", r.Request.URL.Host, quote(r.Header.Get("Content-Range")))
		}
		return nil
	}
	if d.done > 0 { // the whole file: our range was ignored
		if err := d.restart(); err != nil {
			return err
		}
	}
	if n := r.ContentLength; n >= 0 && n != d.f.Size {
		return fmt.Errorf("%s sends %d bytes, expected %d", r.Request.URL.Host, n, d.f.Size)
	}
	return nil
}

// copy appends a body to the file, up to the size of the file.
func (d *download) copy(body io.Reader) error {
	buf := make([]byte, copyBytes)
	for d.done < d.f.Size {
		n, err := body.Read(buf[:min(copyBytes, d.f.Size-d.done)])
		if n > 0 {
			if _, werr := d.file.Write(buf[:n]); werr != nil {
				return d.full(werr)
			}
			d.sum.Write(buf[:n])
			d.done += int64(n)
			d.p.now.Fetched += int64(n)
			d.p.tell(Fetching, d.done)
		}
		switch {
		case err == io.EOF && d.done < d.f.Size:
			return fmt.Errorf("cut off after %d of %d bytes: %w", d.done, d.f.Size, io.ErrUnexpectedEOF)
		case err != nil && err != io.EOF:
			return err
		}
	}
	return nil
}

// full makes the file end where its checksum does, and returns why it could not be written.
func (d *download) full(err error) error {
	d.file.Truncate(d.done)
	return lastingError{fmt.Errorf("writing to %s: %w", d.p.c.Cache, cause(err))}
}

// finish gives the blob its name.
func (d *download) finish() error {
	if err := d.file.Sync(); err != nil {
		return lastingError{cause(err)}
	}
	if err := d.file.Close(); err != nil {
		return lastingError{cause(err)}
	}
	if err := os.Rename(d.path+".incomplete", d.path); err != nil {
		return lastingError{cause(err)}
	}
	return nil
}
