//go:build !unix

package kernel

import "testing"

// guarded returns n elements. This system has no memory that cannot be touched.
func guarded[T any](_ testing.TB, n int, _ bool) []T { return make([]T, n) }
