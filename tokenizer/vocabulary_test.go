package tokenizer

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestPackedFile pins what is embedded. If the generator has changed on purpose, its new output has a new hash; that it stands
// for the published ranks is what TestEveryToken says.
func TestPackedFile(t *testing.T) {
	const want = "9b1da71e6ec2346bbe036874decf7d3aaf649d06dfd6678d92a5e50f56c0173a"
	sum := sha256.Sum256([]byte(packedMerges))
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("o200k_base.merges has sha256 %s, expected %s", got, want)
	}
}

// TestGeneratedFiles runs the generator and compares.
func TestGeneratedFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	out, err := exec.Command("go", "run", "./internal/gen", "-dir", ".", "-out", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("generator: %v\n%s", err, out)
	}
	for _, name := range []string{"o200k_base.merges", "class_table.go"} {
		got, err1 := os.ReadFile(dir + "/" + name)
		want, err2 := os.ReadFile(name)
		if err1 != nil || err2 != nil || string(got) != string(want) {
			t.Errorf("%s is not what the generator writes; run go generate (%v, %v)", name, err1, err2)
		}
	}
}

// TestFirstUse measures a process that has not used the tokenizer yet: this test binary, run again.
func TestFirstUse(t *testing.T) {
	if os.Getenv("TOKENIZER_FIRST_USE") != "" {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n := O200kHarmony().Count("Hello, world!")
		runtime.ReadMemStats(&after)
		if heap := after.HeapAlloc - before.HeapAlloc; n != 4 || heap > 16<<20 || after.TotalAlloc-before.TotalAlloc > 16<<20 {
			t.Fatalf("first use of %d tokens took %d bytes of heap", n, heap)
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFirstUse$", "-test.v")
	cmd.Env = append(os.Environ(), "TOKENIZER_FIRST_USE=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS: TestFirstUse") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestMergeTableIsComplete: every token of two bytes and more has its pair, and no other pair has a token.
func TestMergeTableIsComplete(t *testing.T) {
	v := &O200kHarmony().vocab
	n := 0
	for _, slot := range v.pairs {
		if slot == emptySlot {
			continue
		}
		n++
		left, right, merged := Token(slot>>(2*tokenBits)), Token(slot>>tokenBits&(1<<tokenBits-1)), Token(slot&(1<<tokenBits-1))
		if v.tokenString(left)+v.tokenString(right) != v.tokenString(merged) || v.pair(left, right) != merged {
			t.Fatalf("tokens %d and %d merge into %d: %q, %q, %q", left, right, merged, v.tokenString(left), v.tokenString(right), v.tokenString(merged))
		}
		if v.pair(right, left) != noToken && v.tokenString(right)+v.tokenString(left) != v.tokenString(v.pair(right, left)) {
			t.Fatalf("tokens %d and %d merge into something else", right, left)
		}
	}
	if n != harmonyOrdinary-256 {
		t.Errorf("%d pairs, expected %d", n, harmonyOrdinary-256)
	}
}
