package memory

import (
	"bufio"
	"bytes"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// available returns what /proc/meminfo calls available, or what a control group leaves if that is less.
func available() (int64, bool) {
	n, ok := field("/proc/meminfo", "MemAvailable:", 1024)
	if groups, err := os.ReadFile("/proc/self/cgroup"); err == nil {
		if left := groupLeft("/sys/fs/cgroup", groups); left < math.MaxInt64 && (!ok || left < n) {
			n, ok = left, true
		}
	}
	return n, ok
}

// groupLeft returns the least that the memory controllers of the process's groups leave, or MaxInt64 without a limit. groups has
// lines of the form "hierarchy:controllers:path".
func groupLeft(root string, groups []byte) int64 {
	left := int64(math.MaxInt64)
	for line := range bytes.Lines(groups) {
		parts := strings.SplitN(strings.TrimSpace(string(line)), ":", 3)
		if len(parts) != 3 {
			continue
		}
		dir, limit, used, cache := path.Join(root, parts[2]), "memory.max", "memory.current", "inactive_file"
		if parts[1] == "memory" { // version 1
			dir, limit, used, cache = path.Join(root, "memory", parts[2]), "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
		} else if parts[1] != "" {
			continue
		}
		for ; strings.HasPrefix(dir, root); dir = path.Dir(dir) {
			most, ok1 := number(path.Join(dir, limit))
			now, ok2 := number(path.Join(dir, used))
			if ok1 && ok2 {
				idle, _ := field(path.Join(dir, "memory.stat"), cache, 1) // pages of files, which are given back on demand
				left = min(left, max(0, most-now+idle))
			}
			if dir == "/" || dir == root {
				break
			}
		}
	}
	return left
}

// number reads a file that holds one number. "max" is none.
func number(name string) (int64, bool) {
	b, err := os.ReadFile(name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil && n < 1<<60 // version 1 writes "no limit" as a number near the largest
}

// field reads the number behind a word at the beginning of a line, times unit.
func field(name, word string, unit int64) (int64, bool) {
	f, err := os.Open(name)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if parts := strings.Fields(lines.Text()); len(parts) >= 2 && parts[0] == word {
			n, err := strconv.ParseInt(parts[1], 10, 64)
			return n * unit, err == nil
		}
	}
	return 0, false
}
