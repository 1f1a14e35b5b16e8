//go:build !purego

package kernel

import "golang.org/x/sys/unix"

// hasBrain: the processor has FEAT_BF16. Systems that do not know the name say so by an error.
var hasBrain = func() bool {
	v, err := unix.SysctlUint32("hw.optional.arm.FEAT_BF16")
	return err == nil && v != 0
}()
