package tokenizer

import (
	"runtime"
	"testing"
	"time"
)

func TestFirst(t *testing.T) {
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	s := time.Now()
	tk := O200kHarmony()
	d1 := time.Since(s)
	tk.Encode("Hello, World!")
	d := time.Since(s)
	runtime.ReadMemStats(&b)
	t.Log(d1, d, b.HeapAlloc-a.HeapAlloc, b.TotalAlloc-a.TotalAlloc, b.Mallocs-a.Mallocs)
}
