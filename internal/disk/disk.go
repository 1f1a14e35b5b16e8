// Package disk tells how much room there is for a file.
package disk

import (
	"os"
	"path/filepath"
)

// Free returns how many bytes the file system of a path has room for, as far as this user may fill it. The path need not be there
// yet: then it is asked for the nearest directory above it that is. ok is false where the system does not tell.
func Free(path string) (bytes int64, ok bool) {
	path, err := filepath.Abs(path)
	if err != nil {
		return 0, false
	}
	for {
		if _, err := os.Stat(path); err == nil {
			return free(path)
		}
		parent := filepath.Dir(path)
		if parent == path {
			return 0, false
		}
		path = parent
	}
}
