package worker

import (
	"fmt"
	"os"
	"strings"
)

// PeakMemory returns the largest resident size this process has had, in bytes, or 0 where there is no
// /proc. What a parent learns from wait is of no use here: it counts the parent's own size at the fork.
func PeakMemory() int64 { return memory("VmHWM") }

// ResidentMemory returns the resident size of this process in bytes, or 0 where there is no /proc.
func ResidentMemory() int64 { return memory("VmRSS") }

// memory returns a figure of the process's status in bytes.
func memory(key string) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kilobytes int64
		if n, _ := fmt.Sscanf(line, key+": %d kB", &kilobytes); n == 1 {
			return kilobytes << 10
		}
	}
	return 0
}
