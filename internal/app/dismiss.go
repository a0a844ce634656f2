package app

import (
	"context"
	"slices"
	"time"

	"kaisen/schema"
)

// dismiss takes out of what the database remembers of an account whatever is of contracts that it has no more in its
// configuration: nobody asks the carrier about them, and no gauge shows them. Their lines leave the inventory, which is written;
// their history stays.
func (a *App) dismiss(ctx context.Context, of account, state *schema.State) {
	if of.contracts == nil {
		return
	}
	gone := map[string]int{}
	var rows schema.Batch
	now := time.Now()
	for _, line := range state.Lines {
		if slices.Contains(of.contracts, line.ContractID) || line.State == schema.LineRemoved {
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
		a.log.Warn("a contract is not in the configuration any more: its lines are no longer watched", "source", of.name, "contract", contract, "lines", lines)
	}
	if rows.Rows() > 0 {
		if err := a.outbox.Write(ctx, rows); err != nil && ctx.Err() == nil {
			a.log.Warn("that lines are no longer watched is not stored; tried again at the next start", "source", of.name, "error", err)
		}
	}
	keep(&state.Lines, of.contracts)
	keep(&state.Names, of.contracts)
	keep(&state.Members, of.contracts)
	keep(&state.Traffic, of.contracts)
	keep(&state.Daily, of.contracts)
	keep(&state.Monthly, of.contracts)
	keep(&state.Sessions, of.contracts)
	keep(&state.Authentications, of.contracts)
	keep(&state.SessionEvents, of.contracts)
	keep(&state.Watermarks, of.contracts)
	keep(&state.Findings, of.contracts)
}

// keep drops the rows of other contracts. What is of no contract is the account's.
func keep[R interface{ Key() schema.LineKey }](rows *[]R, contracts []string) {
	*rows = slices.DeleteFunc(*rows, func(row R) bool {
		contract := row.Key().ContractID
		return contract != "" && !slices.Contains(contracts, contract)
	})
}
