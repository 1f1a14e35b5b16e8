//go:build !unix

package worker

import "time"

var start = time.Now()

// CPUTime returns wall time where the system has no getrusage.
func CPUTime() int64 { return int64(time.Since(start)) }
