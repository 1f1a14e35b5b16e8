package constrain

import "sync"

// States that behave the same for as many characters as a token can have are allowed the same tokens inside of a string: all but
// the last few places of a long repeat, for instance. A recentMasks remembers masks to find such states.
type recentMasks struct {
	mu      sync.Mutex
	entries [8]recentMask
	next    int
	size    int // bytes of all masks that states of the machine have kept
}

type recentMask struct {
	s  *textState
	in *insideMask
}

// find returns the mask of a state that is like s, or nil.
func (r *recentMasks) find(s *textState) *insideMask {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.entries {
		e := &r.entries[(r.next+len(r.entries)-1-i)%len(r.entries)]
		if e.s == nil {
			return nil
		}
		c := comparison{steps: 1 << 14}
		if c.alike(e.s, s, e.in.depth+1) {
			return e.in
		}
	}
	return nil
}

// room reports whether the machine may keep one more mask.
func (r *recentMasks) room() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.size < maxInsideBytes
}

func (r *recentMasks) add(s *textState, in *insideMask) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries[r.next] = recentMask{s, in}
	r.next = (r.next + 1) % len(r.entries)
	r.size += in.size()
}

// A comparison compares two states.
type comparison struct {
	steps int                   // how many are left before it gives up
	done  map[[2]*textState]int // pairs that are alike for so many characters
}

// alike reports whether the same texts of up to depth characters go on from both states.
func (c *comparison) alike(a, b *textState, depth int) bool {
	if a == b || depth == 0 {
		return true
	}
	pair := [2]*textState{a, b}
	if c.done[pair] >= depth {
		return true
	}
	for class := range a.next {
		if c.steps--; c.steps < 0 {
			return false
		}
		x, y := a.stepInside(uint16(class)), b.stepInside(uint16(class))
		if (x == nil) != (y == nil) || x != nil && !c.alike(x, y, depth-1) {
			return false
		}
	}
	if c.done == nil {
		c.done = map[[2]*textState]int{}
	}
	c.done[pair] = depth
	return true
}
