package collector

import (
	"hash/fnv"
	"sync"
	"time"

	"kaisen/schema"
)

// line is what the collector remembers of one line between its polls.
type line struct {
	key   schema.LineKey
	phase uint64 // where in an interval its polls lie; spreads the fleet evenly

	mu      sync.Mutex // one answer of a line is digested at a time
	row     schema.Line
	done    [perLineJobs]time.Time // when the last poll that went well began, by the local clock
	resting [perLineJobs]time.Time // the carrier's "no" is remembered until then
	days    [2]book                // by scopeIndex
	months  [2]book
}

// The jobs that ask line by line.
const (
	pollTraffic = iota
	pollDataShare
	pollSession
	perLineJobs
)

func newLine(row schema.Line) *line {
	hash := fnv.New64a()
	hash.Write([]byte(row.ContractID))
	hash.Write([]byte(row.LineNo))
	return &line{key: row.LineKey, phase: hash.Sum64(), row: row}
}

func scopeIndex(scope schema.Scope) int {
	if scope == schema.ScopeDataShare {
		return 1
	}
	return 0
}

// active tells whether the line takes part in the sweep.
func (l *line) active() bool {
	return l.snapshot().State == schema.LineActive
}

// due is when the line's next poll should start. A line that was never polled is due at once; the others keep to
// their own phase of the interval, so that a fleet's polls stay spread however it was started.
func (l *line) due(poll int, interval time.Duration, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := l.done[poll]
	next := now
	if !last.IsZero() && interval > 0 {
		phase := time.Duration(l.phase % uint64(interval))
		earliest := last.Add(interval / 2)
		next = earliest.Truncate(interval).Add(phase)
		for next.Before(earliest) {
			next = next.Add(interval)
		}
	}
	return next
}

// behind is how far the line is past its interval.
func (l *line) behind(poll int, interval time.Duration, since, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.row.State != schema.LineActive || l.resting[poll].After(now) {
		return 0
	}
	last := l.done[poll]
	if last.Before(since) { // what was missed while nobody ran is not this run's lag
		last = since
	}
	return max(0, now.Sub(last)-interval)
}

func (l *line) finish(poll int, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done[poll] = at
}

func (l *line) rest(poll int, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.resting[poll] = until
}

// lastDone is when the line was last polled, zero if never.
func (l *line) lastDone(poll int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done[poll]
}

// rests tells whether the carrier's last "no" still stands.
func (l *line) rests(poll int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.resting[poll].After(now)
}
