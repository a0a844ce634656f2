package gateway

import (
	"maps"
	"slices"
	"sync"
)

// Secrets are the passwords and keys that were sent to an API, so that a test can look for them where they must not
// be. The zero value holds none.
type Secrets struct {
	mu  sync.Mutex
	set map[string]bool
}

// Keep notes a secret. An empty text is not one.
func (s *Secrets) Keep(secret string) {
	if secret == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set == nil {
		s.set = map[string]bool{}
	}
	s.set[secret] = true
}

// All is every secret kept, in no order.
func (s *Secrets) All() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.set))
}
