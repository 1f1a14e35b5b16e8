//go:build !purego

package kernel

import "golang.org/x/sys/unix"

// hasBrain: the processor has FEAT_BF16. Sources: Linux, include/uapi/linux/auxvec.h, AT_HWCAP2; arch/arm64/include/uapi/asm/hwcap.h,
// HWCAP2_BF16.
var hasBrain = func() bool {
	const hwcap2, bf16 = 26, 1 << 14
	vector, _ := unix.Auxv() // an error comes with nothing
	for _, v := range vector {
		if v[0] == hwcap2 {
			return v[1]&bf16 != 0
		}
	}
	return false
}()
