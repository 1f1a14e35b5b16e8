package decoder

import "github.com/harmony-go/sdk/internal/kernel"

// lanes is how many positions a block of keys holds, and what the elements of values are filled up to a multiple of.
const lanes = kernel.PanelRows

// A cache holds the keys and values of one layer, as float32 or as binary16. Position p has row p mod rows.
//
// Keys lie in blocks of sixteen positions, [K,rows/16,E,16], so that the scores of sixteen positions are computed side by side;
// values [K,rows,E'] lie row by row, E' being E filled up to a multiple of sixteen.
type cache struct {
	rows         int // a multiple of 16
	size, padded int // E, E'
	half         bool
	keys, values []float32
	keys16       []uint16
	values16     []uint16
}

// fill returns n filled up to a multiple of lanes.
func fill(n int) int { return (n + lanes - 1) / lanes * lanes }

func newCache(c *Config, rows int, half bool) cache {
	k := cache{rows: rows, size: c.HeadSize, padded: fill(c.HeadSize), half: half}
	if half {
		k.keys16, k.values16 = make([]uint16, c.KVHeads*rows*k.size), make([]uint16, c.KVHeads*rows*k.padded)
	} else {
		k.keys, k.values = make([]float32, c.KVHeads*rows*k.size), make([]float32, c.KVHeads*rows*k.padded)
	}
	return k
}

// store writes key and value [K,E] of one position. scratch has room for E.
func (c *cache) store(position int, key, value []float32, scratch []uint16) {
	row := position % c.rows
	for kv := 0; kv*c.size < len(key); kv++ {
		k, v := key[kv*c.size:][:c.size], value[kv*c.size:][:c.size]
		at, to := (kv*c.rows+row)*c.padded, (kv*c.rows+row&^(lanes-1))*c.size+row%lanes
		if c.half {
			kernel.ToHalf(c.values16[at:], v)
			kernel.ToHalf(scratch, k)
			spread(c.keys16[to:], scratch[:c.size])
		} else {
			copy(c.values[at:], v)
			spread(c.keys[to:], k)
		}
	}
}

// spread writes the elements of a key to one of sixteen lanes.
func spread[T any](dst, key []T) {
	for e, v := range key {
		dst[e*lanes] = v
	}
}

// copyFrom makes the cache of another sequence of the same model and capacity this one.
func (c *cache) copyFrom(from *cache) {
	copy(c.keys, from.keys)
	copy(c.values, from.values)
	copy(c.keys16, from.keys16)
	copy(c.values16, from.values16)
}
