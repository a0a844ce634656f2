package capacity

import (
	"fmt"

	"kaisen/collector"
	"kaisen/internal/config"
)

// Inventory is what there is to ask about, by source.
type Inventory struct {
	From    string // where it is from, for people
	Sources map[string]collector.Inventory
}

// Assumed is a fleet that nobody has counted yet: lines, contracts and members of share groups.
type Assumed struct{ Lines, Contracts, Members int }

// Spread lays an assumed fleet evenly over the sources that have lines: over their own contracts where these are as many as
// assumed, or Contracts is 0, and else over contracts without names. Members are in the first contracts, each of which has a
// group with as many members as lines. It fails where no source has lines.
func Spread(cfg *config.Config, kinds collector.Kinds, fleet Assumed) (Inventory, error) {
	inventory := Inventory{Sources: make(map[string]collector.Inventory)}
	var with []config.Source
	named := 0
	for _, source := range cfg.Sources {
		if kind, known := kinds.Find(source.Kind); known && kind.HasLines {
			with = append(with, source)
			named += len(collector.ContractsOf(source.Settings))
		}
	}
	if len(with) == 0 {
		if fleet.Lines > 0 {
			return inventory, fmt.Errorf("no source of the configuration has lines")
		}
		inventory.From = "the configuration alone"
		return inventory, nil
	}
	contracts := fleet.Contracts
	if contracts == 0 {
		contracts = named
	}
	at := 0 // contracts of the sources before
	for i, source := range with {
		ids := collector.ContractsOf(source.Settings)
		if contracts != named {
			ids = make([]string, share(contracts, len(with), i))
		}
		var has collector.Inventory
		for _, id := range ids {
			lines := share(fleet.Lines, contracts, at)
			has.Contracts = append(has.Contracts, collector.ContractInventory{ID: id, Lines: lines, LogRows: collector.DefaultLogRows})
			at++
		}
		inventory.Sources[source.Name] = has
	}
	inventory.putMembers(with, fleet.Members)
	inventory.From = fmt.Sprintf("assumed: %s lines in %d contracts, %s of them in share groups", number(float64(fleet.Lines)), contracts, number(float64(fleet.Members)))
	return inventory, nil
}

// share is the i-th of n parts of a whole, which differ by one at most.
func share(whole, n, i int) int {
	part := whole / n
	if i < whole%n {
		part++
	}
	return part
}

// putMembers makes lines members, contract by contract.
func (i Inventory) putMembers(sources []config.Source, members int) {
	for _, source := range sources {
		contracts := i.Sources[source.Name].Contracts
		for n := range contracts {
			contracts[n].Members = min(members, contracts[n].Lines)
			members -= contracts[n].Members
		}
	}
}
