package collector

import (
	"context"
	"sync"
	"time"

	"kaisen/schema"
)

// findingKey is what a finding is about.
type findingKey struct{ contract, operation, reading string }

// findings are what the answers have shown of an account.
type findings struct {
	mu  sync.Mutex
	all map[findingKey]schema.CarrierFinding
}

// sayAgain is after how long a finding that still holds is written once more.
const sayAgain = 24 * time.Hour

// Find notes what an answer has shown: contract, operation (either may be empty), reading, value, evidence and when that
// was. It is written when it is news and once a day, and logged when it is news. A sink that takes no rows is the failure.
func (e *Engine) Find(ctx context.Context, s *Sweep, f schema.CarrierFinding) error {
	f.Source = e.Source
	key := findingKey{f.ContractID, f.Operation, f.Reading}
	e.found.mu.Lock()
	was, known := e.found.all[key]
	e.found.mu.Unlock()
	if known && was.Value == f.Value && f.ObservedAt.Sub(was.ObservedAt) < sayAgain {
		return nil
	}
	if err := e.Write(ctx, s, schema.Batch{Findings: []schema.CarrierFinding{f}}); err != nil {
		return err
	}
	e.found.mu.Lock()
	e.found.all[key] = f
	e.found.mu.Unlock()
	args := []any{"reading", f.Reading, "value", f.Value, "contract", f.ContractID, "operation", f.Operation, "evidence", f.Evidence}
	switch {
	case !known:
		e.Log.Info("the carrier's answers show how a point of its documents is meant", args...)
	case was.Value != f.Value:
		e.Log.Warn("the carrier's answers show another reading of its documents than before", append(args, "before", was.Value)...)
	}
	return nil
}

// Finding is the value of a reading as the answers have shown it last, "" while they have not.
func (e *Engine) Finding(contract, operation, reading string) string {
	e.found.mu.Lock()
	defer e.found.mu.Unlock()
	return e.found.all[findingKey{contract, operation, reading}].Value
}

// RestoreFindings takes in what an earlier process found. What was found since counts.
func (e *Engine) RestoreFindings(state schema.State) {
	e.found.mu.Lock()
	defer e.found.mu.Unlock()
	for _, f := range state.Findings {
		key := findingKey{f.ContractID, f.Operation, f.Reading}
		if _, known := e.found.all[key]; !known {
			e.found.all[key] = f
		}
	}
}
