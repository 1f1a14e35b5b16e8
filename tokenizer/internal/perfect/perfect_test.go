package perfect

import (
	"math/rand/v2"
	"testing"
)

func TestPilots(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 5, 6, 100, 5000, 60000} {
		keys := make([]uint64, n)
		for i := range keys {
			keys[i] = r.Uint64()
		}
		pilots, err := Pilots(keys)
		if err != nil {
			t.Fatalf("%d keys: %v", n, err)
		}
		if len(pilots) != Buckets(n) {
			t.Fatalf("%d keys: %d pilots", n, len(pilots))
		}
		seen := make([]bool, Places(n))
		for _, k := range keys {
			p := Place(k, pilots[Bucket(k, len(pilots))], len(seen))
			if seen[p] {
				t.Fatalf("%d keys: two at place %d", n, p)
			}
			seen[p] = true
		}
	}
}

// TestHostileKeys: keys in one bucket, or the same twice, give an error and not an endless search.
func TestHostileKeys(t *testing.T) {
	same := make([]uint64, 1000)
	for i := range same {
		same[i] = uint64(i)
	}
	if _, err := Pilots(same); err == nil {
		t.Error("1000 keys in one bucket: no error")
	}
	if _, err := Pilots([]uint64{7, 7}); err == nil {
		t.Error("one key twice: no error")
	}
}
