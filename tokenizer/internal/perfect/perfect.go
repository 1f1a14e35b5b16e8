// Package perfect finds perfect hash functions: a place of its own for each of a fixed set of keys, in a table that is
// nearly full. A look-up then touches one slot and needs no branch to go on searching.
//
// The method is that of CHD and PTHash (Belazzougui, Botelho, Dietzfelbinger 2009; Pibiri, Trani 2021): a first hash puts
// the keys into buckets of about five; for each bucket, the largest first, a pilot is searched that sends all its keys to
// free places.
package perfect

import (
	"fmt"
	"math/bits"
	"slices"
)

const (
	keysPerBucket = 5
	mulPilot      = 0x9E3779B97F4A7C15
	mulPlace      = 0xD6E8FEB86659FD93
	mulOther      = 0xBB67AE8584CAA73B
)

// Buckets is the number of pilots for n keys.
func Buckets(n int) int { return n/keysPerBucket + 1 }

// Places is the number of places for n keys: 4 % of them stay free.
func Places(n int) int { return n + n/24 + 1 }

// Mix turns numbers into keys, one to one.
func Mix(x uint64) uint64 {
	x *= mulPilot
	x ^= x >> 32
	x *= mulPlace
	return x ^ x>>32
}

// Mix2 turns two numbers into a key. Different ones may have the same key, but as good as never by chance.
func Mix2(lo, hi uint64) uint64 {
	lo *= mulPilot
	hi *= mulOther
	lo ^= lo >> 32 // a difference at the top of either must reach all of the product
	hi ^= hi >> 32
	return (lo ^ bits.RotateLeft64(hi, 17)) * mulPlace
}

// Bucket is the bucket of a key, of so many. Keys must be well mixed.
func Bucket(key uint64, buckets int) int { return int(key >> 32 * uint64(buckets) >> 32) }

// Place is the place of a key, of so many, under the pilot of its bucket.
func Place(key uint64, pilot uint16, places int) int {
	h := (key ^ uint64(pilot)*mulPilot) * mulPlace
	return int(h >> 32 * uint64(places) >> 32)
}

// Pilots finds the pilots for keys, which must be distinct. It fails for a set of keys that is made to defeat it, for example
// one that has very many keys in one bucket.
func Pilots(keys []uint64) ([]uint16, error) {
	pilots := make([]uint16, Buckets(len(keys)))
	places := Places(len(keys))
	buckets := make([][]uint64, len(pilots))
	for _, k := range keys {
		b := Bucket(k, len(pilots))
		buckets[b] = append(buckets[b], k)
	}
	order := make([]int, len(buckets))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(buckets[b]) - len(buckets[a]) })
	if largest := len(buckets[order[0]]); largest > 64 {
		return nil, fmt.Errorf("perfect: %d keys in one bucket, expected about %d", largest, keysPerBucket)
	}
	taken := make([]bool, places)
	for _, b := range order {
		pilot, ok := findPilot(buckets[b], taken)
		if !ok {
			return nil, fmt.Errorf("perfect: no pilot for a bucket of %d keys", len(buckets[b]))
		}
		pilots[b] = pilot
	}
	return pilots, nil
}

// findPilot finds the first pilot that sends the keys to free places, and takes these.
func findPilot(keys []uint64, taken []bool) (uint16, bool) {
	for pilot := range 1 << 16 {
		n := 0
		for _, k := range keys {
			p := Place(k, uint16(pilot), len(taken))
			if taken[p] {
				break
			}
			taken[p] = true
			n++
		}
		if n == len(keys) {
			return uint16(pilot), true
		}
		for _, k := range keys[:n] {
			taken[Place(k, uint16(pilot), len(taken))] = false
		}
	}
	return 0, false
}
