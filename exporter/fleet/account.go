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
	staleAfter [jobCount]int64 // 0: never
	forecasts  forecasts
}

func newAccount(source string, config Config) *account {
	a := &account{forecasts: forecasts{holds: max(config.ForecastHolds.Milliseconds(), 0)}}
	for j := range jobCount {
		a.staleAfter[j] = max(config.StaleAfter(source, j.String()).Milliseconds(), 0)
	}
	return a
}

// deadline is the last moment at which something received then is still shown.
func (a *account) deadline(j job, received int64) int64 {
	after := a.staleAfter[j]
	if after == 0 || received > never-after {
		return never
	}
	return received + after
}

// stamp is when something was last observed: by the carrier's clock, which orders answers, and by kaisen's own, which alone
// decides how old they are, since the carrier's may be off.
type stamp struct {
	known              bool
	observed, received int64
}

// newStamp reads a row's times. A row without ReceivedAt was received when it was observed; nothing was received in
// the future, whatever a clock said then.
func newStamp(observedAt, receivedAt time.Time, now int64) stamp {
	if receivedAt.IsZero() {
		receivedAt = observedAt
	}
	return stamp{known: true, observed: observedAt.UnixMilli(), received: min(receivedAt.UnixMilli(), now)}
}

// yieldsTo reports whether what has the newer stamp takes the place of what has s. What the carrier observed later does;
// and anything does once s is stale, or a carrier's clock that was set back would silence a line for good.
func (s stamp) yieldsTo(newer stamp, deadline, now int64) bool {
	return !s.known || newer.observed >= s.observed || now > deadline
}
