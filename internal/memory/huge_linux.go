package memory

import "golang.org/x/sys/unix"

// adviseHuge asks for huge pages. A system that has none answers with an error, and small pages serve as well.
func adviseHuge(b []byte) { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }
