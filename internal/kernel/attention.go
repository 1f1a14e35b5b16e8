package kernel

// Run computes the scores. half: keys are binary16.
func (s *Scores) Run(half bool) {
	if half {
		active.vector.scores16(s)
	} else {
		active.vector.scores32(s)
	}
}

// Run adds the values. half: they are binary16. Positions are added in their order, so that it does not matter in how many calls
// they come.
func (b *Blend) Run(half bool) {
	if half {
		active.vector.blend16(b)
	} else {
		active.vector.blend32(b)
	}
}

// Exps replaces x by e^(x-top) and returns the sum.
func Exps(x []float32, top float32) float32 { return active.vector.exps(x, top) }

// ToHalf rounds x to binary16, to nearest, ties to even. What is too large becomes infinite.
func ToHalf(dst []uint16, x []float32) { active.vector.halves(dst, x) }

// Max returns the largest of x, or NaN if one is NaN; of none, minus infinity.
func Max(x []float32) float32 {
	// Four maxima at a time, as each comparison waits for the one before.
	a, b, c, d := -inf, -inf, -inf, -inf
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d = max(a, x[0]), max(b, x[1]), max(c, x[2]), max(d, x[3])
	}
	for _, v := range x {
		a = max(a, v)
	}
	return max(a, b, c, d)
}
