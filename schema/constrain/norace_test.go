//go:build !race

package constrain_test

// raced tells whether the race detector watches: tests do less then.
const raced = false
