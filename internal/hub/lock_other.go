//go:build !(unix && !solaris && !aix) && !windows

package hub

import "os"

// tryLock: there are no locks here; checksums are checked anyway.
func tryLock(*os.File) (bool, error) { return true, nil }
