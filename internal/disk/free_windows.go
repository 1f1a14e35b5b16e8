package disk

import (
	"math"

	"golang.org/x/sys/windows"
)

// free asks for the bytes that this user may use, which a quota can make fewer than are free.
func free(path string) (int64, bool) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, false
	}
	var mine uint64
	if err := windows.GetDiskFreeSpaceEx(name, &mine, nil, nil); err != nil {
		return 0, false
	}
	return int64(min(mine, math.MaxInt64)), true
}
