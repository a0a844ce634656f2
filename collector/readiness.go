package collector

import (
	"errors"
	"fmt"
	"sync"
)

// Readiness is whether an account's lists are known. It is ready when one list has been read: one that the carrier
// refuses must not keep the others from being watched.
type Readiness struct {
	of    string   // the account
	lists []string // by name, in the order in which Trouble has them

	open  sync.Once
	ready chan struct{} // closed by Loaded

	lock sync.Mutex
	last map[string]error // how each list was last read
}

func newReadiness(source string, lists []string) *Readiness {
	return &Readiness{of: source, lists: lists, ready: make(chan struct{}), last: make(map[string]error)}
}

// Loaded says that a list is known. It may be called again.
func (r *Readiness) Loaded() { r.open.Do(func() { close(r.ready) }) }

// Lists is closed once a list is known.
func (r *Readiness) Lists() <-chan struct{} { return r.ready }

// SetList notes how the reading of a list ended. A list that waits for the next day's requests is as it was.
func (r *Readiness) SetList(name string, err error) {
	if isUsedUp(err) {
		return
	}
	r.lock.Lock()
	r.last[name] = err
	r.lock.Unlock()
	if err == nil {
		r.Loaded()
	}
}

// Ready is nil once a first list is loaded; before, the error says what stands in the way.
func (r *Readiness) Ready() error {
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
func (r *Readiness) Trouble() error {
	r.lock.Lock()
	defer r.lock.Unlock()
	var trouble []error
	for _, name := range r.lists {
		trouble = append(trouble, r.last[name])
	}
	return errors.Join(trouble...)
}
