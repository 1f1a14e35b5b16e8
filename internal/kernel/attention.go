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
func Max(x []float32) float32 { return active.vector.max(x) }
