package constrain

import "sync"

// A memo remembers answers that take long to find. It is safe for concurrent use.
type memo struct {
	mu      sync.Mutex
	answers map[[3]uint64]bool
}

func (m *memo) get(key [3]uint64, find func() bool) bool {
	m.mu.Lock()
	answer, ok := m.answers[key]
	m.mu.Unlock()
	if ok {
		return answer
	}
	answer = find()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answers == nil || len(m.answers) >= maxStates {
		m.answers = map[[3]uint64]bool{}
	}
	m.answers[key] = answer
	return answer
}
