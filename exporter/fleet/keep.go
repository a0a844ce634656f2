package fleet

import (
	"maps"
	"time"

	"kaisen/exporter/exposition"
)

// Keep drops all that is known of sources and contracts that are not wanted any more. It is asked with an empty contract about
// a source as a whole.
func (f *Fleet) Keep(wanted func(source, contractID string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, c := range f.contracts {
		if !wanted(key.source, key.contractID) {
			f.drop(c)
			delete(f.contracts, key)
		}
	}
	maps.DeleteFunc(f.accounts, func(source string, _ *account) bool { return !wanted(source, "") })
	maps.DeleteFunc(f.orders, func(key orderKey, _ Order) bool { return !wanted(key.source, key.contract) })
	maps.DeleteFunc(f.sites, func(key siteKey, _ Site) bool { return !wanted(key.source, "") })
}

// drop takes a contract and its lines off the exposition.
func (f *Fleet) drop(c *contract) {
	for _, l := range c.lines {
		switch {
		case l.waiting != nil:
			f.waiting.Remove(l.waiting)
			l.waiting = nil
		case l.slot.Taken():
			f.withdraw(l)
		}
	}
	if c.slot.Taken() {
		f.groups.Release(c.slot)
		c.slot = exposition.Slot{}
	}
}

// SetStaleAfter replaces Config.StaleAfter, for a configuration that changes.
func (f *Fleet) SetStaleAfter(after func(source, job string) time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.staleAfter = after
	changed := make(map[*account]bool)
	for _, a := range f.accounts {
		was := a.staleAfter
		a.setStaleAfter(after)
		changed[a] = a.staleAfter != was
	}
	for _, c := range f.contracts {
		if !changed[c.account] {
			continue
		}
		c.slot.Touch()
		for _, l := range c.lines {
			f.settle(l)
		}
	}
}
