package fleet

import (
	"time"

	"kaisen/exporter/exposition"
)

// Times inside a fleet are milliseconds since 1970: a hundred thousand lines have half a million of them.

// never is a time that does not come.
const never = exposition.Never

// account is a source's patience, after how long without a word of a job its gauges stop; and what was foretold of it.
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

// word is when something was last told: by the carrier's clock, which orders what it says, and by kaisen's own, which
// alone decides how old it is, since the carrier's may be off.
type word struct {
	told               bool
	observed, received int64
}

// newWord reads a row's times. A row without ReceivedAt was received when it was observed; nothing was received in
// the future, whatever a clock said then.
func newWord(observedAt, receivedAt time.Time, now int64) word {
	if receivedAt.IsZero() {
		receivedAt = observedAt
	}
	return word{told: true, observed: observedAt.UnixMilli(), received: min(receivedAt.UnixMilli(), now)}
}

// yieldsTo reports whether a newer word takes this one's place. What the carrier observed later does; and anything does
// once this one is stale, or a carrier's clock that was set back would silence a line for good.
func (w word) yieldsTo(newer word, deadline, now int64) bool {
	return !w.told || newer.observed >= w.observed || now > deadline
}
