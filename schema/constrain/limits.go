package constrain

import "sync/atomic"

// Limits keep the time and memory that a schema can cost bounded, whoever wrote it. What is beyond one is refused.
const (
	maxStates   = 1 << 14 // states that a machine remembers before it forgets them all
	maxSets     = 1 << 14 // sets of characters that a machine tells apart
	maxExplored = 4096    // states of a machine that are made beforehand
	maxMeasured = 1 << 22 // steps to find out which lengths fit a pattern
)

// A budgetError says that something is too large to be enforced.
type budgetError struct{ reason string }

func (e *budgetError) Error() string { return e.reason }

var lastID atomic.Uint32

// newID returns a number that nothing else in this process has: states and nodes are told apart by them in keys of caches.
func newID() uint32 { return lastID.Add(1) }

const (
	maxAlternatives = 1 << 9  // shapes of arrays or of objects in one union
	maxFuel         = 1 << 20 // steps of compiling
	maxCounts       = 4       // conditions on how many items or properties there are of a kind, in one shape
	maxCounted      = 1 << 14 // how far they can count
)

// maxThreads bounds the number of ways in which a matcher understands a text. Beyond it a grammar is narrower than its schema.
const maxThreads = 1 << 10
