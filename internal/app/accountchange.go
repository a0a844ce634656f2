package app

import (
	"fmt"
	"slices"

	"kaisen/collector/carrier"
	"kaisen/internal/config"
)

// accountChange is what becomes of the accounts.
type accountChange struct {
	accounts []*account            // of the next configuration
	stopped  []*account            // end
	started  []*account            // begin
	before   map[*account]*account // whom one that begins replaces: the carrier takes them for the same
	renewed  []renewal             // go on undisturbed, by other credentials or none
}

// renewal is an account that goes on.
type renewal struct {
	account *account
	source  config.Source
	by      carrier.Credentials
}

// change compares the sources, and makes the accounts of those that are new or have changed. Nothing has happened when it fails.
func (a *App) change(next *config.Config) (*accountChange, error) {
	c := &accountChange{before: make(map[*account]*account)}
	c.stopped = slices.Clone(a.inForce())
	leave := func(of *account) {
		c.stopped = slices.DeleteFunc(c.stopped, func(one *account) bool { return one == of })
	}
	var changed []config.Source
	for _, source := range next.Sources {
		was := named(a.inForce(), source.Name)
		if was == nil || !was.source.SameButSecret(source) || was.files != filesOf(source) {
			changed = append(changed, source)
			continue
		}
		id, secret, err := source.Credentials()
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", source.Name, err)
		}
		leave(was)
		c.accounts = append(c.accounts, was)
		c.renewed = append(c.renewed, renewal{was, source, credentialsOf(source, id, secret)})
	}
	for _, source := range changed {
		before, err := replaced(source, c)
		if err != nil {
			return nil, a.abandon(next, err)
		}
		var client *carrier.Client
		if before != nil {
			client = before.client
		}
		made, err := a.builder.account(next, source, client)
		if err != nil {
			return nil, a.abandon(next, err)
		}
		if made == nil { // another process watches it
			continue
		}
		if before != nil {
			c.before[made] = before
		}
		c.accounts, c.started = append(c.accounts, made), append(c.started, made)
	}
	return c, nil
}

// abandon shows nothing of sources that were not taken.
func (a *App) abandon(next *config.Config, err error) error {
	for _, source := range next.Sources {
		if named(a.inForce(), source.Name) == nil {
			a.series.forget(source.Name, "")
		}
	}
	return err
}

func named(accounts []*account, name string) *account {
	for _, account := range accounts {
		if account.name == name {
			return account
		}
	}
	return nil
}

func namesOf(accounts []*account) (names []string) {
	for _, account := range accounts {
		names = append(names, account.name)
	}
	return names
}

// replaced is the account, of those that end, which the carrier takes for the same: that of the name, or else one that logs in
// by the same client.
func replaced(source config.Source, c *accountChange) (*account, error) {
	if was := named(c.stopped, source.Name); was != nil {
		return was, nil
	}
	id, _, err := source.Credentials()
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", source.Name, err)
	}
	for _, was := range c.stopped {
		if by := was.client.Credentials(); by.ClientID == id && by.TokenURL == source.TokenURL && !c.replaces(was) {
			return was, nil
		}
	}
	return nil, nil
}

// replaces reports whether an account that begins is in the place of another already.
func (c *accountChange) replaces(was *account) bool {
	for _, before := range c.before {
		if before == was {
			return true
		}
	}
	return false
}

// shown are the contracts of an account that begins which are shown already.
func (c *accountChange) shown(of *account) []string {
	before := c.before[of]
	if before == nil || before.name != of.name {
		return nil
	}
	return before.contracts
}
