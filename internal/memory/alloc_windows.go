package memory

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// alloc does not ask for large pages: Windows gives them only to accounts with a privilege of its own.
func alloc(n int) (*Region, error) {
	p, err := windows.VirtualAlloc(0, uintptr(n), windows.MEM_RESERVE|windows.MEM_COMMIT, windows.PAGE_READWRITE)
	if err != nil {
		return nil, fmt.Errorf("memory: %d bytes: %w", n, err)
	}
	// The indirection keeps vet from taking the address of foreign memory for that of a Go object.
	data := unsafe.Slice(*(**byte)(unsafe.Pointer(&p)), n)
	return &Region{Data: data, free: func([]byte) error { return windows.VirtualFree(p, 0, windows.MEM_RELEASE) }}, nil
}
