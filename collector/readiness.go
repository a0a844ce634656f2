package collector

import (
	"errors"
	"fmt"
	"sync"
)

// readiness is whether an account's lists are known. It is ready when one list has been read: one that the carrier
// refuses must not keep the others from being watched.
type readiness struct {
	of    string   // the account
	lists []string // by name, in the order in which Trouble tells of them

	open  sync.Once
	ready chan struct{} // closed by loaded

	lock sync.Mutex
	last map[string]error // how each list was last read
}

func newReadiness(source string, lists []string) *readiness {
	return &readiness{of: source, lists: lists, ready: make(chan struct{}), last: make(map[string]error)}
}

// loaded says that a list is known. It may be called again.
func (r *readiness) loaded() { r.open.Do(func() { close(r.ready) }) }

// setList notes how the reading of a list ended.
func (r *readiness) setList(name string, err error) {
	r.lock.Lock()
	r.last[name] = err
	r.lock.Unlock()
	if err == nil {
		r.loaded()
	}
}

// Ready is nil once a first list is loaded; before, it tells what stands in the way.
func (r *readiness) Ready() error {
	select {
	case <-r.ready:
		return nil
	default:
	}
	if err := r.Trouble(); err != nil {
		return fmt.Errorf("source %s has no list yet: %w", r.of, err)
	}
	return fmt.Errorf("source %s has no list yet", r.of)
}

// Trouble is how the last reading of each list failed, nil if none did.
func (r *readiness) Trouble() error {
	r.lock.Lock()
	defer r.lock.Unlock()
	var trouble []error
	for _, name := range r.lists {
		trouble = append(trouble, r.last[name])
	}
	return errors.Join(trouble...)
}
