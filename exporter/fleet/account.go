package fleet

import (
	"time"

	"kaisen/exporter/exposition"
)

// Times inside a fleet are milliseconds since 1970: a hundred thousand lines have half a million of them.

// never is a time that does not come.
const never = exposition.Never

// account is a source: after how long without an answer of a job its gauges stop, and the round of its forecasts.
type account struct {
	name          string
	staleAfter    [jobCount]int64 // 0: never
	forecasts     forecasts
	poolForecasts forecasts
}

func newAccount(source string, config Config, staleAfter func(source, job string) time.Duration) *account {
	rounds := forecasts{holds: max(config.ForecastHolds.Milliseconds(), 0)}
	a := &account{name: source, forecasts: rounds, poolForecasts: rounds}
	a.setStaleAfter(staleAfter)
	return a
}

func (a *account) setStaleAfter(after func(source, job string) time.Duration) {
	for j := range jobCount {
		a.staleAfter[j] = max(after(a.name, j.String()).Milliseconds(), 0)
	}
}

// deadline is the last moment at which an answer of that stamp is still shown; -1 where there is none.
func (a *account) deadline(j job, of stamp) int64 {
	after := a.staleAfter[j]
	switch {
	case !of.known:
		return -1
	case after == 0 || of.received > never-after:
		return never
	}
	return of.received + after
}

// replaces reports whether an answer takes the place of the one before. What the carrier observed later does; so does
// anything after one whose clock was more than a day ahead of its own; and once that one is stale anything does, or a
// carrier's clock that was set back would silence a line for good.
func (a *account) replaces(j job, was, newer stamp, now int64) bool {
	const day = 24 * 60 * 60 * 1000
	return newer.observed >= was.observed || was.ahead()-newer.ahead() > day || now > a.deadline(j, was)
}

// stamp is when something was last observed: by the carrier's clock, which orders answers, and by kaisen's own, which alone
// decides how old they are, since the carrier's may be off.
type stamp struct {
	known              bool
	observed, received int64
}

// ahead is how far the clock of an answer was ahead of ours.
func (s stamp) ahead() int64 { return s.observed - s.received }

// newStamp reads a row's times. A row without ReceivedAt was received when it was observed; nothing was received in
// the future, whatever a clock said then.
func newStamp(observedAt, receivedAt time.Time, now int64) stamp {
	if receivedAt.IsZero() {
		receivedAt = observedAt
	}
	return stamp{known: true, observed: observedAt.UnixMilli(), received: min(receivedAt.UnixMilli(), now)}
}
