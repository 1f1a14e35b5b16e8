package decoder

// Grow gives the sequence room for capacity positions and keeps what it holds; if it has as many, it does nothing. It costs a new
// sequence and a copy of the keys and values, and both are in memory for that time. The errors are those of NewSequence, after
// which the sequence is as it was. What follows is the same, to the bit, as in a sequence that had the room from the beginning.
func (s *Sequence) Grow(capacity int) error {
	if capacity <= s.capacity {
		return nil
	}
	g, err := s.model.NewSequence(capacity)
	if err != nil {
		return err
	}
	for n := range s.cache {
		g.cache[n].moveFrom(&s.cache[n])
	}
	s.capacity, s.cache, s.tokens = capacity, g.cache, append(g.tokens, s.tokens...)
	return nil
}

// moveFrom takes over what a smaller cache holds. A cache with fewer rows has one for each position of its sequence, the first of
// which keep their places here.
func (c *cache) moveFrom(from *cache) {
	moveRows(c.keys, from.keys, c.rows, from.rows, c.size)
	moveRows(c.values, from.values, c.rows, from.rows, c.padded)
	moveRows(c.keys16, from.keys16, c.rows, from.rows, c.size)
	moveRows(c.values16, from.values16, c.rows, from.rows, c.padded)
}

// moveRows copies the rows of each kv head.
func moveRows[T any](dst, src []T, dstRows, srcRows, size int) {
	for kv := 0; kv*srcRows*size < len(src); kv++ {
		copy(dst[kv*dstRows*size:], src[kv*srcRows*size:][:srcRows*size])
	}
}
