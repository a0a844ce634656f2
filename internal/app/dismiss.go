package app

import (
	"context"
	"slices"
	"time"

	"kaisen/collector"
	"kaisen/schema"
)

// dismiss takes out of what the database remembers of a source whatever is of contracts that it has no more in its
// configuration: nobody asks the carrier about them, and no gauge shows them. Their lines leave the inventory, which is written;
// their history stays. A source that is configured no more has an empty list; one of a kind without contracts has nil.
func (a *App) dismiss(ctx context.Context, source string, contracts []string, state *schema.State) {
	if contracts == nil {
		return
	}
	gone := map[string]int{}
	var rows schema.Batch
	now := time.Now()
	for _, line := range state.Lines {
		if slices.Contains(contracts, line.ContractID) || line.State == schema.LineRemoved {
			continue
		}
		rows.LineChanges = append(rows.LineChanges, schema.LineChange{LineKey: line.LineKey, Field: "state",
			Old: string(line.State), New: string(schema.LineRemoved), ObservedAt: now})
		line.State = schema.LineRemoved
		line.ObservedAt = line.ObservedAt.Add(time.Millisecond) // whatever the carrier tells of it from now on is newer
		rows.Lines = append(rows.Lines, line)
		gone[line.ContractID]++
	}
	for contract, lines := range gone {
		a.log.Warn("a contract is not in the configuration any more: its lines are no longer watched",
			"source", source, "contract", contract, "lines", lines, "reason", a.reasonGone(source, contract))
	}
	if rows.Rows() > 0 {
		if err := a.outbox.Write(ctx, rows); err != nil && ctx.Err() == nil {
			a.log.Warn("that lines are no longer watched is not stored; tried again at the next start", "source", source, "error", err)
		}
	}
	*state = ofContracts(*state, func(contract string) bool { return slices.Contains(contracts, contract) })
}

// reasonGone is why nobody asks about a contract of a source any more.
func (a *App) reasonGone(source, contract string) string {
	sources := a.config().Sources
	for _, other := range sources {
		if slices.Contains(collector.ContractsOf(other.Settings), contract) {
			return "it is a contract of source " + other.Name + " now"
		}
	}
	for _, other := range sources {
		if other.Name == source {
			return "it was taken out of the contracts of its source"
		}
	}
	return "its source was taken out"
}

// without is a state less what is of some contracts. The state itself stays as it is.
func without(state schema.State, contracts []string) schema.State {
	if len(contracts) == 0 {
		return state
	}
	return ofContracts(state, func(contract string) bool { return !slices.Contains(contracts, contract) })
}

// ofContracts is what a state has of the contracts that are wanted. What is of no contract is the account's.
func ofContracts(state schema.State, wanted func(contract string) bool) schema.State {
	state.Lines = rowsKept(state.Lines, wanted)
	state.Names = rowsKept(state.Names, wanted)
	state.Members = rowsKept(state.Members, wanted)
	state.Traffic = rowsKept(state.Traffic, wanted)
	state.Daily = rowsKept(state.Daily, wanted)
	state.Monthly = rowsKept(state.Monthly, wanted)
	state.Sessions = rowsKept(state.Sessions, wanted)
	state.Authentications = rowsKept(state.Authentications, wanted)
	state.SessionEvents = rowsKept(state.SessionEvents, wanted)
	state.Watermarks = rowsKept(state.Watermarks, wanted)
	state.Findings = rowsKept(state.Findings, wanted)
	state.Products = rowsKeptBy(state.Products, func(row schema.Product) bool { return wanted(row.ContractID) })
	state.Orders = rowsKeptBy(state.Orders, func(row schema.Order) bool { return wanted(row.ContractID) })
	return state
}

// rowsKept are the rows of contracts that are wanted, and those of none.
func rowsKept[R interface{ Key() schema.LineKey }](rows []R, wanted func(contract string) bool) []R {
	last, kept := "", true // those of a contract lie one behind the other
	return rowsKeptBy(rows, func(row R) bool {
		if contract := row.Key().ContractID; contract != last {
			last, kept = contract, contract == "" || wanted(contract)
		}
		return kept
	})
}

func rowsKeptBy[R any](rows []R, wanted func(R) bool) []R {
	if !slices.ContainsFunc(rows, func(row R) bool { return !wanted(row) }) {
		return rows
	}
	return slices.DeleteFunc(slices.Clone(rows), func(row R) bool { return !wanted(row) })
}
