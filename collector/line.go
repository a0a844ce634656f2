package collector

import (
	"sync"
	"time"

	"kaisen/schema"
)

// line is what the collector remembers of one line between its polls.
type line struct {
	key schema.LineKey
	turns

	mu     sync.Mutex // one answer of a line is digested at a time
	row    schema.Line
	days   [2]book // by scopeIndex
	months [2]book
}

// The jobs that ask line by line.
const (
	pollTraffic = iota
	pollDataShare
	pollSession
)

func newLine(row schema.Line) *line {
	return &line{key: row.LineKey, turns: turns{phase: phaseOf(row.ContractID, row.LineNo)}, row: row}
}

func scopeIndex(scope schema.Scope) int {
	if scope == schema.ScopeDataShare {
		return 1
	}
	return 0
}

// active reports whether the line takes part in the sweep.
func (l *line) active() bool {
	return l.snapshot().State == schema.LineActive
}

// behind is how far the line is past its interval.
func (l *line) behind(poll int, interval time.Duration, since, now time.Time) time.Duration {
	if !l.active() {
		return 0
	}
	return l.lag(poll, interval, since, now)
}
