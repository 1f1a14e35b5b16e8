//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || solaris || windows)

package checkpoint

import "os"

// mapFile maps nothing: tensors are read on demand.
func mapFile(*os.File, int) ([]byte, error) { return nil, nil }

func unmapFile([]byte) error { return nil }

// sizeNow returns the size at opening: nothing is mapped, so that a shorter file shows when it is read.
func (f *file) sizeNow() (int64, error) { return f.size, nil }
