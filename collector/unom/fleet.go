package unom

import (
	"cmp"
	"slices"
	"sync"

	"kaisen/schema"
)

// fleet is every line the collector ever heard of, whatever its state.
type fleet struct {
	mu    sync.RWMutex
	lines map[lineID]*line
}

type lineID struct{ contract, lineNo string }

func newFleet() *fleet { return &fleet{lines: make(map[lineID]*line)} }

// get finds a line.
func (f *fleet) get(contract, lineNo string) (*line, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	l, ok := f.lines[lineID{contract, lineNo}]
	return l, ok
}

// add takes a line in unless it is known already, and returns the one that counts.
func (f *fleet) add(row schema.Line) (l *line, isNew bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := lineID{row.ContractID, row.LineNo}
	if l, ok := f.lines[id]; ok {
		return l, false
	}
	l = newLine(row)
	f.lines[id] = l
	return l, true
}

// all lists the lines that keep accepts, in a stable order.
func (f *fleet) all(keep func(*line) bool) []*line {
	f.mu.RLock()
	kept := make([]*line, 0, len(f.lines))
	for _, l := range f.lines {
		kept = append(kept, l)
	}
	f.mu.RUnlock()
	kept = slices.DeleteFunc(kept, func(l *line) bool { return !keep(l) })
	slices.SortFunc(kept, func(a, b *line) int {
		return cmp.Or(cmp.Compare(a.key.ContractID, b.key.ContractID), cmp.Compare(a.key.LineNo, b.key.LineNo))
	})
	return kept
}

// each visits every line, in no order.
func (f *fleet) each(visit func(*line)) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for _, l := range f.lines {
		visit(l)
	}
}

// of lists all lines of a contract, whatever their state.
func (f *fleet) of(contract string) []*line {
	return f.all(func(l *line) bool { return l.key.ContractID == contract })
}

// count is how many lines of a contract are in each state.
func (f *fleet) count(contract string) map[schema.LineState]int {
	counts := make(map[schema.LineState]int)
	for _, l := range f.of(contract) {
		l.mu.Lock()
		counts[l.row.State]++
		l.mu.Unlock()
	}
	return counts
}
