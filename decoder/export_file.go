package decoder

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/harmony-go/sdk/internal/disk"
)

// checkTarget refuses a path at which something is that shall stay, or that has no directory.
func (x *exporter) checkTarget() error {
	parent := filepath.Dir(x.path)
	if info, err := os.Stat(parent); errors.Is(err, fs.ErrNotExist) {
		return x.fail(fs.ErrNotExist, "there is no directory %s", parent)
	} else if err != nil {
		return x.fail(pathCause(err), "its directory %s", parent)
	} else if !info.IsDir() {
		return x.fail(nil, "%s is no directory", parent)
	}
	info, err := os.Lstat(x.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return x.fail(pathCause(err), "cannot be looked at")
	case x.toGGUF() && info.IsDir():
		return x.fail(fs.ErrExist, "is a directory, expected the name of a file")
	case !x.toGGUF() && !info.IsDir():
		return x.fail(fs.ErrExist, "is a file, expected a name that ends in .gguf, or that of a directory")
	case !x.toGGUF():
		return x.checkDirectory()
	case !x.opts.Overwrite:
		return x.fail(fs.ErrExist, "is there already")
	}
	return nil
}

// checkDirectory refuses a directory that holds anything but a checkpoint that may be overwritten: it will be replaced as a whole.
func (x *exporter) checkDirectory() error {
	entries, err := os.ReadDir(x.path)
	if err != nil {
		return x.fail(pathCause(err), "cannot be looked at")
	}
	for _, e := range entries {
		if !x.opts.Overwrite {
			return x.fail(fs.ErrExist, "is there already, and not empty")
		}
		if !e.Type().IsRegular() || !ownName(e.Name()) {
			return x.fail(fs.ErrExist, "holds %q, which is no part of a checkpoint: it is not overwritten", e.Name())
		}
	}
	return nil
}

// ownName reports whether a file is one that an export writes.
func ownName(name string) bool {
	return name == "config.json" || name == indexFile || slices.Contains(carriedFiles, name) || slices.Contains(tokenizerFiles, name) ||
		strings.HasPrefix(name, "model") && strings.HasSuffix(name, ".safetensors")
}

// checkRoom returns an error if the disk is known to have no room for so many bytes.
func (x *exporter) checkRoom(bytes int64) error {
	if free, ok := disk.Free(filepath.Dir(x.path)); ok && free < bytes {
		return x.fail(nil, "%d bytes are needed, the disk has room for %d", bytes, free)
	}
	return nil
}

// temporary returns a name beside the target that nothing has.
func (x *exporter) temporary() string {
	return filepath.Join(filepath.Dir(x.path), fmt.Sprintf(".%s.%08x.tmp", filepath.Base(x.path), rand.Uint32()))
}

// writeFile writes a new file and makes sure that it is on the disk. What fails leaves none.
func (x *exporter) writeFile(path string, write func(w *bufio.Writer) error) (size int64, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return 0, x.fail(pathCause(err), "cannot be written")
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	for _, step := range []func() error{w.Flush, f.Sync} {
		if err == nil {
			err = step()
		}
	}
	if info, serr := f.Stat(); serr == nil {
		size = info.Size()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		return size, nil
	}
	os.Remove(path)
	if cause := pathCause(err); cause != err {
		err = x.fail(cause, "cannot be written") // a full disk, most likely
	}
	return 0, err
}

// pathCause returns what the system said, without the path, which may be a temporary one.
func pathCause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

// putFile gives a finished file its name.
func (x *exporter) putFile(temporary string) error {
	err := x.checkTarget() // somebody may have been faster
	if err == nil {
		if err = os.Rename(temporary, x.path); err != nil {
			err = x.fail(pathCause(err), "cannot be put in its place")
		}
	}
	if err != nil {
		os.Remove(temporary)
	}
	return err
}

// putDirectory gives a finished directory its name. One that is there is put aside first, and back if that fails.
func (x *exporter) putDirectory(temporary string) error {
	if err := x.checkTarget(); err != nil {
		return err
	}
	old := x.temporary()
	err := os.Rename(x.path, old)
	there := err == nil
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = os.Rename(temporary, x.path)
	}
	if err != nil {
		if there {
			os.Rename(old, x.path)
		}
		return x.fail(pathCause(err), "cannot be put in its place")
	}
	if there {
		os.RemoveAll(old)
	}
	return nil
}
