package simulator

import (
	"maps"
	"slices"
	"sync"
)

// secrets are the passwords and keys that were sent to the carrier, so that a test can look for them where they must
// not be. Those that the carrier tells itself are with the sites.
type secrets struct {
	mu  sync.Mutex
	set map[string]bool
}

func (c *Carrier) keepSecret(secret string) {
	if secret == "" {
		return
	}
	c.secrets.mu.Lock()
	defer c.secrets.mu.Unlock()
	c.secrets.set[secret] = true
}

// Secrets are all that nobody but the client may ever see: the keys and passwords of the IPoE sites and orders, which
// are in the carrier's answers, and the passwords that requests brought. The client's secret and tokens are not among
// them. Sorted, each once.
func (c *Carrier) Secrets() []string {
	c.secrets.mu.Lock()
	all := maps.Clone(c.secrets.set)
	c.secrets.mu.Unlock()
	for _, s := range c.ipoe.allSites() {
		for _, secret := range s.secrets() {
			all[secret] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
